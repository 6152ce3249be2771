"""The one gate for reads on behalf of a person: the object, or a refusal.

Outsiders get NotFound for what exists and for what does not, so they cannot tell the two apart.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from wagtail_live_lms import credentials
from wagtail_live_lms.exceptions import (
    AccountInactive,
    TokenExpired,
    TokenRevoked,
    TokenUnknown,
)
from wagtail_live_lms.live.exceptions import NotFound, PermissionDenied
from wagtail_live_lms.models import (
    Answer,
    ApiToken,
    Course,
    CourseInstructor,
    Enrolment,
    Module,
    NotebookLesson,
    NotebookProgress,
    Notification,
    NotificationChoice,
    NotificationSettings,
    Pairing,
    Posting,
    Progress,
    PushSubscription,
    Quiz,
    Submission,
    SubmissionState,
)


def is_instructor(user: Any, course_id: int) -> bool:
    """Whether this person may watch the course's students. Superusers may watch all."""
    if not (user.is_authenticated and user.is_active):
        return False
    if user.is_superuser:
        return Course.objects.filter(pk=course_id).exists()
    return CourseInstructor.objects.filter(course_id=course_id, user=user).exists()


def is_enrolled(user: Any, course_id: int) -> bool:
    """Whether this person takes the course now."""
    if not (user.is_authenticated and user.is_active):
        return False
    return Enrolment.objects.current().filter(course_id=course_id, user=user).exists()


def get_taught_course_for(user: Any, course_id: int) -> Course:
    """The course, for those who teach it."""
    if not is_instructor(user, course_id):
        raise NotFound
    return Course.objects.get(pk=course_id)


def get_enrolment_for(user: Any, course_id: int) -> Enrolment:
    """This person's current enrolment in the course."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    enrolments = Enrolment.objects.current().select_related("course")
    enrolment = enrolments.filter(course_id=course_id, user=user).first()
    if enrolment is None:
        raise NotFound
    return enrolment


def get_course_for(user: Any, course_id: int) -> Course:
    """The course, for anybody who may know that it exists: those who could join it, too."""
    is_known = user.is_authenticated and user.is_active
    course = Course.objects.filter(pk=course_id).first() if is_known else None
    if course is None:
        raise NotFound
    if course.enrolment_policy == "open":
        return course
    if not (is_enrolled(user, course_id) or is_instructor(user, course_id)):
        raise NotFound
    return course


def get_module_for(user: Any, course_id: int, module_id: int) -> Module:
    """A module of a course this person takes; another course's module does not exist here."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    current = {"course__enrolments__user": user, "course__enrolments__withdrawn_at": None}
    module = Module.objects.filter(pk=module_id, course_id=course_id, **current).first()
    if module is None:
        raise NotFound
    return module


def get_quiz_for(user: Any, course_id: int, quiz_id: int) -> Quiz:
    """A quiz of a course this person takes: published, or begun by them while it was."""
    enrolment = get_enrolment_for(user, course_id)
    quiz = Quiz.objects.select_related("course", "module").filter(pk=quiz_id, course=course_id)
    found = quiz.first()
    if found is None or not (found.live or found.submissions.filter(enrolment=enrolment).exists()):
        raise NotFound
    return found


def get_submission_for(user: Any, submission_id: int) -> Submission:
    """A student's own attempt, in a course they take now."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    own = {"enrolment__user": user, "enrolment__withdrawn_at": None}
    found = Submission.objects.with_quiz().filter(pk=submission_id, **own).first()
    if found is None:
        raise NotFound
    return found


def get_quiz_taught_by(user: Any, quiz_id: int) -> Quiz:
    """A quiz, published or not, for those who teach its course."""
    quiz = Quiz.objects.select_related("course", "module").filter(pk=quiz_id).first()
    if quiz is None or not is_instructor(user, quiz.course_id):
        raise NotFound
    return quiz


def get_answer_taught_by(user: Any, quiz_id: int, answer_id: int) -> Answer:
    """An answer of an ended attempt at the quiz, for those who teach its course."""
    quiz = get_quiz_taught_by(user, quiz_id)
    answers = Answer.objects.select_related("submission", "graded_by")
    ended = answers.exclude(submission__state=SubmissionState.OPEN)
    found = ended.filter(pk=answer_id, submission__quiz=quiz).first()
    if found is None:
        raise NotFound
    return found


def get_submission_taught_by(user: Any, quiz_id: int, submission_id: int) -> Submission:
    """An ended attempt at the quiz, for those who teach its course."""
    quiz = get_quiz_taught_by(user, quiz_id)
    attempts = Submission.objects.ended().select_related("enrolment", "version", "graded_version")
    found = attempts.filter(pk=submission_id, quiz=quiz).first()
    if found is None:
        raise NotFound
    found.quiz = quiz
    return found


def get_posting_taught_by(user: Any, quiz_id: int, posting_id: int) -> Posting:
    """An act of posting grades of the quiz, for those who teach its course."""
    quiz = get_quiz_taught_by(user, quiz_id)
    found = Posting.objects.filter(pk=posting_id, quiz=quiz).select_related("quiz").first()
    if found is None:
        raise NotFound
    return found


def get_enrolment_taught_by(user: Any, enrolment_id: int) -> Enrolment:
    """A student's enrolment, for those who teach the course."""
    enrolment = Enrolment.objects.select_related("course").filter(pk=enrolment_id).first()
    if enrolment is None or not is_instructor(user, enrolment.course_id):
        raise NotFound
    return enrolment


