"""The block that puts a quiz on a page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from example_site.bootcamp.models import BootcampCoursePage, BootcampLessonPage
from tests import factories
from wagtail_live_lms import blocks
from wagtail_live_lms.models import Module

pytestmark = pytest.mark.django_db


def page_with(value: dict[str, Any], course: Any = None) -> BootcampLessonPage:
    course = course or factories.make_course(["quiz_passed"])
    home = BootcampCoursePage(title="Course", slug=course.slug, course=course)
    page = BootcampLessonPage(title="Lesson", slug="lesson", body=[("quiz", value)])
    return factories.make_page(page, factories.make_page(home))


def html_of(page: BootcampLessonPage, user: Any) -> str:
    client = Client()
    client.force_login(user)
    return client.get(page.get_url()).content.decode()


def test_it_is_its_public_path_and_nothing_else() -> None:
    assert blocks.QuizBlock().deconstruct() == ("wagtail_live_lms.blocks.QuizBlock", [], {})
    assert "QuizBlock" in blocks.__all__


def test_it_shows_the_quiz_that_was_chosen() -> None:
    quiz = factories.make_quiz(title="Chosen")
    student = factories.make_student(quiz.course)
    html = html_of(page_with({"quiz": quiz}), student.user)
    assert 'data-live-component="quiz"' in html
    assert "Chosen" in html


def test_without_a_choice_it_shows_the_quiz_of_the_pages_module() -> None:
    course = factories.make_course(["quiz_passed"])
    module = factories.modules_of(course)[0]
    page = page_with({"quiz": None}, course)
    student = factories.make_student(course)
    assert "There is no quiz here yet." in html_of(page, student.user)
    Module.objects.filter(pk=module.pk).update(page=page)
    assert "There is no quiz here yet." in html_of(page, student.user)
    factories.make_quiz(course, module=module, title="Draft", live=False)
    factories.make_quiz(course, module=module, title="Of the module")
    assert "Of the module" in html_of(page, student.user)


def test_those_who_do_not_take_the_course_see_no_question() -> None:
    quiz = factories.make_quiz(title="Secret title")
    html = html_of(page_with({"quiz": quiz}), factories.make_user())
    assert "Secret title" not in html


def test_a_preview_is_a_sample_that_reads_nobodys_data() -> None:
    block = blocks.QuizBlock()
    quiz = factories.make_quiz(title="Chosen")
    values = [block.get_preview_value(), block.normalize({"quiz": quiz})]
    shown = [block.render(value, {"block_def": block}) for value in values]
    assert ["Chosen" in html for html in shown] == [False, True]
    for html in shown:
        assert "Sample" in html
        assert "data-live-" not in html
