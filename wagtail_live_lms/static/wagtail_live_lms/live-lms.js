/* Keeps the live components of a page current. One socket per page; it only listens.
   A message is HTML (each element replaces the one with its id) or a JSON control message. */
(() => {
  "use strict";

  const POLL_MS = 5000, SILENCE_MS = 45000, PATIENCE_MS = 2000, ANNOUNCE_MS = 5000;
  const RELOGIN = 4401, REFUSED = 4403, EXPIRED = 4409;
  const FINAL = new Set([4400, RELOGIN, REFUSED, EXPIRED]);

  let socket = null, views = "", tries = 0, retry = 0, silence = 0, ended = false, csrf = "";
  const announced = new WeakMap();

  const roots = () => [...document.querySelectorAll("[data-live-params]:not([data-live-ended])")];
  const keys = () => roots().map((root) => root.dataset.liveKey).join(",");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // State: live (told of every change), stale (catching up or polling), offline (nobody answers)

  function setState(state, which = roots()) {
    for (const root of which) root.dataset.liveState = state;
  }

  function end(code, which = roots()) {
    setState("offline", which);
    for (const root of which) {
      root.dataset.liveEnded = code;
      const banner = root.querySelector(`[data-live-banner="${code}"]`);
      if (banner) banner.hidden = false;
    }
  }

  // The socket

  function connect() {
    clearTimeout(retry);
    const shown = roots();
    views = keys();
    if (!views) return disconnect();
    const url = new URL("/ws/live/", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("views", shown.map((root) => root.dataset.liveParams).join(","));
    url.searchParams.set("since", shown.map((root) => root.dataset.liveSince).join(" "));
    const mine = new WebSocket(url);
    disconnect();
    socket = mine;
    mine.onmessage = (event) => { if (mine === socket) receive(event.data); };
    mine.onclose = (event) => { if (mine === socket) closed(event.code); };
    listenForSilence();
  }

  function disconnect() {
    const old = socket;
    socket = null;
    if (old) old.close();
  }

  function closed(code) {
    socket = null;
    if (FINAL.has(code)) {
      ended = true;
      return end(code);
    }
    const delay = Math.random() * 1000 * 2 ** Math.min(tries++, 5);
    setTimeout(() => { if (!socket) setState(navigator.onLine ? "stale" : "offline"); }, PATIENCE_MS);
    clearTimeout(retry);
    retry = setTimeout(connect, delay);
  }

  function listenForSilence() {
    clearTimeout(silence);
    silence = setTimeout(() => { if (socket) socket.close(); }, SILENCE_MS);
  }

  function receive(data) {
    listenForSilence();
    if (data[0] !== "{") return apply(data);
    const message = JSON.parse(data);
    if (message.type === "ready") {
      tries = 0;
      setState("live");
    } else if (message.type === "beat") {
      remember(message.since);
    } else if (message.type === "refused") {
      end(REFUSED, message.elements.map((id) => document.getElementById(id)).filter(Boolean));
      connect();
    }
  }

  function remember(since) {
    const at = new Map(since.split(" ").map((part) => [part.slice(0, part.lastIndexOf(":")), part]));
    for (const root of roots()) {
      const own = (root.dataset.liveSince || "").split(" ").filter(Boolean);
      root.dataset.liveSince = own.map((part) => at.get(part.slice(0, part.lastIndexOf(":"))) || part).join(" ");
    }
  }

  // HTML that arrives

  function isOlder(fresh, shown) {
    return fresh.dataset.v && shown.dataset.v && Number(fresh.dataset.v) < Number(shown.dataset.v);
  }

  function apply(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const fresh of [...template.content.children]) {
      const shown = document.getElementById(fresh.id);
      if (shown && !isOlder(fresh, shown)) replace(shown, fresh);
    }
  }

  function replace(shown, fresh) {
    const root = shown.closest("[data-live-params]");
    const focused = shown.contains(document.activeElement) ? document.activeElement.id : "";
    if (fresh.hasAttribute("data-live-delete")) return shown.remove();
    if (fresh.matches("[data-live-params]")) fresh.dataset.liveState = shown.dataset.liveState;
    shown.replaceWith(fresh);
    if (window.htmx) window.htmx.process(fresh);
    if (focused) (document.getElementById(focused) || nextStop(fresh))?.focus({ preventScroll: true });
    if (fresh.matches("tr, li")) fresh.classList.add("live-lms-changed");
    if (fresh.dataset.liveRootPct && root) root.dataset.pct = fresh.dataset.liveRootPct;
    if (fresh.dataset.liveRootPct && root) root.dataset.v = fresh.dataset.v;
    tellAgo(fresh);
    announce(fresh.closest("[data-live-params]") || root, fresh);
  }

  function nextStop(element) {
    return element.querySelector("a, button") || element.closest("section")?.querySelector("button, a");
  }

  function announce(root, fresh) {
    const summary = fresh.matches("[data-live-summary]") ? fresh : fresh.querySelector("[data-live-summary]");
    const status = root?.querySelector("[data-live-status]");
    if (!summary || !status || announced.get(status)) return;
    const said = () => summaryOf(root);
    announced.set(status, setTimeout(() => {
      announced.delete(status);
      if (status.isConnected && status.textContent !== said()) status.textContent = said();
    }, status.textContent ? ANNOUNCE_MS : 200));
  }

  const summaryOf = (root) => root.querySelector("[data-live-summary]")?.dataset.liveSummary || "";

  // Polling, when there is no socket

  async function poll(root) {
    const url = new URL(root.dataset.liveUrl, location.href);
    url.searchParams.set("params", root.dataset.liveParams);
    const headers = { "HX-Request": "true" };
    if (root.dataset.liveSince) headers["If-None-Match"] = `"${root.dataset.liveSince}"`;
    const response = await fetch(url, { headers, credentials: "same-origin" });
    if (response.status === 401) return end(RELOGIN, [root]);
    if (response.status === 403) return end(REFUSED, [root]);
    if (response.status === 409) return end(EXPIRED, [root]);
    if (response.ok && !socketIsOpen()) {
      root.dataset.liveSince = response.headers.get("Live-Since") || "";
      apply(await response.text());
    }
  }

  const socketIsOpen = () => socket && socket.readyState === WebSocket.OPEN;

  async function pollAll() {
    if (ended || socketIsOpen() || document.hidden) return;
    for (const root of roots()) {
      try {
        await poll(root);
        setState("stale", [root]);
      } catch {
        setState("offline", [root]);
      }
    }
  }

  // Times and countdowns

  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

  function tellAgo(within) {
    const format = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
    for (const time of all("time[data-live-ago]", within)) {
      const seconds = (Date.parse(time.dateTime) - Date.now()) / 1000;
      const [unit, size] = UNITS.find(([, size]) => -seconds >= size) || ["second", 1];
      time.textContent = format.format(Math.min(0, unit === "second" ? 0 : Math.round(seconds / size)), unit);
    }
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

  // htmx: errors are shown, late answers do not undo newer pushes, the CSRF token comes along

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const root = detail.target?.closest?.("[data-live-params]");
    if (!root) return;
    if (detail.xhr.status >= 400) {
      detail.shouldSwap = true;
      detail.isError = false;
      all("[data-live-error]", root).forEach((error) => error.remove());
      return;
    }
    const template = document.createElement("template");
    template.innerHTML = detail.serverResponse;
    const fresh = template.content.firstElementChild;
    if (fresh && fresh.id === root.id && isOlder(fresh, root)) detail.shouldSwap = false;
  });

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    const field = document.querySelector("input[name=csrfmiddlewaretoken]");
    csrf = field?.value || csrf;
    if (detail.verb === "post" && csrf) detail.headers["X-CSRFToken"] = csrf;
  });

  document.addEventListener("htmx:sendError", ({ detail }) => {
    const root = detail.target?.closest?.("[data-live-params]");
    if (root) setState("offline", [root]);
  });

  function refresh() {
    tellAgo(document);
    for (const root of all("[data-live-params]:not([data-live-ended])")) {
      if (socketIsOpen() && views.split(",").includes(root.dataset.liveKey)) root.dataset.liveState = "live";
    }
    if (!ended && keys() !== views) connect();
  }

  document.addEventListener("htmx:afterSettle", refresh);
  document.addEventListener("htmx:historyRestore", refresh);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-live-reload], [data-live-login]");
    if (!link) return;
    event.preventDefault();
    if (link.matches("[data-live-reload]")) return location.reload();
    location.href = `${link.href}?next=${encodeURIComponent(location.pathname + location.search)}`;
  });
  addEventListener("online", () => { if (!ended) connect(); });
  addEventListener("offline", () => setState("offline"));
  addEventListener("pageshow", (event) => { if (event.persisted && !ended) connect(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !socketIsOpen() && !ended) connect(); });
  document.addEventListener("DOMContentLoaded", () => {
    refresh();
    setInterval(pollAll, POLL_MS);
    setInterval(() => tellAgo(document), 30000);
    setInterval(countDown, 1000);
  });
})();
