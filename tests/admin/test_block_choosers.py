"""What editors of pages are offered when they choose a course, a quiz or a notebook."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from tests import factories
from wagtail_live_lms.models import Course, NotebookLesson, Quiz

pytestmark = pytest.mark.django_db

MODELS = [Course, Quiz, NotebookLesson]


@pytest.fixture
def page_editor() -> Any:
    """Somebody who edits pages and has no permission for anything of ours."""
    user = factories.make_user()
    user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    return user


@pytest.fixture
def client(page_editor: Any) -> Client:
    client = Client()
    client.force_login(page_editor)
    return client


def make(title: str, **fields: Any) -> dict[Any, Any]:
    """A course with a quiz and a notebook, all of that title."""
    course, module = factories.make_notebook_course("a", title=title, **fields)
    NotebookLesson.objects.filter(module=module).update(title=title)
    quiz = factories.make_quiz(course, title=title)
    return {Course: course, Quiz: quiz, NotebookLesson: NotebookLesson.objects.get(module=module)}


def url(model: Any, view: str, *arguments: Any) -> str:
    name = model.snippet_viewset.chooser_viewset.get_url_name(view)
    return reverse(name, args=arguments)


@pytest.mark.parametrize("model", MODELS)
def test_what_is_open_or_taught_is_offered_and_nothing_else(
    model: Any, client: Client, page_editor: Any
) -> None:
    hidden = make("Hidden", enrolment_policy="staff")
    make("Open to all")
    make("Taught by me", enrolment_policy="staff", instructors=[page_editor])
    for view in ("choose", "choose_results"):
        html = client.get(url(model, view)).content.decode()
        assert "Open to all" in html
        assert "Taught by me" in html
        assert "Hidden" not in html
    assert client.get(url(model, "chosen", hidden[model].pk)).status_code == 404


@pytest.mark.parametrize("model", MODELS)
def test_what_is_chosen_is_found(model: Any, client: Client) -> None:
    thing = make("Open to all")[model]
    assert "Open to all" in client.get(url(model, "chosen", thing.pk)).content.decode()
    several = client.get(url(model, "chosen_multiple"), {"id": [thing.pk]})
    assert "Open to all" in several.content.decode()


@pytest.mark.parametrize("model", MODELS)
def test_those_whose_work_it_is_find_all(model: Any) -> None:
    make("Hidden", enrolment_policy="staff")
    client = Client()
    client.force_login(factories.make_superuser())
    assert "Hidden" in client.get(url(model, "choose")).content.decode()


def test_a_draft_of_a_quiz_is_for_those_who_write_quizzes(client: Client) -> None:
    factories.make_quiz(factories.make_course(), title="Draft", live=False)
    assert "Draft" not in client.get(url(Quiz, "choose")).content.decode()
