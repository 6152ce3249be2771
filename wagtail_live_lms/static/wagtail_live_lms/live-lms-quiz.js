/* Taking a quiz. Each answer is saved by HTTP as it is given, kept in this browser until the
   server has it, and never replaced under somebody's hands. The clock is the server's. */
(() => {
  "use strict";
  const TYPING_MS = 600, PATIENCE_MS = 15000, FLUSH_MS = 8000, AT_ONCE = 3, GRACE_MS = 11000;
  const RETRY_MS = [1000, 2000, 4000, 8000, 15000, 30000], KEEP_MS = 14 * 86400000;
  const SAY_AT = [600, 300, 60, 30], ROOT = '[data-live-component="quiz"]', STORE = "live-lms-quiz:";

  const sheets = new Map();   // by attempt: what this browser has and the server has not
  const states = new Map();   // by root's id: what it showed last
  const sent = new Set();     // ids of roots that asked for something and wait for the answer
  const late = new Map();     // by id: answers of another tab, not shown while somebody types
  let offset = 0, bestTrip = Infinity, csrf = "";

  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const lang = () => document.documentElement.lang || "en";
  const now = () => Date.now() + offset;
  const say = (root, detail) =>
    detail && root.dispatchEvent(new CustomEvent("live-lms:say", { bubbles: true, detail }));
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  const isRunning = (root) => root?.dataset.quizState === "running";
  const rootOf = (element) => element.closest(ROOT);
  const rootOfSheet = (sheet) => all(ROOT).find((root) => root.dataset.attempt === sheet.attempt);
  const questions = (root) => all("[data-question]", root);
  const questionIn = (root, id) => root.querySelector(`[data-question="${CSS.escape(id)}"]`);
  const holderOf = (question) => question.querySelector("[data-quiz-answer]");
  const controls = (question) => all("[name^='answer-']", question);

  // An answer as the page has it

  function read(question) {
    const fields = controls(question), [first] = fields;
    const key = (field) => field.name.slice(field.name.indexOf(".") + 1);
    if (!first) return null;
    if (first.name.includes(".")) return Object.fromEntries(fields.map((f) => [key(f), f.value]));
    if (first.type === "checkbox") return fields.filter((f) => f.checked).map((f) => f.value);
    if (first.type === "radio") return fields.find((f) => f.checked)?.value ?? "";
    return first.value;
  }

  function write(question, response) {
    for (const field of controls(question)) {
      const key = field.name.slice(field.name.indexOf(".") + 1);
      if (field.name.includes(".")) field.value = response?.[key] ?? "";
      else if (field.type === "checkbox") field.checked = [].concat(response).includes(field.value);
      else if (field.type === "radio") field.checked = field.value === response;
      else field.value = response ?? "";
    }
    sortItems(question);
  }

  function isAnswered(response) {
    if (response === null || typeof response !== "object") return Boolean(response?.trim());
    return Object.values(response).some(Boolean);
  }

  // What is not saved yet

  function sheetOf(root) {
    const { attempt, quizOwner: owner } = root.dataset;
    if (!sheets.has(attempt)) {
      const sheet = { attempt, owner, drafts: new Map(), busy: new Set(), said: new Set(), tries: 0 };
      sheets.set(attempt, sheet);
      for (const [id, draft] of Object.entries(stored(sheet))) sheet.drafts.set(id, draft);
    }
    return sheets.get(attempt);
  }

  const keyOf = (sheet) => `${STORE}${sheet.owner}:${sheet.attempt}`;
  const unsent = (sheet) => [...sheet.drafts].filter(([, draft]) => !draft.refused);

  function stored(sheet) {
    try {
      return JSON.parse(localStorage.getItem(keyOf(sheet)))?.drafts || {};
    } catch {
      return {};
    }
  }

  function keep(sheet) {
    const drafts = Object.fromEntries(sheet.drafts);
    try {
      if (!sheet.drafts.size) localStorage.removeItem(keyOf(sheet));
      else localStorage.setItem(keyOf(sheet), JSON.stringify({ at: Date.now(), drafts }));
    } catch { /* a browser that keeps nothing still saves */ }
  }

  function forgetOld() {
    try {
      for (const key of Object.keys(localStorage).filter((key) => key.startsWith(STORE)))
        if (!(JSON.parse(localStorage.getItem(key)).at > Date.now() - KEEP_MS)) localStorage.removeItem(key);
    } catch { /* nothing is kept here */ }
  }

  function giveUp(sheet) {
    clearTimeout(sheet.timer);
    sheet.drafts.clear();
    keep(sheet);
  }

  /* The person answered: remember it at once, send it soon. */
  function give(question, delay) {
    const root = rootOf(question), sheet = sheetOf(root), id = question.dataset.question;
    const number = question.querySelector("[name^='sequences.']"), response = read(question);
    const sequence = Math.max(Math.round(now()), Number(number.value) + 1);
    number.value = holderOf(question).dataset.v = sequence;
    sheet.drafts.set(id, { response, sequence });
    keep(sheet);
    tellMistake(question, "");
    recount(root);
    sendSoon(sheet, delay);
  }

  function sendSoon(sheet, delay) {
    clearTimeout(sheet.timer);
    sheet.timer = setTimeout(() => sendAll(sheet), delay);
    show(sheet);
  }

  /* One request at a time for each question; of several answers to it the newest goes out. */
  function sendAll(sheet) {
    const root = rootOfSheet(sheet);
    if (!root || sheet.stopped) return show(sheet);
    for (const [id, draft] of unsent(sheet))
      if (!sheet.busy.has(id) && sheet.busy.size < AT_ONCE) send(sheet, root, id, draft);
    show(sheet);
  }

  async function send(sheet, root, id, draft) {
    sheet.busy.add(id);
    const { liveUrl, liveParams: params } = root.dataset, { response, sequence } = draft;
    const asked = Date.now(), attempt = Number(sheet.attempt);
    try {
      const answer = await fetch(liveUrl, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token() },
        body: JSON.stringify({ params, event: "save", attempt, question: id, sequence, response }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const reply = await answer.json().catch(() => ({}));
      sheet.busy.delete(id);
      if (answer.ok) hearClock(reply.serverNow, asked);
      (answer.ok ? saved : notSaved)(sheet, id, draft, reply, answer);
    } catch {
      sheet.busy.delete(id);
      lost(sheet, 0);
    }
  }

  function saved(sheet, id, draft, reply) {
    if (sheet.drafts.get(id) === draft) sheet.drafts.delete(id);
    keep(sheet);
    const root = rootOfSheet(sheet);
    if (sheet.failed && root && !unsent(sheet).length) say(root, barOf(root)?.dataset.again);
    Object.assign(sheet, { tries: 0, failed: false, savedAt: reply.savedAt || sheet.savedAt });
    if (root) showLate(root, id);
    sendAll(sheet);
  }

  function notSaved(sheet, id, draft, reply, { status, headers }) {
    const root = rootOfSheet(sheet);
    if (status === 409 && ["time_is_up", "attempt_ended"].includes(reply.code)) {
      giveUp(sheet);
      if (root) refresh(root);
    } else if ([401, 403, 409].includes(status)) {
      sheet.stopped = true;
      show(sheet);
      if (root) say(root, barOf(root)?.dataset.stopped);
    } else if ([404, 413, 422].includes(status)) {
      draft.refused = true;
      keep(sheet);
      const question = root && questionIn(root, id);
      const words = Object.values(reply.errors || {})[0]?.[0] || reply.title;
      if (question && sheet.drafts.get(id) === draft) tellMistake(question, words);
      sendAll(sheet);
    } else {
      lost(sheet, 1000 * (Number(headers.get("Retry-After")) || 0));
    }
  }

  function lost(sheet, atLeast) {
    const root = rootOfSheet(sheet), wait = RETRY_MS[Math.min(sheet.tries++, RETRY_MS.length - 1)];
    if (!sheet.failed && root) say(root, barOf(root)?.dataset.kept);
    sheet.failed = true;
    sendSoon(sheet, Math.max(atLeast, wait * (0.75 + Math.random() / 2)));
  }

  /* Wait until the server has everything, or cannot be asked. */
  async function flush(sheet) {
    const end = Date.now() + FLUSH_MS;
    sheet.failed = false;
    sendSoon(sheet, 0);
    while (unsent(sheet).length && !sheet.failed && !sheet.stopped && Date.now() < end) await pause(40);
  }

  function token() {
    csrf = document.querySelector("input[name=csrfmiddlewaretoken]")?.value || csrf;
    return csrf;
  }

  // What the page says about it

  const barOf = (root) => root.querySelector("[data-quiz-saved]");

  function show(sheet) {
    const root = rootOfSheet(sheet), bar = root && barOf(root);
    if (!bar) return;
    const waiting = unsent(sheet).length;
    const failed = navigator.onLine && sheet.tries < 3 ? "failed" : "kept";
    const state = sheet.stopped ? "stopped" : waiting ? (sheet.failed ? failed : "saving")
      : sheet.drafts.size ? "refused" : sheet.savedAt ? "saved" : "";
    const time = sheet.savedAt && new Date(sheet.savedAt).toLocaleTimeString(lang());
    bar.dataset.state = state;
    bar.textContent = (bar.dataset[state] || "").replace("{time}", time);
  }

  function tellMistake(question, words) {
    const place = question.querySelector("[data-quiz-errors-of]"), fields = all(".live-lms-input", question);
    place.replaceChildren();
    if (words) place.append(Object.assign(document.createElement("p"), { textContent: words }));
    for (const field of fields) words ? field.setAttribute("aria-invalid", "true") : field.removeAttribute("aria-invalid");
    if (words) say(rootOf(question), words);
  }

  function recount(root) {
    let answered = 0;
    for (const question of questions(root)) {
      const isDone = isAnswered(read(question)), id = CSS.escape(question.dataset.question);
      answered += isDone;
      holderOf(question).toggleAttribute("data-quiz-answered", isDone);
      for (const link of all(`[data-quiz-link="${id}"]`, root)) link.hidden = isDone;
      const words = question.querySelector("[data-quiz-words]"), text = words && read(question).trim();
      if (words) words.textContent = text ? `${words.dataset.words} ${text.split(/\s+/).length}` : "";
    }
    const count = root.querySelector("[data-quiz-count]");
    if (count) count.textContent = count.dataset.quizCount.replace("{answered}", answered);
    return questions(root).length - answered;
  }

  // Putting items in order

  const items = (within) => all("[data-quiz-item]", within);
  const placeOf = (item) => Number(item.querySelector("select").value) || Infinity;

  function sortItems(question) {
    for (const list of all("[data-quiz-order]", question)) {
      const sorted = items(list).sort((a, b) => placeOf(a) - placeOf(b) || 0);
      if (sorted.some((item) => placeOf(item) < Infinity)) list.append(...sorted);
      tellEnds(list);
    }
  }

  function tellEnds(list) {
    const shown = items(list);
    for (const [place, item] of shown.entries())
      for (const button of all("[data-quiz-move]", item)) {
        const isEnd = place === (button.dataset.quizMove === "1" ? shown.length - 1 : 0);
        button.setAttribute("aria-disabled", isEnd);
      }
  }

  function number(question) {
    for (const [place, item] of items(question).entries()) item.querySelector("select").value = place + 1;
  }

  function move(button) {
    const item = button.closest("[data-quiz-item]"), question = item.closest("[data-question]");
    const isDown = button.dataset.quizMove === "1";
    const other = isDown ? item.nextElementSibling : item.previousElementSibling;
    if (!other) return;
    if (isDown) other.after(item); else other.before(item);
    button.focus();
    number(question);
    tellEnds(item.parentElement);
    give(question, TYPING_MS);
    const shown = items(question), words = question.querySelector("[data-quiz-said]").dataset.quizSaid;
    const text = item.querySelector(".live-lms-order__text").textContent.trim();
    const place = words.replace("{place}", shown.indexOf(item) + 1).replace("{count}", shown.length);
    say(rootOf(question), `${text}: ${place}`);
  }

  // The clock

  function hearClock(serverNow, asked) {
    const trip = Date.now() - asked;
    if (!serverNow || trip > bestTrip) return;
    bestTrip = trip;
    offset = serverNow - (asked + trip / 2);
  }

  /* Until an answer tells it better: when the page was made, as against when it began to come. */
  function guessClock(root, isFirst) {
    const [load] = performance.getEntriesByType("navigation");
    const came = isFirst && load ? performance.timeOrigin + load.responseStart : Date.now();
    if (bestTrip === Infinity) offset = Number(root.dataset.quizNow) - came;
  }

  function clock(ms) {
    const seconds = Math.max(0, Math.ceil(ms / 1000)), two = (n) => String(n).padStart(2, "0");
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  }

  function inWords(ms) {
    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const parts = [["hour", Math.floor(seconds / 3600)], ["minute", Math.floor(seconds / 60) % 60], ["second", seconds % 60]];
    const told = parts.filter(([, n]) => n).map(([unit, n]) =>
      new Intl.NumberFormat(lang(), { style: "unit", unit, unitDisplay: "long" }).format(n));
    return told.join(" ") || clock(0);
  }

  const sayTime = (root, timer) =>
    say(root, timer.dataset.said.replace("{time}", inWords(timer.dataset.quizDeadline - now())));

  function countDown(root, timer) {
    const left = timer.dataset.quizDeadline - now(), seconds = Math.ceil(left / 1000), sheet = sheetOf(root);
    timer.querySelector("[data-quiz-left]").textContent = clock(left);
    timer.classList.toggle("live-lms-timer--soon", seconds <= 300 && seconds > 60);
    timer.classList.toggle("live-lms-timer--now", seconds <= 60);
    const due = SAY_AT.find((at) => seconds <= at && seconds > at - 3);
    if (due && !sheet.said.has(due)) {
      sheet.said.add(due);
      sayTime(root, timer);
    }
    if (left <= 0 && !sheet.isOver) timeIsUp(root, timer, sheet);
    if (left > 0) sheet.isOver = false;  // an instructor gave more time
    if (left < -GRACE_MS) refreshNowAndThen(root, sheet);
  }

  async function timeIsUp(root, timer, sheet) {
    sheet.isOver = true;
    say(root, timer.dataset.over);
    await flush(sheet);
    rootOfSheet(sheet)?.querySelector("[data-quiz-form]")?.requestSubmit();
  }

  function refreshNowAndThen(root, sheet) {
    if (sheet.asked > Date.now() - 5000 || !navigator.onLine) return;
    sheet.asked = Date.now();
    refresh(root);
  }

  function tick() {
    for (const root of all(ROOT)) {
      const timer = isRunning(root) && root.querySelector("[data-quiz-deadline]");
      if (timer) countDown(root, timer);
      for (const wait of all("[data-quiz-wait]", root)) {
        wait.querySelector("[data-quiz-clock]").textContent = clock(wait.dataset.quizWait - now());
        if (wait.dataset.quizWait <= now()) wait.remove();
      }
      if (!root.dataset.quizRefresh || root.dataset.quizRefresh > now()) continue;
      delete root.dataset.quizRefresh;
      refresh(root);
    }
  }

  function refresh(root) {
    const { liveUrl, liveParams } = root.dataset;
    sent.add(root.id);
    window.htmx?.ajax("GET", `${liveUrl}?params=${encodeURIComponent(liveParams)}`, { target: root, swap: "outerHTML" });
  }

  // What is pushed: while somebody answers, only what is newer and not being worked on

  function takeOver(root, fresh) {
    const timer = root.querySelector("[data-quiz-deadline]"), told = fresh.querySelector("[data-quiz-deadline]");
    root.dataset.liveSince = fresh.dataset.liveSince;
    if (timer && told) timer.dataset.quizDeadline = told.dataset.quizDeadline;
    else if (timer || told) root.querySelector(".live-lms-quiz__bar").replaceWith(fresh.querySelector(".live-lms-quiz__bar"));
    for (const answer of all("[data-quiz-answer]", fresh)) takeAnswer(document.getElementById(answer.id), answer);
    adopt(root);
  }

  function takeAnswer(shown, fresh) {
    if (!shown || Number(fresh.dataset.v) <= Number(shown.dataset.v)) return;
    const root = rootOf(shown), isBusy = shown.contains(document.activeElement);
    if (isBusy || sheetOf(root).drafts.has(fresh.dataset.quizAnswer)) return late.set(fresh.id, fresh);
    shown.replaceWith(fresh);
    sortItems(fresh.parentElement);
    recount(root);
  }

  function showLate(root, id) {
    const shown = questionIn(root, id) && holderOf(questionIn(root, id)), fresh = shown && late.get(shown.id);
    if (!fresh || shown.contains(document.activeElement)) return;
    late.delete(shown.id);
    takeAnswer(shown, fresh);
  }

  // A component came, or came anew

  function adopt(root, isFirst) {
    const state = `${root.dataset.quizState} ${root.dataset.attempt || ""}`, before = states.get(root.id);
    states.set(root.id, state);
    root.dataset.quizScripted = "";
    for (const time of all("time[data-quiz-time]", root)) tellTime(time);
    if (before !== state) guessClock(root, isFirst);
    if (isRunning(root)) takeUp(root);
    else if (root.dataset.attempt) giveUp(sheetOf(root));
    moveFocus(root, before !== undefined && before !== state);
  }

  function takeUp(root) {
    const sheet = sheetOf(root);
    sheet.savedAt ||= barOf(root)?.dataset.at;
    for (const question of questions(root)) {
      const draft = sheet.drafts.get(question.dataset.question);
      if (draft && draft.sequence >= Number(holderOf(question).dataset.v)) {
        write(question, draft.response);
        question.querySelector("[name^='sequences.']").value = holderOf(question).dataset.v = draft.sequence;
      }
      sortItems(question);
    }
    const box = root.querySelector("[data-quiz-unanswered]");
    if (box && !box.dataset.asked) box.hidden = true;
    recount(root);
    if (unsent(sheet).length && !sheet.failed) sendSoon(sheet, 0);
    show(sheet);
  }

  function moveFocus(root, hasChanged) {
    if (!sent.has(root.id)) return;
    const place = root.querySelector("[data-quiz-errors]") ||
      (hasChanged && root.querySelector("[data-quiz-result], [data-question]"));
    if (place) place.focus();
  }

  function tellTime(time) {
    time.title ||= time.textContent.trim();
    time.textContent = new Date(time.dateTime).toLocaleString(lang(), {
      year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
    });
  }

  /* Before the last press: what has no answer yet. */
  function ask(root) {
    const box = root.querySelector("[data-quiz-unanswered]"), button = root.querySelector("[data-quiz-submit]");
    box.hidden = false;
    box.dataset.asked = "true";
    button.textContent = button.dataset.anyway;
    box.focus();
  }

  // What the person does

  document.addEventListener("input", ({ target }) => {
    const question = target.closest?.(`${ROOT} [data-question]`);
    if (!question || !target.name?.startsWith("answer-")) return;
    const isTyped = target.matches("textarea, input:not([type=radio], [type=checkbox])");
    give(question, isTyped ? TYPING_MS : 0);
  });

  document.addEventListener("focusout", ({ target }) => {
    const question = target.closest?.(`${ROOT} [data-question]`), root = question && rootOf(question);
    if (!isRunning(root)) return;
    const sheet = sheetOf(root), id = question.dataset.question;
    if (sheet.drafts.has(id) && !sheet.failed) sendSoon(sheet, 0);
    setTimeout(() => showLate(root, id), 0);
  });

  document.addEventListener("keydown", (event) => {
    const isField = event.target.matches?.(`${ROOT} [data-question] input:not([type=radio], [type=checkbox])`);
    if (isField && event.key === "Enter") event.preventDefault();  // it would hand the quiz in
  });

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-quiz-move], [data-quiz-keep], [data-quiz-hear]");
    if (!button) return;
    if (button.matches("[data-quiz-hear]")) return sayTime(rootOf(button), button.closest("[data-quiz-deadline]"));
    if (button.matches("[data-quiz-move]")) return move(button);
    const question = button.closest("[data-question]");
    number(question);
    give(question, 0);
    question.querySelector("[data-quiz-move]:not([aria-disabled=true])").focus();
  });

  document.addEventListener("htmx:confirm", async (event) => {
    const { elt, issueRequest, triggeringEvent } = event.detail, root = elt.closest?.(ROOT);
    if (!root) return;
    sent.add(root.id);
    if (!elt.matches("[data-quiz-form]")) return;
    event.preventDefault();
    const sheet = sheetOf(root), isSave = triggeringEvent?.submitter?.value === "save_all";
    const box = root.querySelector("[data-quiz-unanswered]");
    if (!sheet.isOver && !isSave && recount(root) && !box.dataset.asked) return ask(root);
    await flush(sheet);
    issueRequest(true);
  });

  document.addEventListener("live-lms:replace", (event) => {
    const shown = event.target, fresh = event.detail;
    const isSame = shown.matches(ROOT) && isRunning(shown) && isRunning(fresh) && shown.dataset.attempt === fresh.dataset.attempt;
    if (isSame || (shown.matches("[data-quiz-answer]") && fresh.matches("[data-quiz-answer]"))) {
      event.preventDefault();
      if (isSame) takeOver(shown, fresh); else takeAnswer(shown, fresh);
    }
  });

  document.addEventListener("live-lms:shown", ({ target }) => {
    const roots = target === document.body ? all(ROOT) : target.matches(ROOT) ? [target] : [];
    const isFirst = !states.size;
    for (const root of roots) adopt(root, isFirst);
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const root = detail.target?.closest?.(ROOT) || detail.elt?.closest?.(ROOT);
    if (root) setTimeout(() => sent.delete(root.id), 0);
  });

  addEventListener("online", () => {
    for (const sheet of sheets.values()) {
      Object.assign(sheet, { tries: 0 });
      if (unsent(sheet).length) sendSoon(sheet, 0);
    }
  });

  addEventListener("offline", () => sheets.forEach(show));

  addEventListener("beforeunload", (event) => {
    const isUnsaved = [...sheets.values()].some((sheet) => sheet.drafts.size && rootOfSheet(sheet));
    if (isUnsaved) event.preventDefault();
  });

  document.addEventListener("DOMContentLoaded", () => {
    forgetOld();
    setInterval(tick, 1000);
    setTimeout(tick, 0);
  });
})();
