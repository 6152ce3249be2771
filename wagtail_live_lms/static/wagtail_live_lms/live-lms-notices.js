/* What makes notices pleasant: a word in the corner when one arrives, lists that stay open, and a
   notice that counts as read once its link was followed. It hears of changes from live-lms.js. */
(() => {
  "use strict";

  const NOTICES = '[data-live-component="grade_notification"]', PANEL = "details[data-notices-panel]";
  const TOAST_MS = 8000, LEAVE_MS = 200, MOST_TOASTS = 3;

  const known = new Set(), opened = new Map();
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  let corner = null, csrf = "", isFirst = true;

  // Lists and scores that the person opened or closed stay so when they are replaced

  document.addEventListener("toggle", ({ target }) => {
    if (target.matches?.(PANEL) && target.isConnected) opened.set(target.id, target.open);
  }, true);

  function keepOpen() {
    for (const panel of all(PANEL)) if (opened.has(panel.id)) panel.open = opened.get(panel.id);
  }

  // A menu closes like one

  const closeMenus = (but) => all(`.live-lms-notices--menu > ${PANEL}[open]`)
    .filter((panel) => !panel.contains(but)).forEach((panel) => { panel.open = false; });

  document.addEventListener("click", ({ target }) => closeMenus(target));

  document.addEventListener("keydown", ({ key, target }) => {
    const panel = key === "Escape" && target.closest?.(`.live-lms-notices--menu > ${PANEL}[open]`);
    if (!panel) return;
    panel.open = false;
    panel.querySelector("summary").focus();
  });

  // Arrivals: whatever brought them, what was not there before is told once

  function lookForNews() {
    const rows = all(`${NOTICES} [data-notification]`);
    const news = rows.filter(({ dataset }) => !known.has(dataset.notification));
    for (const row of news.reverse()) {
      const isRepeated = known.has(row.dataset.notification);  // in another list of the page
      known.add(row.dataset.notification);
      if (!isFirst && !isRepeated && row.matches(".live-lms-notices__row--unread")) toast(row);
    }
    const listed = new Set(rows.map((row) => row.dataset.notification));
    all("[data-toast-of]").filter(({ dataset }) => !listed.has(dataset.toastOf)).forEach(close);
  }

  function toast(row) {
    const root = row.closest(NOTICES), words = row.querySelector("[data-notice-sentence]").textContent;
    const fresh = root.querySelector("[data-notice-toast]").content.firstElementChild.cloneNode(true);
    const link = row.querySelector("[data-notice-link]"), own = fresh.querySelector("[data-toast-link]");
    fresh.dataset.toastOf = row.dataset.notification;
    fresh.querySelector("[data-toast-text]").textContent = words;
    if (link) own.href = link.href;
    else own.remove();
    corner ??= Object.assign(document.createElement("div"), { className: "live-lms-toasts" });
    document.body.append(corner);
    corner.append(fresh);
    all(".live-lms-toast", corner).slice(0, -MOST_TOASTS).forEach(close);
    closeLater(fresh);
    root.dispatchEvent(new CustomEvent("live-lms:say", { bubbles: true, detail: words }));
  }

  /* Not while it is pointed at or has the focus. */
  function closeLater(fresh) {
    setTimeout(() => fresh.matches(":hover, :focus-within") ? closeLater(fresh) : close(fresh), TOAST_MS);
  }

  function close(old) {
    old.classList.add("live-lms-toast--leaving");
    setTimeout(() => old.remove(), LEAVE_MS);
  }

  // A notice whose link was followed has been read

  function markRead(id) {
    const root = document.querySelector(`${NOTICES} [data-notification="${id}"]`)?.closest(NOTICES);
    if (!root) return;
    const body = new FormData();
    const fields = { params: root.dataset.liveParams, event: "mark_read", notification_id: id };
    for (const [name, value] of Object.entries(fields)) body.append(name, value);
    const headers = { "HX-Request": "true", "X-CSRFToken": csrf };
    fetch(root.dataset.liveUrl, { method: "POST", body, headers, keepalive: true }).catch(() => {});
  }

  function follow({ target, button }) {
    const link = button < 2 && target.closest?.("[data-notice-link], [data-toast-link]");
    const owner = link && link.closest("[data-notification], [data-toast-of]");
    if (owner) markRead(owner.dataset.notification || owner.dataset.toastOf);
    const closer = target.closest?.("[data-toast-close]");
    if (closer) close(closer.closest("[data-toast-of]"));
  }

  document.addEventListener("click", follow);
  document.addEventListener("auxclick", follow);

  document.addEventListener("live-lms:shown", () => {
    csrf = document.querySelector("input[name=csrfmiddlewaretoken]")?.value || csrf;
    keepOpen();
    lookForNews();
    isFirst = false;
  });
})();
