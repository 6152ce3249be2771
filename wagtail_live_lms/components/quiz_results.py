"""One quiz for those who teach it: attempts as they happen, questions, what waits, what changed."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import Field, StringConstraints

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions.changes import ENROLMENT, ROWS, SUBMISSION, instructor_topic
from wagtail_live_lms.exceptions import QuizBroken
from wagtail_live_lms.grading import MINIMUM_N
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Fragment,
    Message,
    NotFound,
    Once,
    RowId,
    ShortText,
    registry,
)
from wagtail_live_lms.models import Enrolment, Quiz

from .attempts import (
    SHOW_LABELS,
    AttemptRow,
    AttemptSelection,
    AttemptShow,
    AttemptSort,
    read_attempts,
    read_quiz_figures,
    read_rows,
)
from .grading_desk import read_desk
from .item_figures import read_question_figures
from .overdue import settle_on_request
from .permissions import IsInstructor
from .regrade_rows import read_changes
from .roster import sort_link

FOLDER = "wagtail_live_lms/quiz_results"
ROW = f"{FOLDER}/attempt_row.html"

View = Literal["attempts", "questions", "grading", "changes"]
Points = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)]
Comment = Annotated[str, StringConstraints(max_length=5000, strip_whitespace=True)]

VIEW_LABELS: dict[str, str | Promise] = {
    "attempts": gettext_lazy("Attempts"),
    "questions": gettext_lazy("Questions"),
    "grading": gettext_lazy("To grade"),
}


@registry.register("quiz_results")
class QuizResults(Component):
    """A window of a quiz's attempts, newest first; by the URL also its questions, the answers
    that wait for a person, and what grading anew would change.

    Attempts that begin appear at the top; others are patched where they stand.
    """

    template_name = f"{FOLDER}/component.html"
    snapshot_template_name = f"{FOLDER}/snapshot.html"
    permission_classes = (IsInstructor,)
    query_params = ("q", "sort", "show", "view", "page", "answer", "again")
    shared = True

    def mount(
        self,
        course_id: RowId,
        quiz_id: RowId,
        q: ShortText = "",
        sort: AttemptSort = "-started",
        show: AttemptShow = "all",
        view: View = "attempts",
        page: RowId = 1,
        answer: RowId | None = None,
        again: RowId | None = None,
    ) -> None:
        quiz = self._quiz()
        settle_on_request(self)
        self.state = {
            "quiz": quiz,
            "selection": AttemptSelection(quiz_id, q, sort, show, page),
            "figures": read_quiz_figures(quiz_id),
            "rows": [],
            **getattr(self, f"_read_{view}")(),
        }

    def _read_attempts(self) -> dict[str, Any]:
        names = ("quiz_id", "q", "sort", "show", "page")
        selection = AttemptSelection(*(self.params[name] for name in names))
        found = read_attempts(selection)
        return {"page": found, "rows": found.rows}

    def _read_questions(self) -> dict[str, Any]:
        return {"items": read_question_figures(self.params["quiz_id"])}

    def _read_grading(self) -> dict[str, Any]:
        again = self.params["again"]
        quiz_id = self.params["quiz_id"]
        graded = access.get_answer_taught_by(self.user, quiz_id, again) if again else None
        return {"desk": read_desk(quiz_id, self.params["answer"], graded)}

    def _read_changes(self) -> dict[str, Any]:
        return {"changes": read_changes(self._quiz(), self.params["page"])}

    def topics(self) -> list[str]:
        return [instructor_topic(self.params["course_id"])]

    def window(self) -> frozenset[str]:
        return frozenset(_key(row.attempt.pk) for row in self.state["rows"])

    def on_grade(
        self, answer_id: RowId, points: Points, revision: int, comment: Comment = ""
    ) -> None:
        answer = access.get_answer_taught_by(self.user, self.params["quiz_id"], answer_id)
        actions.grade_answer(answer, points, comment, self.user, revision)
        if not self.params["again"]:
            found = read_desk(self.params["quiz_id"], answer_id, goes_on=True).answer
            self.params["answer"] = found.pk if found else None
        self.notice = _("Saved: %(points)s points.") % {"points": f"{points:f}"}

    def on_regrade(self, digest: ShortText) -> None:
        changed = actions.apply_regrade(self._quiz(), self.user, digest=digest)
        count = len(changed)
        message = ngettext(
            "%(count)d result changed, and its student is told.",
            "%(count)d results changed, and their students are told.",
            count,
        )
        self.notice = message % {"count": count}

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, Any]:
        if kind == SUBMISSION:
            return read_rows(ids)
        if kind == ENROLMENT:
            names = Enrolment.objects.filter(pk__in=ids).values_list("pk", "display_name")
            return dict(names)
        return {}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == ROWS:
            return RESNAPSHOT
        if self.params["view"] != "attempts":
            return ()
        if message.kind == ENROLMENT:
            return self._follow_student(message.object_id, message.record)
        if message.kind != SUBMISSION or message.record is None:
            return ()
        row: AttemptRow = message.record
        if row.attempt.quiz_id != self.params["quiz_id"]:
            return ()
        return RESNAPSHOT if self._is_new_here(row) else self._patch(row, message)

    def on_tick(self, once: Once) -> Iterable[Fragment]:
        quiz_id = self.params["quiz_id"]
        figures = once(("quiz_figures", quiz_id), lambda: read_quiz_figures(quiz_id))
        yield self.fragment("figures", f"{FOLDER}/figures.html", for_all=True, figures=figures)
        if self.params["view"] == "questions":
            items = once(("questions", quiz_id), lambda: read_question_figures(quiz_id))
            template = f"{FOLDER}/questions.html"
            yield self.fragment("items", template, for_all=True, items=items, minimum=MINIMUM_N)

    def elsewhere(self, count: int) -> Fragment:
        return self.fragment(
            "elsewhere", f"{FOLDER}/elsewhere.html", count=count, refresh_query=self.query()
        )

    def get_context(self) -> dict[str, Any]:
        page = self.state.get("page") or self.state.get("changes")
        number, pages = (page.number, page.pages) if page else (1, 1)
        return {
            "view": self.params["view"],
            "views": [self._view(name, label) for name, label in VIEW_LABELS.items()],
            "columns": {name: self._column(name) for name in ("name", "percent", "started")},
            "show_labels": SHOW_LABELS,
            "minimum": MINIMUM_N,
            "changes_query": self.query(view="changes", page=1),
            "previous_query": self.query(page=number - 1) if number > 1 else "",
            "next_query": self.query(page=number + 1) if number < pages else "",
        }

    @cached_property
    def outdated(self) -> int:
        """Attempts graded with a key that judges otherwise than the one published now."""
        try:
            return actions.count_outdated(self.state["quiz"])
        except QuizBroken:
            return 0

    def query(self, **changed: Any) -> str:
        """The page's query string with some parameters changed; defaults are left out."""
        defaults = {n: f.default for n, f in self.params_model.model_fields.items()}
        wanted = {name: self.params[name] for name in self.query_params} | changed
        return "?" + urlencode({n: v for n, v in wanted.items() if v != defaults[n]})

    def _quiz(self) -> Quiz:
        quiz = access.get_quiz_taught_by(self.user, self.params["quiz_id"])
        if quiz.course_id != self.params["course_id"]:
            raise NotFound
        return quiz

    def _view(self, name: str, label: str | Promise) -> dict[str, Any]:
        query = f"?{urlencode({'view': name})}" if name != "attempts" else "?"
        is_current = name == self.params["view"]
        return {"name": name, "label": label, "query": query, "is_current": is_current}

    def _column(self, name: str) -> dict[str, str]:
        turned, direction = sort_link(self.params["sort"], name)
        return {"name": name, "direction": direction, "query": self.query(sort=turned, page=1)}

    def _is_new_here(self, row: AttemptRow) -> bool:
        """Whether the attempt belongs above those that are shown."""
        if not self.state["selection"].shows_the_newest:
            return False
        shown = [other.attempt.pk for other in self.state["rows"]]
        return row.attempt.pk > max(shown, default=0)

    def _follow_student(self, enrolment_id: int, name: str | None) -> Any:
        """A student was renamed, or deleted with their attempts."""
        shown = (row.attempt.enrolment for row in self.state["rows"])
        known = next((e.display_name for e in shown if e.pk == enrolment_id), name)
        return RESNAPSHOT if name is None or known != name else ()

    def _patch(self, row: AttemptRow, message: Message) -> Iterable[Fragment]:
        key = _key(row.attempt.pk)
        yield Fragment(key, lambda: message.once(ROW, lambda: render_to_string(ROW, {"row": row})))
        if self.params["sort"].endswith("percent"):
            yield self.fragment(
                key, f"{FOLDER}/order.html", part="order", refresh_query=self.query()
            )


def _key(submission_id: int) -> str:
    return f"attempt-{submission_id}"
