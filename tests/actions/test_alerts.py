"""Alerts: what opens them, what clears them, and what instructors do about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.quiz_taking import begin, given, hand_in
from wagtail_live_lms import actions
from wagtail_live_lms.exceptions import NotAnInstructor
from wagtail_live_lms.models import (
    Alert,
    AlertClock,
    AlertRule,
    Cause,
    Course,
    CourseInstructor,
    Enrolment,
    NotebookProgress,
    QuizStanding,
    Submission,
    alert_kinds,
)
from wagtail_live_lms.testing import assert_no_pushes, assert_pushes

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def course() -> Course:
    return factories.make_course(["by_hand", "quiz_passed", "notebook_finished"])


@pytest.fixture
def student(course: Course) -> Enrolment:
    return factories.make_student(course, "Ada Lovelace")


def set_rule(
    course: Course, kind: str, threshold: int | None = None, *, is_on: bool = True
) -> None:
    AlertRule.objects.create(course=course, kind=kind, threshold=threshold, is_on=is_on)


def current(course: Course, kind: str) -> list[str]:
    found = Alert.objects.current().filter(course=course, kind=kind).order_by("pk")
    return list(found.values_list("key", flat=True))


def look(course: Course, **options: Any) -> tuple[int, int]:
    found = actions.look_for_alerts(course.pk, **options)
    return found.opened, found.cleared


class TestInactive:
    @pytest.mark.parametrize(("days", "opened"), [(6.99, 0), (7, 1), (400, 1)])
    def test_a_week_of_silence_opens_one(
        self, course: Course, student: Enrolment, days: float, opened: int
    ) -> None:
        Enrolment.objects.update(
            last_activity=NOW - timedelta(days=days), enrolled_at=NOW - timedelta(days=500)
        )
        assert look(course, now=NOW) == (opened, 0)

    def test_who_never_did_anything_is_silent_since_they_joined(
        self, course: Course, student: Enrolment
    ) -> None:
        joined = NOW - timedelta(days=8)
        Enrolment.objects.update(enrolled_at=joined)
        assert look(course, now=NOW) == (1, 0)
        alert = Alert.objects.get()
        assert (alert.kind, alert.enrolment, alert.since) == ("inactive", student, joined)
        assert alert.sentence == "Has done nothing for 7 days or more."

    def test_who_just_joined_or_finished_or_left_is_not(self, course: Course) -> None:
        long_ago = NOW - timedelta(days=90)
        _, finished, left = (factories.make_student(course) for _ in range(3))
        Enrolment.objects.filter(pk__in=[finished.pk, left.pk]).update(enrolled_at=long_ago)
        Enrolment.objects.filter(pk=finished.pk).update(percent=100)
        Enrolment.objects.filter(pk=left.pk).update(withdrawn_at=long_ago)
        assert look(course, now=NOW) == (0, 0)

    def test_a_course_may_have_its_own_number_of_days_or_none(
        self, course: Course, student: Enrolment
    ) -> None:
        Enrolment.objects.update(enrolled_at=NOW - timedelta(days=3))
        set_rule(course, "inactive", 2)
        assert look(course, now=NOW) == (1, 0)
        AlertRule.objects.update(is_on=False)
        assert look(course, now=NOW) == (0, 1)

    def test_activity_clears_it_in_the_same_transaction(
        self, course: Course, student: Enrolment
    ) -> None:
        Enrolment.objects.update(enrolled_at=NOW - timedelta(days=300))
        look(course)
        assert current(course, "inactive") == [f"enrolment:{student.pk}"]
        with assert_pushes(f"instructor-{course.pk}", f"student-{student.user_id}", only=True):
            factories.complete(student, factories.modules_of(course)[0])
        assert current(course, "inactive") == []
        assert Alert.objects.get().cleared_reason == "cause_gone"

    def test_beginning_a_quiz_and_reporting_a_notebook_clear_it(self, course: Course) -> None:
        quiz = factories.make_quiz(course)
        for deed in (begin, hand_in):
            student = factories.make_student(course)
            Enrolment.objects.filter(pk=student.pk).update(enrolled_at=NOW - timedelta(days=300))
            look(course)
            deed(quiz, enrolment=student)
            assert f"enrolment:{student.pk}" not in current(course, "inactive")

    def test_so_does_handing_in_what_was_begun_long_ago(
        self, course: Course, student: Enrolment
    ) -> None:
        attempt = begin(factories.make_quiz(course), enrolment=student)
        long_ago = NOW - timedelta(days=300)
        Enrolment.objects.update(enrolled_at=long_ago, last_activity=long_ago)
        look(course)
        assert current(course, "inactive") == [f"enrolment:{student.pk}"]
        actions.submit_attempt(attempt, given("a", "b"))
        assert current(course, "inactive") == []


class TestStuck:
    @pytest.fixture
    def module(self, course: Course) -> Any:
        return factories.modules_of(course)[1]

    @pytest.mark.parametrize(
        ("minutes", "opened"), [(19.9, 0), (20, 1), (24 * 60, 1), (24 * 60 + 1, 0)]
    )
    def test_after_a_quiz_that_was_not_passed(
        self, course: Course, student: Enrolment, module: Any, minutes: float, opened: int
    ) -> None:
        quiz = factories.make_quiz(course, module=module)
        hand_in(quiz, "b", "b", enrolment=student)
        QuizStanding.objects.update(last_at=NOW - timedelta(minutes=minutes))
        assert look(course, now=NOW, timed=True) == (opened, 0)

    def test_answers_that_are_saved_are_activity(
        self, course: Course, student: Enrolment, module: Any
    ) -> None:
        attempt = begin(factories.make_quiz(course, module=module), student)
        Submission.objects.update(started_at=NOW - timedelta(hours=1))
        assert look(course, now=NOW) == (1, 0)
        attempt.answers.filter(question_id="q1").update(saved_at=NOW - timedelta(minutes=5))
        assert look(course, now=NOW) == (0, 1)

    def test_cells_that_passed_are_and_a_completion_later_is_progress(
        self, course: Course, student: Enrolment
    ) -> None:
        by_hand, _, module = factories.modules_of(course)
        NotebookProgress.objects.create(
            enrolment=student, module=module, updated_at=timezone.now() - timedelta(minutes=30)
        )
        assert look(course) == (1, 0)
        assert current(course, "stuck") == [f"enrolment:{student.pk}:module:{module.pk}"]
        assert "20 minutes" in Alert.objects.get().sentence
        factories.complete(student, by_hand)
        assert current(course, "stuck") == []
        assert look(course) == (0, 0)

    def test_who_waits_to_be_graded_is_not_stuck(
        self, course: Course, student: Enrolment, module: Any
    ) -> None:
        essay = [factories.question("long_answer", "q1")]
        quiz = factories.make_quiz(course, essay, module=module)
        hand_in(quiz, "Because of that", enrolment=student)
        QuizStanding.objects.update(last_at=NOW - timedelta(hours=1))
        assert look(course, now=NOW) == (0, 0)

    def test_only_what_they_did_last_counts(
        self, course: Course, student: Enrolment, module: Any
    ) -> None:
        notebook = factories.modules_of(course)[2]
        hand_in(factories.make_quiz(course, module=module), "b", enrolment=student)
        QuizStanding.objects.update(last_at=NOW - timedelta(hours=1))
        NotebookProgress.objects.create(
            enrolment=student, module=notebook, updated_at=NOW - timedelta(minutes=1)
        )
        assert look(course, now=NOW) == (0, 0)


class TestFailing:
    def test_the_third_failure_opens_one_and_a_pass_clears_it(
        self, course: Course, student: Enrolment
    ) -> None:
        quiz = factories.make_quiz(course)
        for _ in range(2):
            hand_in(quiz, "b", "b", enrolment=student)
            assert current(course, "failed_quiz") == []
        hand_in(quiz, "b", "b", enrolment=student)
        alert = Alert.objects.get()
        assert (alert.key, alert.data["count"]) == (f"enrolment:{student.pk}:quiz:{quiz.pk}", 3)
        assert alert.sentence == f"3 failed or refused submissions of “{quiz.title}”."
        assert look(course) == (0, 0)
        hand_in(quiz, "b", "b", enrolment=student)
        alert.refresh_from_db()
        assert (alert.data["count"], alert.version) == (4, 2)
        hand_in(quiz, "a", "a", enrolment=student)
        assert current(course, "failed_quiz") == []

    def test_refusals_count_as_failures(self, course: Course, student: Enrolment) -> None:
        quiz = factories.make_quiz(course)
        hand_in(quiz, "b", "b", enrolment=student)
        running = begin(quiz, student)
        actions.note_refusal(running)
        assert current(course, "failed_quiz") == []
        actions.note_refusal(running)
        assert Alert.objects.get().data["count"] == 3
        assert look(course) == (0, 0)

    def test_a_submission_after_the_deadline_counts_too(
        self, course: Course, student: Enrolment
    ) -> None:
        set_rule(course, "failed_quiz", 1)
        essay = [factories.question("long_answer", "q1")]
        attempt = begin(factories.make_quiz(course, essay, time_limit=1), student)
        Submission.objects.update(deadline=timezone.now() - timedelta(minutes=5))
        attempt.refresh_from_db()
        actions.submit_attempt(attempt, given("Too late"))
        assert len(current(course, "failed_quiz")) == 1

    def test_a_rule_that_is_off_opens_none(self, course: Course, student: Enrolment) -> None:
        set_rule(course, "failed_quiz", 1, is_on=False)
        hand_in(factories.make_quiz(course), "b", "b", enrolment=student)
        assert current(course, "failed_quiz") == []

    def test_whose_course_is_over_for_them_is_forgotten(
        self, course: Course, student: Enrolment
    ) -> None:
        set_rule(course, "failed_quiz", 1)
        hand_in(factories.make_quiz(course), "b", "b", enrolment=student)
        actions.withdraw(student)
        assert current(course, "failed_quiz") == []
        assert look(course) == (0, 0)


class TestHardQuestions:
    def test_the_tenth_attempt_opens_one_below_the_threshold(self, course: Course) -> None:
        quiz = factories.make_quiz(course)
        set_rule(course, "failed_quiz", is_on=False)
        for number in range(10):
            assert current(course, "hard_question") == []
            hand_in(quiz, "a", "a" if number < 2 else "b")
        assert current(course, "hard_question") == [f"quiz:{quiz.pk}:question:q2"]
        alert = Alert.objects.get()
        assert alert.sentence == (
            f"The class got 20 % of the points of “Question q2” in “{quiz.title}”."
        )
        hand_in(quiz, "a", "a")
        hand_in(quiz, "a", "a")
        hand_in(quiz, "a", "a")
        assert current(course, "hard_question") == []  # 5 of 13

    def test_a_rule_that_is_off_opens_none(self, course: Course) -> None:
        set_rule(course, "hard_question", is_on=False)
        quiz = factories.make_quiz(course)
        for _ in range(10):
            hand_in(quiz, "b", "b")
        assert current(course, "hard_question") == []

    def test_at_the_threshold_it_is_hard_enough(self, course: Course) -> None:
        quiz = factories.make_quiz(course)
        for number in range(10):
            hand_in(quiz, "a", "a" if number < 3 else "b")
        assert current(course, "hard_question") == []
        set_rule(course, "hard_question", 31)
        assert look(course) == (1, 0)

    def test_a_void_question_or_a_hidden_quiz_is_nobodys_problem(self, course: Course) -> None:
        quiz = factories.make_quiz(course)
        for _ in range(10):
            hand_in(quiz, "a", "b")
        assert len(current(course, "hard_question")) == 1
        type(quiz).objects.update(live=False)
        assert look(course) == (0, 1)


class TestInstructors:
    @pytest.fixture
    def alert(self, course: Course, student: Enrolment) -> Alert:
        Enrolment.objects.update(enrolled_at=NOW - timedelta(days=300))
        look(course)
        return Alert.objects.get()

    def test_acknowledging_keeps_it_until_its_cause_is_gone(
        self, course: Course, student: Enrolment, alert: Alert
    ) -> None:
        assert actions.acknowledge_alert(alert)
        assert not Alert.objects.open().exists()
        assert look(course) == (0, 0)
        factories.complete(student, factories.modules_of(course)[0])
        alert.refresh_from_db()
        assert (alert.state, alert.version) == ("cleared", 3)
        assert not actions.acknowledge_alert(alert)

    def test_the_same_cause_later_opens_another(
        self, course: Course, student: Enrolment, alert: Alert
    ) -> None:
        actions.acknowledge_alert(alert)
        factories.complete(student, factories.modules_of(course)[0])
        Enrolment.objects.update(last_activity=NOW - timedelta(days=300))
        assert look(course) == (1, 0)
        assert Alert.objects.count() == 2

    def test_a_snooze_ends_by_itself(self, course: Course, alert: Alert) -> None:
        actions.snooze_alert(alert, timedelta(hours=1))
        alert.refresh_from_db()
        assert (alert.is_snoozed, alert.is_open, alert.state_now) == (True, False, "snoozed")
        assert alert.snoozed_until is not None
        just_before = alert.snoozed_until - timedelta(seconds=1)
        assert list(Alert.objects.open(just_before)) == []
        assert list(Alert.objects.open(alert.snoozed_until)) == [alert]
        look(course, now=just_before)
        alert.refresh_from_db()
        assert alert.state == "snoozed"
        with assert_pushes(f"instructor-{course.pk}", only=True):
            look(course, now=alert.snoozed_until)
        alert.refresh_from_db()
        assert (alert.state, alert.snoozed_until) == ("open", None)

    def test_a_snooze_is_a_week_at_most(self, alert: Alert) -> None:
        actions.snooze_alert(alert, timedelta(days=400))
        alert.refresh_from_db()
        assert alert.snoozed_until is not None
        assert alert.snoozed_until < timezone.now() + timedelta(days=8)

    def test_it_is_handed_only_to_those_who_teach(self, course: Course, alert: Alert) -> None:
        other = factories.make_user()
        with pytest.raises(NotAnInstructor):
            actions.hand_over_alert(alert, other)
        CourseInstructor.objects.create(course=course, user=other)
        actions.acknowledge_alert(alert)
        assert actions.hand_over_alert(alert, other)
        alert.refresh_from_db()
        assert (alert.assigned_to, alert.state) == (other, "open")


class TestLooking:
    def test_nothing_new_writes_nothing(self, course: Course, student: Enrolment) -> None:
        Enrolment.objects.update(enrolled_at=NOW - timedelta(days=300))
        look(course)
        with assert_no_pushes(), CaptureQueriesContext(connection) as queries:
            assert look(course) == (0, 0)
        assert not [q for q in queries if not q["sql"].startswith("SELECT")]

    def test_the_number_of_queries_is_the_same_for_any_roster(self) -> None:
        counts = [self.queries_for(size) for size in (10, 1000)]
        assert counts[0] == counts[1] <= 35

    def queries_for(self, size: int) -> int:
        course = factories.make_course(2)
        factories.make_roster(course, size)
        long_ago = timezone.now() - timedelta(days=300)
        Enrolment.objects.filter(course=course).update(enrolled_at=long_ago, last_activity=long_ago)
        with CaptureQueriesContext(connection) as queries:
            opened, _ = look(course)
        assert opened == size * 2 // 3 or opened == size - -(-size // 3)
        return len([q for q in queries if "SAVEPOINT" not in q["sql"]])

    def test_readers_within_a_minute_look_once(
        self, course: Course, student: Enrolment, settings: Any
    ) -> None:
        Enrolment.objects.update(enrolled_at=NOW - timedelta(days=300))
        assert actions.look_if_due(course.pk).opened == 1
        Alert.objects.all().delete()
        assert actions.look_if_due(course.pk).opened == 0
        AlertClock.objects.update(looked_at=timezone.now() - timedelta(seconds=61))
        assert actions.look_if_due(course.pk).opened == 1

    def test_every_course_is_looked_at_by_the_command(
        self, course: Course, student: Enrolment
    ) -> None:
        Enrolment.objects.update(enrolled_at=NOW - timedelta(days=300))
        assert actions.look_everywhere([course])[course].opened == 1

    def test_many_at_once_are_told_as_one_change(self, course: Course) -> None:
        factories.make_roster(course, 60)
        Enrolment.objects.update(enrolled_at=NOW - timedelta(days=300))
        Enrolment.objects.update(last_activity=NOW - timedelta(days=300))
        with assert_pushes(f"instructor-{course.pk}", only=True) as pushes:
            look(course)
        assert [(push.kind, push.object_id) for push in pushes.recorded] == [("alert", 0)]


@pytest.fixture
def postcards() -> Iterator[None]:
    def find(course_id: int, threshold: int, now: datetime) -> Iterator[Cause]:
        yield Cause("card", data={"title": f"{threshold} cards"})

    alert_kinds.register(
        "postcards", label="Post", sentence="Look: %(title)s", find=find, threshold=2
    )
    yield
    alert_kinds.forget("postcards")


class TestKinds:
    def test_a_site_adds_its_own(self, course: Course, postcards: None) -> None:
        assert look(course, timed=True) == (1, 0)
        assert Alert.objects.get().sentence == "Look: 2 cards"
        set_rule(course, "postcards", is_on=False)
        assert look(course) == (0, 1)

    def test_one_that_fails_takes_nothing_away(self, course: Course, postcards: None) -> None:
        look(course)
        alert_kinds.forget("postcards")

        def fail(*arguments: Any) -> Any:
            raise RuntimeError("Out of stamps")

        alert_kinds.register("postcards", label="Post", sentence="", find=fail)
        assert look(course) == (0, 0)
        assert len(current(course, "postcards")) == 1

    def test_what_the_database_refuses_is_not_hidden(self, course: Course, postcards: None) -> None:
        alert_kinds.forget("postcards")

        def fail(*arguments: Any) -> Any:
            raise DatabaseError

        alert_kinds.register("postcards", label="Post", sentence="", find=fail)
        with pytest.raises(DatabaseError):
            look(course)

    def test_a_name_is_taken_once_and_bounds_hold(self, postcards: None) -> None:
        with pytest.raises(ValueError, match="already"):
            alert_kinds.register("postcards", label="", sentence="")
        with pytest.raises(ValueError, match="bounds"):
            alert_kinds.register("cards", label="", sentence="", threshold=0)
        assert "postcards" in alert_kinds
        assert "cards" not in alert_kinds

    def test_a_kind_whose_package_is_gone_reads_like_its_subject(self) -> None:
        assert Alert(kind="gone", data={"title": "Knots"}).sentence == "Knots"
