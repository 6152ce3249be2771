"""Who may do what: every component, event, URL and topic, for every kind of person.

What is registered decides what is asked here: something new without a row in a table fails.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, reverse

from tests import factories
from tests.api.calls import Program, program_of, report_body
from tests.quiz_taking import hand_in
from wagtail_live_lms import actions, api, urls
from wagtail_live_lms.live import LiveError, registry, signing, topics
from wagtail_live_lms.live.models import LiveChange
from wagtail_live_lms.models import (
    Alert,
    Answer,
    CourseInstructor,
    Enrolment,
    HelpRequest,
    Notification,
    Posting,
    Progress,
    Quiz,
    Submission,
)

pytestmark = pytest.mark.django_db

MOUNT = "(mount)"
POLICIES = ("open", "staff")

ROLES = (
    "anonymous",
    "outsider",
    "student",
    "other_student",
    "former_student",
    "other_instructor",
    "instructor",
    "superuser",
)

#                                anon out  stud othr left oins inst super
COMPONENTS = {
    ("course_progress", MOUNT): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("course_progress", "complete_module"): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("grade_notification", MOUNT): {
        "open":  ( 401, 200, 200, 200, 200, 200, 200, 200),
        "staff": ( 401, 200, 200, 200, 200, 200, 200, 200),
    },
    # A notice of the student's: to everybody else it does not exist.
    ("grade_notification", "dismiss"): {
        "open":  ( 401, 404, 200, 404, 404, 404, 404, 404),
        "staff": ( 401, 404, 200, 404, 404, 404, 404, 404),
    },
    ("grade_notification", "dismiss_all"): {
        "open":  ( 401, 200, 200, 200, 200, 200, 200, 200),
        "staff": ( 401, 200, 200, 200, 200, 200, 200, 200),
    },
    ("grade_notification", "mark_read"): {
        "open":  ( 401, 404, 200, 404, 404, 404, 404, 404),
        "staff": ( 401, 404, 200, 404, 404, 404, 404, 404),
    },
    ("ask_for_help", MOUNT): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("ask_for_help", "ask"): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("ask_for_help", "withdraw"): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("instructor_alerts", MOUNT): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("instructor_alerts", "acknowledge"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("instructor_alerts", "answer"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("instructor_alerts", "hand_over"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("instructor_alerts", "snooze"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("grade_poster", MOUNT): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("grade_poster", "grade"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("grade_poster", "post_grades"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("grade_poster", "post_all"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("grade_poster", "undo_posting"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("instructor_dashboard", MOUNT): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("notebook_lesson", MOUNT): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("active_quiz", MOUNT): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("notebook_lessons", MOUNT): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("quiz_agenda", MOUNT): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("student_view", MOUNT): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("course_outline", MOUNT): {
        "open":  ( 200, 200, 200, 200, 200, 200, 200, 200),
        "staff": ( 401, 404, 200, 404, 404, 404, 200, 200),
    },
    # Of a course that is closed to them, outsiders learn no more than of one that does not exist.
    ("enrol_button", MOUNT): {
        "open":  ( 200, 200, 200, 200, 200, 200, 200, 200),
        "staff": ( 200, 200, 200, 200, 200, 200, 200, 200),
    },
    ("enrol_button", "enrol"): {
        "open":  ( 401, 200, 200, 200, 200, 200, 200, 200),
        "staff": ( 401, 404, 409, 404, 404, 404, 409, 409),
    },
    ("join_course", MOUNT): {
        "open":  ( 401, 200, 200, 200, 200, 200, 200, 200),
        "staff": ( 401, 404, 200, 404, 404, 404, 200, 200),
    },
    ("join_course", "join"): {
        "open":  ( 401, 200, 200, 200, 200, 200, 200, 200),
        "staff": ( 401, 404, 409, 404, 404, 404, 409, 409),
    },
    ("quiz", MOUNT): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("quiz", "start"): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("quiz", "save"): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("quiz", "save_all"): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("quiz", "submit"): {
        "open":  ( 401, 403, 200, 403, 403, 403, 403, 403),
        "staff": ( 401, 403, 200, 403, 403, 403, 403, 403),
    },
    ("quiz_results", MOUNT): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("quiz_results", "grade"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
    ("quiz_results", "regrade"): {
        "open":  ( 401, 403, 403, 403, 403, 403, 200, 200),
        "staff": ( 401, 403, 403, 403, 403, 403, 200, 200),
    },
}  # fmt: skip

#                                anon out  stud othr left oins inst super
URLS = {
    "component":                 (401, 403, 403, 403, 403, 403, 200, 200),
    # Without a token; that its component asks for itself is in test_shells.
    "shell":                     (403, 403, 403, 403, 403, 403, 403, 403),
    "login":                     (302, 302, 302, 302, 302, 302, 302, 302),
    "export_roster":             (302, 404, 404, 404, 404, 404, 200, 200),
    "export_grades":             (302, 404, 404, 404, 404, 404, 200, 200),
    # By POST alone; that a student gets nothing is in test_grade_csv.
    "import_grades":             (405, 405, 405, 405, 405, 405, 405, 405),
    "notifications":             (302, 200, 200, 200, 200, 200, 200, 200),
    # By POST alone; that another's browser does not exist is in test_notification_page.
    "add_browser":               (405, 405, 405, 405, 405, 405, 405, 405),
    "remove_browser":            (405, 405, 405, 405, 405, 405, 405, 405),
    "push_worker":               (200, 200, 200, 200, 200, 200, 200, 200),
    "notebook":                  (302, 404, 200, 404, 404, 404, 200, 200),
    "jupyter":                   (302, 200, 200, 200, 200, 200, 200, 200),
    "connect_jupyter":           (302, 200, 200, 200, 200, 200, 200, 200),
    "revoke_token":              (302, 404, 200, 404, 404, 404, 404, 404),
}  # fmt: skip

# With a token of the person. `anonymous` has none; a session alone is nobody, too.
API = {
    "get_me":                    (401, 200, 200, 200, 200, 200, 200, 200),
    "get_notifications":         (401, 200, 200, 200, 200, 200, 200, 200),
    "get_module":                (401, 404, 200, 404, 404, 404, 200, 200),
    "get_notebook":              (401, 404, 200, 404, 404, 404, 200, 200),
    "report_progress":           (401, 404, 200, 404, 404, 404, 409, 409),
    "create_pairing":            (201, 201, 201, 201, 201, 201, 201, 201),
    "collect_pairing_token":     (400, 400, 400, 400, 400, 400, 400, 400),
    "create_student_token":      (401, 403, 403, 403, 403, 403, 403, 403),
    "openapi-json":              (200, 200, 200, 200, 200, 200, 200, 200),
    "api-root":                  (404, 404, 404, 404, 404, 404, 404, 404),
    "not_here":                  (404, 404, 404, 404, 404, 404, 404, 404),
}  # fmt: skip

#                                anon   out    stud   other  left   o.inst inst   super
TOPICS = {
    "course":                    (False, False, True,  False, False, False, True,  True),
    "instructor":                (False, False, False, False, False, False, True,  True),
    "student":                   (False, False, True,  False, False, False, False, False),
}  # fmt: skip

PAYLOADS: dict[tuple[str, str], Callable[[World], dict[str, Any]]] = {
    ("course_progress", "complete_module"): lambda world: {"module_id": world.module.pk},
    ("grade_notification", "dismiss"): lambda world: {"notification_id": world.notification.pk},
    ("grade_notification", "mark_read"): lambda world: {"notification_id": world.notification.pk},
    ("ask_for_help", "ask"): lambda world: {"text": "Why?", "about": "course"},
    ("ask_for_help", "withdraw"): lambda world: {"request_id": world.help_request.pk},
    ("instructor_alerts", "acknowledge"): lambda world: {"alert_id": world.alert.pk},
    ("instructor_alerts", "answer"): lambda world: {"alert_id": world.alert.pk, "text": "So."},
    ("instructor_alerts", "hand_over"): lambda world: {
        "alert_id": world.alert.pk, "to": str(world.person("instructor").pk),
    },
    ("instructor_alerts", "snooze"): lambda world: {"alert_id": world.alert.pk, "hours": "1"},
    ("grade_poster", "grade"): lambda world: {
        "answer_id": world.essay.pk, "points": "1", "revision": 0, "comment": "Good",
    },
    ("grade_poster", "post_grades"): lambda world: {"submissions": [world.to_post.pk]},
    ("grade_poster", "post_all"): lambda world: {} if world.to_post else {},
    ("grade_poster", "undo_posting"): lambda world: {"posting": world.posting.pk},
    ("quiz", "save"): lambda world: {
        "attempt": world.attempt.pk, "question": "q1", "sequence": 1, "response": "a",
    },
    ("quiz", "save_all"): lambda world: {"attempt": world.attempt.pk, "answer-q1": "a"},
    ("quiz", "submit"): lambda world: {"attempt": world.attempt.pk, "answer-q1": "a"},
    ("quiz_results", "grade"): lambda world: {
        "answer_id": world.essay.pk, "points": "1", "revision": 0, "comment": "Good",
    },
    ("quiz_results", "regrade"): lambda world: {"digest": ""},
}  # fmt: skip


class World:
    """A course, and people in relation to it; each is made when first asked for."""

    def __init__(self, policy: str) -> None:
        cache.clear()
        self.policy = policy
        rules = ["by_hand", "notebook_finished"]
        self.course = factories.make_course(rules, enrolment_policy=policy)
        self.module, self.notebook_module = factories.modules_of(self.course)
        factories.make_notebook_lesson(self.notebook_module, "a")
        self._people: dict[str, Any] = {}

    def person(self, role: str) -> Any:
        if role not in self._people:
            self._people[role] = getattr(self, f"_{role}")()
        return self._people[role]

    @property
    def notification(self) -> Notification:
        """What the student was told."""
        student, payload = self.person("student"), {"title": "Plan", "score": 0}
        actions.notify(student, "grade_posted", self.course, "grade:1:1", payload)
        return Notification.objects.get(user=student)

    @cached_property
    def help_request(self) -> HelpRequest:
        """What the student asked."""
        enrolment = Enrolment.objects.get(course=self.course, user=self.person("student"))
        return actions.ask_for_help(enrolment, actions.Subject("Knots"))

    @cached_property
    def alert(self) -> Alert:
        return Alert.objects.get(help_request=self.help_request)

    def client(self, role: str) -> Client:
        client = Client()
        if self.person(role).is_authenticated:
            client.force_login(self.person(role))
        return client

    def token(self, component: str, role: str) -> str:
        """Parameters that the site signed for this very person: the token alone opens nothing."""
        params = {"course_id": self.course.pk}
        if component == "notebook_lesson":
            params["module_id"] = self.notebook_module.pk
        if component == "quiz":
            params["quiz_id"] = self.quiz.pk
        if component in ("quiz_results", "grade_poster"):
            params["quiz_id"] = self.essays.pk
        return signing.sign(component, params, self.person(role))

    @cached_property
    def quiz(self) -> Quiz:
        return factories.make_quiz(self.course, title=self.course.title)

    @cached_property
    def attempt(self) -> Submission:
        """The student's; nobody else may touch it."""
        return actions.start_attempt(self.person("student"), self.quiz)

    @cached_property
    def essays(self) -> Quiz:
        questions = [factories.question("long_answer", "q1")]
        return factories.make_quiz(self.course, questions, title=self.course.title)

    @cached_property
    def essay(self) -> Answer:
        """A student's answer that waits to be graded."""
        return hand_in(self.essays, "Because").answers.get()

    @property
    def to_post(self) -> Submission:
        """A student's attempt that is graded and not posted."""
        Quiz.objects.filter(pk=self.essays.pk).update(posting="manual", undo=True)
        answer = hand_in(Quiz.objects.get(pk=self.essays.pk), "Because").answers.get()
        return actions.grade_answer(answer, Decimal(1), "", None, 0)

    @property
    def posting(self) -> Posting:
        """What was posted a moment ago."""
        return actions.post_grades(self.to_post.quiz, None)

    def _anonymous(self) -> Any:
        return AnonymousUser()

    def _outsider(self) -> Any:
        return factories.make_user()

    def _student(self) -> Any:
        return factories.make_student(self.course).user

    def _other_student(self) -> Any:
        return factories.make_student(factories.make_course(enrolment_policy=self.policy)).user

    def _former_student(self) -> Any:
        enrolment = factories.make_student(self.course)
        actions.withdraw(enrolment)
        return enrolment.user

    def _other_instructor(self) -> Any:
        user = factories.make_user()
        factories.make_course(instructors=[user], enrolment_policy=self.policy)
        return user

    def _instructor(self) -> Any:
        user = factories.make_user()
        CourseInstructor.objects.create(course=self.course, user=user)
        return user

    def _superuser(self) -> Any:
        return factories.make_superuser()


