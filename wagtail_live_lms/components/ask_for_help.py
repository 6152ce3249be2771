"""Asking the instructors for help, and reading what they answered."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import StringConstraints

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions import Subject
from wagtail_live_lms.actions.changes import HELP
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Fragment,
    InvalidInput,
    Message,
    RowId,
    personal_topic,
    registry,
)
from wagtail_live_lms.live.topics import parse_since
from wagtail_live_lms.models import MESSAGE_LENGTH, HelpRequest, HelpState, paper_of, title_of

from .permissions import CanAskForHelp
from .quiz_paper import arrange

FOLDER = "wagtail_live_lms/ask_for_help"
SHOWN = 10
ANSWERS_STAY = timedelta(days=14)
"""How long an answer is shown where it was asked for; as a notice, until it is dismissed."""

About = Annotated[str, StringConstraints(max_length=120)]
Words = Annotated[str, StringConstraints(max_length=MESSAGE_LENGTH, strip_whitespace=True)]


@registry.register("ask_for_help")
class AskForHelp(Component):
    """A button that opens a short form; below it, what was asked and answered.

    With `module_id` it is about that module, with `quiz_id` about the quiz or one of its
    questions; otherwise the student says which module of the course.
    """

    template_name = f"{FOLDER}/component.html"
    permission_classes = (CanAskForHelp,)
    rate_limit: ClassVar[Mapping[str, str]] = {"ask": "20/h"}

    def mount(
        self, course_id: RowId, module_id: RowId | None = None, quiz_id: RowId | None = None
    ) -> None:
        enrolment = access.get_enrolment_for(self.user, course_id)
        subjects = self._subjects(enrolment)
        asked = list(self._asked(enrolment, list(subjects)))
        self.state = {
            "enrolment": enrolment,
            "subjects": subjects,
            "requests": asked,
            "position": self._position(),
        }

    def topics(self) -> list[str]:
        return [personal_topic(self.user.pk)]

    def get_context(self) -> dict[str, Any]:
        subjects: dict[str, Subject] = self.state["subjects"]
        waiting = {row.subject for row in self.state["requests"] if row.is_waiting}
        left = [(key, subject.title) for key, subject in subjects.items() if key not in waiting]
        return {"left": left, "is_single": len(subjects) == 1, "text_length": MESSAGE_LENGTH}

    def on_ask(self, about: About = "", text: Words = "") -> None:
        subjects: dict[str, Subject] = self.state["subjects"]
        subject = subjects.get(about) if about else next(iter(subjects.values()), None)
        if subject is None:
            raise InvalidInput({"about": [_("Choose what it is about.")]})
        actions.ask_for_help(self.state["enrolment"], subject, text)
        self.forget()
        self.notice = _("Your instructors have been asked. The answer appears here.")

    def on_withdraw(self, request_id: RowId) -> None:
        request = access.get_help_request_for(self.user, self.params["course_id"], request_id)
        done = actions.withdraw_help(request)
        self.notice = _("Withdrawn.") if done else _("It was settled already.")

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, HelpRequest]:
        if kind != HELP:
            return {}
        # Whatever a topic says: nobody is shown what somebody else asked.
        owner: Any = topic.removeprefix(personal_topic(""))
        return _with_people().filter(enrolment__user=owner).in_bulk(ids)

    def on_ws_message(self, message: Message) -> Any:
        record: HelpRequest | None = message.record
        if message.kind != HELP or record is None or record.subject not in self.state["subjects"]:
            return ()
        if record.enrolment.course_id != self.params["course_id"]:
            return ()
        if len(self.state["subjects"]) == 1:
            return RESNAPSHOT  # the form comes or goes
        others = [row for row in self.state["requests"] if row.pk != record.pk]
        kept = others if record.state == HelpState.WITHDRAWN else [record, *others]
        self.state["requests"] = sorted(kept, key=lambda row: -row.pk)[:SHOWN]
        self.state["position"] = message.seq
        return self._patches()

    def _patches(self) -> Iterable[Fragment]:
        yield self.fragment("requests", f"{FOLDER}/requests.html", for_all=True)

    def _position(self) -> int:
        """How far the state is at least, so that nothing older replaces what is shown."""
        told = parse_since(self.since).get(personal_topic(self.user.pk))
        return told.seq if told else 0

    def _asked(self, enrolment: Any, keys: list[str]) -> Any:
        """What waits, and what was answered of late."""
        mine = _with_people().filter(enrolment=enrolment, subject__in=keys)
        since = timezone.now() - ANSWERS_STAY
        answered = Q(state=HelpState.ANSWERED, answered_at__gte=since)
        return mine.filter(Q(state=HelpState.WAITING) | answered).order_by("-pk")[:SHOWN]

    def _subjects(self, enrolment: Any) -> dict[str, Subject]:
        """What can be asked about here, by key."""
        course_id, module_id = self.params["course_id"], self.params["module_id"]
        if self.params["quiz_id"] is not None:
            found = self._of_quiz(enrolment)
        elif module_id is not None:
            module = access.get_module_for(self.user, course_id, module_id)
            found = [Subject(module.title, module)]
        else:
            modules = access.get_modules_for(self.user, course_id)
            whole = Subject(_("The course as a whole"))
            found = [whole, *(Subject(module.title, module) for module in modules)]
        return {subject.key: subject for subject in found}

    def _of_quiz(self, enrolment: Any) -> list[Subject]:
        """The quiz, and its questions in the order in which the student has them."""
        quiz = access.get_quiz_for(self.user, self.params["course_id"], self.params["quiz_id"])
        found = [Subject(quiz.title, quiz.module, quiz)]
        attempt = access.find_latest_attempt_for(self.user, quiz)
        if attempt is None:
            return found
        questions = paper_of(attempt.version).questions
        if quiz.shuffle_questions:
            questions = tuple(arrange(questions, attempt.order_seed))
        asked = [question for question in questions if question.takes_response]
        for number, question in enumerate(asked, 1):
            title = _("Question %(number)d: %(title)s") % {
                "number": number,
                "title": title_of(question),
            }
            found.append(Subject(title, quiz.module, quiz, question.id))
        return found


def _with_people() -> Any:
    return HelpRequest.objects.select_related("enrolment", "answered_by")
