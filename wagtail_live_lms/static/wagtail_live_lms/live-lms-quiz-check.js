// Shows each note of a quiz's check beside the question it is about, too. Without this file the
// list above the questions, with its links, says the same.
(() => {
  const CHECK = "#live-lms-quiz-check";

  function copyOf(note) {
    const copy = document.createElement("p");
    const isError = note.dataset.error === "true";
    copy.className = `help-block ${isError ? "help-critical" : "help-warning"} live-lms-check-copy`;
    copy.textContent = note.querySelector("[data-message]").textContent;
    return copy;
  }

  function place(check) {
    for (const old of document.querySelectorAll(".live-lms-check-copy")) old.remove();
    const notes = [...check.querySelectorAll("[data-live-lms-note]")];
    for (const note of notes.reverse()) {
      const id = note.dataset.liveLmsNote;
      const content = id && document.getElementById(`block-${id}-content`);
      if (content) content.prepend(copyOf(note));
    }
  }

  function start() {
    const check = document.querySelector(CHECK);
    if (!check) return;
    const questions = document.querySelector('[data-contentpath="questions"]');
    const observer = new MutationObserver(() => refresh());
    function refresh() {
      observer.disconnect();
      place(check);
      observer.observe(check, { childList: true, subtree: true });
      if (questions) observer.observe(questions, { childList: true, subtree: true });
    }
    refresh();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
