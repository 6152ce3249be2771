"""Asking for help, and answering."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from wagtail.log_actions import log

from wagtail_live_lms.exceptions import AnsweredMeanwhile, HelpNotOffered, NotEnrolled
from wagtail_live_lms.models import (
    Alert,
    AlertKind,
    Cause,
    ClearReason,
    Enrolment,
    HelpRequest,
    HelpState,
    Module,
    NotificationKind,
    Quiz,
)
from wagtail_live_lms.signals import help_answered

from .alerts import acknowledge_alert, clear_alerts, open_alerts, thresholds_of
from .changes import push_help
from .enrolment import display_name_of
from .notifications import Notice, notify_each
from .result_notices import page_of
from .summaries import lock_course

ANSWER_HELP = "wagtail_live_lms.answer_help"
SEND_HINT = "wagtail_live_lms.send_hint"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a student needs help with: a module, a quiz or one of its questions, or the course.

    `title` says it in the words of the course.
    """

    title: str
    module: Module | None = None
    quiz: Quiz | None = None
    question_id: str = ""

    @property
    def key(self) -> str:
        """The same for the same subject."""
        if self.quiz is not None:
            return f"quiz:{self.quiz.pk}:{self.question_id}"
        return f"module:{self.module.pk}" if self.module is not None else "course"


def is_help_offered(course_id: int) -> bool:
    """Whether students of the course may ask for help."""
    return AlertKind.HELP in thresholds_of(course_id)


def ask_for_help(enrolment: Enrolment, subject: Subject, text: str = "") -> HelpRequest:
    """Ask the instructors about something, once while that waits; who asks again gets the same.

    Raises HelpNotOffered, and NotEnrolled for somebody who has left.
    """
    with transaction.atomic():
        lock_course(enrolment.course_id)
        mine = HelpRequest.objects.filter(enrolment=enrolment, subject=subject.key)
        waiting = mine.filter(state=HelpState.WAITING).select_related("enrolment").first()
        if waiting is not None:
            return waiting
        if not Enrolment.objects.current().filter(pk=enrolment.pk).exists():
            raise NotEnrolled
        if not is_help_offered(enrolment.course_id):
            raise HelpNotOffered
        request = _create(enrolment, subject, text)
        open_alerts(enrolment.course_id, [(AlertKind.HELP, _cause(request))], help_request=request)
        push_help(request)
    return request


def withdraw_help(request: HelpRequest) -> bool:
    """The student needs no help any more; False where it was answered or withdrawn already."""
    with transaction.atomic():
        if not _end(request, state=HelpState.WITHDRAWN):
            return False
        _clear(request, ClearReason.WITHDRAWN)
        push_help(request)
    return True


def answer_help(request: HelpRequest, text: str, *, by: Any) -> HelpRequest:
    """Answer a student: on their page, and as a notice. Raises AnsweredMeanwhile."""
    with transaction.atomic():
        answer = {"answer": text, "answered_by": by, "answered_at": timezone.now()}
        if not _end(request, state=HelpState.ANSWERED, **answer):
            raise AnsweredMeanwhile
        log(request.enrolment, ANSWER_HELP, user=by, data={"title": request.title, "text": text})
        _clear(request, ClearReason.ANSWERED)
        push_help(request)
        _tell(request.enrolment, f"help:{request.pk}", request, request.title, text, by)
        send = partial(help_answered.send_robust, sender=HelpRequest, help_request=request)
        transaction.on_commit(send, robust=True)
    return request


def send_hint(alert: Alert, text: str, *, by: Any) -> None:
    """Answer the alert of a student: who asked gets the answer, anybody else a hint as a notice.

    Raises AnsweredMeanwhile for an alert that is settled, or that is nobody's.
    """
    with transaction.atomic():
        alert = Alert.objects.select_for_update(of=("self",)).get(pk=alert.pk)
        enrolment, request = alert.enrolment, alert.help_request
        if alert.is_cleared or enrolment is None:
            raise AnsweredMeanwhile
        if request is not None:
            answer_help(request, text, by=by)
            return
        title = str(alert.data.get("title") or enrolment.course.title)
        log(enrolment, SEND_HINT, user=by, data={"title": title, "text": text})
        acknowledge_alert(alert)
        _tell(enrolment, f"alert:{alert.pk}:{alert.version}", alert, title, text, by)


def _create(enrolment: Enrolment, subject: Subject, text: str) -> HelpRequest:
    return HelpRequest.objects.create(
        enrolment=enrolment,
        subject=subject.key,
        title=subject.title[:200],
        module=subject.module,
        quiz=subject.quiz,
        question_id=subject.question_id,
        text=text,
    )


def _cause(request: HelpRequest) -> Cause:
    return Cause(
        f"help:{request.pk}",
        request.enrolment_id,
        request.module_id,
        request.quiz_id,
        request.question_id,
        since=request.asked_at,
        data={"title": request.title},
    )


def _end(request: HelpRequest, **fields: Any) -> bool:
    waiting = HelpRequest.objects.filter(pk=request.pk, state=HelpState.WAITING)
    if not waiting.update(**fields, version=F("version") + 1):
        return False
    request.refresh_from_db()
    return True


def _clear(request: HelpRequest, reason: str) -> None:
    ids = Alert.objects.filter(help_request=request).values_list("pk", flat=True)
    clear_alerts(request.enrolment.course_id, ids, reason)


def _tell(
    enrolment: Enrolment, key: str, about: HelpRequest | Alert, title: str, text: str, by: Any
) -> None:
    """The notice, which leads to the page of the module."""
    module = about.module or (about.quiz.module if about.quiz is not None else None)
    payload = {
        "title": title[:300],
        "url": page_of(module),
        "text": text,
        "sender": display_name_of(by),
    }
    notices = [Notice(enrolment.user_id, key, payload)]
    notify_each(NotificationKind.HINT, enrolment.course, notices)
