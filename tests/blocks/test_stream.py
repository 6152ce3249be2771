"""All blocks together: what migrations see, what editors are offered, and what previews show."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.blocks import CharBlock, StreamBlock, StructBlock
from wagtail.blocks.definition_lookup import BlockDefinitionLookup, BlockDefinitionLookupBuilder

from example_site.bootcamp.models import BootcampCoursePage
from tests import factories
from tests.blocks.test_live_blocks import assert_is_only_a_sample
from tests.rendering import page_request
from wagtail_live_lms import blocks
from wagtail_live_lms.blocks import LiveLMSStreamBlock
from wagtail_live_lms.models import NotebookLesson, Quiz

GOLDEN = {
    "course_outline": "CourseOutlineBlock",
    "enrol_button": "EnrolButtonBlock",
    "student_view": "StudentViewBlock",
    "course_progress": "CourseProgressBlock",
    "quiz": "QuizBlock",
    "notebook_lesson": "NotebookLessonBlock",
    "grade_notification": "GradeNotificationBlock",
    "instructor_dashboard": "InstructorDashboardBlock",
    "quiz_results": "QuizResultsBlock",
}
"""What sites' migrations have written down."""

NAMES = list(GOLDEN)
OURS = LiveLMSStreamBlock().child_blocks


class OfASite(blocks.CourseProgressBlock):
    """A block that a site derives from ours."""

    title = CharBlock()


class TestMigrations:
    def test_each_block_is_its_path_and_nothing_else(self) -> None:
        written = {name: block.deconstruct() for name, block in OURS.items()}
        paths = {name: f"wagtail_live_lms.blocks.{cls}" for name, cls in GOLDEN.items()}
        assert written == {name: (path, [], {}) for name, path in paths.items()}

    def test_the_stream_is_one_path_too(self) -> None:
        lookup = BlockDefinitionLookupBuilder()
        lookup.add_block(StructBlock([("body", LiveLMSStreamBlock())]))
        written = lookup.get_lookup_as_dict()
        assert written[0] == ("wagtail_live_lms.blocks.LiveLMSStreamBlock", [], {})
        assert list(BlockDefinitionLookup(written).get_block(0).child_blocks) == NAMES

    def test_what_a_site_derives_belongs_to_its_own_migrations(self) -> None:
        class Body(LiveLMSStreamBlock):
            text = CharBlock()

        path, (children,), _kwargs = Body().deconstruct()
        assert path == "wagtail.blocks.StreamBlock"
        assert [name for name, _block in children] == [*NAMES, "text"]
        lookup = BlockDefinitionLookupBuilder()
        index = lookup.add_block(StreamBlock([("progress", OfASite())]))
        written = lookup.get_lookup_as_dict()
        assert written[index - 1][0] == "wagtail.blocks.StructBlock"
        restored = BlockDefinitionLookup(written).get_block(index).child_blocks["progress"]
        assert set(restored.child_blocks) == {"title", "course"}


@pytest.mark.parametrize("name", NAMES)
class TestEachBlock:
    def test_the_picker_says_what_it_is(self, name: str) -> None:
        meta = OURS[name].meta
        assert str(meta.group) == "Learning"
        assert meta.icon != "placeholder"
        assert str(meta.label)
        assert len(str(meta.description)) > 20

    def test_what_has_a_default_is_in_the_settings(self, name: str) -> None:
        block = OURS[name]
        for child, definition in block.child_blocks.items():
            assert definition.field.help_text or definition.required
            assert (child in block.meta.form_layout.settings) is not definition.required
        assert block.check() == []

    @pytest.mark.django_db
    def test_the_picker_shows_a_sample(self, name: str) -> None:
        body = BootcampCoursePage._meta.get_field("body").stream_block
        client = Client()
        client.force_login(factories.make_superuser())
        prefix = body.child_blocks[name].definition_prefix
        with CaptureQueriesContext(connection) as queries:
            html = client.get(
                reverse("wagtailadmin_block_preview"), {"id": prefix}
            ).content.decode()
        assert "Sample" in html
        assert_is_only_a_sample(html, queries)

    @pytest.mark.django_db
    def test_a_pages_preview_shows_a_sample(self, name: str) -> None:
        course = factories.make_course()
        request = page_request(factories.make_student(course).user)
        request.is_preview = True  # type: ignore[attr-defined]
        block = OURS[name]
        value = {"course": course} if "course" in block.child_blocks else {}
        with CaptureQueriesContext(connection) as queries:
            html = block.render(block.normalize(value), context={"request": request})
        assert "Sample" in html
        assert_is_only_a_sample(html, queries)


@pytest.mark.django_db
class TestValidation:
    def refusal(self, block: Any, **value: Any) -> str:
        with pytest.raises(ValidationError) as refused:
            block.clean(block.normalize(value))
        (errors,) = refused.value.block_errors.values()  # type: ignore[attr-defined]
        return " ".join(errors.messages)

    @pytest.mark.parametrize("cls", [blocks.QuizBlock, blocks.QuizResultsBlock])
    def test_a_quiz_that_is_not_published_is_named(self, cls: Any) -> None:
        quiz = factories.make_quiz(title="Knots", live=False)
        words = self.refusal(cls(), quiz=quiz)
        assert words == "“Knots” is not published. Publish it first, or choose another one."

    def test_a_draft_may_show_it_and_one_that_is_published_is_fine(self) -> None:
        block = blocks.QuizBlock()
        quiz = factories.make_quiz(live=False)
        assert block.clean_deferred(block.normalize({"quiz": quiz}))["quiz"] == quiz
        Quiz.objects.update(live=True)
        quiz.refresh_from_db()
        assert block.clean(block.normalize({"quiz": quiz}))["quiz"] == quiz

    def test_a_notebook_of_no_module_is_named(self) -> None:
        factories.make_notebook_course("a")
        lesson = NotebookLesson.objects.get()
        block = blocks.NotebookLessonBlock()
        assert block.clean(block.normalize({"notebook": lesson}))["notebook"] == lesson
        NotebookLesson.objects.update(module=None)
        assert "belongs to no module." in self.refusal(block, notebook=lesson)

    def test_nothing_has_to_be_chosen(self) -> None:
        for name, block in OURS.items():
            if name != "quiz_results":
                block.clean(block.normalize({}))
