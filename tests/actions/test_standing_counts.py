"""After anything that happens to attempts, results equal a count from scratch."""

from __future__ import annotations

from decimal import Decimal

import hypothesis.strategies as st
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Given, StandingCorrection
from wagtail_live_lms.exceptions import NoAttemptsLeft
from wagtail_live_lms.models import (
    AttemptRule,
    Course,
    Enrolment,
    Progress,
    Quiz,
    QuizStanding,
    Submission,
)

pytestmark = pytest.mark.django_db

INDEX = st.integers(min_value=0, max_value=3)


class QuizMachine(RuleBasedStateMachine):
    """Two students, a quiz under each rule, and what can happen to an attempt."""

    def __init__(self) -> None:
        super().__init__()
        self.course: Course = factories.make_course(["quiz_passed"] * 4)
        modules = factories.modules_of(self.course)
        self.quizzes = [
            factories.make_quiz(
                self.course, module=module, attempt_rule=rule, attempts_allowed=4, time_limit=9
            )
            for rule, module in zip(AttemptRule.values, modules, strict=True)
        ]
        self.students = [factories.make_student(self.course) for _ in range(2)]

    @rule(who=INDEX, which=INDEX)
    def start(self, who: int, which: int) -> None:
        quiz = self.quizzes[which]
        try:
            actions.start_attempt(self.students[who % 2].user, quiz)
        except NoAttemptsLeft:
            assert quiz.submissions.filter(enrolment=self.students[who % 2]).count() == 4

    @rule(which=INDEX, choices=st.lists(st.sampled_from("abc"), min_size=2, max_size=2))
    def hand_in(self, which: int, choices: list[str]) -> None:
        for attempt in self._open(which):
            now = actions.milliseconds(timezone.now())
            answers = {f"q{n}": Given(choice, now) for n, choice in enumerate(choices, 1)}
            actions.submit_attempt(attempt, answers)

    @rule(which=INDEX)
    def run_out_of_time(self, which: int) -> None:
        for attempt in self._open(which):
            Submission.objects.filter(pk=attempt.pk).update(
                deadline=timezone.now() - 2 * actions.GRACE
            )
            attempt.refresh_from_db()
            assert actions.settle_attempt(attempt).is_expired

    @rule(which=INDEX, mark=st.sampled_from([40, 60, 100]))
    def edit(self, which: int, mark: int) -> None:
        quiz = Quiz.objects.get(pk=self.quizzes[which].pk)
        quiz.pass_mark = mark
        quiz.save()
        self.quizzes[which] = Quiz.objects.select_related("course", "module").get(pk=quiz.pk)

    @invariant()
    def results_equal_a_recount(self) -> None:
        assert actions.recount_standings(self.course) == []
        assert actions.recount_course(self.course) == []

    @invariant()
    def who_passed_has_completed_the_module(self) -> None:
        passed = set(
            QuizStanding.objects.filter(passed=True).values_list("enrolment", "quiz__module")
        )
        assert passed <= set(Progress.objects.values_list("enrolment", "module"))

    def _open(self, which: int) -> list[Submission]:
        return list(Submission.objects.open().filter(quiz=self.quizzes[which]))


@pytest.mark.slow
def test_results_always_equal_a_recount() -> None:
    class Machine(QuizMachine):
        def __init__(self) -> None:
            self.point = transaction.atomic()
            self.point.__enter__()
            super().__init__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.point.__exit__(None, None, None)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=10,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def make_result() -> tuple[Quiz, Enrolment]:
    quiz = factories.make_quiz()
    student = factories.make_student(quiz.course)
    attempt = actions.start_attempt(student.user, quiz)
    actions.submit_attempt(attempt, {"q1": Given("a", actions.milliseconds(timezone.now()))})
    return quiz, student


def test_a_wrong_result_is_repaired_and_reported() -> None:
    quiz, student = make_result()
    QuizStanding.objects.update(percent=Decimal(100), passed=True)
    assert actions.recount_standings(quiz.course) == [
        StandingCorrection(student.pk, quiz.pk, (1, Decimal(100), True), (1, Decimal(50), False))
    ]
    assert actions.recount_standings(quiz.course) == []


def test_a_wrong_average_is_repaired_and_reported() -> None:
    quiz, student = make_result()
    version = Enrolment.objects.get().version
    Enrolment.objects.update(quiz_average=None)
    [correction] = actions.recount_standings(quiz.course)
    assert (correction.quiz_id, correction.said, correction.counted) == (None, (None,), (50,))
    student.refresh_from_db()
    assert (student.quiz_average, student.version) == (50, version + 1)


def test_a_result_that_is_missing_is_made() -> None:
    quiz, student = make_result()
    QuizStanding.objects.all().delete()
    corrections = actions.recount_standings(quiz.course)
    assert [c.quiz_id for c in corrections] == [quiz.pk]
    standing = QuizStanding.objects.get()
    assert (standing.enrolment, standing.percent) == (student, 50)
