"""Taking a quiz: begin, answer, hand in, and see what it was worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property, lru_cache, partial
from typing import Annotated, Any, ClassVar, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, StringConstraints, ValidationError, create_model

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions import Given
from wagtail_live_lms.actions.changes import ANSWER, SUBMISSION
from wagtail_live_lms.grading import answers_schema, field_name
from wagtail_live_lms.live import (
    RESNAPSHOT,
    FormComponent,
    InvalidInput,
    Message,
    NotFound,
    RateLimitExceeded,
    RowId,
    personal_topic,
    registry,
    row_id,
)
from wagtail_live_lms.models import Answer, Paper, Quiz, Submission, paper_of

from .permissions import IsEnrolled
from .quiz_context import context_for, outcome
from .quiz_limit import check_limit, count_submission
from .quiz_paper import Presenter
from .quiz_state import Script, Standing, read_script, read_standing
from .quiz_words import words_for

FOLDER = "wagtail_live_lms/quiz"

Sequence = Annotated[int, Field(ge=0, lt=2**53)]
"""Milliseconds since 1970, as far as a browser can count them."""

QuestionId = Annotated[str, StringConstraints(min_length=1, max_length=36)]


class SavedAnswers(NamedTuple):
    """What a change tells: the attempt, and its answers where it is they that changed."""

    attempt: Submission
    answers: list[Answer]


class AttemptForm(BaseModel):
    """What every form of an attempt sends beside the answers.

    `sequences` says, by question, how new the answer is that the page knows.
    """

    attempt: RowId | None = None
    sequences: dict[str, Sequence] = {}


@lru_cache(maxsize=256)
def form_of(paper: Paper, is_final: bool) -> type[BaseModel]:
    """The form of these questions; `is_final` adds what binds only when it is handed in."""
    answers = answers_schema(paper.questions, final=is_final)
    return create_model("QuizForm", __base__=(answers, AttemptForm))


@registry.register("quiz")
class QuizComponent(FormComponent):
    """A quiz for those who take its course.

    While an attempt is under way each answer is saved by itself (`save`, answered in JSON), or
    all with a plain form (`save_all`); `submit` hands the attempt in.
    """

    template_name = f"{FOLDER}/component.html"
    permission_classes = (IsEnrolled,)
    rate_limit: ClassVar[Mapping[str, str]] = {"save": "600/m"}
    schema = AttemptForm
    form_events = ("submit", "save_all")
    read_after = ("submit",)

    def mount(self, course_id: RowId, quiz_id: RowId) -> None:
        standing = read_standing(self.user, self.quiz)
        self.state = {"standing": standing, "quiz": standing.quiz, "current": standing.current}
        if standing.current is not None:
            script = read_script(standing.current)
            presenter = self._presenter(standing, script)
            paper = presenter.paper(script.paper)
            self.state |= {"presenter": presenter, "asked": script.paper, "paper": paper}
            self.state["saved_at"] = script.saved_at
        if standing.name != "running":
            self.state["refusal"] = standing.refusal

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk)]

    def get_context(self) -> dict[str, Any]:
        return context_for(self.state["standing"], self.state.get("saved_at"))

    @cached_property
    def quiz(self) -> Quiz:
        """The quiz, if this person may see it."""
        return access.get_quiz_for(self.user, self.params["course_id"], self.params["quiz_id"])

    # What the browser sends

    def on_start(self) -> None:
        actions.start_attempt(self.user, self.quiz)

    def on_save(
        self,
        question: QuestionId,
        sequence: Sequence,
        response: Any = None,
        attempt: RowId | None = None,
    ) -> None:
        submission = self._attempt(attempt, locks=True)
        given = Given(_validated(submission, question, response), sequence)
        saved = actions.keep_answer(submission, question, given)
        self.reply = {
            "saved": saved.sequence == sequence,
            "sequence": saved.sequence,
            "savedAt": saved.saved_at,
            "serverNow": actions.milliseconds(timezone.now()),
        }

    def on_save_all(self) -> None:
        actions.save_answers(self.attempt, self._given(self.validated_data))
        self.notice = _("Your answers are saved.")

    def on_submit(self) -> None:
        was_open = self.attempt.is_open
        done = actions.submit_attempt(self.attempt, self._given(self.validated_data))
        self.notice = outcome(done)
        if was_open and not done.is_open:
            transaction.on_commit(partial(count_submission, self.request, done), robust=True)

    def notice_after(self, event: str) -> str:
        current = self.state["current"]
        return "" if current is None else outcome(current)

    def check_rate_limit(self, event: str) -> None:
        super().check_rate_limit(event)
        if event != "submit" or not self.attempt.is_open or actions.is_over(self.attempt):
            return
        given = self._given(self.validated_data)
        try:
            check_limit(self.request, self.attempt, given)
        except RateLimitExceeded as refusal:
            actions.save_answers(self.attempt, given)
            actions.note_refusal(self.attempt)
            self.error = refusal
            refusal.component = self  # type: ignore[attr-defined]
            raise

    def get_schema(self, event: str, payload: Mapping[str, Any]) -> type[BaseModel]:
        self.attempt = self._attempt(payload.get("attempt"))
        return form_of(paper_of(self.attempt.version), event == "submit")

    def refuse_form(self, error: InvalidInput) -> None:
        """Keep the answers that are right as they are: time may be up before the form is."""
        if isinstance(error.__cause__, ValidationError):
            error.errors = words_for(error.__cause__)
        super().refuse_form(error)
        mistaken = set(error.errors)
        if mistaken <= {field_name(id) for id in paper_of(self.attempt.version).answerable}:
            self._keep_all_but(mistaken)

    def _keep_all_but(self, mistaken: set[str]) -> None:
        schema = form_of(paper_of(self.attempt.version), False)
        rest = {name: value for name, value in self.values.items() if name not in mistaken}
        given = self._given(schema.model_validate(rest), left_out=mistaken)
        actions.save_answers(self.attempt, given)

    # What is pushed

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, SavedAnswers]:
        if kind not in (ANSWER, SUBMISSION):
            return {}
        attempts = Submission.objects.in_bulk(ids)
        found = {pk: SavedAnswers(attempt, []) for pk, attempt in attempts.items()}
        if kind == ANSWER:
            for answer in Answer.objects.filter(submission__in=list(found)):
                found[answer.submission_id].answers.append(answer)
        return found

    def on_ws_message(self, message: Message) -> Any:
        standing: Standing = self.state["standing"]
        if message.record is None:  # an attempt that is gone, or progress that may open the quiz
            is_due = message.kind == SUBMISSION or self.state.get("refusal") == "waiting"
            return RESNAPSHOT if is_due else ()
        attempt, answers = message.record
        if attempt.quiz_id != standing.quiz.pk:
            return ()
        is_shown = standing.current is not None and standing.current.pk == attempt.pk
        if message.kind == SUBMISSION or not is_shown:
            return RESNAPSHOT
        return self._patches(answers)

    def _patches(self, answers: list[Answer]) -> list[Any]:
        """The fields whose answer became newer than what was shown."""
        presenter: Presenter = self.state["presenter"]
        newer = {
            answer.question_id: answer
            for answer in answers
            if answer.sequence > presenter.sequences.get(answer.question_id, 0)
        }
        presenter = presenter.with_answers(newer.values())
        paper = presenter.paper(self.state["asked"])
        self.state |= {"presenter": presenter, "paper": paper}
        return [
            self.fragment(f"answer-{item.id}", f"{FOLDER}/answer.html", for_all=True, item=item)
            for item in paper.questions
            if item.id in newer
        ]

    # Reading

    def _attempt(self, attempt_id: Any, *, locks: bool = False) -> Submission:
        """The attempt that is named, or the one under way or made last. Raises NotFound."""
        if attempt_id is None:
            current = read_standing(self.user, self.quiz).current
            if current is None:
                raise NotFound
            attempt_id = current.pk
        found = access.get_submission_for(self.user, row_id(str(attempt_id)[:20]), locks=locks)
        if found.quiz_id != self.params["quiz_id"]:
            raise NotFound
        return found

    def _given(self, form: Any, left_out: Collection[str] = ()) -> dict[str, Given]:
        """The answers of a form. Of a question it shows, nothing sent means nothing chosen."""
        now = actions.milliseconds(timezone.now())
        given = {}
        for question_id in paper_of(self.attempt.version).answerable:
            name = field_name(question_id)
            is_shown = name in form.model_fields_set or question_id in form.sequences
            if is_shown and name not in left_out:
                sequence = form.sequences.get(question_id, now)
                given[question_id] = Given(getattr(form, name), sequence)
        return given

    def _presenter(self, standing: Standing, script: Script) -> Presenter:
        """What was typed and refused is shown as it was typed."""
        names = {field_name(question_id): question_id for question_id in script.responses}
        errors = {names[name]: texts for name, texts in self.errors.items() if name in names}
        typed = {
            question_id: self.values[name]
            for name, question_id in names.items()
            if name in self.values and question_id in errors
        }
        return Presenter(
            standing.policy,
            standing.current.order_seed if standing.current else "",
            self.element_id,
            {**script.responses, **typed},
            script.sequences,
            script.results,
            errors,
        )


def _validated(submission: Submission, question_id: str, response: Any) -> Any:
    """The response as it is stored. Raises NotFound, and InvalidInput in the student's words."""
    paper = paper_of(submission.version)
    if question_id not in paper.answerable:
        raise NotFound
    name = field_name(question_id)
    try:
        return getattr(form_of(paper, False).model_validate({name: response}), name)
    except ValidationError as error:
        raise InvalidInput(words_for(error)) from error
