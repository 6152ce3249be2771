"""Grading what no key can judge: nobody overwrites what they have not seen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from wagtail.models import ModelLogEntry

from tests import factories
from tests.quiz_taking import begin, hand_in, keyed, publish
from tests.signals import received
from wagtail_live_lms import actions
from wagtail_live_lms.exceptions import GradedByKey, GradedMeanwhile
from wagtail_live_lms.live.exceptions import InvalidInput
from wagtail_live_lms.models import (
    Answer,
    Notification,
    Progress,
    Quiz,
    QuizStanding,
    Submission,
)
from wagtail_live_lms.signals import attempt_graded, results_changed
from wagtail_live_lms.testing import assert_pushes

from .test_concurrency import at_once

pytestmark = pytest.mark.django_db


def essay(ident: str, **value: Any) -> dict[str, Any]:
    return factories.question("long_answer", ident, **{"points": "4"} | value)


@pytest.fixture
def quiz() -> Quiz:
    return factories.make_quiz(questions=[essay("q1"), keyed("q2", "a")])


@pytest.fixture
def staff() -> Any:
    return factories.make_user("Grace Hopper")


def grade(
    submission: Submission,
    points: str,
    by: Any,
    question: str = "q1",
    *,
    comment: str = "",
    seen: int | None = None,
) -> Submission:
    answer = submission.answers.get(question_id=question)
    revision = actions.grading_revision(answer) if seen is None else seen
    return actions.grade_answer(answer, Decimal(points), comment, by, revision)


def test_an_earlier_attempt_that_is_graded_later_is_not_shown_as_the_last(staff: Any) -> None:
    quiz = factories.make_quiz(questions=[essay("q1")])
    student = factories.make_student(quiz.course)
    first, second = (hand_in(quiz, "Because", enrolment=student) for _ in range(2))
    grade(second, "1", staff)
    grade(first, "4", staff)
    standing = QuizStanding.objects.get()
    assert (standing.last_number, standing.last_percent, standing.percent) == (2, 25, 100)


class TestOneAnswer:
    @pytest.mark.parametrize(
        ("points", "outcome"),
        [("0", "incorrect"), ("0.01", "partial"), ("3.99", "partial"), ("4", "correct")],
    )
    def test_it_has_its_points_its_comment_and_who_gave_them(
        self, quiz: Quiz, staff: Any, points: str, outcome: str
    ) -> None:
        submission = hand_in(quiz, "Because", "a")
        grade(submission, points, staff, comment="  <b>Fine</b>  ")
        answer = submission.answers.get(question_id="q1")
        assert (answer.points, answer.outcome) == (Decimal(points), outcome)
        assert (answer.comment, answer.graded_by) == ("<b>Fine</b>", staff)
        assert answer.is_graded_by_hand

    @pytest.mark.parametrize("points", ["-0.01", "4.01", "1.005", "NaN", "Infinity"])
    def test_other_points_are_refused(self, quiz: Quiz, staff: Any, points: str) -> None:
        submission = hand_in(quiz, "Because", "a")
        with pytest.raises(InvalidInput) as refused:
            grade(submission, points, staff)
        assert "0 to 4" in refused.value.errors["points"][0]
        assert submission.answers.get(question_id="q1").outcome == "pending"

    def test_what_the_key_judges_is_not_for_a_person(self, quiz: Quiz, staff: Any) -> None:
        with pytest.raises(GradedByKey):
            grade(hand_in(quiz, "Because", "b"), "1", staff, "q2")
        with pytest.raises(GradedByKey):
            grade(hand_in(quiz, None, "b"), "1", staff)

    def test_nor_is_an_attempt_under_way(self, quiz: Quiz, staff: Any) -> None:
        with pytest.raises(GradedByKey):
            grade(begin(quiz), "1", staff)

    def test_nor_a_void_question(self, quiz: Quiz, staff: Any) -> None:
        submission = hand_in(quiz, "Because", "a")
        actions.apply_regrade(publish(quiz, essay("q1", void=True), keyed("q2", "a")), staff)
        with pytest.raises(GradedByKey):
            grade(submission, "1", staff)

    def test_a_question_that_was_removed_can_still_be_graded(self, quiz: Quiz, staff: Any) -> None:
        submission = hand_in(quiz, "Because", "b")
        actions.apply_regrade(publish(quiz, keyed("q2", "b")), staff)
        assert grade(submission, "3", staff).score == 4

    def test_it_is_in_the_history_of_the_quiz(self, quiz: Quiz, staff: Any) -> None:
        submission = hand_in(quiz, "Because", "a")
        grade(submission, "3", staff)
        entry = ModelLogEntry.objects.get(action="wagtail_live_lms.grade_answer")
        assert (entry.user, entry.data["points"], entry.data["attempt"]) == (staff, "3", 1)


class TestTheAttempt:
    def test_with_its_last_answer_it_has_its_result(self, staff: Any) -> None:
        course = factories.make_course(["quiz_passed"])
        quiz = factories.make_quiz(
            course, [essay("q1"), essay("q2")], module=factories.modules_of(course)[0]
        )
        submission = hand_in(quiz, "Because", "And so")
        half = grade(submission, "4", staff)
        assert (half.state, half.score, half.revision) == ("submitted", None, 2)
        assert not Progress.objects.exists()
        done = grade(submission, "1", staff, "q2")
        assert (done.state, done.score, done.percent) == ("graded", 5, Decimal("62.5"))
        assert (done.passed, done.counts, done.revision) == (True, True, 3)
        assert (QuizStanding.objects.get().percent, Progress.objects.count()) == (62.5, 1)

    def test_everybody_is_told(self, quiz: Quiz, staff: Any) -> None:
        submission = hand_in(quiz, "Because", "a")
        topics = f"instructor-{quiz.course_id}", f"student-{submission.enrolment.user_id}"
        with assert_pushes(*topics, kind="submission", object_id=submission.pk):
            grade(submission, "4", staff)

    def test_so_are_other_graders_while_a_part_still_waits(self, staff: Any) -> None:
        quiz = factories.make_quiz(questions=[essay("q1"), essay("q2")])
        submission = hand_in(quiz, "Because", "And so")
        with assert_pushes(f"instructor-{quiz.course_id}", kind="submission"):
            grade(submission, "4", staff)

    @pytest.mark.django_db(transaction=True)
    def test_signals_tell_a_first_result_from_a_changed_one(self, staff: Any) -> None:
        quiz = factories.make_quiz(questions=[essay("q1")])
        submission = hand_in(quiz, "Because")
        with received(attempt_graded) as graded, received(results_changed) as changed:
            grade(submission, "0", staff)
            assert (len(graded), len(changed)) == (1, 0)
            grade(submission, "3", staff)
        told = Notification.objects.order_by("pk").values_list("kind", "payload__score")
        assert [kind for kind, _ in told] == ["grade_posted", "result_changed"]
        assert [Decimal(score) for _, score in told] == [0, 3]
        assert len(graded) == 2
        (call,) = changed
        assert [(s.pk, s.revision, s.percent) for s in call["submissions"]] == [
            (submission.pk, 3, 75)
        ]

    def test_one_that_was_posted_stays_so(self, quiz: Quiz, staff: Any) -> None:
        submission = hand_in(quiz, "Because", "a")
        grade(submission, "2", staff)
        Submission.objects.update(state="posted")
        assert grade(submission, "4", staff).state == "posted"


class TestTwoGraders:
    def test_the_second_is_told_who_gave_what(self, quiz: Quiz, staff: Any) -> None:
        submission = hand_in(quiz, "Because", "a")
        grade(submission, "3.5", staff)
        with pytest.raises(GradedMeanwhile) as refused:
            grade(submission, "1", factories.make_user(), seen=0)
        assert "Grace Hopper" in str(refused.value.message)
        assert "3.50 of 4" in str(refused.value.message)
        assert submission.answers.get(question_id="q1").points == Decimal("3.5")

    def test_also_when_the_first_has_left(self, quiz: Quiz, staff: Any) -> None:
        submission = hand_in(quiz, "Because", "a")
        grade(submission, "3", staff)
        Answer.objects.update(graded_by=None)
        with pytest.raises(GradedMeanwhile, match="graded_meanwhile") as refused:
            grade(submission, "1", staff, seen=0)
        assert "Somebody" in str(refused.value.message)

    def test_having_looked_again_they_may_change_it(self, quiz: Quiz, staff: Any) -> None:
        submission = hand_in(quiz, "Because", "a")
        grade(submission, "3", staff)
        assert grade(submission, "1", staff).score == 2

    def test_who_grades_another_answer_is_not_in_the_way(self, staff: Any) -> None:
        quiz = factories.make_quiz(questions=[essay("q1"), essay("q2")])
        submission = hand_in(quiz, "Because", "And so")
        grade(submission, "3", staff, "q1", seen=0)
        assert grade(submission, "3", factories.make_user(), "q2", seen=0).score == 6

    @pytest.mark.django_db(transaction=True)
    def test_at_the_same_moment_one_of_them_wins(self, quiz: Quiz) -> None:
        submission = hand_in(quiz, "Because", "a")
        graders = [factories.make_user() for _ in range(4)]

        def attempt(by: Any, points: str) -> bool:
            try:
                grade(submission, points, by, seen=0)
            except GradedMeanwhile:
                return False
            return True

        calls = [
            lambda by=by, points=points: attempt(by, points)
            for by, points in zip(graders, "1234", strict=True)
        ]
        won = at_once(calls)
        assert won.count(True) == 1
        answer = submission.answers.get(question_id="q1")
        assert answer.graded_by == graders[won.index(True)]
        submission.refresh_from_db()
        assert (submission.revision, submission.score) == (2, answer.points + 1)
