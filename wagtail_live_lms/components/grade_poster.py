"""Grading and posting: what waits, an answer beside its question, and what students will see."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import Field, StringConstraints

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions.changes import ENROLMENT, ROWS, SUBMISSION, instructor_topic
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Fragment,
    InvalidInput,
    Message,
    NotFound,
    Once,
    RowId,
    ShortText,
    registry,
)
from wagtail_live_lms.models import Enrolment, Posting, Quiz

from .grade_list import (
    SHOW_LABELS,
    GradeRow,
    GradeSelection,
    GradeShow,
    count_unposted,
    read_grade_figures,
    read_grade_rows,
    read_grades,
)
from .grade_preview import preview_grade
from .grading_desk import read_desk
from .permissions import IsInstructor

FOLDER = "wagtail_live_lms/grade_poster"
ROW = f"{FOLDER}/row.html"

Points = Annotated[Decimal, Field(ge=0, le=100_000, decimal_places=2)]
Comment = Annotated[str, StringConstraints(max_length=5000, strip_whitespace=True)]


@registry.register("grade_poster")
class GradePoster(Component):
    """The attempts of a quiz that wait to be graded or posted, and one answer beside them.

    Without `quiz_id`, of the quizzes of the course, one at a time.
    """

    template_name = f"{FOLDER}/component.html"
    snapshot_template_name = f"{FOLDER}/snapshot.html"
    permission_classes = (IsInstructor,)
    query_params = ("quiz", "q", "show", "page", "answer", "preview")

    def mount(
        self,
        course_id: RowId,
        quiz_id: RowId | None = None,
        quiz: RowId | None = None,
        q: ShortText = "",
        show: GradeShow = "waiting",
        page: RowId = 1,
        answer: RowId | None = None,
        preview: RowId | None = None,
    ) -> None:
        if not hasattr(self.request, "is_live_socket"):
            actions.settle_overdue(course_id)
            actions.release_due(course_id)
        self.state = {"quiz": self.quiz, "quizzes": self.quizzes, "rows": []}
        if self.quiz is None:
            return
        found = read_grades(GradeSelection(self.quiz.pk, q, show, page))
        self.state |= {
            "page": found,
            "rows": found.rows,
            "figures": read_grade_figures(self.quiz.pk),
            "postings": _recent_postings(self.quiz),
            **self._panel(),
        }

    def _panel(self) -> dict[str, Any]:
        if self.params["preview"]:
            shown = access.get_submission_taught_by(
                self.user, self._quiz().pk, self.params["preview"]
            )
            return {"preview": preview_grade(shown, self.element_id), "desk": None}
        return {"preview": None, "desk": self._desk()}

    def _desk(self) -> Any:
        quiz_id, answer_id = self._quiz().pk, self.params["answer"]
        graded = None
        if answer_id:
            found = access.get_answer_taught_by(self.user, quiz_id, answer_id)
            graded = found if found.is_graded_by_hand else None
        return read_desk(quiz_id, answer_id, graded)

    @cached_property
    def quizzes(self) -> list[tuple[Quiz, int]]:
        """The quizzes to choose from, and how many attempts of each are not posted."""
        return [] if self.params["quiz_id"] else count_unposted(self.params["course_id"])

    @cached_property
    def quiz(self) -> Quiz | None:
        """The quiz that is shown: the one that was chosen, or the first with something to do."""
        chosen = self.params["quiz_id"] or self.params["quiz"]
        if chosen is None:
            waiting = [quiz for quiz, count in self.quizzes if count]
            chosen = next((quiz.pk for quiz in (*waiting, *dict(self.quizzes))), None)
        if chosen is None:
            return None
        quiz = access.get_quiz_taught_by(self.user, chosen)
        if quiz.course_id != self.params["course_id"]:
            raise NotFound
        return quiz

    def _quiz(self) -> Quiz:
        if self.quiz is None:
            raise NotFound
        return self.quiz

    def topics(self) -> list[str]:
        return [instructor_topic(self.params["course_id"])]

    def window(self) -> frozenset[str]:
        return frozenset(_key(row.attempt.pk) for row in self.state["rows"])

    # What the browser sends

    def on_grade(
        self, answer_id: RowId, points: Points, revision: int, comment: Comment = ""
    ) -> None:
        quiz = self._quiz()
        answer = access.get_answer_taught_by(self.user, quiz.pk, answer_id)
        was_posted = answer.is_graded_by_hand
        done = actions.grade_answer(answer, points, comment, self.user, revision)
        values = {"points": f"{points:f}"}
        self.notice = _("Posted: %(points)s points.") % values
        if quiz.is_posted_by_hand or not done.is_graded:
            self.notice = _("Draft saved: %(points)s points.") % values
        if not was_posted:
            found = read_desk(quiz.pk, answer_id, goes_on=True).answer
            self.params["answer"] = found.pk if found else None

    def on_post_grades(self, submissions: list[RowId] = []) -> None:  # noqa: B006 - never changed
        if not submissions:
            raise InvalidInput(message=_("Choose at least one attempt to post."))
        self._say_posted(actions.post_grades(self._quiz(), self.user, submissions))

    def on_post_all(self) -> None:
        self._say_posted(actions.post_grades(self._quiz(), self.user))

    def on_undo_posting(self, posting: RowId) -> None:
        found = access.get_posting_taught_by(self.user, self._quiz().pk, posting)
        undone = actions.undo_posting(found, self.user)
        message = ngettext(
            "Undone: %(count)d grade is a draft again, and nobody was told.",
            "Undone: %(count)d grades are drafts again, and nobody was told.",
            undone.count,
        )
        self.notice = message % {"count": undone.count}

    def _say_posted(self, posting: Posting) -> None:
        message = ngettext("%(count)d grade posted.", "%(count)d grades posted.", posting.count)
        self.notice = message % {"count": posting.count}
        self.params["preview"] = None

    # What is pushed

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, Any]:
        if kind == SUBMISSION:
            return read_grade_rows(ids)
        if kind == ENROLMENT:
            names = Enrolment.objects.filter(pk__in=ids).values_list("pk", "display_name")
            return dict(names)
        return {}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == ROWS:
            return RESNAPSHOT
        if self.quiz is None:
            return RESNAPSHOT if message.kind == SUBMISSION else ()
        if message.kind == ENROLMENT:
            return self._follow_student(message.object_id, message.record)
        if message.kind != SUBMISSION or message.record is None:
            return ()
        row: GradeRow = message.record
        if row.attempt.quiz_id != self.quiz.pk or row.attempt.is_open:
            return ()
        return self._patch(row, message)

    def _patch(self, row: GradeRow, message: Message) -> Iterable[Fragment]:
        key = _key(row.attempt.pk)
        element, quiz = self.element_id, self.params["quiz"]
        context = {"row": row, "element_id": element, "quiz_query": self._own_query()}
        memo = (ROW, element, quiz)
        yield Fragment(key, lambda: message.once(memo, lambda: render_to_string(ROW, context)))

    def _follow_student(self, enrolment_id: int, name: str | None) -> Any:
        """A student was renamed, or deleted with their attempts."""
        shown = (row.attempt.enrolment for row in self.state["rows"])
        known = next((e.display_name for e in shown if e.pk == enrolment_id), name)
        return RESNAPSHOT if name is None or known != name else ()

    def on_tick(self, once: Once) -> Iterable[Fragment]:
        quiz = self.quiz
        if quiz is None:
            return
        figures = once(("grade_figures", quiz.pk), lambda: read_grade_figures(quiz.pk))
        postings = once(("postings", quiz.pk), lambda: _recent_postings(quiz))
        yield self.fragment("figures", f"{FOLDER}/figures.html", for_all=True, figures=figures)
        yield self.fragment("postings", f"{FOLDER}/postings.html", for_all=True, postings=postings)

    def elsewhere(self, count: int) -> Fragment:
        return self.fragment(
            "elsewhere", f"{FOLDER}/elsewhere.html", count=count, refresh_query=self.query()
        )

    # What is shown

    def get_context(self) -> dict[str, Any]:
        page = self.state.get("page")
        number, pages = (page.number, page.pages) if page else (1, 1)
        return {
            "element_id": self.element_id,
            "now": timezone.now(),
            "show": self.params["show"],
            "shows": [self._show(name, str(label)) for name, label in SHOW_LABELS.items()],
            "choices": [self._choice(*pair) for pair in self.quizzes],
            "quiz_query": self._own_query(),
            "previous_query": self.query(page=number - 1) if number > 1 else "",
            "next_query": self.query(page=number + 1) if number < pages else "",
        }

    def query(self, **changed: Any) -> str:
        """The page's query string with some parameters changed; defaults are left out."""
        defaults = {n: f.default for n, f in self.params_model.model_fields.items()}
        wanted = {name: self.params[name] for name in self.query_params} | changed
        return "?" + urlencode({n: v for n, v in wanted.items() if v != defaults[n]})

    def _own_query(self) -> str:
        """What stays the same while an answer or a preview is chosen, to be gone on with."""
        query = self.query(answer=None, preview=None)
        return f"{query}&" if query != "?" else query

    def _show(self, name: str, label: str) -> dict[str, Any]:
        query = self.query(show=name, page=1, answer=None, preview=None)
        is_current = name == self.params["show"]
        return {"name": name, "label": label, "query": query, "is_current": is_current}

    def _choice(self, quiz: Quiz, count: int) -> dict[str, Any]:
        query = f"?{urlencode({'quiz': quiz.pk})}"
        is_current = self.quiz is not None and quiz.pk == self.quiz.pk
        return {"quiz": quiz, "count": count, "query": query, "is_current": is_current}


def _recent_postings(quiz: Quiz) -> list[Posting]:
    """The held ones, which can be undone, and the one released last."""
    postings = Posting.objects.filter(quiz=quiz, undone_at=None).select_related("posted_by")
    latest = list(postings.order_by("-pk")[:5])
    held = [posting for posting in latest if posting.is_held]
    return held or latest[:1]


def _key(submission_id: int) -> str:
    return f"grade-{submission_id}"
