"""Alert rules, hints and the home page's panel, as those who work in the admin see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.log_actions import registry as log_registry
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from tests import factories
from tests.admin.conftest import EditorClient, course_data, course_url, module_data, text_of
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Subject
from wagtail_live_lms.models import (
    Alert,
    AlertRule,
    Course,
    CourseInstructor,
    Enrolment,
    PreparedHint,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    return factories.make_course(1, title="Knots", slug="knots")


def save(client: Client, course: Course, **formsets: list[dict[str, Any]]) -> Any:
    data = course_data([module_data(module) for module in course.modules.all()], course=course)
    sent = {name: inline_formset(forms) for name, forms in formsets.items()}
    data = {key: v for key, v in data.items() if not key.startswith(tuple(formsets))}
    return client.post(course_url("edit", course.pk), data | nested_form_data(sent))


def rule(kind: str, threshold: object = "", is_on: str = "on") -> dict[str, Any]:
    return {"id": "", "kind": kind, "threshold": threshold, "is_on": is_on}


class TestTheForm:
    def test_it_tells_the_defaults(self, superuser: Client, course: Course) -> None:
        text = text_of(superuser.get(course_url("edit", course.pk)))
        assert "Stuck: 20 (minutes without progress after work on a module)" in text

    def test_a_rule_counts_at_once_and_is_in_the_log(
        self, superuser: Client, course: Course
    ) -> None:
        factories.make_student(course)
        Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=3))
        response = save(superuser, course, alert_rules=[rule("inactive", 2)])
        assert response.status_code == 302
        assert Alert.objects.get().kind == "inactive"
        logged = [entry.action for entry in log_registry.get_logs_for_instance(course)]
        assert "wagtail_live_lms.change_alert_rules" in logged
        row = AlertRule.objects.get()
        kept = {"id": row.pk, "kind": "inactive", "threshold": 2, "is_on": "on"}
        data = course_data([module_data(course.modules.get())], course=course)
        data = {key: v for key, v in data.items() if not key.startswith("alert_rules")}
        sent = nested_form_data({"alert_rules": inline_formset([kept], initial=1)})
        superuser.post(course_url("edit", course.pk), data | sent)
        again = [entry.action for entry in log_registry.get_logs_for_instance(course)]
        assert again.count("wagtail_live_lms.change_alert_rules") == 1

    def test_a_threshold_out_of_bounds_is_refused_and_one_of_help_is_dropped(
        self, superuser: Client, course: Course
    ) -> None:
        assert "from 1 to 100" in text_of(
            save(superuser, course, alert_rules=[rule("hard_question", 101)])
        )
        save(superuser, course, alert_rules=[rule("help", 5, is_on="")])
        assert AlertRule.objects.get().threshold is None
        assert not actions.is_help_offered(course.pk)

    def test_a_hint_belongs_to_a_module_of_the_course(
        self, superuser: Client, course: Course
    ) -> None:
        other = factories.modules_of(factories.make_course(1))[0]
        hint = {"id": "", "text": "Pull.", "module": other.pk, "ORDER": "1"}
        save(superuser, course, prepared_hints=[hint])
        assert not PreparedHint.objects.exists()
        save(superuser, course, prepared_hints=[hint | {"module": course.modules.get().pk}])
        assert PreparedHint.objects.get().module == course.modules.get()


class TestTheHomePage:
    @pytest.fixture(autouse=True)
    def _site(self) -> None:
        factories.site_root()

    def home(self, client: Client) -> str:
        return text_of(client.get(reverse("wagtailadmin_home")))

    def test_an_instructor_sees_what_waits_in_their_courses(
        self, editor: EditorClient, course: Course
    ) -> None:
        client = editor()
        student = factories.make_student(course, "Ada Lovelace")
        actions.ask_for_help(student, Subject("Bends"))
        assert "Ada Lovelace" not in self.home(client)
        CourseInstructor.objects.create(course=course, user=client.user)
        page = self.home(client)
        assert "Alerts of your courses" in page
        assert "Ada Lovelace" in page
        assert 'href="?' not in page
        course.dashboard_page = factories.site_root()
        course.save()
        alert = Alert.objects.get()
        assert f'href="/?alert={alert.pk}"' in self.home(client)
        actions.acknowledge_alert(alert)
        assert "Alerts of your courses" not in self.home(client)

    def test_those_who_see_enrolments_are_led_there_where_there_is_no_dashboard(
        self, superuser: Client, course: Course
    ) -> None:
        CourseInstructor.objects.create(course=course, user=superuser.user)
        actions.ask_for_help(factories.make_student(course), Subject("Bends"))
        assert f"?course={course.pk}" in self.home(superuser)

    def test_it_is_short_and_its_queries_do_not_grow(self, superuser: Client) -> None:
        counts = []
        for size in (1, 12):
            course = factories.make_course(1, instructors=[superuser.user])
            for _ in range(size):
                actions.ask_for_help(factories.make_student(course), Subject("Bends"))
            self.home(superuser)
            with CaptureQueriesContext(connection) as queries:
                page = self.home(superuser)
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert page.count("<li data-alert=") == 8
        assert "list the others" in page
