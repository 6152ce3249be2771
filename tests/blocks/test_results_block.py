"""The block with a quiz's results: a name for migrations, a sample for editors, live for those
who teach."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from example_site.bootcamp.models import BootcampDashboardPage
from tests import factories
from tests.rendering import page_request
from wagtail_live_lms import blocks
from wagtail_live_lms.models import Quiz

from .test_live_blocks import assert_is_only_a_sample


def test_migrations_see_its_public_path_and_nothing_else() -> None:
    block = blocks.QuizResultsBlock()
    assert block.deconstruct() == ("wagtail_live_lms.blocks.QuizResultsBlock", [], {})
    assert "QuizResultsBlock" in blocks.__all__


@pytest.mark.django_db
class TestOnPages:
    @pytest.fixture
    def instructor(self) -> Any:
        return factories.make_user()

    @pytest.fixture
    def quiz(self, instructor: Any) -> Quiz:
        return factories.make_quiz(factories.make_course(instructors=[instructor]))

    def test_those_who_teach_see_the_results(
        self, quiz: Quiz, instructor: Any, client: Any
    ) -> None:
        block = blocks.QuizResultsBlock()
        value = block.normalize({"quiz": quiz})
        html = block.render(value, {"request": page_request(instructor)})
        assert 'data-live-component="quiz_results"' in html

    def test_a_student_sees_nothing_of_them(self, quiz: Quiz) -> None:
        student = factories.make_student(quiz.course)
        block = blocks.QuizResultsBlock()
        html = block.render(
            block.normalize({"quiz": quiz}), {"request": page_request(student.user)}
        )
        assert "data-live-component" not in html
        assert quiz.title not in html

    def test_a_quiz_that_was_deleted_leaves_an_empty_place(self) -> None:
        block = blocks.QuizResultsBlock()
        context = {"request": page_request(factories.make_superuser())}
        assert block.render(block.normalize({"quiz": None}), context).strip() == ""

    def test_a_page_preview_shows_a_sample(self, quiz: Quiz, instructor: Any) -> None:
        page = BootcampDashboardPage(
            title="Results", slug="results", body=[("quiz_results", {"quiz": quiz})]
        )
        html = page.make_preview_request(page_request(instructor)).content.decode()
        assert "data-live-params" not in html

    def test_the_block_picker_shows_a_sample(self) -> None:
        block = blocks.QuizResultsBlock()
        context = {"block_def": block}
        with CaptureQueriesContext(connection) as queries:
            html = block.render(block.get_preview_value(), context)
        assert "Sample" in html
        assert_is_only_a_sample(html, queries)
