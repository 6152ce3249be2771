"""Courses and people to test with. Every call makes new rows with names of their own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from wagtail.models import Locale, Page, Site
from wagtail.signal_handlers import disable_reference_index_auto_update

from tests.notebook_files import lesson_file
from wagtail_live_lms import actions
from wagtail_live_lms.models import (
    CompletionRule,
    Course,
    CourseInstructor,
    Enrolment,
    Module,
    NotebookLesson,
    Progress,
    Quiz,
    Source,
)
from wagtail_live_lms.notebooks import read_notebook

SOURCES = {
    CompletionRule.QUIZ_PASSED: Source.QUIZ,
    CompletionRule.NOTEBOOK_FINISHED: Source.NOTEBOOK,
}

_numbers = count(1)


def make_user(full_name: str = "", **fields: Any) -> Any:
    """Somebody with an account, no password and no rights."""
    first, _, last = full_name.partition(" ")
    fields.setdefault("username", f"user{next(_numbers)}")
    return get_user_model().objects.create(first_name=first, last_name=last, **fields)


def make_superuser() -> Any:
    return make_user(is_superuser=True, is_staff=True)


def make_course(
    modules: int | Iterable[str] = 3, *, instructors: Iterable[Any] = (), **fields: Any
) -> Course:
    """A course that is counted, with so many modules or one for each of the given rules.

    What refers to what is not indexed: Wagtail's usage pages know nothing of it until it is saved.
    """
    number = next(_numbers)
    fields = {"title": f"Course {number}", "slug": f"course-{number}"} | fields
    rules = ["by_hand"] * modules if isinstance(modules, int) else modules
    with disable_reference_index_auto_update():  # a fifth of the time of many a test
        course = Course.objects.create(**fields)
        for rule in rules:
            add_module(course, completion_rule=rule)
        for place, instructor in enumerate(instructors):
            CourseInstructor.objects.create(course=course, user=instructor, sort_order=place)
    actions.refresh_course(course)
    return course


def add_module(course: Course, **fields: Any) -> Module:
    """One module more at the end; the course is not counted again."""
    place = Module.objects.filter(course=course).count()
    fields = {"title": f"Module {place + 1}", "sort_order": place} | fields
    return Module.objects.create(course=course, **fields)


def modules_of(course: Course) -> list[Module]:
    return list(Module.objects.filter(course=course))


def make_student(course: Course, full_name: str = "", **fields: Any) -> Enrolment:
    """Somebody new who takes the course."""
    by = None if course.enrolment_policy == "open" else make_superuser()
    return actions.enrol(course, make_user(full_name, **fields), by=by)


def make_quiz(
    course: Course | None = None, questions: Iterable[dict[str, Any]] = (), **fields: Any
) -> Quiz:
    """A published quiz; without questions given, of two single choice questions."""
    course = course or make_course(["quiz_passed"])
    stored = list(questions) or [single_choice("q1"), single_choice("q2")]
    fields = {"title": f"Quiz {next(_numbers)}", "live": True} | fields
    with disable_reference_index_auto_update():
        quiz = Quiz.objects.create(course=course, questions=json.dumps(stored), **fields)
    return Quiz.objects.select_related("course", "module").get(pk=quiz.pk)


def question(kind: str, ident: str, **value: Any) -> dict[str, Any]:
    """A question as a StreamField stores it."""
    value = {"text": f"<p>Question {ident}</p>", "points": "1"} | value
    return {"type": kind, "id": ident, "value": value}


def items(*values: dict[str, Any]) -> list[dict[str, Any]]:
    """A list as a ListBlock stores it, with ids a, b, c ..."""
    return [
        {"type": "item", "id": ident, "value": value}
        for ident, value in zip("abcdefghijkl", values, strict=False)
    ]


def single_choice(ident: str, **value: Any) -> dict[str, Any]:
    """Choice a is right, b and c are wrong."""
    choices = items(
        {"text": "Right", "correct": True, "feedback": "Well done."},
        {"text": "Wrong", "correct": False},
        {"text": "Also wrong", "correct": False},
    )
    return question("single_choice", ident, choices=choices, **value)


def complete(enrolment: Enrolment, *modules: Module) -> None:
    """Let a student complete modules, each in the way that its rule wants."""
    for module in modules:
        source = SOURCES.get(module.completion_rule, Source.PAGE)
        actions.complete_module(enrolment.user, module, source=source)
    enrolment.refresh_from_db()


def make_page(page: Page, parent: Page | None = None) -> Page:
    """Put a page into the tree, below the site's root unless a parent is given."""
    return (parent or site_root()).add_child(instance=page)


def site_root() -> Page:
    """The default site's front page; made anew after a test that empties its tables."""
    Site.clear_site_root_paths_cache()  # of a site that was rolled back
    site = Site.objects.filter(is_default_site=True).first()
    if site is not None:
        return site.root_page
    Locale.objects.get_or_create(language_code="en")
    root = Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")
    home = root.add_child(instance=Page(title="Home", slug="home"))
    Site.objects.create(hostname="localhost", root_page=home, is_default_site=True)
    return home


def make_roster(course: Course, size: int) -> None:
    """Many students at once, named Student 0000 onwards, every third of them finished."""
    User = get_user_model()
    users = [User(username=f"roster{next(_numbers)}") for _ in range(size)]
    User.objects.bulk_create(users)
    now = timezone.now()
    Enrolment.objects.bulk_create(
        Enrolment(
            course=course,
            user=user,
            display_name=f"Student {place:04}",
            enrolled_at=now,
            last_activity=now + timedelta(seconds=place),
        )
        for place, user in enumerate(User.objects.filter(pk__in=[u.pk for u in users]))
    )
    finished = list(course.enrolments.filter(user__in=users).order_by("pk"))[::3]
    Progress.objects.bulk_create(
        Progress(enrolment=enrolment, module=module, source="staff")
        for enrolment in finished
        for module in modules_of(course)
    )
    actions.recount_course(course)


def make_notebook_lesson(module: Module, *required: str, raw: bytes = b"") -> NotebookLesson:
    """A notebook for a module, with an exercise in a cell for each required id."""
    upload = read_notebook(raw or lesson_file(*(required or ("a", "b", "c"))))
    lesson = NotebookLesson(title=f"Notebook of {module.title}", module=module)
    actions.save_notebook(lesson, upload.text, required or ("a", "b", "c"))
    return lesson


def make_notebook_course(*required: str, **fields: Any) -> tuple[Course, Module]:
    """A course with one module that a notebook completes, and one by hand."""
    course = make_course(["notebook_finished", "by_hand"], **fields)
    module = modules_of(course)[0]
    make_notebook_lesson(module, *required)
    return course, module
