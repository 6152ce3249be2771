"""Duplicating a course: what goes along, and what does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.admin.course_copies import (
    COURSE_FIELDS,
    NOTEBOOK_FIELDS,
    QUIZ_FIELDS,
    RULE_FIELDS,
    copy_course,
)
from wagtail_live_lms.models import (
    AlertRule,
    Course,
    CourseInstructor,
    Module,
    NotebookLesson,
    PreparedHint,
    Quiz,
)

from .conftest import EditorClient, text_of

pytestmark = pytest.mark.django_db

MADE_BY_WAGTAIL = {
    "live",
    "has_unpublished_changes",
    "first_published_at",
    "last_published_at",
    "go_live_at",
    "expire_at",
    "expired",
    "locked",
    "locked_at",
    "locked_by",
    "latest_revision",
    "live_revision",
}
RULES = ["by_hand", "quiz_passed", "notebook_finished", "by_hand"]


@pytest.fixture
def course() -> Course:
    """With something of everything, and a student."""
    grace = factories.make_user("Grace Hopper")
    course = factories.make_course(RULES, title="Knots", in_order=True, instructors=[grace])
    first, second, third, last = factories.modules_of(course)
    Module.objects.filter(pk=first.pk).update(page=factories.site_root())
    factories.make_quiz(
        course, module=second, title="Test", pass_mark=75, opens_at=timezone.now() + timedelta(1)
    )
    factories.make_notebook_lesson(third, "a", "b")
    AlertRule.objects.create(course=course, kind="inactive", threshold=9)
    for module in (None, first, last):
        PreparedHint.objects.create(course=course, module=module, text="Look closer.")
    actions.archive_module(last)
    factories.complete(factories.make_student(course), first)
    return course


def duplicate(course: Course) -> Course:
    return copy_course(course, "Knots II", "knots-2", by=factories.make_superuser())


def test_modules_instructors_rules_and_hints_go_along(course: Course) -> None:
    copy = duplicate(course)
    modules = factories.modules_of(copy)
    assert [module.completion_rule for module in modules] == RULES[:3]
    assert {module.page for module in modules} == {None}
    assert copy.in_order
    assert CourseInstructor.objects.get(course=copy).user.first_name == "Grace"
    assert AlertRule.objects.get(course=copy).threshold == 9
    hints = PreparedHint.objects.filter(course=copy)
    assert {hint.module_id for hint in hints} == {None, modules[0].pk}


def test_quizzes_become_drafts_with_questions_of_their_own(course: Course) -> None:
    copy = duplicate(course)
    old, new = Quiz.objects.get(course=course), Quiz.objects.get(course=copy)
    assert (new.title, new.pass_mark, new.module) == ("Test", 75, factories.modules_of(copy)[1])
    assert (new.live, new.opens_at) == (False, None)
    latest = new.get_latest_revision_as_object()
    ids = [{question.id for question in quiz.questions} for quiz in (old, latest)]
    assert len(ids[0]) == len(ids[1]) == 2
    assert ids[0].isdisjoint(ids[1])


@pytest.mark.parametrize(
    ("model", "copied", "left"),
    [
        (Course, COURSE_FIELDS, {"title", "slug", "dashboard_page"}),
        (
            Quiz,
            QUIZ_FIELDS,
            {"course", "module", "questions", "opens_at", "closes_at", *MADE_BY_WAGTAIL},
        ),
        (NotebookLesson, NOTEBOOK_FIELDS, {"module", "updated_at"}),
        (AlertRule, RULE_FIELDS, {"course"}),
    ],
)
def test_of_each_field_it_is_decided_whether_it_goes_along(
    model: Any, copied: tuple[str, ...], left: set[str]
) -> None:
    fields = {field.name for field in model._meta.concrete_fields} - {"id"}
    assert fields - set(copied) == left


def test_notebooks_go_along_and_students_do_not(course: Course) -> None:
    copy = duplicate(course)
    lesson = NotebookLesson.objects.get(module=factories.modules_of(copy)[2])
    assert lesson.required_ids == ["a", "b"]
    assert copy.enrolments.count() == 0
    assert actions.recount_course(copy) == []
    assert copy.totals.module_count == 3


def test_an_editor_names_the_copy_and_goes_on_with_it(superuser: Client, course: Course) -> None:
    url = reverse("wagtail_live_lms_courses:duplicate", args=[course.pk])
    assert url in superuser.get(reverse("wagtail_live_lms_courses:list")).content.decode()
    page = superuser.get(url)
    assert "Nobody takes it" in text_of(page)
    assert page.context["form"].initial["title"] == "Knots (copy)"
    answer = superuser.post(url, {"title": "Knots II", "slug": course.slug})
    assert list(answer.context["form"].errors) == ["slug"]
    answer = superuser.post(url, {"title": "Knots II", "slug": "knots-2"})
    copy = Course.objects.get(slug="knots-2")
    assert answer["Location"] == reverse("wagtail_live_lms_courses:edit", args=[copy.pk])
    history = reverse("wagtail_live_lms_courses:history", args=[copy.pk])
    assert "Created" in text_of(superuser.get(history))


def test_it_needs_the_permission_to_add_courses(editor: EditorClient, course: Course) -> None:
    url = reverse("wagtail_live_lms_courses:duplicate", args=[course.pk])
    client = editor("change_course", "view_course")
    assert client.get(url).status_code == 302
    assert url not in client.get(reverse("wagtail_live_lms_courses:list")).content.decode()
