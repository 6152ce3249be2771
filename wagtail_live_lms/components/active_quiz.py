"""The quiz that a student is taking or can take next, without looking for it."""

from collections.abc import Mapping
from typing import Any

from wagtail_live_lms import access
from wagtail_live_lms.actions.changes import COURSE, ENROLMENT, SUBMISSION, course_topic
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Message,
    RowId,
    personal_topic,
    registry,
)
from wagtail_live_lms.models import Enrolment, Submission

from .agenda import Agenda, read_agenda
from .course_progress import page_url
from .permissions import IsEnrolled


@registry.register("active_quiz")
class ActiveQuiz(Component):
    """The quiz with an open attempt, else the next one the student can take, else a calm word.

    It shows a `quiz`, and a `quiz_agenda` that says when another quiz is due: what a student
    writes, or reads of their result, is never taken away from under their eyes.
    """

    template_name = "wagtail_live_lms/active_quiz/component.html"
    permission_classes = (IsEnrolled,)
    alternative = "join_course"

    def mount(self, course_id: RowId) -> None:
        agenda = read_agenda(access.get_enrolment_for(self.user, course_id))
        self.state = {"quiz_id": agenda.active.pk if agenda.active else None}


@registry.register("quiz_agenda")
class QuizAgenda(Component):
    """What is due beside the quiz that the page shows, if it shows one."""

    template_name = "wagtail_live_lms/active_quiz/agenda.html"
    permission_classes = (IsEnrolled,)

    def mount(self, course_id: RowId, quiz_id: RowId | None = None) -> None:
        self.state = {"agenda": read_agenda(access.get_enrolment_for(self.user, course_id))}

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk), course_topic(self.params["course_id"])]

    def get_context(self) -> dict[str, Any]:
        agenda: Agenda = self.state["agenda"]
        shown, active, last = self.params["quiz_id"], agenda.active, agenda.last
        is_other = active is not None and active.pk != shown
        return {
            "is_empty": shown is None and active is None,
            "due": active if is_other else None,
            "last": last if last is not None and last.quiz_id != shown else None,
            "last_url": page_url(self.request, last.quiz.module) if last is not None else "",
        }

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, Enrolment]:
        """The enrolments that the changes are about."""
        if kind == ENROLMENT:
            return Enrolment.objects.in_bulk(ids)
        if kind == SUBMISSION:
            attempts = Submission.objects.select_related("enrolment").filter(pk__in=ids)
            return {attempt.pk: attempt.enrolment for attempt in attempts}
        return {}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == COURSE:
            return RESNAPSHOT
        if message.kind not in (ENROLMENT, SUBMISSION):
            return ()
        enrolment = message.record
        is_ours = enrolment is None or enrolment.course_id == self.params["course_id"]
        return RESNAPSHOT if is_ours else ()
