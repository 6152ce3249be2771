"""Rosters of 100 to 100,000 students, in one SQLite file that every server gets a copy of."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone
from wagtail.models import Page

from benchmarks.clients import Handshake
from example_site.bootcamp.demo.pages import load_home_page
from example_site.bootcamp.models import BootcampCoursePage, BootcampDashboardPage
from wagtail_live_lms.actions import refresh_course
from wagtail_live_lms.actions.changes import instructor_topic
from wagtail_live_lms.live import personal_topic, signing
from wagtail_live_lms.live.topics import format_since, positions
from wagtail_live_lms.models import Course, CourseInstructor, Enrolment, LiveTopic, Module

MODULES = 10
POSTING_STUDENTS = 12
"""Students of each course, on its first page, who have completed nothing yet."""
INSTRUCTORS = 100
BATCH = 5000
CSRF = "benchmark" * 3 + "token"
"""Any 32 letters do: the cookie and the header only have to agree."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is logged in."""

    user: Any
    session: str


@dataclass(frozen=True, slots=True)
class Roster:
    """A course with its number of students, and those who act in the measurements."""

    course: Course
    size: int
    modules: tuple[int, ...]
    students: tuple[Person, ...]
    instructors: tuple[Person, ...]
    dashboard_url: str
    empty_url: str
    """The same page type at the same place without a dashboard on it."""

    def handshakes(self, mode: str, port: int, count: int) -> list[Handshake]:
        """Handshakes of dashboards, each as its page would open it."""
        if mode == "stock":
            return [Handshake(port, f"/benchmark/stock/{self.course.pk}/")] * count
        if mode == "bare":
            return [Handshake(port, "/benchmark/bare/")] * count
        since = quote(format_since(positions([instructor_topic(self.course.pk)])))
        params = {"course_id": self.course.pk}
        opened = []
        for person in self.instructors:
            token = signing.sign("instructor_dashboard", params, person.user)
            path = f"/ws/live/?views={quote(token)}&since={since}"
            opened.append(Handshake(port, path, person.session))
        return [opened[number % len(opened)] for number in range(count)]

    def posting(self, mode: str, number: int) -> tuple[str, str, str]:
        """Path, body and session of the completion with this number."""
        student = self.students[number % len(self.students)]
        module = self.modules[number // len(self.students)]
        if mode == "stock":
            return "/benchmark/complete/", f"module_id={module}", student.session
        params = {"course_id": self.course.pk, "module_id": None}
        token = signing.sign("course_progress", params, student.user)
        body = f"params={quote(token)}&event=complete_module&module_id={module}"
        return "/live-lms/components/course_progress/", body, student.session

    @property
    def first_enrolment(self) -> int:
        """A student on the first page."""
        who = Enrolment.objects.get(course=self.course, user=self.students[0].user)
        return int(who.pk)


def seed(sizes: list[int]) -> dict[int, Roster]:
    """Migrate the configured database and fill it with one course for each size."""
    call_command("migrate", verbosity=0)
    students = _make_users("student", max(sizes), "Zoë O’Neil")
    instructors = _make_users("instructor", INSTRUCTORS, "Instructor")
    acting = tuple(log_in(user) for user in students[:POSTING_STUDENTS])
    teaching = tuple(log_in(user) for user in instructors)
    LiveTopic.objects.bulk_create(LiveTopic(name=personal_topic(p.user.pk)) for p in acting)
    home = load_home_page(instructors[0])
    rosters = {
        size: _make_roster(home, students[:size], acting, teaching) for size in sorted(sizes)
    }
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()
    return rosters


def database_file() -> Path:
    """The seeded file."""
    return Path(connection.settings_dict["NAME"])


def _make_users(kind: str, count: int, last_name: str) -> list[Any]:
    User = get_user_model()
    User.objects.bulk_create(
        [
            User(username=f"{kind}{number:06d}", first_name=f"{number:06d}", last_name=last_name)
            for number in range(count)
        ],
        batch_size=BATCH,
    )
    return list(User.objects.filter(username__startswith=kind).order_by("username"))


def log_in(user: Any) -> Person:
    """A session of theirs, as after the login page."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return Person(user, session.session_key or "")


def _make_roster(
    home: Page, users: list[Any], acting: tuple[Person, ...], teaching: tuple[Person, ...]
) -> Roster:
    course = Course.objects.create(title=f"Course of {len(users)}", slug=f"course-{len(users)}")
    modules = Module.objects.bulk_create(
        Module(course=course, title=f"Lesson number {number + 1}", sort_order=number)
        for number in range(MODULES)
    )
    CourseInstructor.objects.bulk_create(
        CourseInstructor(course=course, user=person.user) for person in teaching
    )
    LiveTopic.objects.create(name=instructor_topic(course.pk))
    _enrol(course, users)
    refresh_course(course)
    ids = tuple(module.pk for module in modules)
    return Roster(course, len(users), ids, acting, teaching, *_make_pages(home, course))


def _enrol(course: Course, users: list[Any]) -> None:
    """Everybody in one go; all but the posting students have completed some modules."""
    now = timezone.now()
    rows = []
    for number, user in enumerate(users):
        done = number % (MODULES + 1) if number >= POSTING_STUDENTS else 0
        rows.append(
            Enrolment(
                course=course,
                user=user,
                display_name=f"{user.first_name} {user.last_name}",
                enrolled_at=now - timedelta(days=30),
                last_activity=now - timedelta(minutes=10 + number % 40_000),
                completed_count=done,
                percent=done * 100 // MODULES,
            )
        )
    Enrolment.objects.bulk_create(rows, batch_size=BATCH)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO wagtail_live_lms_progress"
            " (enrolment_id, module_id, completed_at, source, evidence)"
            " SELECT e.id, m.id, e.last_activity, 'page', '{}' FROM wagtail_live_lms_enrolment e"
            " JOIN wagtail_live_lms_module m ON m.course_id = e.course_id"
            " WHERE e.course_id = %s AND m.sort_order < e.completed_count",
            [course.pk],
        )


def _make_pages(home: Page, course: Course) -> tuple[str, str]:
    course_page = BootcampCoursePage(title=course.title, slug=course.slug, course=course)
    home.refresh_from_db()
    home.add_child(instance=course_page)
    dashboard = BootcampDashboardPage(
        title="Dashboard", slug="dashboard", body=[("instructor_dashboard", {})]
    )
    course_page.add_child(instance=dashboard)
    empty = BootcampDashboardPage(title="Dashboard", slug="empty")
    course_page.add_child(instance=empty)
    return str(dashboard.get_url()), str(empty.get_url())
