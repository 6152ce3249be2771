"""Enrolments in the admin: looking, enrolling, withdrawing, completing and resetting."""

from __future__ import annotations

import html

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.log_actions import registry as log_registry
from wagtail.permissions import policy_registry

from tests.actions.changes import recorded
from tests.factories import complete, make_course, make_student, make_user, modules_of
from wagtail_live_lms import actions
from wagtail_live_lms.models import Enrolment, Progress, Source

from .conftest import EditorClient, enrolment_url, log_in, text_of

pytestmark = pytest.mark.django_db


def last_entry(enrolment: Enrolment) -> tuple[str, int, dict[str, str]]:
    entry = log_registry.get_logs_for_instance(enrolment).latest("timestamp", "pk")
    return entry.action, entry.user_id, entry.data


def text(response: object) -> str:
    return html.unescape(text_of(response))


class TestEnrolling:
    def test_the_form_enrols_and_the_log_says_by_whom(self, superuser: Client) -> None:
        course, user = make_course(2, enrolment_policy="staff"), make_user("Ada Lovelace")

        with recorded() as said:
            response = superuser.post(
                enrolment_url("add"), {"course": course.pk, "user": user.pk}, follow=True
            )

        enrolment = Enrolment.objects.get(course=course, user=user)
        assert response.redirect_chain[0][0] == enrolment_url("inspect", enrolment.pk)
        assert f"Ada Lovelace now takes {course.title}." in text(response)
        assert last_entry(enrolment)[:2] == ("wagtail_live_lms.enrol", superuser.user.pk)
        assert (f"instructor-{course.pk}", "enrolment", enrolment.pk) in said

    def test_the_form_starts_with_the_course_it_was_opened_for(self, superuser: Client) -> None:
        course = make_course(title="Python")
        page = text_of(superuser.get(enrolment_url("add"), {"course": course.pk}))
        assert f'name="course" value="{course.pk}"' in page

    @pytest.mark.parametrize("course", ["0", "x", "", "99999999999999999999999"])
    def test_an_unknown_course_in_the_address_is_ignored(
        self, superuser: Client, course: str
    ) -> None:
        url = enrolment_url("add")
        assert superuser.get(url, {"course": course}).status_code == 200

    def test_somebody_who_takes_the_course_is_an_error_of_the_form(self, superuser: Client) -> None:
        student = make_student(make_course(), "Ada Lovelace")
        response = superuser.post(
            enrolment_url("add"), {"course": student.course_id, "user": student.user_id}
        )
        assert f"Ada Lovelace already takes {student.course.title}." in text(response)

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"course": "x", "user": "y"},
            {"course": "1"},
            {"user": "99999999999999999999"},
            {"course": "99999999999999999999", "user": "-1"},
        ],
    )
    def test_missing_or_unreadable_choices_are_errors_of_the_form(
        self, superuser: Client, data: dict[str, str]
    ) -> None:
        response = superuser.post(enrolment_url("add"), data)
        assert response.status_code == 200
        assert not Enrolment.objects.exists()

    def test_an_inactive_person_cannot_be_enrolled(self, superuser: Client) -> None:
        data = {"course": make_course().pk, "user": make_user(is_active=False).pk}
        assert superuser.post(enrolment_url("add"), data).status_code == 200
        assert not Enrolment.objects.exists()


class TestWithdrawing:
    def test_asks_first(self, superuser: Client) -> None:
        student = make_student(make_course(), "Ada Lovelace")
        page = text(superuser.get(enrolment_url("withdraw", student.pk)))
        assert "Withdraw Ada Lovelace from" in page
        student.refresh_from_db()
        assert student.withdrawn_at is None

    def test_keeps_the_completions_and_logs_who_did_it(self, superuser: Client) -> None:
        course = make_course(2)
        student = make_student(course)
        complete(student, modules_of(course)[0])

        superuser.post(enrolment_url("withdraw", student.pk))

        student.refresh_from_db()
        assert student.withdrawn_at is not None
        assert Progress.objects.filter(enrolment=student).count() == 1
        assert last_entry(student)[:2] == ("wagtail_live_lms.withdraw", superuser.user.pk)

    def test_and_enrolling_again_continues_where_they_stopped(self, superuser: Client) -> None:
        course = make_course(2)
        student = make_student(course, "Ada Lovelace")
        complete(student, modules_of(course)[0])
        actions.withdraw(student)
        url = enrolment_url("enrol_again", student.pk)
        assert "They continue where they stopped." in text(superuser.get(url))

        response = superuser.post(url, follow=True)

        student.refresh_from_db()
        assert (student.withdrawn_at, student.percent) == (None, 50)
        assert "takes" in text(response)
        assert last_entry(student)[0] == "wagtail_live_lms.enrol"

    def test_an_enrolment_cannot_be_deleted(self, superuser: Client) -> None:
        student = make_student(make_course())
        page = superuser.get(enrolment_url("inspect", student.pk)).content.decode()
        assert "/delete/" not in page
        assert superuser.post(f"/admin/live-lms/enrolments/{student.pk}/delete/").status_code == 404


