"""The instructors' alerts and the students' requests, as pages show them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.quiz_taking import begin, hand_in
from tests.rendering import element, patches_after, render_component, texts
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Subject
from wagtail_live_lms.live import InvalidInput, NotFound, PermissionDenied, RateLimitExceeded
from wagtail_live_lms.models import (
    Alert,
    AlertClock,
    AlertRule,
    Course,
    CourseInstructor,
    Enrolment,
    HelpRequest,
    Notification,
    PreparedHint,
)
from wagtail_live_lms.testing import dispatch_event, mount

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def instructor() -> Any:
    return factories.make_user("Grace Hopper")


@pytest.fixture
def co_instructor(course: Course) -> Any:
    user = factories.make_user("Alan Turing")
    CourseInstructor.objects.create(course=course, user=user, sort_order=1)
    return user


@pytest.fixture
def course(instructor: Any) -> Course:
    return factories.make_course(2, instructors=[instructor])


@pytest.fixture
def student(course: Course) -> Enrolment:
    return factories.make_student(course, "Ada Lovelace")


def ask(student: Enrolment, text: str = "What is a knot?", title: str = "Knots") -> Alert:
    request = actions.ask_for_help(student, Subject(title), text)
    return Alert.objects.get(help_request=request)


def act(event: str, user: Any, course: Course, alert: Alert, **payload: Any) -> Any:
    sent = {"alert_id": alert.pk, **payload}
    return dispatch_event("instructor_alerts", event, sent, user=user, course_id=course.pk)


def alerts_of(user: Any, course: Course, **params: Any) -> list[int]:
    component = mount("instructor_alerts", user=user, course_id=course.pk, **params)
    return [row.pk for row in component.state["rows"]]


class TestTheList:
    def test_a_row_says_what_who_and_since_when_in_words(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        alert = ask(student, "<script>alert(1)</script>")
        html = render_component(instructor, "instructor_alerts", course_id=course.pk)
        row = element(html, f'//li[@data-alert="{alert.pk}"]')
        words = " ".join(row.text_content().split())
        for part in ("Asks for help", "Ada Lovelace", "Knots", "since", "Answer", "Acknowledge"):
            assert part in words
        assert "<script>alert" not in html
        assert 'data-open="1"' in html

    def test_an_empty_one_says_what_will_come(self, instructor: Any, course: Course) -> None:
        for which, words in (
            ("open", "All is well"),
            ("mine", "Nothing was"),
            ("all", "no alerts"),
        ):
            html = render_component(
                instructor, "instructor_alerts", f"?alerts={which}", course_id=course.pk
            )
            assert words in html

    def test_the_filters(
        self, instructor: Any, co_instructor: Any, course: Course, student: Enrolment
    ) -> None:
        first, second = ask(student), ask(factories.make_student(course), title="Bends")
        actions.acknowledge_alert(first)
        actions.hand_over_alert(second, co_instructor)
        assert alerts_of(instructor, course) == [second.pk]
        assert alerts_of(instructor, course, alerts="mine") == []
        assert alerts_of(co_instructor, course, alerts="mine") == [second.pk]
        assert alerts_of(instructor, course, alerts="all") == [second.pk, first.pk]
        actions.withdraw_help(HelpRequest.objects.get(title="Bends"))
        assert alerts_of(instructor, course, alerts="all") == [second.pk, first.pk]
        Alert.objects.filter(pk=second.pk).update(cleared_at=timezone.now() - timedelta(days=2))
        assert alerts_of(instructor, course, alerts="all") == [first.pk]

    def test_reading_looks_for_what_time_brought(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=30))
        assert len(alerts_of(instructor, course)) == 1

    def test_a_long_list_is_cut_and_counted_whole(self, instructor: Any, course: Course) -> None:
        for number in range(22):
            ask(factories.make_student(course), title=f"Part {number}")
        component = mount("instructor_alerts", user=instructor, course_id=course.pk)
        assert len(component.state["rows"]) == 20
        assert 'data-open="22"' in component.html
        assert "Older alerts appear" in component.html
        assert patches_after(component, lambda: ask(factories.make_student(course))) is None

    def test_the_dashboard_page_takes_twelve_queries_for_any_roster(self) -> None:
        counts = [self.queries_with(size) for size in (10, 1000)]
        assert counts[0] == counts[1] <= 12

    def queries_with(self, size: int) -> int:
        instructor = factories.make_user()
        course = factories.make_course(2, instructors=[instructor])
        factories.make_roster(course, size)
        ask(course.enrolments.order_by("pk").first())
        actions.look_if_due(course.pk)
        with CaptureQueriesContext(connection) as queries:
            for name in ("instructor_alerts", "instructor_dashboard"):
                render_component(instructor, name, course_id=course.pk)
        return len(queries)


def test_a_dashboard_that_stays_open_looks_again(
    instructor: Any, course: Course, student: Enrolment
) -> None:
    component = mount("instructor_alerts", user=instructor, course_id=course.pk)
    Enrolment.objects.update(enrolled_at=timezone.now() - timedelta(days=30))
    AlertClock.objects.update(looked_at=timezone.now() - timedelta(seconds=61))
    assert list(component.on_tick(lambda key, make: make())) == []
    assert Alert.objects.count() == 1


class TestDoing:
    def test_acknowledge(self, instructor: Any, course: Course, student: Enrolment) -> None:
        alert = ask(student)
        done = act("acknowledge", instructor, course, alert)
        assert (done.notice, done.state["rows"]) == ("Acknowledged.", [])
        actions.withdraw_help(HelpRequest.objects.get())
        assert "already" in act("acknowledge", instructor, course, alert).notice

    def test_snooze(self, instructor: Any, course: Course, student: Enrolment) -> None:
        alert = ask(student)
        assert act("snooze", instructor, course, alert, hours=1).notice == "Snoozed."
        alert.refresh_from_db()
        assert alert.is_snoozed
        actions.withdraw_help(HelpRequest.objects.get())
        assert "already" in act("snooze", instructor, course, alert, hours=24).notice
        with pytest.raises(InvalidInput):
            act("snooze", instructor, course, alert, hours=1000)

    def test_hand_over(
        self, instructor: Any, co_instructor: Any, course: Course, student: Enrolment
    ) -> None:
        alert = ask(student)
        done = act("hand_over", instructor, course, alert, to=str(co_instructor.pk))
        assert done.notice == "Handed to Alan Turing."
        assert "Alan Turing" in done.html
        with pytest.raises(InvalidInput):
            act("hand_over", instructor, course, alert, to=str(student.user_id))

    def test_answer_with_a_hint_and_a_message(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        hint = PreparedHint.objects.create(course=course, text="Read page 3.")
        act("answer", instructor, course, ask(student), hint_id=hint.pk, text=" Then try again. ")
        assert Notification.objects.get().text == "Read page 3.\n\nThen try again."

    def test_an_empty_answer_is_refused(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        with pytest.raises(InvalidInput):
            act("answer", instructor, course, ask(student), text=" ", hint_id="")

    def test_another_courses_alert_and_hint_do_not_exist(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        other = factories.make_course(1)
        alert = ask(factories.make_student(other))
        with pytest.raises(NotFound):
            act("acknowledge", instructor, course, alert)
        hint = PreparedHint.objects.create(course=other, text="Secret")
        with pytest.raises(NotFound):
            act("answer", instructor, course, ask(student), hint_id=hint.pk)

    def test_the_opened_alert_offers_hints_of_its_module_and_the_other_people(
        self, instructor: Any, co_instructor: Any, course: Course, student: Enrolment
    ) -> None:
        first, second = factories.modules_of(course)
        for module, text in ((None, "General"), (first, "Right"), (second, "Wrong")):
            PreparedHint.objects.create(course=course, module=module, text=text)
        request = actions.ask_for_help(student, Subject("One", first), "See http://x.example/ <b>")
        alert = Alert.objects.get(help_request=request)
        html = render_component(
            instructor, "instructor_alerts", f"?alert={alert.pk}", course_id=course.pk
        )
        assert texts(html, '//select[@name="hint_id"]/option') == ["None", "Right", "General"]
        assert texts(html, '//select[@name="to"]/option') == ["Alan Turing"]
        assert '<a href="http://x.example/" rel="nofollow">' in html
        assert "&lt;b&gt;" in html

    def test_an_alert_that_is_gone_opens_nothing(self, instructor: Any, course: Course) -> None:
        html = render_component(instructor, "instructor_alerts", "?alert=99", course_id=course.pk)
        assert "live-lms-alerts__desk" not in html


class TestPushes:
    def test_a_new_one_comes_into_the_list_and_counts(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        component = mount("instructor_alerts", user=instructor, course_id=course.pk)
        patches = patches_after(component, lambda: ask(student))
        assert patches is not None
        assert [patch.key for patch in patches] == ["head", "list"]
        assert "Ada Lovelace" in str(patches[1].html)
        assert 'data-live-root-open="1"' in str(patches[0].html)

    def test_one_that_is_settled_leaves(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        alert = ask(student)
        component = mount("instructor_alerts", user=instructor, course_id=course.pk)
        patches = patches_after(component, lambda: actions.acknowledge_alert(alert))
        assert patches is not None
        assert "All is well" in str(patches[1].html)

    def test_one_that_stays_is_a_row_rendered_once(
        self, instructor: Any, co_instructor: Any, course: Course, student: Enrolment
    ) -> None:
        alert = ask(student)
        component = mount("instructor_alerts", user=instructor, course_id=course.pk, alert=alert.pk)
        patches = patches_after(component, lambda: actions.hand_over_alert(alert, co_instructor))
        assert patches is not None
        assert [patch.key for patch in patches] == ["head", f"alert-{alert.pk}", "news"]
        assert "Alan Turing" in str(patches[1].html)
        mine = mount("instructor_alerts", user=co_instructor, course_id=course.pk, alerts="mine")
        gone = patches_after(mine, lambda: actions.hand_over_alert(alert, instructor))
        assert gone is not None
        assert "Nothing was handed to you" in str(gone[1].html)

    def test_what_is_not_ours_changes_nothing(
        self, instructor: Any, course: Course, student: Enrolment
    ) -> None:
        component = mount("instructor_alerts", user=instructor, course_id=course.pk)
        module = factories.modules_of(course)[0]
        assert patches_after(component, lambda: factories.complete(student, module)) == []
        assert patches_after(component, lambda: actions.archive_module(module)) is None

    def test_the_twentieth_first_cuts_the_list(self, instructor: Any, course: Course) -> None:
        for number in range(20):
            ask(factories.make_student(course), title=f"Part {number}")
        component = mount("instructor_alerts", user=instructor, course_id=course.pk)
        patches = patches_after(component, lambda: ask(factories.make_student(course)))
        assert patches is not None
        assert "Older alerts appear" in str(patches[1].html)


def request_help(user: Any, course: Course, text: str = "What?", about: str = "", **on: Any) -> Any:
    payload = {"text": text, "about": about}
    return dispatch_event("ask_for_help", "ask", payload, user=user, course_id=course.pk, **on)


class TestStudents:
    def test_a_modules_page_asks_about_that_module(
        self, course: Course, student: Enrolment
    ) -> None:
        module = factories.modules_of(course)[0]
        done = request_help(student.user, course, module_id=module.pk)
        assert HelpRequest.objects.get().module == module
        assert "waiting for an answer" in done.html
        assert "<textarea" not in done.html  # there is one request for each subject

    def test_a_course_page_asks_what_it_is_about(self, course: Course, student: Enrolment) -> None:
        module = factories.modules_of(course)[1]
        html = render_component(student.user, "ask_for_help", course_id=course.pk)
        options = texts(html, '//select[@name="about"]/option')
        assert options == ["The course as a whole", "Module 1", "Module 2"]
        request_help(student.user, course, about=f"module:{module.pk}")
        assert HelpRequest.objects.get().title == "Module 2"
        with pytest.raises(InvalidInput):
            request_help(student.user, course, about="module:99999")

    def test_a_quiz_asks_about_its_questions_in_the_students_order(
        self, course: Course, student: Enrolment
    ) -> None:
        quiz = factories.make_quiz(course, shuffle_questions=True, title="Knots")
        html = render_component(student.user, "ask_for_help", course_id=course.pk, quiz_id=quiz.pk)
        assert "<select" not in html
        attempt = begin(quiz, student)
        html = render_component(student.user, "ask_for_help", course_id=course.pk, quiz_id=quiz.pk)
        titles = texts(html, '//select[@name="about"]/option')
        assert titles[0] == "Knots"
        assert {title[:11] for title in titles[1:]} == {"Question 1:", "Question 2:"}
        request_help(student.user, course, about=f"quiz:{quiz.pk}:q2", quiz_id=quiz.pk)
        asked = HelpRequest.objects.get()
        assert (asked.quiz, asked.question_id) == (attempt.quiz, "q2")

    def test_the_answer_appears_live_with_safe_links(
        self, course: Course, student: Enrolment, instructor: Any
    ) -> None:
        request = actions.ask_for_help(student, Subject("The course"), "Why?")
        component = mount("ask_for_help", user=student.user, course_id=course.pk)
        text = "<i>See</i> https://docs.example/"
        patches = patches_after(
            component, lambda: actions.answer_help(request, text, by=instructor)
        )
        assert patches is not None
        html = str(patches[0].html)
        assert "Grace Hopper" in html
        assert "&lt;i&gt;See" in html
        assert 'rel="nofollow"' in html

    def test_where_there_is_one_subject_the_form_comes_back_with_the_answer(
        self, course: Course, student: Enrolment, instructor: Any
    ) -> None:
        module = factories.modules_of(course)[0]
        request = actions.ask_for_help(student, Subject("One", module))
        component = mount(
            "ask_for_help", user=student.user, course_id=course.pk, module_id=module.pk
        )
        answer = lambda: actions.answer_help(request, "So", by=instructor)  # noqa: E731
        assert patches_after(component, answer) is None

    def test_withdrawing(self, course: Course, student: Enrolment) -> None:
        request = actions.ask_for_help(student, Subject("The course"))
        component = mount("ask_for_help", user=student.user, course_id=course.pk)
        sent = {"request_id": request.pk}

        def withdraw() -> Any:
            return dispatch_event(
                "ask_for_help", "withdraw", sent, user=student.user, course_id=course.pk
            )

        patches = patches_after(component, withdraw)
        assert patches is not None
        assert "data-help" not in str(patches[0].html)
        assert "already" in withdraw().notice

    def test_what_others_ask_or_where_is_not_shown(
        self, course: Course, student: Enrolment
    ) -> None:
        elsewhere = actions.enrol(factories.make_course(1), student.user)
        component = mount("ask_for_help", user=student.user, course_id=course.pk)
        assert patches_after(component, lambda: ask(elsewhere)) == []
        other = ask(factories.make_student(course))
        with pytest.raises(NotFound):
            dispatch_event(
                "ask_for_help",
                "withdraw",
                {"request_id": other.help_request_id},
                user=student.user,
                course_id=course.pk,
            )

    def test_a_course_that_takes_no_questions_offers_nothing(
        self, course: Course, student: Enrolment
    ) -> None:
        AlertRule.objects.create(course=course, kind="help", is_on=False)
        html = render_component(student.user, "ask_for_help", course_id=course.pk)
        assert "You cannot ask for help here" in html

    def test_only_students_ask(self, course: Course, instructor: Any) -> None:
        with pytest.raises(PermissionDenied):
            mount("ask_for_help", user=instructor, course_id=course.pk)


def test_a_hand_in_that_is_refused_is_counted(course: Course, student: Enrolment) -> None:
    AlertRule.objects.create(course=course, kind="failed_quiz", threshold=2)
    quiz = factories.make_quiz(course, submissions_per_hour=1)
    hand_in(quiz, "b", "b", enrolment=student)
    attempt = begin(quiz, student)
    sent = {"attempt": attempt.pk, "answer-q1": "a", "answer-q2": "b"}
    params = {"user": student.user, "course_id": course.pk, "quiz_id": quiz.pk}
    with pytest.raises(RateLimitExceeded):
        dispatch_event("quiz", "submit", sent, **params)
    assert Alert.objects.get().data["count"] == 2
