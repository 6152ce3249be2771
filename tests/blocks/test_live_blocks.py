"""Blocks that put components on pages: what migrations see, what editors see, what readers see."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.blocks import StreamBlock
from wagtail.blocks.definition_lookup import BlockDefinitionLookup, BlockDefinitionLookupBuilder
from wagtail.models import Locale

from example_site.bootcamp.models import (
    BootcampCoursePage,
    BootcampDashboardPage,
    BootcampHomePage,
    BootcampLessonPage,
)
from tests import factories
from tests.rendering import page_request
from wagtail_live_lms import blocks
from wagtail_live_lms.models import Course, Module

BLOCKS = [
    blocks.CourseProgressBlock,
    blocks.InstructorDashboardBlock,
    blocks.AskForHelpBlock,
]
PERSONAL = re.compile("wagtail_live_lms_(enrolment|progress|coursetotals)", re.IGNORECASE)
WRITE = re.compile(r"\s*(INSERT|UPDATE|DELETE)", re.IGNORECASE)


@pytest.fixture
def instructor() -> Any:
    return factories.make_user()


@pytest.fixture
def course(instructor: Any) -> Course:
    return factories.make_course(2, instructors=[instructor])


@pytest.fixture
def course_page(course: Course) -> BootcampCoursePage:
    home = factories.make_page(BootcampHomePage(title="Home", slug="start"))
    page = BootcampCoursePage(
        title="Knots",
        slug="knots",
        course=course,
        body=[("course_progress", {}), ("instructor_dashboard", {})],
    )
    return factories.make_page(page, home)


def assert_is_only_a_sample(html: str, queries: CaptureQueriesContext) -> None:
    assert "data-live-" not in html
    assert 'name="params"' not in html
    statements = [query["sql"] for query in queries]
    assert [sql for sql in statements if PERSONAL.search(sql)] == []
    ours = [sql for sql in statements if "wagtail_live_lms" in sql]
    assert [sql for sql in ours if WRITE.match(sql)] == []


PERMANENT_NAMES = {
    "AskForHelpBlock",
    "CourseOutlineBlock",
    "CourseProgressBlock",
    "EnrolButtonBlock",
    "GradeNotificationBlock",
    "InformationBlock",
    "InstructorDashboardBlock",
    "LiveLMSStreamBlock",
    "LongAnswerBlock",
    "MatchingBlock",
    "MultipleChoiceBlock",
    "NotebookLessonBlock",
    "NumberBlock",
    "OrderingBlock",
    "QuestionBlock",
    "QuizBlock",
    "QuizResultsBlock",
    "StudentViewBlock",
    "QuestionStreamBlock",
    "ShortTextBlock",
    "SingleChoiceBlock",
    "TrueFalseBlock",
}
"""Names that migrations and code of sites refer to. The list only grows."""


class TestMigrations:
    """A site's migrations must never change because a wording or a child of ours did."""

    def test_a_block_is_its_public_path_and_nothing_else(self) -> None:
        assert [block().deconstruct() for block in BLOCKS] == [
            ("wagtail_live_lms.blocks.CourseProgressBlock", [], {}),
            ("wagtail_live_lms.blocks.InstructorDashboardBlock", [], {}),
            ("wagtail_live_lms.blocks.AskForHelpBlock", [], {}),
        ]

    def test_what_a_site_passes_is_kept(self) -> None:
        block = blocks.CourseProgressBlock(label="Your way", required=False)
        assert block.deconstruct()[2] == {"label": "Your way", "required": False}

    def test_a_stream_is_written_down_as_before(self) -> None:
        lookup = BlockDefinitionLookupBuilder()
        index = lookup.add_block(StreamBlock([("progress", blocks.CourseProgressBlock())]))
        assert lookup.get_lookup_as_dict() == {
            0: ("wagtail_live_lms.blocks.CourseProgressBlock", [], {}),
            index: ("wagtail.blocks.StreamBlock", [[("progress", 0)]], {}),
        }

    def test_it_is_read_again_from_what_was_written(self) -> None:
        written = {0: ("wagtail_live_lms.blocks.InstructorDashboardBlock", [], {"label": "Class"})}
        block = BlockDefinitionLookup(written).get_block(0)
        assert type(block) is blocks.InstructorDashboardBlock
        assert block.label == "Class"
        assert list(block.child_blocks) == ["course"]

    def test_the_names_are_permanent(self) -> None:
        assert PERMANENT_NAMES <= set(blocks.__all__)