class TestCompletingForAStudent:
    def test_is_recorded_as_done_by_staff_and_logged(self, superuser: Client) -> None:
        course = make_course(["quiz_passed", "by_hand"], in_order=True)
        student = make_student(course, "Ada Lovelace")
        module = modules_of(course)[1]
        url = enrolment_url("complete", student.pk, module.pk)
        assert "Mark “Module 2” complete for Ada Lovelace?" in text(superuser.get(url))

        response = superuser.post(url, follow=True)

        assert "“Module 2” is complete for Ada Lovelace." in text(response)
        assert Progress.objects.get(enrolment=student).source == "staff"
        assert last_entry(student) == (
            "wagtail_live_lms.complete_module",
            superuser.user.pk,
            {"module": "Module 2"},
        )

    def test_twice_is_once(self, superuser: Client) -> None:
        course = make_course(1)
        student = make_student(course)
        url = enrolment_url("complete", student.pk, modules_of(course)[0].pk)
        superuser.post(url)
        entries = log_registry.get_logs_for_instance(student).count()
        assert "already" in text(superuser.post(url, follow=True))
        assert log_registry.get_logs_for_instance(student).count() == entries

    def test_is_refused_for_somebody_who_withdrew(self, superuser: Client) -> None:
        course = make_course(1)
        student = make_student(course)
        actions.withdraw(student)
        url = enrolment_url("complete", student.pk, modules_of(course)[0].pk)
        assert "not enrolled" in text(superuser.post(url, follow=True))
        assert not Progress.objects.exists()

    def test_a_module_of_another_course_does_not_exist_here(self, superuser: Client) -> None:
        student = make_student(make_course(1))
        elsewhere = modules_of(make_course(1))[0]
        for view in ("complete", "reset"):
            url = enrolment_url(view, student.pk, elsewhere.pk)
            assert superuser.get(url).status_code == 404
            assert superuser.post(url, {"reason": "x"}).status_code == 404


class TestResetting:
    def test_takes_the_completion_back_and_keeps_the_reason(self, superuser: Client) -> None:
        course = make_course(2)
        student = make_student(course, "Ada Lovelace")
        module = modules_of(course)[0]
        complete(student, module)

        response = superuser.post(
            enrolment_url("reset", student.pk, module.pk),
            {"reason": "Handed in the <wrong> file: 100% copied"},
            follow=True,
        )

        assert "“Module 1” is no longer complete for Ada Lovelace." in text(response)
        student.refresh_from_db()
        assert student.percent == 0
        action, user_id, data = last_entry(student)
        assert (action, user_id) == ("wagtail_live_lms.reset_module", superuser.user.pk)
        assert data["reason"] == "Handed in the <wrong> file: 100% copied"
        history = text_of(superuser.get(enrolment_url("history", student.pk)))
        assert "Handed in the &lt;wrong&gt; file: 100% copied" in history
        assert "Took back the completion of “Module 1”." in html.unescape(history)

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
    def test_needs_a_reason(self, superuser: Client, reason: str) -> None:
        course = make_course(1)
        student = make_student(course)
        module = modules_of(course)[0]
        complete(student, module)
        response = superuser.post(enrolment_url("reset", student.pk, module.pk), {"reason": reason})
        assert response.status_code == 200
        assert Progress.objects.exists()

    def test_of_what_was_not_completed_says_so(self, superuser: Client) -> None:
        course = make_course(1)
        student = make_student(course)
        url = enrolment_url("reset", student.pk, modules_of(course)[0].pk)
        assert "had not completed" in text(superuser.post(url, {"reason": "x"}, follow=True))


