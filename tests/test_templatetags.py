"""`{% load live_lms %}`: components on pages, and what is shown where one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.template.engine import Engine
from django.test import override_settings

from tests import factories
from tests.rendering import element, page_request, render_component
from wagtail_live_lms import actions
from wagtail_live_lms.live import CompositeComponent, IsAuthenticated, RowId, registry
from wagtail_live_lms.live.topics import positions
from wagtail_live_lms.models import Course, Enrolment

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return factories.make_course(2, title="Knots")


@pytest.fixture
def student(course: Course) -> Enrolment:
    return factories.make_student(course)


def render(source: str, **context: Any) -> str:
    return Template("{% load live_lms %}" + source).render(Context(context))


class TestHead:
    def test_styles_and_scripts_once(self) -> None:
        html = render("{% live_lms_head %}")
        assert html.count("live-lms.js") == html.count("live-lms.css") == 1
        assert "htmx" in html
        assert 'name="htmx-config"' in html

    def test_a_site_may_bring_its_own_htmx(self) -> None:
        html = render("{% live_lms_head htmx=False %}")
        assert "htmx" not in html
        assert "live-lms.js" in html


class TestComponent:
    def test_its_root_says_all_the_script_needs(self, student: Enrolment) -> None:
        html = render_component(student.user, "course_progress", course_id=student.course_id)
        root = element(html, '//*[@data-live-component="course_progress"]')
        assert root.get("id")
        assert root.get("data-live-state") == "stale"
        assert root.get("data-live-url") == "/live-lms/components/course_progress/"
        assert root.get("data-live-params")
        topics = [part.partition(":")[0] for part in root.get("data-live-since").split()]
        assert topics == [f"course-{student.course_id}", f"student-{student.user_id}"]
        at = positions([f"student-{student.user_id}"])[f"student-{student.user_id}"]
        assert root.get("data-live-since").endswith(f":{at}")

    def test_its_forms_work_without_scripts(self, student: Enrolment, client: Any) -> None:
        request = page_request(student.user, "/knots/?tab=2")
        html = render(
            "{% live_component 'course_progress' course_id=c %}",
            request=request,
            c=student.course_id,
        )
        form = element(html, "//form")
        assert (form.get("method"), form.get("action")) == ("post", form.get("hx-post"))
        fields = {i.get("name"): i.get("value") for i in form.xpath(".//input[@type='hidden']")}
        assert fields["next"] == "/knots/?tab=2"
        assert fields["event"] == "complete_module"
        assert fields["csrfmiddlewaretoken"]
        client.force_login(student.user)
        module = factories.modules_of(student.course)[0]
        response = client.post(form.get("action"), {**fields, "module_id": module.pk})
        assert (response.status_code, response.headers["Location"]) == (302, "/knots/?tab=2")
        student.refresh_from_db()
        assert student.completed_count == 1

    def test_an_answer_keeps_the_page_it_is_swapped_into(
        self, student: Enrolment, client: Any
    ) -> None:
        html = render_component(student.user, "course_progress", course_id=student.course_id)
        params = element(html, "//form//input[@name='params']").get("value")
        client.force_login(student.user)
        module = factories.modules_of(student.course)[0]
        answer = client.post(
            "/live-lms/components/course_progress/",
            {
                "params": params,
                "event": "complete_module",
                "module_id": module.pk,
                "next": "/knots/",
            },
            headers={"HX-Request": "true"},
        ).content.decode()
        assert element(answer, "//form//input[@name='next']").get("value") == "/knots/"

    def test_what_is_pushed_carries_no_csrf_token(self, student: Enrolment) -> None:
        request: Any = page_request(student.user)
        request.is_live_socket = True
        html = render(
            "{% live_component 'course_progress' course_id=c %}",
            request=request,
            c=student.course_id,
        )
        assert "csrfmiddlewaretoken" not in html
        assert 'name="params"' in html

    def test_a_parameter_without_a_value_counts_as_not_given(self, student: Enrolment) -> None:
        html = render_component(
            student.user, "course_progress", course_id=student.course_id, module_id=None
        )
        assert html.count("data-module=") == 2

    def test_without_a_request_there_is_nothing(self, student: Enrolment) -> None:
        html = render("{% live_component 'course_progress' course_id=c %}", c=student.course_id)
        assert html == ""


class TestRefusals:
    def test_visitors_are_led_to_log_in_and_back(self, course: Course) -> None:
        html = render_component(
            AnonymousUser(), "course_progress", "knots/?a=1&b=2", course_id=course.pk
        )
        assert "Log in" in element(html, "//section/p[1]").text_content()
        link = element(html, "//a").get("href")
        assert link == "/live-lms/login/?next=/knots/%3Fa%3D1%26b%3D2"
        assert "Knots" not in html

    def test_outsiders_are_told_without_learning_anything(self, course: Course) -> None:
        html = render_component(factories.make_user(), "instructor_dashboard", course_id=course.pk)
        assert "You may not do this." in html
        assert "data-live-params" not in html
        assert "<a" not in html

    def test_a_refused_alternative_says_why_in_its_own_words(self) -> None:
        course = factories.make_course(enrolment_policy="staff")
        html = render_component(factories.make_user(), "course_progress", course_id=course.pk)
        assert "This is not here." in html

    @pytest.mark.parametrize("course_id", ["abc", 0, -1, 2**63])
    def test_parameters_that_make_no_sense_fail_no_page(
        self, student: Enrolment, course_id: Any
    ) -> None:
        html = render_component(student.user, "course_progress", course_id=course_id)
        assert "live-lms-refusal" in html

    def test_a_component_nobody_has_fails_no_page(self, student: Enrolment) -> None:
        html = render_component(student.user, "no_such_component", course_id=1)
        assert "This is not here." in html


class TestComposites:
    @pytest.fixture(autouse=True)
    def composite(self, settings: Any) -> Iterator[None]:
        @registry.register("test_both")
        class Both(CompositeComponent):
            template_name = "test_both.html"
            permission_classes = (IsAuthenticated,)
            components = {"mine": "course_progress", "theirs": "instructor_dashboard"}

            def mount(self, course_id: RowId, q: str = "") -> None:
                self.state = {}

        templates = {
            "test_both.html": "{% load live_lms %}<div {% live_root component %}>"
            "{% live_slots %}|{% live_slot 'mine' %}|{% live_slot 'nothing' %}</div>"
        }
        engine = {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "context_processors": settings.TEMPLATES[0]["OPTIONS"]["context_processors"],
                "loaders": [
                    ("django.template.loaders.locmem.Loader", templates),
                    "django.template.loaders.app_directories.Loader",
                ],
            },
        }
        with override_settings(TEMPLATES=[engine]):
            Engine.get_default.cache_clear()
            yield
        Engine.get_default.cache_clear()
        registry.unregister("test_both")

    def test_each_child_keeps_its_own_permissions(self, student: Enrolment) -> None:
        html = render_component(student.user, "test_both", course_id=student.course_id)
        assert html.count('data-live-component="course_progress"') == 2
        assert "instructor_dashboard" not in html

    def test_an_instructor_sees_the_other_one(self, course: Course) -> None:
        html = render_component(factories.make_superuser(), "test_both", course_id=course.pk)
        assert html.count('data-live-component="instructor_dashboard"') == 1
        assert 'data-live-component="course_progress"' not in html

    def test_a_slot_nobody_filled_is_empty(self, student: Enrolment) -> None:
        html = render_component(student.user, "test_both", course_id=student.course_id)
        assert html.rstrip().endswith("|</div>")


def test_a_withdrawn_student_sees_how_to_come_back(student: Enrolment) -> None:
    actions.withdraw(student)
    html = render_component(student.user, "course_progress", course_id=student.course_id)
    assert "Join this course" in html