@pytest.mark.django_db
class TestPreviews:
    @pytest.mark.parametrize("block_class", BLOCKS)
    def test_the_block_picker_shows_a_sample(self, block_class: Any) -> None:
        children = BootcampCoursePage._meta.get_field("body").stream_block.child_blocks
        block = next(block for block in children.values() if type(block) is block_class)
        client = Client()
        client.force_login(factories.make_superuser())
        url = reverse("wagtailadmin_block_preview")
        with CaptureQueriesContext(connection) as queries:
            response = client.get(url, {"id": block.definition_prefix})
        assert response.status_code == 200
        html = response.content.decode()
        assert "Sample" in html
        assert "live-lms.css" in html
        assert_is_only_a_sample(html, queries)

    def test_a_page_preview_shows_samples(self, course_page: Any, course: Course) -> None:
        student = factories.make_student(course, "Secret Student")
        for user in (factories.make_superuser(), student.user):
            with CaptureQueriesContext(connection) as queries:
                response = course_page.make_preview_request(page_request(user))
            html = response.content.decode()
            assert html.count("Sample") == 2
            assert "Secret Student" not in html
            assert "data-live-params" not in html
            # The site's own header may ask who teaches; the blocks ask for nobody's progress.
            statements = [query["sql"] for query in queries]
            assert [sql for sql in statements if PERSONAL.search(sql)] == []

    @pytest.mark.parametrize("block_class", BLOCKS)
    def test_without_a_request_nothing_is_live(self, block_class: Any, course: Course) -> None:
        block = block_class()
        with CaptureQueriesContext(connection) as queries:
            html = block.render(block.normalize({"course": course}))
        assert_is_only_a_sample(html, queries)


@pytest.mark.django_db
class TestOnPages:
    def test_a_student_sees_their_progress(
        self, course_page: Any, course: Course, client: Any
    ) -> None:
        client.force_login(factories.make_student(course).user)
        html = client.get(course_page.get_url()).content.decode()
        assert html.count('data-live-component="course_progress"') == 1
        assert 'data-live-component="instructor_dashboard"' not in html

    def test_an_instructor_sees_the_class(
        self, course_page: Any, instructor: Any, client: Any
    ) -> None:
        client.force_login(instructor)
        html = client.get(course_page.get_url()).content.decode()
        assert html.count('data-live-component="instructor_dashboard"') == 1

    def test_a_page_below_takes_the_course_of_the_page_above(
        self, course_page: Any, instructor: Any, client: Any
    ) -> None:
        page = BootcampDashboardPage(
            title="Class", slug="class", body=[("instructor_dashboard", {})]
        )
        client.force_login(instructor)
        html = client.get(factories.make_page(page, course_page).get_url()).content.decode()
        assert 'data-live-component="instructor_dashboard"' in html

    def test_a_modules_page_shows_that_module(
        self, course_page: Any, course: Course, client: Any
    ) -> None:
        page = BootcampLessonPage(title="One", slug="one", body=[("course_progress", {})])
        factories.make_page(page, course_page)
        first, second = factories.modules_of(course)
        Module.objects.filter(pk=second.pk).update(page=page)
        client.force_login(factories.make_student(course).user)
        html = client.get(page.get_url()).content.decode()
        assert f'data-module="{second.pk}"' in html
        assert f'data-module="{first.pk}"' not in html

    def render(self, page: Any, user: Any, **value: Any) -> str:
        block = blocks.CourseProgressBlock()
        context = {"page": page, "request": page_request(user)}
        return block.render(block.normalize(value), context=context)

    def test_a_page_that_only_a_module_knows_belongs_to_its_course(self, course: Course) -> None:
        page = factories.site_root()
        first, second = factories.modules_of(course)
        Module.objects.filter(pk=first.pk).update(page=page)
        html = self.render(page, factories.make_student(course).user)
        assert f'data-module="{first.pk}"' in html
        assert f'data-module="{second.pk}"' not in html

    def test_a_translation_of_a_modules_page_teaches_that_module(self, course: Course) -> None:
        page = factories.site_root()
        first, second = factories.modules_of(course)
        Module.objects.filter(pk=first.pk).update(page=page)
        translated = page.copy_for_translation(Locale.objects.create(language_code="de"))
        html = self.render(translated, factories.make_student(course).user)
        assert f'data-module="{first.pk}"' in html
        assert f'data-module="{second.pk}"' not in html

    def test_a_chosen_course_wins_and_is_shown_whole_on_a_page_of_another(
        self, course: Course
    ) -> None:
        page = factories.site_root()
        other = factories.make_course(3)
        Module.objects.filter(pk=factories.modules_of(course)[0].pk).update(page=page)
        html = self.render(page, factories.make_student(other).user, course=other)
        assert html.count("data-module=") == 3

    def test_a_page_of_two_courses_shows_the_module_of_the_chosen_one(self, course: Course) -> None:
        page = factories.site_root()
        other = factories.make_course(3)
        mine, theirs = factories.modules_of(course)[0], factories.modules_of(other)[2]
        Module.objects.filter(pk__in=[mine.pk, theirs.pk]).update(page=page)
        html = self.render(page, factories.make_student(other).user, course=other)
        assert f'data-module="{theirs.pk}"' in html
        assert html.count("data-module=") == 1

    def test_an_archived_modules_page_belongs_to_no_module(self, course: Course) -> None:
        page = factories.site_root()
        Module.objects.filter(course=course).update(page=page, archived=True)
        assert "belongs to no course yet" in self.render(page, factories.make_user())

    @pytest.mark.parametrize("block_class", BLOCKS)
    def test_a_page_of_no_course_says_what_to_do(self, block_class: Any) -> None:
        block = block_class()
        page = BootcampHomePage(title="Not saved yet")
        for context in ({}, {"page": page, "request": page_request(factories.make_user())}):
            html = block.render(block.normalize({}), context=context)
            assert "This page belongs to no course yet." in html