class TestThePageOfAnEnrolment:
    def test_shows_each_module_with_time_and_source(self, superuser: Client) -> None:
        course = make_course(3)
        first, second, third = modules_of(course)
        student = make_student(course, "Ada Lovelace")
        actions.complete_module(student.user, first, source=Source.STAFF)
        complete(student, second)
        actions.archive_module(second)
        actions.archive_module(third)

        page = text(superuser.get(enrolment_url("inspect", student.pk)))

        assert "Ada Lovelace" in page
        assert "by staff" in page
        assert "Module 2" in page
        assert "Archived" in page
        assert "Module 3" not in page
        assert enrolment_url("reset", student.pk, first.pk) in page
        assert "100%, 1 module completed" in page

    def test_of_an_empty_course_says_so(self, superuser: Client) -> None:
        student = make_student(make_course(0))
        page = text(superuser.get(enrolment_url("inspect", student.pk)))
        assert "This course has no modules yet." in page

    def test_offers_to_enrol_again_instead_of_to_withdraw(self, superuser: Client) -> None:
        course = make_course(1)
        student = make_student(course)
        actions.withdraw(student)
        page = text(superuser.get(enrolment_url("inspect", student.pk)))
        assert enrolment_url("enrol_again", student.pk) in page
        assert enrolment_url("withdraw", student.pk) not in page
        assert enrolment_url("complete", student.pk, modules_of(course)[0].pk) not in page

    def test_takes_the_same_queries_for_one_module_and_for_thirty(self, superuser: Client) -> None:
        def queries(modules: int) -> int:
            course = make_course(modules)
            student = make_student(course)
            complete(student, *modules_of(course))
            with CaptureQueriesContext(connection) as captured:
                superuser.get(enrolment_url("inspect", student.pk))
            return len(captured)

        queries(1)
        assert queries(1) == queries(30)


class TestTheList:
    def test_names_course_student_progress_and_state(self, superuser: Client) -> None:
        course = make_course(2, title="Python")
        complete(make_student(course, "Ada Lovelace"), modules_of(course)[0])
        page = text(superuser.get(enrolment_url("index")))
        for part in ("Ada Lovelace", "Python", "50%", "In progress"):
            assert part in page

    def test_is_filtered_by_course_and_state(self, superuser: Client) -> None:
        course = make_course(2)
        make_student(make_course())
        people = {name: make_student(course) for name in ("new", "busy", "done", "gone")}
        first, second = modules_of(course)
        complete(people["busy"], first)
        complete(people["done"], first, second)
        actions.withdraw(people["gone"])

        def listed(state: str) -> set[str]:
            response = superuser.get(enrolment_url("index"), {"course": course.pk, "state": state})
            found = {enrolment.pk for enrolment in response.context["object_list"]}
            return {name for name, enrolment in people.items() if enrolment.pk in found}

        assert listed("") == {"new", "busy", "done", "gone"}
        assert listed("not_started") == {"new"}
        assert listed("unfinished") == {"busy"}
        assert listed("finished") == {"done"}
        assert listed("withdrawn") == {"gone"}
        assert listed("active") == {"busy", "done"}

    def test_shows_each_state_in_words(self, superuser: Client) -> None:
        course = make_course(1)
        complete(make_student(course), *modules_of(course))
        make_student(course)
        actions.withdraw(make_student(course))
        response = superuser.get(enrolment_url("index_results"))
        for state in ("Finished", "Not started", "Withdrawn"):
            assert state in text(response)

    def test_is_searched_by_name_and_user_name(self, superuser: Client) -> None:
        course = make_course()
        ada = make_student(course, "Ada Lovelace", username="countess")
        make_student(course, "Grace Hopper")
        for query in ("lovelace", "count"):
            response = superuser.get(enrolment_url("index"), {"q": query})
            assert list(response.context["object_list"]) == [ada]

    @pytest.mark.parametrize(
        "ordering", ["display_name", "-course__title", "percent", "-last_activity"]
    )
    def test_is_sorted(self, superuser: Client, ordering: str) -> None:
        make_student(make_course())
        response = superuser.get(enrolment_url("index"), {"ordering": ordering})
        assert len(response.context["object_list"]) == 1

    @pytest.mark.parametrize(
        "params",
        [{"course": "x"}, {"state": "x"}, {"p": "x"}, {"ordering": "x"}, {"course": "9" * 30}],
    )
    def test_survives_unreadable_addresses(self, superuser: Client, params: dict[str, str]) -> None:
        assert superuser.get(enrolment_url("index"), params).status_code == 200

    def test_leads_to_enrolling_in_the_course_shown(self, superuser: Client) -> None:
        course = make_course()
        page = text_of(superuser.get(enrolment_url("index"), {"course": course.pk}))
        assert f"{enrolment_url('add')}?course={course.pk}" in page

    def test_takes_the_same_queries_for_one_student_and_for_forty(self, superuser: Client) -> None:
        def queries() -> int:
            superuser.get(enrolment_url("index"))
            with CaptureQueriesContext(connection) as captured:
                superuser.get(enrolment_url("index"))
            return len(captured)

        courses = [make_course(1), make_course(1)]
        make_student(courses[0])
        few = queries()
        for number in range(39):
            make_student(courses[number % 2])
        assert queries() == few


