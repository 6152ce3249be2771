"""The one gate for reads on behalf of a person: the object, or a refusal.

Outsiders get NotFound for what exists and for what does not, so they cannot tell the two apart.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

from wagtail_live_lms import credentials
from wagtail_live_lms.exceptions import (
    AccountInactive,
    TokenExpired,
    TokenRevoked,
    TokenUnknown,
)
from wagtail_live_lms.live.exceptions import NotFound, PermissionDenied
from wagtail_live_lms.models import (
    Alert,
    Answer,
    ApiToken,
    Course,
    CourseInstructor,
    Enrolment,
    HelpRequest,
    Module,
    NotebookLesson,
    NotebookProgress,
    Notification,
    NotificationChoice,
    NotificationSettings,
    Pairing,
    Posting,
    PreparedHint,
    Progress,
    PushSubscription,
    Quiz,
    Submission,
    SubmissionState,
)
from wagtail_live_lms.prepared import Prepared, slots


def _current() -> QuerySet[Enrolment]:
    return Enrolment.objects.current().filter(**slots(Enrolment, "course", "user")).only("pk")


def _own_attempt() -> QuerySet[Submission]:
    own = {"enrolment__user": slots(Enrolment, "user")["user"], "enrolment__withdrawn_at": None}
    return Submission.objects.to_answer().filter(**slots(Submission, "pk"), **own)


def _own_attempt_locked() -> QuerySet[Submission]:
    return _own_attempt().select_for_update(of=("self",))


_CURRENT = Prepared(Enrolment, _current)
_OWN_ATTEMPT = Prepared(Submission, _own_attempt)
_OWN_ATTEMPT_LOCKED = Prepared(Submission, _own_attempt_locked)


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
    return _CURRENT.first(course=course_id, user=user.pk) is not None


def get_taught_course_for(user: Any, course_id: int) -> Course:
    """The course, for those who teach it."""
    if not is_instructor(user, course_id):
        raise NotFound
    return Course.objects.get(pk=course_id)


def get_taught_courses_for(user: Any) -> QuerySet[Course]:
    """The courses whose students this person may watch. Superusers may watch all."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    if user.is_superuser:
        return Course.objects.all()
    return Course.objects.filter(pk__in=CourseInstructor.objects.filter(user=user).values("course"))


def get_watched_courses_for(user: Any) -> QuerySet[Course]:
    """The courses whose students this member of staff may work on in the admin.

    Those they teach; all with the permission to see all.
    """
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    if user.has_perm("wagtail_live_lms.see_all_courses"):
        return Course.objects.all()
    return get_taught_courses_for(user)


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


def get_listed_course_for(user: Any, course_id: int) -> Course:
    """The course, for anybody who may read what it consists of: of an open one, everybody."""
    listed = Course.objects.filter(pk=course_id, enrolment_policy="open").first()
    return listed or get_course_for(user, course_id)


def check_page(request: HttpRequest, page_id: int) -> None:
    """Raises PermissionDenied where this person may not see the page as it is now."""
    pages: Any = Module._meta.get_field("page").related_model
    page = pages.objects.filter(pk=page_id, live=True).first()
    if page is None:
        raise PermissionDenied
    restrictions = page.get_view_restrictions()
    if not all(restriction.accept_request(request) for restriction in restrictions):
        raise PermissionDenied


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


def get_submission_for(user: Any, submission_id: int, *, locks: bool = False) -> Submission:
    """A student's own attempt, in a course they take now.

    `locks`: held until the transaction ends.
    """
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    query = _OWN_ATTEMPT_LOCKED if locks else _OWN_ATTEMPT
    found = query.first(pk=submission_id, user=user.pk)
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


def get_alert_taught_by(user: Any, course_id: int, alert_id: int) -> Alert:
    """An alert of the course, for those who teach it."""
    course = get_taught_course_for(user, course_id)
    alerts = Alert.objects.with_people().filter(course=course, pk=alert_id)
    alert = alerts.first()
    if alert is None:
        raise NotFound
    return alert


def get_instructors_for(user: Any, course_id: int) -> list[Any]:
    """The people who teach the course, in its order, for one who does."""
    course = get_taught_course_for(user, course_id)
    links = CourseInstructor.objects.filter(course=course, user__is_active=True)
    return [link.user for link in links.select_related("user")]


def get_hints_for(user: Any, course_id: int, module_id: int | None = None) -> list[PreparedHint]:
    """What was prepared to answer with: for this module first, then for the whole course."""
    course = get_taught_course_for(user, course_id)
    hints = PreparedHint.objects.filter(course=course)
    fitting = hints.filter(Q(module=None) | Q(module=module_id))
    return list(fitting.order_by(F("module").asc(nulls_last=True), "sort_order"))


def get_hint_for(user: Any, course_id: int, hint_id: int) -> PreparedHint:
    """A prepared hint of the course, for those who teach it."""
    course = get_taught_course_for(user, course_id)
    hint = PreparedHint.objects.filter(course=course, pk=hint_id).first()
    if hint is None:
        raise NotFound
    return hint


def get_help_request_for(user: Any, course_id: int, request_id: int) -> HelpRequest:
    """What this person asked in a course they take now; another's does not exist here."""
    enrolment = get_enrolment_for(user, course_id)
    requests = HelpRequest.objects.select_related("enrolment").filter(enrolment=enrolment)
    found = requests.filter(pk=request_id).first()
    if found is None:
        raise NotFound
    return found


def get_modules_for(user: Any, course_id: int) -> list[Module]:
    """The modules that count of a course this person takes, in order."""
    enrolment = get_enrolment_for(user, course_id)
    return list(Module.objects.live().filter(course=enrolment.course_id))


def find_latest_attempt_for(user: Any, quiz: Quiz) -> Submission | None:
    """This person's attempt at the quiz that was begun last."""
    mine = Submission.objects.filter(quiz=quiz, enrolment__user=user).select_related("version")
    return mine.defer("version__content").order_by("-number").first()


def get_open_alerts_for(user: Any) -> QuerySet[Alert]:
    """What waits in the courses that this person teaches themselves, the newest first."""
    if not (user.is_authenticated and user.is_active):
        raise NotFound
    taught = CourseInstructor.objects.filter(user=user).values("course")
    alerts = Alert.objects.open().filter(course__in=taught).with_people()
    return alerts.select_related("course__dashboard_page").order_by("-pk")


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
    def is_queued(self) -> bool:
        """All that is required has passed, but the module is not completed by it yet."""
        return self.progress is None and 0 < len(self.required) == len(self.passed)

    @property
    def state(self) -> str:
        """`completed`, `queued` until the modules before it are, `in_progress` or `not_started`."""
        if self.progress is not None:
            return "completed"
        if self.is_queued:
            return "queued"
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
