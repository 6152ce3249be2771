"""The block for grading: of one quiz, or of every quiz of the page's course."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.rendering import page_request
from wagtail_live_lms import blocks

from .test_live_blocks import assert_is_only_a_sample


def test_migrations_see_its_public_path_and_nothing_else() -> None:
    block = blocks.GradePosterBlock()
    assert block.deconstruct() == ("wagtail_live_lms.blocks.GradePosterBlock", [], {})
    assert "GradePosterBlock" in blocks.__all__


@pytest.mark.django_db
class TestOnPages:
    def show(self, user: Any, **value: Any) -> str:
        block = blocks.GradePosterBlock()
        return str(block.render(block.normalize(value), {"request": page_request(user)}))

    def test_of_one_quiz(self) -> None:
        teacher = factories.make_user()
        quiz = factories.make_quiz(factories.make_course(instructors=[teacher]))
        html = self.show(teacher, quiz=quiz)
        assert 'data-live-component="grade_poster"' in html
        assert quiz.title in html

    def test_of_a_course(self) -> None:
        teacher = factories.make_user()
        course = factories.make_course(instructors=[teacher])
        assert "Nobody has begun a quiz of this course yet" in self.show(teacher, course=course)

    def test_of_none_says_what_to_do(self) -> None:
        assert "belongs to no course" in self.show(factories.make_user())

    def test_a_student_sees_nothing_of_it(self) -> None:
        quiz = factories.make_quiz()
        student = factories.make_student(quiz.course)
        html = self.show(student.user, quiz=quiz)
        assert "data-live-component" not in html
        assert quiz.title not in html

    def test_the_block_picker_shows_a_sample(self) -> None:
        block = blocks.GradePosterBlock()
        with CaptureQueriesContext(connection) as queries:
            html = block.render(block.get_preview_value(), {"block_def": block})
        assert "Sample" in html
        assert_is_only_a_sample(html, queries)