class TestPermissions:
    def test_without_permission_there_is_no_page(self, editor: EditorClient) -> None:
        course = make_course(1)
        student, module = make_student(course), modules_of(course)[0]
        client = editor("change_course")
        for url in (
            enrolment_url("index"),
            enrolment_url("add"),
            enrolment_url("inspect", student.pk),
            enrolment_url("history", student.pk),
            enrolment_url("withdraw", student.pk),
            enrolment_url("enrol_again", student.pk),
            enrolment_url("complete", student.pk, module.pk),
            enrolment_url("reset", student.pk, module.pk),
        ):
            # Sent away, or told that there is no such enrolment.
            assert client.get(url).status_code in (302, 404), url
            assert client.post(url, {"reason": "x"}).status_code in (302, 404, 405), url
        student.refresh_from_db()
        assert (student.withdrawn_at, student.completed_count) == (None, 0)
        assert (
            enrolment_url("index") not in client.get(reverse("wagtailadmin_home")).content.decode()
        )

    @pytest.mark.parametrize(
        ("codename", "allowed"),
        [
            ("view_enrolment", set()),
            ("add_enrolment", {"add", "enrol_again"}),
            ("change_enrolment", {"complete", "reset"}),
            ("delete_enrolment", {"withdraw"}),
        ],
    )
    def test_each_permission_allows_its_actions_and_no_others(
        self, editor: EditorClient, codename: str, allowed: set[str]
    ) -> None:
        course = make_course(1)
        student, module = make_student(course), modules_of(course)[0]
        client = editor(codename, "see_all_courses")
        pages = {
            "add": enrolment_url("add"),
            "enrol_again": enrolment_url("enrol_again", student.pk),
            "withdraw": enrolment_url("withdraw", student.pk),
            "complete": enrolment_url("complete", student.pk, module.pk),
            "reset": enrolment_url("reset", student.pk, module.pk),
        }
        assert {
            name for name, url in pages.items() if client.get(url).status_code == 200
        } == allowed
        assert client.get(enrolment_url("index")).status_code == 200
        page = text(client.get(enrolment_url("inspect", student.pk)))
        offered = {name for name in ("withdraw", "complete") if pages[name] in page}
        assert offered == allowed & {"withdraw", "complete"}

    def test_the_list_offers_what_the_permission_allows(self, editor: EditorClient) -> None:
        course = make_course(1)
        current, gone = make_student(course), make_student(course)
        actions.withdraw(gone)
        looking = text(editor("view_enrolment", "see_all_courses").get(enrolment_url("index")))
        assert enrolment_url("withdraw", current.pk) not in looking
        assert enrolment_url("enrol_again", gone.pk) not in looking
        working = editor("delete_enrolment", "add_enrolment", "see_all_courses").get(
            enrolment_url("index")
        )
        assert enrolment_url("withdraw", current.pk) in text(working)
        assert enrolment_url("enrol_again", gone.pk) in text(working)

    def test_those_who_teach_work_on_the_students_of_their_own_courses(
        self, editor: EditorClient
    ) -> None:
        verbs = [f"{verb}_enrolment" for verb in ("add", "change", "delete", "view")]
        client = editor(*verbs)
        own, other = make_course(1, instructors=[client.user]), make_course(1)
        mine, theirs = make_student(own, "Ada Lovelace"), make_student(other, "Alan Turing")
        listed = text(client.get(enrolment_url("index")))
        assert "Ada Lovelace" in listed
        assert "Alan Turing" not in listed
        assert other.title not in listed, "not even as a filter"
        assert "Alan Turing" not in text(client.get(f"{enrolment_url('index')}?course={other.pk}"))
        module = modules_of(other)[0]
        for view in ("inspect", "history", "withdraw", "enrol_again", "extra_time"):
            assert client.get(enrolment_url(view, mine.pk)).status_code == 200, view
            assert client.get(enrolment_url(view, theirs.pk)).status_code == 404, view
            assert client.post(enrolment_url(view, theirs.pk)).status_code in (404, 405), view
        for view in ("complete", "reset"):
            url = enrolment_url(view, theirs.pk, module.pk)
            assert client.post(url, {"reason": "x"}).status_code == 404
        user = make_user()
        answer = client.post(enrolment_url("add"), {"course": other.pk, "user": user.pk})
        assert list(answer.context["form"].errors) == ["course"]
        assert not Enrolment.objects.filter(user=user).exists()
        client.post(enrolment_url("add"), {"course": own.pk, "user": user.pk})
        assert Enrolment.objects.get(user=user).course == own

    def test_the_policy_says_the_same(self, editor: EditorClient) -> None:
        policy = policy_registry.get_by_type(Enrolment)
        user = editor("view_enrolment").user
        own, other = make_course(1, instructors=[user]), make_course(1)
        mine, theirs = make_student(own), make_student(other)
        assert policy.user_has_permission_for_instance(user, "view", mine)
        assert not policy.user_has_permission_for_instance(user, "change", mine)
        assert not policy.user_has_permission_for_instance(user, "view", theirs)
        looking = {"view", "change"}
        assert list(policy.instances_user_has_any_permission_for(user, looking)) == [mine]
        everywhere = editor("view_enrolment", "see_all_courses").user
        assert policy.user_has_any_permission_for_instance(everywhere, looking, theirs)

    def test_groups_can_be_given_every_course(self, superuser: Client) -> None:
        form = text(superuser.get(reverse("wagtailusers_groups:add")))
        assert "Can work on the students of all courses" in form

    def test_students_stay_outside(self) -> None:
        student = make_student(make_course())
        response = log_in(student.user).get(enrolment_url("inspect", student.pk))
        assert reverse("wagtailadmin_login") in response["Location"]

    def test_an_enrolment_that_does_not_exist_is_not_found(self, superuser: Client) -> None:
        for view in ("inspect", "history", "withdraw", "enrol_again"):
            assert superuser.get(enrolment_url(view, 4711)).status_code == 404


