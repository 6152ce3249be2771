/* Keeps the live components of a page current. One socket per page; it only listens.
   A message is HTML (each element replaces the one with its id) or a JSON control message. */
(() => {
  "use strict";
  const POLL_MS = 5000, PATIENCE_MS = 2000;
  const UNREADABLE = 4400, RELOGIN = 4401, REFUSED = 4403, EXPIRED = 4409;
  const FINAL = new Set([UNREADABLE, RELOGIN, REFUSED, EXPIRED]);
  const ENDS_POLL = { 401: RELOGIN, 403: REFUSED, 409: EXPIRED };
  const ROOT = "[data-live-params]";

  let socket = null, isReady = false, views = "", tries = 0, frames = 0, heardAt = 0, silenceMs = 45000, csrf = "";
  let retry = 0, silence = 0, patience = 0, isPolling = false, settle = () => {};
  const requests = new WeakMap();
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const roots = () => all(`${ROOT}:not([data-live-ended])`);
  const keys = () => roots().map((root) => root.dataset.liveKey).join(",");
  const isOpen = () => socket?.readyState === WebSocket.OPEN;

  function parse(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content;
  }

  /* Events for scripts that adorn what is shown: live-lms-details.js, and the site's own. */
  const tell = (name, element, detail) =>
    element?.dispatchEvent(new CustomEvent(`live-lms:${name}`, { bubbles: true, cancelable: true, detail }));
  const say = (root, text) => text && tell("say", root, text);

  // State: live (told of every change), stale (catching up or polling), offline (nobody answers)

  function setState(state, which = roots()) {
    for (const root of which) {
      const before = root.dataset.liveState;
      root.dataset.liveState = state;
      if (state === "live") delete root.dataset.livePolled;
      if (before !== state && (before === "offline" || state === "offline"))
        say(root, root.querySelector(`[data-when="${state}"]`)?.textContent);
    }
  }

  function showBanner(root, name) {
    const banner = root?.querySelector(`[data-live-banner="${name}"]`);
    if (banner) banner.hidden = false;
    say(root, banner?.textContent);
  }

  function end(code, which = roots()) {
    for (const root of which) {
      Object.assign(root.dataset, { liveState: "offline", liveEnded: code });
      showBanner(root, code === UNREADABLE ? EXPIRED : code);
    }
  }

  function losePatienceSoon() {
    clearTimeout(patience);
    patience = setTimeout(() => {
      if (!isReady) setState("stale", roots().filter((root) => root.dataset.liveState === "live"));
    }, PATIENCE_MS);
  }

  // The socket

  function connect() {
    drop();
    const shown = roots();
    if (!(views = keys())) return;
    const url = new URL("/ws/live/", location.href.replace(/^http/, "ws"));
    url.searchParams.set("views", shown.map((root) => root.dataset.liveParams).join(","));
    url.searchParams.set("since", shown.map((root) => root.dataset.liveSince).join(" "));
    const mine = socket = new WebSocket(url);
    mine.onmessage = (event) => { if (mine === socket) receive(event.data); };
    mine.onclose = (event) => { if (mine === socket) closed(event.code); };
    listenForSilence();
    losePatienceSoon();
  }

  function drop() {
    const old = socket;
    socket = null;
    isReady = false;
    clearTimeout(retry);
    clearTimeout(silence);
    old?.close();
  }

  function closed(code) {
    drop();
    if (FINAL.has(code)) return end(code);
    losePatienceSoon();
    retry = setTimeout(connect, Math.random() * 1000 * 2 ** Math.min(tries++, 5));
  }

  function listenForSilence() {
    heardAt = Date.now();
    clearTimeout(silence);
    silence = setTimeout(() => closed(0), silenceMs);
  }

  function receive(data) {
    listenForSilence();
    if (data[0] !== "{") return apply(data);
    const message = JSON.parse(data);
    if (message.type === "ready") {
      [tries, isReady] = [0, true];
      silenceMs = 2250 * message.beat || silenceMs;  // two heartbeats may be missed
      setState("live");
    } else if (message.type === "beat") {
      remember(message.since);
    } else if (message.type === "refused") {
      end(REFUSED, message.elements.map(byId).filter(Boolean));
      connect();
    }
  }

  function remember(since) {
    const topic = (part) => part.slice(0, part.lastIndexOf(":"));
    const at = new Map(since.split(" ").map((part) => [topic(part), part]));
    for (const { dataset } of roots())
      dataset.liveSince = dataset.liveSince.split(" ").map((part) => later(at.get(topic(part)), part)).join(" ");
  }

  // The page may be further than the heartbeat says: a snapshot is read ahead of the changes.
  function later(told, own) {
    const split = (part) => [part.slice(0, part.lastIndexOf(".")), Number(part.slice(part.lastIndexOf(".") + 1))];
    if (!told) return own;
    const [where, seq] = split(told), [ownWhere, ownSeq] = split(own);
    return where === ownWhere && seq < ownSeq ? own : told;
  }

  // HTML that arrives

  const isOlder = (fresh, shown) =>
    Number(fresh.dataset.v) < Number(shown.dataset.v) || isBehind(fresh, shown);

  // A row's version says nothing of the course around it; a component also says how far it is.
  function isBehind(fresh, shown) {
    const known = positionsOf(shown);
    return [...positionsOf(fresh)].some(([topic, seq]) => seq < known.get(topic));
  }

  function positionsOf(element) {
    const parts = (element.dataset.liveSince || "").split(" ").filter(Boolean);
    return new Map(parts.map((part) => {
      const dot = part.lastIndexOf(".");  // before it stand the topic and the database's epoch
      return [part.slice(0, dot), Number(part.slice(dot + 1))];
    }));
  }

  function apply(html) {
    frames++;
    for (const fresh of [...parse(html).children]) {
      const shown = byId(fresh.id), { liveFirstIn } = fresh.dataset;
      if (!shown && liveFirstIn) putFirst(byId(liveFirstIn), fresh);
      else if (shown && !isOlder(fresh, shown)) replace(shown, fresh);
    }
  }

  /* A new entry of a list, unless the component knows better by now. */
  function putFirst(list, fresh) {
    if (!list || isOlder(fresh, list.closest(ROOT))) return;
    list.prepend(fresh);
    window.htmx?.process(fresh);
    tell("shown", fresh);
  }

  function replace(shown, fresh) {
    const isGone = fresh.hasAttribute("data-live-delete");
    if (!isGone && !tell("replace", shown, fresh)) return;  // a script put in what may be put in now
    const root = shown.closest(ROOT);
    const letGo = hold(shown);
    if (isGone) return shown.remove(), letGo();
    shown.replaceWith(fresh);
    window.htmx?.process(fresh);
    letGo();
    if (fresh.matches("tr")) fresh.classList.add("live-lms-changed");
    tellRoot(fresh.dataset, root);
    tell("shown", fresh);
  }

  /* data-live-root-<name>: what a piece knows of the whole becomes data-<name> of the component. */
  function tellRoot({ v, ...told }, root) {
    for (const [key, value] of Object.entries(told))
      if (root && key.startsWith("liveRoot")) Object.assign(root.dataset, { [key.slice(8).toLowerCase()]: value, v });
  }

  /* Holds what a swap would lose: a component's state, the focus, what is being typed. */
  function hold(shown, sent) {
    const { liveState, livePolled, liveEnded } = shown.dataset;
    const ticked = sent ? [] : [...shown.querySelectorAll("[data-live-keep]:checked")];
    const putFocusBack = holdFocus(shown, sent);
    return () => {
      const fresh = byId(shown.id);
      for (const box of ticked.map(({ id }) => byId(id)).filter(Boolean)) box.checked = true;
      if (liveState && fresh) fresh.dataset.liveState = liveEnded ? "stale" : liveState;
      if (livePolled && fresh) fresh.dataset.livePolled = livePolled;
      putFocusBack();
    };
  }

  function holdFocus(shown, sent) {
    const held = document.activeElement;
    const ids = [], { value, selectionStart, selectionEnd } = held;
    if (!shown.contains(held)) return () => {};
    for (let element = held; element; element = element.parentElement) ids.push(element.id);
    return () => {
      if (held.isConnected) return;
      const near = ids.map((id) => id && byId(id)).find((element) => element && focusIn(element));
      if (near?.id !== held.id || !near.setSelectionRange || near.value === value) return;
      if (sent && sent.verb !== "get" && sent.value === value) return;  // the answer changed it
      near.value = value;
      near.setSelectionRange(selectionStart, selectionEnd);
      if (sent && sent.value !== value) near.dispatchEvent(new Event("input", { bubbles: true }));
    };
  }

  function focusIn(element) {
    const stops = "a, button, input, select, textarea, summary";
    const target = (!element.matches(stops) && element.querySelector("a, button")) || element;
    if (!target.matches(stops)) target.tabIndex = -1;
    target.focus({ preventScroll: true });
    return document.activeElement === target;
  }

  // Polling, when there is no socket

  async function poll(root) {
    const url = new URL(root.dataset.liveUrl, location.href);
    url.searchParams.set("params", root.dataset.liveParams);
    const headers = { "HX-Request": "true" };
    if (root.dataset.liveSince) headers["If-None-Match"] = `"${root.dataset.liveSince}"`;
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(10000) });
    const { ok, status } = response;
    if (status in ENDS_POLL) return end(ENDS_POLL[status], [root]);
    if (!ok && status !== 304) throw new Error(`status ${status}`);
    const html = await response.text();
    if (!needsPoll() || !root.isConnected) return;
    if (ok) {
      root.dataset.liveSince = response.headers.get("Live-Since") || "";
      apply(html);
    }
    const shown = byId(root.id), wasOffline = shown.dataset.liveState === "offline";
    shown.dataset.livePolled = "true";
    setState("stale", [shown]);
    if (wasOffline) connect();  // the server is back: no need to sit out the delay
  }

  /* Without a socket, or with one that opened and never said a word. */
  const needsPoll = () => !isReady && (!isOpen() || Date.now() - heardAt > 2 * POLL_MS);

  async function pollAll() {
    if (!needsPoll() || isPolling || document.hidden) return;
    isPolling = true;
    for (const root of roots()) await poll(root).catch(() => setState("offline", [root]));
    isPolling = false;
  }

  // htmx: errors are shown, late answers do not undo newer pushes, the CSRF token comes along

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    csrf = document.querySelector("input[name=csrfmiddlewaretoken]")?.value || csrf;
    if (detail.verb === "post" && csrf) detail.headers["X-CSRFToken"] = csrf;
  });

  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const { verb } = detail.requestConfig, { value } = document.activeElement || {};
    requests.set(detail.xhr, { frames, verb, value });
  });

  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const { xhr, target } = detail, root = target?.closest?.(ROOT);
    if (!root) return;
    const answer = parse(detail.serverResponse), fresh = answer.getElementById(root.id);
    const isGet = detail.requestConfig.verb === "get";
    if (xhr.status >= 400) {
      detail.shouldSwap = Boolean(fresh || answer.querySelector("[data-live-error]"));
      detail.isError = !detail.shouldSwap;
      all("[data-live-error]", root).forEach((error) => error.remove());
      if (detail.isError) showBanner(root, xhr.status === 403 ? EXPIRED : "lost");
    } else if (!fresh && target === root && isGet) {
      detail.shouldSwap = false;  // another page came, as after a logout: go and see it
      location.assign(xhr.responseURL);
    } else if (fresh && !isGet && isOlder(fresh, root)) {
      detail.shouldSwap = false;
    }
    if (!detail.shouldSwap) return;
    const sent = requests.get(xhr);
    if (sent) sent.isNewest = isNewest(fresh, root);
    const letGo = hold(root, sent);
    settle = () => {
      letGo();
      const shown = byId(root.id);
      say(shown, shown?.querySelector("[data-live-say]")?.textContent);
      shown?.querySelector("[data-live-error]")?.scrollIntoView({ block: "nearest" });
    };
  });

  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    settle();
    settle = () => {};
    // A push that came while the answer was on its way may be newer than an answer without version
    const sent = detail.xhr && requests.get(detail.xhr);
    const isOvertaken = detail.xhr && !sent?.isNewest && sent?.frames !== frames;
    refresh(isOvertaken && detail.target?.matches?.(ROOT));
  });

  const isNewest = (fresh, shown) =>
    Boolean(fresh?.dataset.v && shown.dataset.v) && Number(fresh.dataset.v) >= Number(shown.dataset.v);

  document.addEventListener("htmx:sendError", ({ detail: { target } }) =>
    showBanner(target?.closest(ROOT), "lost"));

  function refresh(mustConnect) {
    tell("shown", document.body);
    if (mustConnect || keys() !== views) connect();
    else if (isReady) setState("live");
  }

  // The browser loses and finds the network, sleeps, hides the page, or keeps it for "back"

  addEventListener("online", connect);
  addEventListener("offline", () => setState("offline"));
  addEventListener("pagehide", drop);
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && (!isOpen() || Date.now() - heardAt > silenceMs)) connect();
  });
  document.addEventListener("DOMContentLoaded", () => refresh());
  setInterval(pollAll, POLL_MS);
})();