def registered() -> list[tuple[str, str]]:
    """Every component of ours with each of its events; tests of others register their own."""
    ours = [n for n in registry if registry.get(n).__module__.startswith("wagtail_live_lms.")]
    return [(name, what) for name in ours for what in (MOUNT, *sorted(registry.get(name).events))]


def url_names(patterns: list[Any]) -> list[str]:
    """The names of these paths; what is included below them has a table of its own."""
    return [pattern.name for pattern in patterns if isinstance(pattern, URLPattern)]


def expected(table: Any, key: Any, role: str) -> Any:
    assert key in table, f"{key} has no row: say who may, in {__name__}."
    return table[key][ROLES.index(role)]


def facts() -> tuple[Any, ...]:
    return (
        list(Enrolment.objects.order_by("pk").values()),
        list(Progress.objects.order_by("pk").values()),
        list(Notification.objects.order_by("pk").values()),
        list(Submission.objects.order_by("pk").values()),
        list(Answer.objects.order_by("pk").values()),
        list(Alert.objects.order_by("pk").values()),
        list(HelpRequest.objects.order_by("pk").values()),
        LiveChange.objects.count(),
    )


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("name", "what"), registered())
def test_components_and_events(name: str, what: str, policy: str, role: str) -> None:
    assert (name, what) in COMPONENTS, f"{name} {what} has no row: say who may, in {__name__}."
    status = expected(COMPONENTS[name, what], policy, role)
    world = World(policy)
    url = reverse("wagtail_live_lms:component", args=[name])
    client, params = world.client(role), world.token(name, role)
    payload = PAYLOADS.get((name, what), lambda world: {})(world)
    before = facts()
    if what == MOUNT:
        response = client.get(url, {"params": params})
    else:
        response = client.post(
            url, {"params": params, "event": what, **payload}, headers={"HX-Request": "true"}
        )
    if response.status_code == 303:  # the browser reads what came of it
        response = client.get(response.headers["Location"], headers={"HX-Request": "true"})
    assert response.status_code == status
    if status >= 400:
        assert facts() == before
        assert world.course.title not in response.content.decode()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("name", "what"), registered())