def test_the_site_history_leads_to_the_enrolment(superuser: Client) -> None:
    student = make_student(make_course(), "Ada Lovelace")
    superuser.post(enrolment_url("withdraw", student.pk))
    report = text(superuser.get(reverse("wagtailadmin_reports:site_history")))
    assert "Withdrew the student" in report
    assert enrolment_url("inspect", student.pk) in report


class TestExtraTime:
    def test_staff_gives_it_and_the_history_tells(self, superuser: Client) -> None:
        enrolment = make_student(make_course(), "Ada")
        url = enrolment_url("extra_time", enrolment.pk)
        page = text_of(superuser.get(enrolment_url("inspect", enrolment.pk)))
        assert "multiplied by 1 " in page
        assert 'value="1.00"' in superuser.get(url).content.decode()
        page = text_of(superuser.post(url, {"extra_time": "1.25"}, follow=True))
        assert "Time limits of Ada are now multiplied by 1.25." in page
        enrolment.refresh_from_db()
        assert str(enrolment.extra_time) == "1.25"
        page = text_of(superuser.post(url, {"extra_time": "1.25"}, follow=True))
        assert "Ada had the factor 1.25 already." in page
        history = text_of(superuser.get(enrolment_url("history", enrolment.pk)))
        assert "Changed the factor of time limits from 1 to 1.25" in history

    @pytest.mark.parametrize("factor", ["0.9", "5.01", "-1", "1.234", "x", ""])
    def test_a_factor_out_of_bounds_is_refused_beside_it(
        self, superuser: Client, factor: str
    ) -> None:
        enrolment = make_student(make_course())
        url = enrolment_url("extra_time", enrolment.pk)
        response = superuser.post(url, {"extra_time": factor})
        assert list(response.context["form"].errors) == ["extra_time"]
        enrolment.refresh_from_db()
        assert enrolment.extra_time == 1

    def test_those_who_may_only_look_cannot(self, editor: EditorClient) -> None:
        enrolment = make_student(make_course())
        url = enrolment_url("extra_time", enrolment.pk)
        client = editor("view_enrolment", "see_all_courses")
        assert url not in client.get(enrolment_url("inspect", enrolment.pk)).content.decode()
        assert client.post(url, {"extra_time": "2"}).status_code == 302
        enrolment.refresh_from_db()
        assert enrolment.extra_time == 1
