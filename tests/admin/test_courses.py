"""Courses in the admin, through the real pages and forms."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.log_actions import registry as log_registry
from wagtail.models import Page

from tests.actions.changes import recorded
from tests.factories import (
    complete,
    make_course,
    make_page,
    make_student,
    make_superuser,
    make_user,
    modules_of,
)
from wagtail_live_lms import actions
from wagtail_live_lms.admin import courses as admin_courses
from wagtail_live_lms.models import Course, CourseInstructor, CourseTotals, Module

from .conftest import (
    EditorClient,
    course_data,
    course_url,
    log_in,
    module_data,
    text_of,
)

pytestmark = pytest.mark.django_db


def save(client: Client, course: Course, modules: list[dict[str, Any]], **fields: Any) -> Any:
    data = course_data(modules, course=course, **fields)
    return client.post(course_url("edit", course.pk), data)


def logged(instance: Any) -> list[tuple[str, Any]]:
    entries = log_registry.get_logs_for_instance(instance).order_by("timestamp", "pk")
    return [(entry.action, entry.user_id) for entry in entries]


class TestCreating:
    def test_the_form_makes_a_course_with_modules_and_instructors(self, superuser: Client) -> None:
        page, teacher = make_page(Page(title="Lesson", slug="lesson")), make_user("Grace Hopper")
        data = course_data(
            [
                module_data(title="Names", page=page.pk),
                module_data(title="Text", completion_rule="page_viewed"),
            ],
            instructors=[teacher],
            in_order="on",
        )

        response = superuser.post(course_url("add"), data)

        assert response.status_code == 302, response.content.decode()
        course = Course.objects.get(slug="python")
        assert [(m.title, m.page_id, m.completion_rule) for m in modules_of(course)] == [
            ("Names", page.pk, "by_hand"),
            ("Text", None, "page_viewed"),
        ]
        assert course.in_order is True
        assert [link.user for link in course.instructor_links.all()] == [teacher]
        assert CourseTotals.objects.get(course=course).module_count == 2
        assert logged(course) == [("wagtail.create", superuser.user.pk)]

    def test_the_empty_form_offers_choosers_instead_of_lists_of_people(
        self, superuser: Client
    ) -> None:
        make_user("Ada Lovelace")
        page = superuser.get(course_url("add")).content.decode()
        assert "Lovelace" not in page
        assert reverse("wagtail_live_lms_people:choose") in page

    def test_the_slug_follows_the_title(self, superuser: Client) -> None:
        page = superuser.get(course_url("add")).content.decode()
        assert "w-sync" in page
        assert "w-slug" in page

    def test_the_same_instructor_twice_is_an_error_of_the_form(self, superuser: Client) -> None:
        teacher = make_user()
        response = superuser.post(course_url("add"), course_data(instructors=[teacher, teacher]))
        assert response.status_code == 200
        assert not Course.objects.exists()

    def test_a_slug_in_use_is_an_error_of_the_form(self, superuser: Client) -> None:
        make_course(slug="python")
        response = superuser.post(course_url("add"), course_data())
        assert "Slug already exists" in text_of(response)


class TestEditing:
    def test_an_archived_module_is_no_longer_counted_and_pages_are_told(
        self, superuser: Client
    ) -> None:
        course = make_course(2)
        first, second = modules_of(course)
        student = make_student(course)
        complete(student, first)
        with recorded() as said:
            response = save(
                superuser, course, [module_data(first), module_data(second, archived="on")]
            )

        assert response.status_code == 302
        student.refresh_from_db()
        assert student.percent == 100
        assert CourseTotals.objects.get(course=course).finished_count == 1
        assert said == [
            (f"course-{course.pk}", "course", course.pk),
            (f"instructor-{course.pk}", "course", course.pk),
        ]

    def test_a_restored_module_counts_with_its_completions(self, superuser: Client) -> None:
        course = make_course(2)
        first, second = modules_of(course)
        student = make_student(course)
        complete(student, first)
        actions.archive_module(first)

        save(
            superuser,
            course,
            [module_data(modules_of(course)[0], archived=""), module_data(second)],
        )

        student.refresh_from_db()
        assert (student.completed_count, student.percent) == (1, 50)

    def test_an_added_module_lowers_the_percentages(self, superuser: Client) -> None:
        course = make_course(1)
        student = make_student(course)
        complete(student, *modules_of(course))

        save(superuser, course, [module_data(modules_of(course)[0]), module_data(title="More")])

        student.refresh_from_db()
        assert student.percent == 50

    def test_modules_can_be_reordered(self, superuser: Client) -> None:
        course = make_course(3)
        a, b, c = modules_of(course)
        forms = [module_data(a), module_data(b), module_data(c)]
        data = course_data(forms, course=course)
        data |= {"modules-0-ORDER": 3, "modules-1-ORDER": 1, "modules-2-ORDER": 2}

        assert superuser.post(course_url("edit", course.pk), data).status_code == 302

        assert modules_of(course) == [b, c, a]

    def test_the_log_says_what_happened_to_the_modules_and_who_did_it(
        self, superuser: Client
    ) -> None:
        course = make_course(2)
        a, b = modules_of(course)
        data = course_data([module_data(a, archived="on"), module_data(b)], course=course)
        data |= {"modules-0-ORDER": 2, "modules-1-ORDER": 1}
        superuser.post(course_url("edit", course.pk), data)
        save(superuser, course, [module_data(a, archived=""), module_data(b)])

        assert {action for action, user in logged(course) if user == superuser.user.pk} == {
            "wagtail.edit",
            "wagtail_live_lms.archive_module",
            "wagtail_live_lms.reorder_modules",
            "wagtail_live_lms.restore_module",
        }
        history = text_of(superuser.get(course_url("history", course.pk)))
        for sentence in (
            "Archived the module “Module 1”",
            "Restored the module “Module 1”",
            "Changed the order of the modules",
        ):
            assert sentence in history

    def test_an_unfinished_module_can_be_deleted(self, superuser: Client) -> None:
        course = make_course(2)
        kept, deleted = modules_of(course)
        student = make_student(course)
        complete(student, kept)

        save(superuser, course, [module_data(kept), module_data(deleted, DELETE="on")])

        assert modules_of(course) == [kept]
        student.refresh_from_db()
        assert student.percent == 100

    def test_an_instructor_can_be_taken_off(self, superuser: Client) -> None:
        course = make_course(1, instructors=[make_user()])
        data = course_data([module_data(modules_of(course)[0])], course=course)
        data["instructor_links-0-DELETE"] = "on"
        assert superuser.post(course_url("edit", course.pk), data).status_code == 302
        assert not CourseInstructor.objects.exists()


class TestDeletingACompletedModule:
    def test_is_refused_with_the_name_the_number_and_the_way_out(self, superuser: Client) -> None:
        course = make_course(2)
        first, second = modules_of(course)
        for _ in range(2):
            complete(make_student(course), first)

        response = save(superuser, course, [module_data(first, DELETE="on"), module_data(second)])

        assert response.status_code == 200
        page = html.unescape(text_of(response))
        assert "2 students have completed “Module 1”, so it cannot be deleted." in page
        assert "Tick “Archived”" in page
        assert modules_of(course) == [first, second]

    def test_puts_the_module_back_into_the_form(self, superuser: Client) -> None:
        course = make_course(1)
        module = modules_of(course)[0]
        complete(make_student(course), module)

        response = save(superuser, course, [module_data(module, DELETE="on")])

        field = re.search(r'<input[^>]*name="modules-0-DELETE"[^>]*>', response.content.decode())
        assert field
        assert "on" not in re.findall(r'value="([^"]*)"', field.group(0))

    def test_is_refused_beside_other_errors_of_the_form(self, superuser: Client) -> None:
        course = make_course(2)
        first, second = modules_of(course)
        complete(make_student(course), first)

        response = save(
            superuser,
            course,
            [module_data(first, DELETE="on"), module_data(second, title="")],
        )

        page = html.unescape(text_of(response))
        assert "1 student has completed “Module 1”, so it cannot be deleted." in page
        assert "This field is required" in page

    def test_is_possible_once_the_completion_was_reset(self, superuser: Client) -> None:
        course = make_course(1)
        module = modules_of(course)[0]
        student = make_student(course)
        complete(student, module)
        actions.reset_module(student, module, by=superuser.user, reason="a mistake")

        assert save(superuser, course, [module_data(module, DELETE="on")]).status_code == 302
        assert modules_of(course) == []

    def test_is_decided_with_the_course_locked(self, superuser: Client) -> None:
        course = make_course(1)
        module = modules_of(course)[0]
        with CaptureQueriesContext(connection) as captured:
            save(superuser, course, [module_data(module, DELETE="on")])
        tables = [
            next((table for table in ("coursetotals", "progress") if f"lms_{table}" in sql), "")
            for sql in (query["sql"] for query in captured)
        ]
        assert tables.index("coursetotals") < tables.index("progress")


class TestAStaleForm:
    def test_naming_a_module_that_was_deleted_meanwhile_is_an_error_of_the_form(
        self, superuser: Client
    ) -> None:
        course = make_course(2)
        first, second = modules_of(course)
        stale = [module_data(first), module_data(second)]
        second.delete()

        response = save(superuser, course, stale)

        assert response.status_code == 200
        assert modules_of(course) == [first]

    def test_keeps_a_module_that_was_added_meanwhile(self, superuser: Client) -> None:
        course = make_course(1)
        stale = [module_data(modules_of(course)[0])]
        added = Module.objects.create(course=course, title="Added", sort_order=1)

        assert save(superuser, course, stale).status_code == 302
        assert added in modules_of(course)

    @pytest.mark.parametrize("pk", ["abc", "-1", "99999999999999999999", "1e3"])
    def test_an_unreadable_module_id_is_no_server_error(self, superuser: Client, pk: str) -> None:
        course = make_course(1)
        module = modules_of(course)[0]
        response = save(superuser, course, [module_data(module, id=pk)])
        assert response.status_code == 200
        assert modules_of(course) == [module]


class TestDeletingACourse:
    def test_is_refused_when_somebody_completed_a_module(self, superuser: Client) -> None:
        course = make_course(1)
        complete(make_student(course), *modules_of(course))

        response = superuser.post(course_url("delete", course.pk), follow=True)

        assert Course.objects.filter(pk=course.pk).exists()
        message = html.unescape(text_of(response))
        assert f"1 student has completed modules of “{course.title}”" in message
        assert response.redirect_chain[0][0] == course_url("list")

    def test_is_refused_in_bulk(self, superuser: Client) -> None:
        kept, empty = make_course(1), make_course(1)
        complete(make_student(kept), *modules_of(kept))
        url = reverse("wagtail_bulk_action", args=("wagtail_live_lms", "course", "delete"))
        superuser.post(f"{url}?id={kept.pk}&id={empty.pk}")
        assert Course.objects.count() == 2

    def test_is_refused_when_a_module_is_completed_at_that_moment(
        self, superuser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        course = make_course(1)
        student = make_student(course)
        look = admin_courses.CourseDeleteView.run_before_hook

        def look_then_complete(view: Any) -> Any:
            answer = look(view)
            complete(student, *modules_of(course))
            return answer

        monkeypatch.setattr(admin_courses.CourseDeleteView, "run_before_hook", look_then_complete)
        response = superuser.post(course_url("delete", course.pk), follow=True)
        assert "cannot be deleted" in text_of(response)
        assert Course.objects.filter(pk=course.pk).exists()

    def test_asks_first_and_says_who_loses_the_course(self, superuser: Client) -> None:
        course = make_course(1)
        make_student(course)
        page = text_of(superuser.get(course_url("delete", course.pk)))
        assert "1 student is enrolled and loses the course." in page
        assert "Are you sure" in text_of(superuser.get(course_url("delete", make_course().pk)))

    def test_deletes_a_course_nobody_completed_and_tells_its_students(
        self, superuser: Client
    ) -> None:
        course = make_course(1)
        student = make_student(course)

        with recorded() as said:
            assert superuser.post(course_url("delete", course.pk)).status_code == 302

        assert not Course.objects.exists()
        assert [(topic, kind) for topic, kind, _ in said] == [
            (f"student-{student.user_id}", "access")
        ]

    def test_leaves_other_snippets_to_others(self, superuser: Client) -> None:
        assert admin_courses.refuse_deletion(None, [make_user()]) is None


class TestTheList:
    def test_shows_the_figures(self, superuser: Client) -> None:
        course = make_course(2, title="Python")
        complete(make_student(course), modules_of(course)[0])
        make_student(course)

        page = text_of(superuser.get(course_url("list")))

        assert "Python" in page
        assert "25%" in page
        assert f"{reverse('wagtail_live_lms_enrolments:index')}?course={course.pk}" in page

    def test_shows_a_course_that_was_never_counted(self, superuser: Client) -> None:
        Course.objects.create(title="New", slug="new")
        assert "New" in text_of(superuser.get(course_url("list")))

    @pytest.mark.parametrize(
        "ordering", ["title", "-totals__student_count", "average", "-average", "-_updated_at"]
    )
    def test_is_sorted(self, superuser: Client, ordering: str) -> None:
        empty, busy = make_course(1, title="A"), make_course(1, title="B")
        complete(make_student(busy), *modules_of(busy))
        Course.objects.create(title="C", slug="c")
        response = superuser.get(course_url("list"), {"ordering": ordering})
        listed = list(response.context["object_list"])
        assert {empty, busy} < set(listed)
        if ordering == "average":
            assert listed[-1] == busy

    def test_is_searched_by_title_and_filtered_by_policy(self, superuser: Client) -> None:
        python = make_course(title="Python", enrolment_policy="staff")
        make_course(title="Django", enrolment_policy="staff")
        make_course(title="More Python")
        response = superuser.get(
            course_url("list"), {"q": "python", "enrolment_policy": "staff", "ordering": "-title"}
        )
        assert list(response.context["object_list"]) == [python]

    def test_takes_the_same_queries_for_one_course_and_for_twenty(self, superuser: Client) -> None:
        def queries() -> int:
            superuser.get(course_url("list"))
            with CaptureQueriesContext(
                connection,
            ) as captured:
                superuser.get(course_url("list"))
            return len(captured)

        make_course(1)
        few = queries()
        for _ in range(19):
            make_student(make_course(2))
        assert queries() == few


class TestPermissions:
    def test_without_permission_there_is_no_menu_and_no_page(self, editor: EditorClient) -> None:
        client = editor()
        course = make_course(1)
        assert "Learning" not in client.get(reverse("wagtailadmin_home")).content.decode()
        for url in (
            course_url("list"),
            course_url("add"),
            course_url("edit", course.pk),
            course_url("delete", course.pk),
            course_url("inspect", course.pk),
            course_url("history", course.pk),
        ):
            assert client.get(url).status_code == 302, url
            assert client.post(url).status_code == 302, url
        assert Course.objects.filter(pk=course.pk).exists()

    def test_an_editor_group_edits_courses_and_does_not_see_the_students(
        self, editor: EditorClient
    ) -> None:
        client = editor("add_course", "change_course")
        course = make_course(1)
        make_student(course)
        assert "Learning" in client.get(reverse("wagtailadmin_home")).content.decode()
        page = text_of(client.get(course_url("list")))
        assert reverse("wagtail_live_lms_enrolments:index") not in page.split("<main")[-1]
        assert client.get(course_url("edit", course.pk)).status_code == 200
        assert client.get(course_url("delete", course.pk)).status_code == 302

    def test_those_who_may_look_see_the_course_and_change_nothing(
        self, editor: EditorClient
    ) -> None:
        client = editor("view_course")
        course = make_course(2)
        assert course.title in text_of(client.get(course_url("list")))
        assert "Module 1, Module 2" in text_of(client.get(course_url("inspect", course.pk)))
        assert client.get(course_url("edit", course.pk)).status_code == 302

    def test_outside_the_admin_nobody_gets_in(self, client: Client) -> None:
        student = log_in(make_user())
        for visitor in (client, student):
            response = visitor.get(course_url("list"))
            assert response.status_code == 302
            assert reverse("wagtailadmin_login") in response["Location"]

    def test_the_rights_are_offered_to_groups(self, superuser: Client) -> None:
        page = superuser.get(reverse("wagtailusers_groups:add")).content.decode()
        assert "enrolment" in page.lower()
        assert "course" in page.lower()


def test_our_choosers_leave_the_fields_of_the_site_alone(superuser: Client) -> None:
    make_superuser()
    page = superuser.get(reverse("wagtailusers_users:add"))
    assert "wagtail_live_lms" not in page.content.decode()