def test_what_was_signed_for_somebody_else_is_refused(name: str, what: str, role: str) -> None:
    world = World("open")
    url = reverse("wagtail_live_lms:component", args=[name])
    owner = "instructor" if name == "instructor_dashboard" else "student"
    if role == owner:
        owner = "other_student"
    params, client = world.token(name, owner), world.client(role)
    before = facts()
    if what == MOUNT:
        response = client.get(url, {"params": params})
    else:
        response = client.post(url, {"params": params, "event": what})
    assert response.status_code == 403
    assert facts() == before


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", url_names(urls.urlpatterns))
def test_urls(name: str, role: str) -> None:
    status = expected(URLS, name, role)
    world = World("staff")
    token = actions.create_token(world.person("student"), "Jupyter").token
    arguments: dict[str, list[Any]] = {
        "component": ["instructor_dashboard"],
        "export_roster": [world.course.pk],
        "export_grades": [world.quiz.pk],
        "import_grades": [world.quiz.pk],
        "remove_browser": [1],
        "notebook": [world.notebook_module.pk],
        "revoke_token": [token.pk],
    }
    response = world.client(role).get(
        reverse(f"wagtail_live_lms:{name}", args=arguments.get(name, [])),
        {"params": world.token("instructor_dashboard", role)} if name == "component" else {},
    )
    assert response.status_code == status


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", url_names(api.urlpatterns))
def test_api(name: str, role: str) -> None:
    status = expected(API, name, role)
    world = World("staff")
    program = Program() if role == "anonymous" else program_of(world.person(role))
    path, body, headers = api_request(world, name)
    response = program.get(path) if body is None else program.post(path, body, **headers)
    assert response.status_code == status
    if status >= 400:
        assert world.course.title not in response.content.decode()