def get_notifications_for(user: Any, course_id: int | None = None) -> QuerySet[Notification]:
    """This person's notices that they have not dismissed, the newest first."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    notices = Notification.objects.open().filter(user=user).select_related("course")
    if course_id is not None:
        notices = notices.filter(course=course_id)
    return notices.order_by("-pk")


def get_notification_for(user: Any, notification_id: int) -> Notification:
    """A notice of this person, dismissed or not; another's does not exist here."""
    is_known = user.is_authenticated and user.is_active
    own = Notification.objects.filter(user=user) if is_known else Notification.objects.none()
    notification = own.filter(pk=notification_id).first()
    if notification is None:
        raise NotFound
    return notification


def get_notification_settings_for(user: Any) -> NotificationSettings:
    """What this person chose for all their notices, or the defaults, not saved."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    chosen = NotificationSettings.objects.filter(user=user).first()
    return chosen or NotificationSettings(user=user)


def get_notifying_courses_for(user: Any) -> list[Course]:
    """The courses that tell this person things: those they take, and those that told them any."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    taken = Enrolment.objects.current().filter(user=user).values("course")
    telling = Notification.objects.filter(user=user).values("course")
    return list(Course.objects.filter(Q(pk__in=taken) | Q(pk__in=telling)))


def get_notification_choices_for(user: Any) -> dict[tuple[int, str], NotificationChoice]:
    """What this person chose, by course and kind; what is missing is the default."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    rows = NotificationChoice.objects.filter(user=user)
    return {(row.course_id, row.kind): row for row in rows}


def get_browsers_for(user: Any) -> QuerySet[PushSubscription]:
    """The browsers in which this person allowed pushes, the newest first."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    return PushSubscription.objects.filter(user=user).order_by("-pk")


def get_browser_for(user: Any, browser_id: int) -> PushSubscription:
    """One of this person's browsers; another's does not exist here."""
    browser = get_browsers_for(user).filter(pk=browser_id).first()
    if browser is None:
        raise NotFound
    return browser


def get_current_courses_for(user: Any) -> list[Course]:
    """The courses this person takes now, by title."""
    current = Enrolment.objects.current().filter(user=user)
    return list(Course.objects.filter(pk__in=current.values("course")))


def get_known_module_for(user: Any, module_id: int) -> Module:
    """A module of a course that this person may know, with the course, page and notebook."""
    related = ("course", "page", "notebook_lesson")
    module = Module.objects.filter(pk=module_id).select_related(*related)
    found = module.defer("notebook_lesson__notebook").first()
    if found is None:
        raise NotFound
    get_course_for(user, found.course_id)
    return found


def get_notebook_for(user: Any, module_id: int) -> NotebookLesson:
    """A module's notebook, for those who take the course or teach it.

    Those who may know the course but do not take it get PermissionDenied: joining helps.
    """
    module = get_known_module_for(user, module_id)
    lesson = NotebookLesson.objects.filter(module=module).select_related("module__course").first()
    if lesson is None:
        raise NotFound
    if not (is_enrolled(user, module.course_id) or is_instructor(user, module.course_id)):
        raise PermissionDenied(code="not_enrolled")
    return lesson


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a student is with a module: completed, or which required cells have passed."""

    progress: Progress | None = None
    required: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """`completed`, `in_progress` or `not_started`."""
        if self.progress is not None:
            return "completed"
        return "in_progress" if self.passed else "not_started"


def standing(enrolment: Enrolment | None, module: Module) -> Standing:
    """How far this student is with the module."""
    lesson = NotebookLesson.objects.filter(module=module).defer("notebook").first()
    required = lesson.required_ids if lesson else []
    if enrolment is None:
        return Standing(required=required)
    mine = {"enrolment": enrolment, "module": module}
    reported = NotebookProgress.objects.filter(**mine).first()
    passed = set(reported.passed) if reported else set()
    done = Progress.objects.filter(**mine).first()
    return Standing(done, required, [cell for cell in required if cell in passed])


def find_enrolment_for(user: Any, course_id: int) -> Enrolment | None:
    """This person's current enrolment in the course, if they take it."""
    return Enrolment.objects.current().filter(course_id=course_id, user=user).first()


def get_token(text: str) -> ApiToken:
    """The valid token of this text, with its user.

    Raises TokenUnknown, TokenRevoked, TokenExpired or AccountInactive.
    """
    if not credentials.is_well_formed(text):
        raise TokenUnknown
    found = ApiToken.objects.select_related("user")
    token = found.filter(digest__in=list(credentials.digests(text))).first()
    if token is None:
        raise TokenUnknown
    if token.revoked_at is not None:
        raise TokenRevoked
    if token.is_expired:
        raise TokenExpired
    if token.user is not None and not token.user.is_active:
        raise AccountInactive
    return token


def get_tokens_for(user: Any) -> list[ApiToken]:
    """This person's tokens that were not revoked, newest first."""
    return list(ApiToken.objects.filter(user=user, revoked_at=None))


def get_token_for(user: Any, token_id: int) -> ApiToken:
    """One of this person's tokens."""
    token = ApiToken.objects.filter(user=user, pk=token_id).first()
    if token is None:
        raise NotFound
    return token


def get_open_pairing(user: Any, typed: str) -> Pairing:
    """The pairing of a code that somebody typed, undecided or decided by this very person."""
    code = credentials.read_user_code(typed)
    pairing = (
        Pairing.objects.filter(user_code_digest__in=list(credentials.digests(code)))
        .filter(Q(user=None) | Q(user=user))
        .first()
    )
    if pairing is None or pairing.is_over:
        raise NotFound(code="unknown_code")
    return pairing
