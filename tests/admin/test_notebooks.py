"""Notebooks in the admin, through the real pages and forms."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from lxml import html as lxml_html
from wagtail.log_actions import registry as log_registry

from tests import factories
from tests.admin.conftest import EditorClient, text_of
from tests.notebook_files import code, lesson_file, markdown, notebook_file
from wagtail_live_lms import actions
from wagtail_live_lms.access import standing
from wagtail_live_lms.models import Module, NotebookLesson, Progress

pytestmark = pytest.mark.django_db


def url(view: str, *args: Any) -> str:
    return reverse(f"wagtail_live_lms_notebooks:{view}", args=args)


@pytest.fixture
def module() -> Module:
    course = factories.make_course(["by_hand", "notebook_finished"], title="Python")
    return factories.modules_of(course)[1]


@pytest.fixture
def lesson(module: Module) -> NotebookLesson:
    return factories.make_notebook_lesson(module, "a", "b", "c")


def file_of(raw: bytes, name: str = "lesson.ipynb") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, raw, content_type="application/x-ipynb+json")


def upload(client: Client, module: Module, raw: bytes | None, **fields: Any) -> Any:
    data = {"title": "Loops", "module": module.pk} | fields
    if raw is not None:
        data["file"] = file_of(raw)
    return client.post(url("add"), data, follow=True)


def save(client: Client, lesson: NotebookLesson, *cells: str, raw: bytes | None = None) -> Any:
    data = {"title": lesson.title, "module": lesson.module_id, "required_cells": list(cells)}
    if raw is not None:
        data["file"] = file_of(raw)
    response = client.post(url("edit", lesson.pk), data, follow=True)
    lesson.refresh_from_db()
    return response


def errors_of(response: Any) -> str:
    tree = lxml_html.fromstring(response.content.decode())
    return " ".join(
        " ".join(node.text_content().split())
        for node in tree.xpath('//*[contains(@class, "w-field__errors")]')
    )


class TestUploading:
    def test_a_file_becomes_a_lesson_and_its_cells_can_be_chosen(
        self, superuser: Client, module: Module
    ) -> None:
        response = upload(superuser, module, lesson_file("a", "b"))
        lesson = NotebookLesson.objects.get()
        assert (lesson.title, lesson.module, lesson.required) == ("Loops", module, [])
        assert response.redirect_chain[-1][0] == url("edit", lesson.pk)
        assert "Now choose the cells that students have to pass." in text_of(response)
        assert [log.action for log in log_registry.get_logs_for_instance(lesson)] == [
            "wagtail.create"
        ]

    def test_cells_tagged_required_are_chosen(self, superuser: Client, module: Module) -> None:
        raw = notebook_file(code("x = 1", "a"), code("assert x", "b", "required"))
        response = upload(superuser, module, raw)
        assert NotebookLesson.objects.get().required_ids == ["b"]
        tree = lxml_html.fromstring(response.content.decode())
        boxes = tree.xpath('//input[@name="required_cells"]')
        assert [(box.get("value"), box.get("checked") is not None) for box in boxes] == [
            ("a", False),
            ("b", True),
        ]

    def test_a_cell_is_shown_with_its_code_and_without_its_tricks(
        self, superuser: Client, module: Module
    ) -> None:
        raw = notebook_file(code("print('<script>alert(1)</script>')", "a"), markdown("Text", "m"))
        html = upload(superuser, module, raw).content.decode()
        assert "live-lms-hl-nb" in html
        assert "<script>alert(1)" not in html
        assert 'value="m"' not in html

    @pytest.mark.parametrize(
        ("raw", "message"),
        [
            (None, "Choose the notebook file."),
            (b"print()", "This is not a notebook."),
            (b'{"nbformat": 5}', "newer format"),
            (notebook_file(cells=[{}]), "The notebook is damaged"),
        ],
    )
    def test_what_cannot_be_used_is_an_error_beside_the_field(
        self, superuser: Client, module: Module, raw: bytes | None, message: str
    ) -> None:
        response = upload(superuser, module, raw)
        assert message in errors_of(response)
        assert not NotebookLesson.objects.exists()

    def test_a_file_that_is_too_large(self, superuser: Client, module: Module) -> None:
        with override_settings(WAGTAIL_LIVE_LMS={"NOTEBOOK_MAX_BYTES": 1000}):
            response = upload(superuser, module, lesson_file(*"abcdefghij"))
        assert "at most 1000" in errors_of(response)
        assert "Clear its outputs" in errors_of(response)

    def test_only_modules_that_wait_for_a_notebook_are_offered(
        self, superuser: Client, lesson: NotebookLesson
    ) -> None:
        other = factories.make_course(["notebook_finished", "quiz_passed"], title="Java")
        tree = lxml_html.fromstring(superuser.get(url("add")).content.decode())
        options = tree.xpath('//select[@name="module"]/option')
        assert [option.text for option in options[1:]] == ["Java: Module 1"]
        taken = upload(superuser, lesson.module, lesson_file("a"))
        assert "Select a valid choice" in errors_of(taken)
        wrong = upload(superuser, factories.modules_of(other)[1], lesson_file("a"))
        assert "Select a valid choice" in errors_of(wrong)


class TestChoosing:
    def test_other_cells_can_be_required(self, superuser: Client, lesson: NotebookLesson) -> None:
        response = save(superuser, lesson, "c", "a")
        assert lesson.required_ids == ["a", "c"]
        assert response.redirect_chain[-1][0] == url("list")

    def test_none_is_an_error(self, superuser: Client, lesson: NotebookLesson) -> None:
        assert "Choose at least one cell." in errors_of(save(superuser, lesson))
        assert lesson.required_ids == ["a", "b", "c"]

    def test_a_cell_that_is_not_there(self, superuser: Client, lesson: NotebookLesson) -> None:
        assert "nowhere is not one" in errors_of(save(superuser, lesson, "a", "nowhere"))

    def test_those_who_lack_nothing_any_more_are_done(
        self, superuser: Client, lesson: NotebookLesson, module: Module
    ) -> None:
        enrolment = factories.make_student(module.course)
        actions.report_notebook(enrolment.user, module, ["a"], key=uuid.uuid4(), evidence={})
        save(superuser, lesson, "a")
        assert Progress.objects.get().source == "notebook"


class TestReplacing:
    def test_the_same_file_changes_nothing(self, superuser: Client, lesson: NotebookLesson) -> None:
        before = (lesson.notebook, lesson.required, lesson.digest)
        response = save(superuser, lesson, "a", "b", "c", raw=lesson_file("a", "b", "c"))
        assert (lesson.notebook, lesson.required, lesson.digest) == before
        assert response.redirect_chain[-1][0] == url("edit", lesson.pk)

    def test_required_cells_that_are_still_there_stay_and_the_others_are_named(
        self, superuser: Client, lesson: NotebookLesson
    ) -> None:
        raw = notebook_file(
            code("# Exercise c, better", "c"), code("1", "new", "required"), code("2", "other")
        )
        response = save(superuser, lesson, "a", "b", "c", raw=raw)
        assert lesson.required == [
            {"id": "c", "label": "Exercise c, better"},
            {"id": "new", "label": "1"},
        ]
        text = text_of(response)
        assert "no longer has these required cells: Exercise a, Exercise b." in text

    def test_what_students_did_is_kept(
        self, superuser: Client, lesson: NotebookLesson, module: Module
    ) -> None:
        done, under_way = [factories.make_student(module.course) for _ in range(2)]
        for enrolment, cells in ((done, ["a", "b", "c"]), (under_way, ["a", "b"])):
            actions.report_notebook(enrolment.user, module, cells, key=uuid.uuid4(), evidence={})
        save(superuser, lesson, "a", "b", "c", raw=lesson_file("b", "d", "c"))
        assert standing(done, module).state == "completed"
        assert standing(under_way, module).passed == ["b"]

    def test_where_nothing_is_left_the_editor_is_told(
        self, superuser: Client, lesson: NotebookLesson
    ) -> None:
        response = save(superuser, lesson, "a", raw=lesson_file("x"))
        assert lesson.required == []
        assert "No cell is required any more." in text_of(response)

    def test_a_damaged_file_changes_nothing(
        self, superuser: Client, lesson: NotebookLesson
    ) -> None:
        before = lesson.notebook
        assert "not a notebook" in errors_of(save(superuser, lesson, "a", raw=b"x"))
        assert lesson.notebook == before


class TestTheRest:
    def test_the_list(self, superuser: Client, lesson: NotebookLesson) -> None:
        text = text_of(superuser.get(url("list")))
        assert lesson.title in text
        assert "Python" in text
        NotebookLesson.objects.update(module=None)
        assert superuser.get(url("list")).status_code == 200

    def test_a_notebook_without_a_module_asks_for_one(
        self, superuser: Client, lesson: NotebookLesson
    ) -> None:
        NotebookLesson.objects.update(module=None)
        lesson.refresh_from_db()
        data = {"title": lesson.title, "module": "", "required_cells": ["a"]}
        assert "required" in errors_of(superuser.post(url("edit", lesson.pk), data))

    def test_deleting_says_what_stays(
        self, superuser: Client, lesson: NotebookLesson, module: Module
    ) -> None:
        enrolment = factories.make_student(module.course)
        actions.report_notebook(enrolment.user, module, ["a"], key=uuid.uuid4(), evidence={})
        assert "is kept" in text_of(superuser.get(url("delete", lesson.pk)))
        superuser.post(url("delete", lesson.pk))
        assert not NotebookLesson.objects.exists()
        assert enrolment.notebook_progress.get().passed == ["a"]

    def test_it_is_for_those_with_permission(
        self, editor: EditorClient, lesson: NotebookLesson
    ) -> None:
        assert editor("change_notebooklesson").get(url("edit", lesson.pk)).status_code == 200
        other = editor("change_course")
        assert other.get(url("edit", lesson.pk)).status_code == 302
        assert other.get(url("list")).status_code == 302