def api_request(world: World, name: str) -> tuple[str, Any, dict[str, str]]:
    """Path, body unless it is looked at, and headers, for a name in the table."""
    module = f"modules/{world.notebook_module.pk}"
    key = {"Idempotency-Key": str(uuid.uuid4())}
    requests: dict[str, tuple[str, Any, dict[str, str]]] = {
        "get_me": ("me", None, {}),
        "get_notifications": ("notifications", None, {}),
        "get_module": (module, None, {}),
        "get_notebook": (f"{module}/notebook", None, {}),
        "report_progress": (f"{module}/progress", report_body("a"), key),
        "create_pairing": ("pairings", {"client": "Jupyter"}, {}),
        "collect_pairing_token": ("pairings/token", {"device_code": "x" * 43}, {}),
        "create_student_token": ("tokens", {"username": "ada"}, {}),
        "openapi-json": ("openapi.json", None, {}),
        "api-root": ("", None, {}),
        "not_here": ("elsewhere", None, {}),
    }
    return requests[name]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("prefix", list(topics))
def test_topics(prefix: str, role: str) -> None:
    is_admitted = expected(TOPICS, prefix, role)
    world = World("staff")
    ident = world.person("student").pk if prefix == "student" else world.course.pk
    name = f"{prefix}-{ident}"
    if is_admitted:
        topics.admit(world.person(role), name)
        shown = [view[0] for view in topics.views(world.person(role), name)]
        assert set(shown) <= set(registry)
        return
    with pytest.raises(LiveError) as refusal:
        topics.admit(world.person(role), name)
    assert refusal.value.status == 404


