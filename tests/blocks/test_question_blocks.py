"""Question types as blocks: what migrations see, what the picker shows, how sites add theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import migrations
from django.db.migrations.writer import MigrationWriter
from django.test import Client
from django.urls import reverse
from wagtail.blocks import CharBlock

from tests import factories
from tests.factories import items, question
from wagtail_live_lms import blocks
from wagtail_live_lms.blocks.questions import add_question
from wagtail_live_lms.grading import KINDS
from wagtail_live_lms.models import QuestionsField, Quiz
from wagtail_live_lms.models.quiz_checks import load_stored


class LoudQuestion(blocks.QuestionBlock):
    """The response must be the wanted word in capital letters."""

    wanted = CharBlock(label="A wording that is in no migration")

    class Meta:
        label = "Loud"

    def grade(self, data: Any, response: Any) -> bool:
        return bool(response == data["wanted"].upper())


@pytest.fixture
def loud() -> Iterator[type]:
    """A question type of a site, until the test ends."""
    yield blocks.register_question("loud")(LoudQuestion)
    blocks.unregister_question("loud")


class TestMigrations:
    """A site's migrations must never change because a type or a wording did."""

    def test_the_field_is_written_without_its_types(self, loud: type) -> None:
        field = Quiz._meta.get_field("questions").clone()
        field.set_attributes_from_name("questions")
        change = migrations.AddField("quiz", "questions", field)
        text = MigrationWriter(
            type("Migration", (migrations.Migration,), {"operations": [change]})("0001", "app")
        ).as_string()
        assert "wagtail_live_lms.models.quizzes.QuestionsField(blank=True" in text
        for word in ("Loud", "A wording", "single_choice", "blocks", "Keep last"):
            assert word not in text

    def test_a_types_wording_changes_nothing(self, loud: type) -> None:
        before = Quiz._meta.get_field("questions").deconstruct()
        blocks.unregister_question("loud")
        try:
            assert Quiz._meta.get_field("questions").deconstruct() == before
        finally:
            add_question("loud")(LoudQuestion)
        assert before[2] == []
        assert isinstance(QuestionsField(**before[3]), QuestionsField)


class TestTypes:
    def test_every_type_that_is_graded_can_be_written(self) -> None:
        assert set(blocks.question_types) == set(KINDS)

    @pytest.mark.parametrize("kind", KINDS)
    def test_what_a_form_leaves_to_its_defaults_can_be_graded(self, kind: str) -> None:
        block = blocks.question_types[kind]
        value = block.get_prep_value(block.get_default())
        if kind in {"number", "short_text"}:
            value["answers"] = items({"value" if kind == "number" else "text": "1"})
        if kind in {"ordering", "matching"}:
            name = {"ordering": "items", "matching": "pairs"}[kind]
            empty = {"ordering": {"text": ""}, "matching": {"prompt": "", "match": ""}}[kind]
            value[name] = items(empty, empty)
        assert load_stored({"type": kind, "id": "q1", "value": value}).kind == kind

    @pytest.mark.parametrize("kind", KINDS)
    def test_what_was_left_out_is_stored_as_empty_not_as_unknown(self, kind: str) -> None:
        block = blocks.question_types[kind]
        value = block.get_prep_value(block.to_python({"text": "x"}))
        assert [path for path in unknown(value) if path != "answers.0.value.value"] == []

    def test_each_has_an_icon_a_description_and_a_group(self) -> None:
        for kind, block in blocks.question_types.items():
            assert block.meta.icon not in ("placeholder", ""), kind
            assert block.get_description(), kind
            assert block.meta.group, kind
            assert block.meta.label_format == "{text}", kind

    def test_the_question_comes_first_and_what_is_rare_is_in_the_drawer(self) -> None:
        layout = blocks.question_types["single_choice"].meta.form_layout
        assert layout.children == ["text", "choices", "points", "explanation"]
        assert layout.settings == ["shuffle", "tail", "void"]


def unknown(value: Any, path: str = "") -> list[str]:
    """Where a stored value is None."""
    match value:
        case None:
            return [path]
        case dict():
            found = value.items()
        case list():
            found = enumerate(value)
        case _:
            return []
    return [
        where
        for name, inner in found
        for where in unknown(inner, f"{path}.{name}" if path else str(name))
    ]


class TestSites:
    def test_a_site_adds_a_type_and_takes_it_back(self, loud: type) -> None:
        stored = question("loud", "q1", wanted="fire")
        quiz = Quiz(title="", questions=json.dumps([stored]))
        assert [child.block_type for child in quiz.questions] == ["loud"]
        graded = load_stored(stored)
        assert graded.grade("FIRE").outcome == "correct"
        assert graded.grade("fire").outcome == "incorrect"

    def test_its_own_fields_stand_below_the_question(self, loud: type) -> None:
        layout = blocks.question_types["loud"].meta.form_layout
        assert (layout.children, layout.settings) == (
            ["text", "wanted", "points", "explanation"],
            ["void"],
        )

    def test_a_kind_is_registered_once(self, loud: type) -> None:
        with pytest.raises(ValueError, match="'loud' is registered already"):
            blocks.register_question("loud")(LoudQuestion)

    def test_a_type_that_cannot_grade_is_refused(self) -> None:
        with pytest.raises(TypeError, match="grade"):
            blocks.register_question("mute")(blocks.QuestionBlock)
        assert "mute" not in blocks.question_types


@pytest.mark.django_db
class TestPreviews:
    @pytest.mark.parametrize("kind", KINDS)
    def test_the_picker_shows_the_question_as_a_student_sees_it(self, kind: str) -> None:
        page = preview(blocks.question_types[kind])
        assert "live-lms.css" in page
        assert str(blocks.question_types[kind].meta.preview_value["text"]) in page
        if kind != "information":
            assert any(tag in page for tag in ("<input", "<select", "<textarea"))

    def test_it_shows_a_sites_own_type(self, loud: type) -> None:
        assert "<input" in preview(blocks.question_types["loud"])


def preview(block: Any) -> str:
    client = Client()
    client.force_login(factories.make_superuser())
    url = reverse("wagtailadmin_block_preview")
    response = client.get(url, {"id": block.definition_prefix})
    assert response.status_code == 200
    return str(response.content.decode())
