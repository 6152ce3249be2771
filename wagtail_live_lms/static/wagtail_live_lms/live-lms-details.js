/* What makes live components pleasant: times that pass, bars that grow, words for those who
   listen, countdowns, links that know where they are. It hears of changes from live-lms.js. */
(() => {
  "use strict";

  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]], WEEK_S = 7 * 86400;
  const FLASH_MS = 900, BAR_MS = 400, SAY_MS = 200, ANNOUNCE_MS = 15000, ROOT = "[data-live-params]";

  const bars = new Map(), modules = new Map(), summaries = new Map();
  const said = new WeakMap(), announcing = new WeakSet();
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  /* Younger than a week: "5 minutes ago"; older: the date as the server wrote it. */
  function tellTimes(within) {
    for (const time of all("time[data-live-ago]", within)) {
      const lang = time.closest("[lang]")?.lang || "en";
      const at = new Date(time.dateTime), age = Math.max(0, (Date.now() - at) / 1000);
      const [unit, size] = UNITS.find(([, size]) => age >= size) || ["second", Infinity];
      const format = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
      if (age < WEEK_S) time.textContent = format.format(-Math.floor(age / size), unit);
      time.title = at.toLocaleString(lang, { dateStyle: "long", timeStyle: "short" });
      const minutes = time.closest("[data-live-active]")?.dataset.liveActive;
      time.closest("tr")?.classList.toggle("live-lms-active", age < minutes * 60);
    }
  }

  /* A module flashes when it becomes complete, also when it is replaced meanwhile. */
  function flashModules(within) {
    for (const row of all("li[data-done]", within.parentElement || within)) {
      const last = modules.get(row.id), done = row.dataset.done;
      if (last?.done !== done) modules.set(row.id, { done, at: last ? Date.now() : 0 });
      row.classList.toggle("live-lms-changed", Date.now() - modules.get(row.id).at < FLASH_MS);
    }
  }

  /* A bar grows from where it was; one that is replaced while it grows starts there again. */
  function moveBars(within) {
    for (const bar of all("progress", within)) {
      const key = bar.id || bar.closest("tr[id]")?.id;
      const last = bars.get(key), to = bar.value, now = Date.now();
      const isMoving = last?.to === to && now - last.at < BAR_MS;
      const from = isMoving ? last.from : last?.to;
      if (!isMoving && from !== to) bars.set(key, { from, to, at: now });
      if (!key || from === undefined || from === to) continue;
      bar.value = from;
      bar.getBoundingClientRect();  // the browser must have seen it there
      bar.value = to;
    }
  }

  // A region must be on the page before its words are, or they are not read out

  function say(root, text) {
    const status = root.querySelector("[data-live-status]");
    if (!status) return;
    said.set(status, Date.now());
    setTimeout(() => { status.textContent = text; }, SAY_MS);
  }

  const summaryOf = (root) => root.querySelector("[data-live-summary]")?.dataset.liveSummary || "";

  /* A summary that changed, politely and seldom. */
  function announce(root) {
    const status = root?.querySelector("[data-live-status]");
    if (!status || announcing.has(status) || summaries.get(root.id) === summaryOf(root)) return;
    announcing.add(status);
    setTimeout(() => {
      announcing.delete(status);
      if (!root.isConnected || summaries.get(root.id) === summaryOf(root)) return;
      summaries.set(root.id, summaryOf(root));
      say(root, summaryOf(root));
    }, Date.now() - (said.get(status) || 0) < ANNOUNCE_MS ? ANNOUNCE_MS : 0);
  }

  function adorn(within) {
    tellTimes(within);
    moveBars(within);
    flashModules(within);
  }

  function countDown() {
    for (const error of all("[data-live-countdown]")) {
      const left = Number(error.dataset.liveCountdown) - 1;
      if (left <= 0) error.remove();
      error.dataset.liveCountdown = left;
      const seconds = error.querySelector("[data-live-seconds]");
      if (seconds) seconds.textContent = left;
    }
  }

  document.addEventListener("live-lms:say", (event) => say(event.target, event.detail));
  document.addEventListener("live-lms:shown", ({ target }) => {
    adorn(target);
    if (target !== document.body) return announce(target.closest(ROOT));
    for (const root of all(ROOT)) summaries.set(root.id, summaryOf(root));  // the person asked for it
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-live-reload], [data-live-login]");
    if (!link) return;
    event.preventDefault();
    if (link.matches("[data-live-reload]")) return location.reload();
    location.href = `${link.href}?next=${encodeURIComponent(location.pathname + location.search)}`;
  });

  /* Alt and an arrow follow a link that says so, also from within a field. */
  document.addEventListener("keydown", (event) => {
    const link = event.altKey && document.querySelector(`[data-live-shortcut="${CSS.escape(event.key)}"]`);
    if (!link) return;
    event.preventDefault();
    link.click();
  });

  document.addEventListener("DOMContentLoaded", () => {
    setInterval(() => tellTimes(document), 30000);
    setInterval(countDown, 1000);
  });
})();