@pytest.mark.parametrize("role", ["student", "instructor", "superuser"])
@pytest.mark.parametrize("prefix", list(topics))
def test_a_closed_account_is_admitted_nowhere(prefix: str, role: str) -> None:
    world = World("open")
    user = world.person(role)
    user.is_active = False
    ident = user.pk if prefix == "student" else world.course.pk
    with pytest.raises(LiveError):
        topics.admit(user, f"{prefix}-{ident}")


def test_every_table_has_a_row_for_what_there_is_and_no_other() -> None:
    assert set(COMPONENTS) == set(registered())
    assert set(URLS) == set(url_names(urls.urlpatterns))
    assert set(API) == set(url_names(api.urlpatterns))
    assert set(TOPICS) == set(topics)
    rows = [row for policies in COMPONENTS.values() for row in policies.values()]
    assert {len(row) for row in [*rows, *URLS.values(), *API.values(), *TOPICS.values()]} == {
        len(ROLES)
    }
    assert all(set(policies) == set(POLICIES) for policies in COMPONENTS.values())


def test_every_topic_admits_somebody_and_refuses_somebody() -> None:
    assert all(set(row) == {True, False} for row in TOPICS.values())


def test_a_topic_of_ones_own_shows_ones_courses_and_notices() -> None:
    world = World("open")
    student = world.person("student")
    assert topics.views(student, f"student-{student.pk}") == [
        ("course_progress", {"course_id": world.course.pk}),
        ("grade_notification", {}),
    ]
    assert topics.views(world.person("instructor"), f"instructor-{world.course.pk}") == [
        ("instructor_dashboard", {"course_id": world.course.pk}),
        ("instructor_alerts", {"course_id": world.course.pk}),
    ]


def test_an_event_nobody_declared_does_not_exist() -> None:
    world = World("open")
    url = reverse("wagtail_live_lms:component", args=["course_progress"])
    for event in ("", "mount", "ws_message", "tick", "__init__", "on_complete_module"):
        response = world.client("student").post(
            url, {"params": world.token("course_progress", "student"), "event": event}
        )
        assert response.status_code == 404
