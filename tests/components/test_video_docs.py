"""The video of the documentation, as a child of the student's page that changes no other."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.rendering import element, render_component
from wagtail_live_lms import actions
from wagtail_live_lms.components import StudentView
from wagtail_live_lms.live import registry
from wagtail_live_lms.models import Course, Enrolment
from wagtail_live_lms.testing import assert_permission_denied, dispatch_event

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/write-a-component.md"


def code(language: str) -> str:
    section = PAGE.read_text().split("## A child of the student page")[1].split("\n## ")[0]
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", section, re.S | re.M)
    return str(found)


@pytest.fixture
def video(settings: Any, tmp_path: Path) -> Iterator[None]:
    """The site of the documentation: its module is imported, its template is in place."""
    cache.clear()
    template = tmp_path / "site" / "lesson_video.html"
    template.parent.mkdir()
    template.write_text(code("html"))
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [*engine.get("DIRS", []), tmp_path]}]
    module = ModuleType("documented_video")
    sys.modules[module.__name__] = module
    exec(compile(code("python"), str(PAGE), "exec"), module.__dict__)
    yield
    registry.retract("student_view", "video")
    registry.unregister("lesson_video")
    del sys.modules[module.__name__]


@pytest.fixture
def course() -> Course:
    return factories.make_course()


@pytest.fixture
def student(course: Course) -> Enrolment:
    return factories.make_student(course)


def others(html: str) -> list[str]:
    """What the page says without the video, tokens and their ages left out."""
    found = element(html, '//div[@data-live-component="student_view"]')
    for video in found.xpath('.//*[@data-live-component="lesson_video"]'):
        video.drop_tree()
    return " ".join(found.text_content().split()).split(" ")


def test_it_stands_beside_the_others_and_changes_none(
    student: Enrolment, course: Course, request: pytest.FixtureRequest
) -> None:
    before = render_component(student.user, "student_view", course_id=course.pk)
    request.getfixturevalue("video")
    after = render_component(student.user, "student_view", course_id=course.pk)
    assert 'data-live-component="lesson_video"' not in before
    assert after.count('data-live-component="lesson_video"') == 1
    assert others(after) == others(before)
    assert "lesson_video" not in StudentView.components.values()


@pytest.mark.usefixtures("video")
def test_its_event_answers_with_itself_alone(student: Enrolment, course: Course) -> None:
    client = Client()
    client.force_login(student.user)
    html = render_component(student.user, "student_view", course_id=course.pk)
    root = element(html, '//section[@data-live-component="lesson_video"]')
    form = {"params": root.get("data-live-params"), "event": "watched"}
    url = reverse("wagtail_live_lms:component", args=["lesson_video"])
    answer = client.post(url, form, headers={"HX-Request": "true"}).content.decode()
    assert element(answer, "//section").get("data-watched") == "1"
    assert answer.count("data-live-component") == 1
    assert (
        dispatch_event("lesson_video", "watched", user=student.user, course_id=course.pk).state[
            "watched"
        ]
        == 2
    )


@pytest.mark.usefixtures("video")
def test_it_keeps_its_own_permissions(student: Enrolment, course: Course) -> None:
    actions.withdraw(student)
    assert_permission_denied("lesson_video", "watched", user=student.user, course_id=course.pk)
