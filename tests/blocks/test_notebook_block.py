"""The block of a notebook: what migrations see, which notebook it shows, and its sample."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from example_site.bootcamp.models import BootcampCoursePage
from tests import factories
from tests.blocks.test_live_blocks import assert_is_only_a_sample
from tests.rendering import page_request
from wagtail_live_lms.blocks import NotebookLessonBlock
from wagtail_live_lms.models import Module, NotebookLesson

pytestmark = pytest.mark.django_db


@pytest.fixture
def module() -> Module:
    return factories.make_notebook_course("a")[1]


@pytest.fixture
def student(module: Module) -> Any:
    return factories.make_student(module.course).user


def render(user: Any, page: Any = None, **value: Any) -> str:
    block = NotebookLessonBlock()
    context = {"page": page, "request": page_request(user)}
    return block.render(block.normalize(value), context=context)


def test_a_migration_sees_a_path() -> None:
    written = NotebookLessonBlock().deconstruct()
    assert written == ("wagtail_live_lms.blocks.NotebookLessonBlock", [], {})
    assert list(NotebookLessonBlock().child_blocks) == ["notebook"]


def test_a_modules_page_shows_its_notebook(module: Module, student: Any) -> None:
    page = factories.site_root()
    Module.objects.filter(pk=module.pk).update(page=page)
    assert f'data-notebook="{module.pk}"' in render(student, page)


def test_a_chosen_notebook_is_shown_anywhere(module: Module, student: Any) -> None:
    lesson = NotebookLesson.objects.get()
    assert f'data-notebook="{module.pk}"' in render(student, notebook=lesson)


def test_where_there_is_none_it_says_what_to_do(module: Module, student: Any) -> None:
    page = factories.site_root()
    NotebookLesson.objects.all().delete()
    Module.objects.filter(pk=module.pk).update(page=page)
    for shown in (render(student), render(student, page)):
        assert "There is no notebook here yet." in shown


def test_a_notebook_whose_module_is_gone(student: Any) -> None:
    lesson = NotebookLesson.objects.get()
    Module.objects.filter(pk=lesson.module_id).delete()
    lesson.refresh_from_db()
    assert "There is no notebook here yet." in render(student, notebook=lesson)


def test_the_picker_shows_a_sample() -> None:
    stream = BootcampCoursePage._meta.get_field("body").stream_block
    client = Client()
    client.force_login(factories.make_superuser())
    prefix = stream.child_blocks["notebook_lesson"].definition_prefix
    with CaptureQueriesContext(connection) as queries:
        response = client.get(reverse("wagtailadmin_block_preview"), {"id": prefix})
    html = response.content.decode()
    assert "Sample" in html
    assert "live-lms-notebook.css" in html
    assert_is_only_a_sample(html, queries)
