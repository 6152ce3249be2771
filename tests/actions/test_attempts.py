"""Beginning, saving, handing in: what a student answered is never lost, and graded once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests import factories
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Given
from wagtail_live_lms.exceptions import (
    AttemptEnded,
    NoAttemptsLeft,
    NotEnrolled,
    NotInOrder,
    QuizBroken,
    QuizClosed,
    QuizNotOpen,
    TimeIsUp,
)
from wagtail_live_lms.live.exceptions import NotFound, RateLimitExceeded
from wagtail_live_lms.live.models import LiveChange
from wagtail_live_lms.models import (
    Answer,
    Progress,
    Quiz,
    QuizStanding,
    QuizVersion,
    Submission,
)
from wagtail_live_lms.testing import assert_no_pushes, assert_pushes

pytestmark = pytest.mark.django_db

NOW_MS = 4_000_000_000_000
"""A sequence later than any clock says."""


def begin(quiz: Quiz, enrolment: Any = None) -> Submission:
    enrolment = enrolment or factories.make_student(quiz.course)
    return actions.start_attempt(enrolment.user, quiz)


def given(*responses: Any, sequence: int | None = None) -> dict[str, Given]:
    at = sequence or actions.milliseconds(timezone.now())
    return {f"q{n}": Given(response, at) for n, response in enumerate(responses, 1)}


def move(submission: Submission, **fields: Any) -> Submission:
    Submission.objects.filter(pk=submission.pk).update(**fields)
    submission.refresh_from_db()
    return submission


def let_time_pass(submission: Submission, seconds: float) -> Submission:
    """So that the deadline is so many seconds ago."""
    return move(submission, deadline=timezone.now() - timedelta(seconds=seconds))


class TestStarting:
    def test_an_attempt_has_a_deadline_an_order_and_a_place_for_each_answer(self) -> None:
        submission = begin(factories.make_quiz(time_limit=30))
        assert submission.deadline == submission.started_at + timedelta(minutes=30)
        assert len(submission.order_seed) == 16
        assert submission.number == 1
        assert set(submission.answers.values_list("question_id", flat=True)) == {"q1", "q2"}

    def test_starting_again_resumes_the_same_attempt(self) -> None:
        quiz = factories.make_quiz()
        student = factories.make_student(quiz.course)
        assert begin(quiz, student) == begin(quiz, student)
        assert Submission.objects.count() == 1

    def test_extra_time_moves_the_deadline(self) -> None:
        quiz = factories.make_quiz(time_limit=60)
        student = factories.make_student(quiz.course)
        student.extra_time = Decimal("1.25")
        student.save()
        submission = begin(quiz, student)
        assert submission.deadline == submission.started_at + timedelta(minutes=75)

    def test_the_closing_time_ends_a_longer_limit(self) -> None:
        closes = timezone.now() + timedelta(minutes=5)
        assert begin(factories.make_quiz(time_limit=60, closes_at=closes)).deadline == closes

    def test_without_limit_or_closing_there_is_no_deadline(self) -> None:
        assert begin(factories.make_quiz()).deadline is None

    def test_it_is_refused_before_opening_after_closing_and_unpublished(self) -> None:
        hour = timedelta(hours=1)
        with pytest.raises(QuizNotOpen):
            begin(factories.make_quiz(opens_at=timezone.now() + hour))
        with pytest.raises(QuizClosed):
            begin(factories.make_quiz(closes_at=timezone.now() - hour))
        with pytest.raises(QuizClosed):
            begin(factories.make_quiz(live=False))

    def test_only_those_who_take_the_course_may(self) -> None:
        with pytest.raises(NotEnrolled):
            actions.start_attempt(factories.make_user(), factories.make_quiz())

    def test_attempts_can_be_used_up(self) -> None:
        quiz = factories.make_quiz(attempts_allowed=1)
        student = factories.make_student(quiz.course)
        actions.submit_attempt(begin(quiz, student), {})
        with pytest.raises(NoAttemptsLeft):
            begin(quiz, student)

    def test_a_course_in_order_keeps_a_later_quiz_waiting(self) -> None:
        course = factories.make_course(["by_hand", "quiz_passed"], in_order=True)
        first, second = factories.modules_of(course)
        quiz = factories.make_quiz(course, module=second)
        student = factories.make_student(course)
        with pytest.raises(NotInOrder):
            begin(quiz, student)
        factories.complete(student, first)
        assert begin(quiz, student).is_open

    def test_a_quiz_that_cannot_be_read_is_refused_and_logged(self, caplog: Any) -> None:
        broken = factories.question("true_false", "q1", correct="perhaps")
        with pytest.raises(QuizBroken):
            begin(factories.make_quiz(questions=[broken]))
        assert "cannot be taken" in caplog.text

    def test_a_quiz_without_a_question_is_refused(self) -> None:
        text = factories.question("information", "q1")
        del text["value"]["points"]
        with pytest.raises(QuizBroken):
            begin(factories.make_quiz(questions=[text]))


class TestVersions:
    def test_an_attempt_keeps_the_questions_it_was_given(self) -> None:
        quiz = factories.make_quiz()
        before = begin(quiz)
        quiz = edit(quiz, [factories.question("true_false", "q1", correct="true")])
        after = begin(quiz)
        assert (before.version.number, after.version.number) == (1, 2)
        assert set(before.answers.values_list("question_id", flat=True)) == {"q1", "q2"}
        done = actions.submit_attempt(before, given("a", "a"))
        assert done.percent == 100

    def test_no_edit_no_new_version(self) -> None:
        quiz = factories.make_quiz()
        begin(quiz)
        begin(quiz)
        assert QuizVersion.objects.count() == 1


def edit(quiz: Quiz, questions: list[dict[str, Any]]) -> Quiz:
    quiz.questions = questions
    quiz.save()
    return Quiz.objects.get(pk=quiz.pk)


class TestSaving:
    def test_an_answer_is_kept_as_it_is_given(self) -> None:
        submission = begin(factories.make_quiz())
        saved = actions.save_answer(submission, "q1", Given("a", 5))
        assert (saved.is_newest, saved.sequence) == (True, 5)
        assert submission.answers.get(question_id="q1").response == "a"

    def test_an_older_save_never_replaces_a_newer_one(self) -> None:
        submission = begin(factories.make_quiz())
        actions.save_answer(submission, "q1", Given("a", 7))
        late = actions.save_answer(submission, "q1", Given("b", 6))
        assert (late.is_newest, late.sequence) == (False, 7)
        assert submission.answers.get(question_id="q1").response == "a"

    def test_another_quizs_question_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            actions.save_answer(begin(factories.make_quiz()), "other", Given("a", 5))

    def test_nothing_is_saved_after_the_end(self) -> None:
        submission = begin(factories.make_quiz())
        actions.submit_attempt(submission, given("a"))
        with pytest.raises(AttemptEnded):
            actions.save_answer(submission, "q1", Given("b", NOW_MS))
        with pytest.raises(AttemptEnded):
            actions.save_answers(submission, given("b"))

    def test_the_network_has_ten_seconds_for_answers_given_in_time(self) -> None:
        submission = let_time_pass(begin(factories.make_quiz(time_limit=1)), 5)
        assert submission.deadline is not None
        in_time = actions.milliseconds(submission.deadline) - 1000
        assert actions.save_answer(submission, "q1", Given("a", in_time)).is_newest
        with pytest.raises(TimeIsUp):
            actions.save_answer(submission, "q2", Given("a", in_time + 2000))

    def test_after_the_grace_nothing_is_saved(self) -> None:
        submission = let_time_pass(begin(factories.make_quiz(time_limit=1)), 11)
        with pytest.raises(TimeIsUp):
            actions.save_answer(submission, "q1", Given("a", 5))
        with pytest.raises(TimeIsUp):
            actions.save_answers(submission, given("a"))

    def test_a_form_keeps_what_another_tab_saved_later(self) -> None:
        submission = begin(factories.make_quiz())
        actions.save_answer(submission, "q1", Given("b", 9))
        actions.save_answers(submission, given("a", "a", sequence=8))
        assert responses(submission) == {"q1": "b", "q2": "a"}


def responses(submission: Submission) -> dict[str, Any]:
    return dict(submission.answers.values_list("question_id", "response"))


class TestHandingIn:
    def test_it_is_graded_at_once(self) -> None:
        done = actions.submit_attempt(begin(factories.make_quiz()), given("a", "b"))
        assert (done.state, done.score, done.maximum) == ("graded", 1, 2)
        assert (done.percent, done.passed) == (50, False)
        outcomes = dict(done.answers.values_list("question_id", "outcome"))
        assert outcomes == {"q1": "correct", "q2": "incorrect"}

    def test_said_twice_it_is_one_result(self) -> None:
        submission = begin(factories.make_quiz())
        first = actions.submit_attempt(submission, given("a", "a"))
        again = actions.submit_attempt(submission, given("b", "b"))
        assert (again.percent, again.ended_at) == (first.percent, first.ended_at)
        assert responses(submission) == {"q1": "a", "q2": "a"}

    def test_saved_answers_count_without_being_sent_again(self) -> None:
        submission = begin(factories.make_quiz())
        actions.save_answer(submission, "q1", Given("a", 5))
        assert actions.submit_attempt(submission, given()).score == 1

    def test_passing_completes_the_module(self) -> None:
        course = factories.make_course(["quiz_passed"])
        quiz = factories.make_quiz(course, module=factories.modules_of(course)[0])
        student = factories.make_student(course)
        actions.submit_attempt(begin(quiz, student), given("a", "a"))
        done = Progress.objects.get()
        assert (done.source, done.evidence["quiz"]) == ("quiz", quiz.pk)
        student.refresh_from_db()
        assert (student.percent, student.quiz_average) == (100, 100)

    def test_a_module_that_is_completed_otherwise_now_is_left_alone(self) -> None:
        course = factories.make_course(["quiz_passed"])
        module = factories.modules_of(course)[0]
        submission = begin(factories.make_quiz(course, module=module))
        module.completion_rule = "by_hand"
        module.save()
        assert actions.submit_attempt(submission, given("a", "a")).passed
        assert not Progress.objects.exists()

    def test_failing_does_not(self) -> None:
        course = factories.make_course(["quiz_passed"])
        quiz = factories.make_quiz(course, module=factories.modules_of(course)[0])
        actions.submit_attempt(begin(quiz), given("a", "b"))
        assert not Progress.objects.exists()

    def test_a_long_answer_waits_for_a_person(self) -> None:
        essay = factories.question("long_answer", "q1")
        done = actions.submit_attempt(begin(factories.make_quiz(questions=[essay])), given("Why"))
        assert (done.state, done.score, done.passed) == ("submitted", None, None)

    def test_everybody_is_told(self) -> None:
        submission = begin(factories.make_quiz())
        LiveChange.objects.all().delete()
        actions.submit_attempt(submission, given("a"))
        told = set(LiveChange.objects.values_list("topic", "kind"))
        course, user = submission.quiz.course_id, submission.enrolment.user_id
        topics = (f"instructor-{course}", f"student-{user}")
        assert told == {(topic, kind) for topic in topics for kind in ("enrolment", "submission")}


class TestTime:
    def test_answers_given_after_the_deadline_are_left_out(self) -> None:
        submission = let_time_pass(begin(factories.make_quiz(time_limit=1)), 5)
        assert submission.deadline is not None
        at = actions.milliseconds(submission.deadline)
        answers = given("a", sequence=at - 1) | {"q2": Given("a", at + 1)}
        done = actions.submit_attempt(submission, answers)
        assert (done.is_expired, done.score, done.ended_at) == (True, 1, submission.deadline)

    def test_whoever_looks_first_ends_an_attempt_with_what_was_saved(self) -> None:
        submission = begin(factories.make_quiz(time_limit=1))
        actions.save_answer(submission, "q1", Given("a", 5))
        let_time_pass(submission, 11)
        done = actions.settle_attempt(submission)
        assert (done.state, done.is_expired, done.score) == ("graded", True, 1)
        assert actions.settle_attempt(submission).ended_at == done.ended_at

    def test_handing_in_much_too_late_adds_nothing(self) -> None:
        submission = let_time_pass(begin(factories.make_quiz(time_limit=1)), 60)
        assert actions.submit_attempt(submission, given("a", "a")).score == 0

    def test_one_with_time_left_goes_on(self) -> None:
        submission = begin(factories.make_quiz(time_limit=1))
        assert actions.settle_attempt(submission).is_open

    def test_all_overdue_attempts_of_a_course_end(self) -> None:
        quiz = factories.make_quiz(time_limit=1)
        for _ in range(3):
            let_time_pass(begin(quiz), 11)
        begin(quiz)
        assert actions.settle_overdue(quiz.course_id) == 3
        assert Submission.objects.open().count() == 1

    def test_where_nothing_is_overdue_one_query_tells(self, django_assert_num_queries: Any) -> None:
        quiz = factories.make_quiz(time_limit=1)
        begin(quiz)
        with django_assert_num_queries(1):
            assert actions.settle_overdue(quiz.course_id) == 0
        with django_assert_num_queries(1):
            assert actions.settle_all_overdue() == 0

    def test_those_who_wait_longest_end_first(self) -> None:
        quiz = factories.make_quiz(time_limit=1)
        later, first = (let_time_pass(begin(quiz), seconds) for seconds in (11, 60))
        assert actions.settle_overdue(quiz.course_id, limit=1) == 1
        assert list(Submission.objects.open()) == [later]
        first.refresh_from_db()
        assert first.is_expired

    def test_overdue_attempts_of_all_courses_end_batch_by_batch(self) -> None:
        for _ in range(2):
            quiz = factories.make_quiz(time_limit=1)
            for _ in range(2):
                let_time_pass(begin(quiz), 11)
        begin(quiz)
        assert actions.settle_overdue(quiz.course_id, limit=1) == 1
        assert actions.settle_all_overdue(batch=2) == 3
        assert Submission.objects.open().count() == 1

    def test_a_student_who_comes_back_late_begins_the_next_attempt(self) -> None:
        quiz = factories.make_quiz(time_limit=1)
        student = factories.make_student(quiz.course)
        let_time_pass(begin(quiz, student), 11)
        assert begin(quiz, student).number == 2

    def test_one_who_left_the_course_is_graded_and_completes_nothing(self) -> None:
        course = factories.make_course(["quiz_passed"])
        module = factories.modules_of(course)[0]
        quiz = factories.make_quiz(course, module=module, time_limit=1, pass_mark=0)
        student = factories.make_student(course)
        submission = let_time_pass(begin(quiz, student), 11)
        actions.withdraw(student)
        assert actions.settle_attempt(submission).is_graded
        assert not Progress.objects.exists()


class TestSubmissionsPerHour:
    def hand_in(self, quiz: Quiz, student: Any, *answers: str) -> Submission:
        submission = begin(quiz, student)
        actions.check_submission_rate(submission, given(*answers))
        return actions.submit_attempt(submission, given(*answers))

    def test_the_fourth_within_an_hour_waits(self) -> None:
        quiz = factories.make_quiz()
        student = factories.make_student(quiz.course)
        for choice in "abc":
            self.hand_in(quiz, student, choice)
        with pytest.raises(RateLimitExceeded) as refused:
            self.hand_in(quiz, student, "a", "b")
        assert 3500 < refused.value.retry_after <= 3601

    def test_the_first_leaves_the_hour_before_the_others(self) -> None:
        quiz = factories.make_quiz(submissions_per_hour=2)
        student = factories.make_student(quiz.course)
        old = self.hand_in(quiz, student, "a")
        move(old, ended_at=timezone.now() - timedelta(minutes=50))
        self.hand_in(quiz, student, "b")
        with pytest.raises(RateLimitExceeded) as refused:
            self.hand_in(quiz, student, "c")
        assert 590 < refused.value.retry_after <= 601
        move(old, ended_at=timezone.now() - timedelta(minutes=61))
        assert self.hand_in(quiz, student, "c").is_graded

    def test_the_same_answers_again_cost_nothing(self) -> None:
        quiz = factories.make_quiz(submissions_per_hour=2)
        student = factories.make_student(quiz.course)
        repeats = [self.hand_in(quiz, student, "a").is_repeat for _ in range(4)]
        assert repeats == [False, True, True, True]

    def test_nobody_uses_up_what_is_anothers(self) -> None:
        quiz = factories.make_quiz(submissions_per_hour=1)
        self.hand_in(quiz, factories.make_student(quiz.course), "a")
        assert self.hand_in(quiz, factories.make_student(quiz.course), "a").is_graded

    def test_no_limit_is_no_limit(self) -> None:
        quiz = factories.make_quiz(submissions_per_hour=0)
        student = factories.make_student(quiz.course)
        assert [self.hand_in(quiz, student, c).number for c in "abcab"] == [1, 2, 3, 4, 5]


class TestWhichAttemptCounts:
    @pytest.mark.parametrize(
        ("rule", "percent", "counting"),
        [("best", 100, [2]), ("last", 50, [3]), ("first", 0, [1]), ("average", 50, [1, 2, 3])],
    )
    def test_the_rule_decides(self, rule: str, percent: int, counting: list[int]) -> None:
        quiz = factories.make_quiz(attempt_rule=rule)
        student = factories.make_student(quiz.course)
        for answers in (("b", "b"), ("a", "a"), ("a", "b")):
            actions.submit_attempt(begin(quiz, student), given(*answers))
        standing = QuizStanding.objects.get()
        assert (standing.percent, standing.attempt_count) == (percent, 3)
        counted = Submission.objects.filter(counts=True).order_by("number")
        assert [attempt.number for attempt in counted] == counting
        student.refresh_from_db()
        assert student.quiz_average == percent

    def test_the_average_is_over_quizzes(self) -> None:
        course = factories.make_course()
        student = factories.make_student(course)
        for answers in (("a", "a"), ("a", "b")):
            actions.submit_attempt(begin(factories.make_quiz(course), student), given(*answers))
        student.refresh_from_db()
        assert student.quiz_average == 75

    def test_a_pass_is_never_rounded_up(self) -> None:
        questions = [factories.single_choice(f"q{n}", points="1") for n in (1, 2, 3)]
        quiz = factories.make_quiz(questions=questions, pass_mark=67)
        done = actions.submit_attempt(begin(quiz), given("a", "a", "b"))
        assert (done.percent, done.passed) == (Decimal("66.66"), False)


class TestQueries:
    def test_their_number_does_not_depend_on_the_questions(
        self, django_assert_max_num_queries: Any
    ) -> None:
        counts = [self.count(size, django_assert_max_num_queries) for size in (5, 50)]
        assert counts[0] == counts[1]

    def count(self, size: int, capture: Any) -> list[int]:
        quiz = factories.make_quiz(
            questions=[factories.single_choice(f"q{n}") for n in range(size)]
        )
        student = factories.make_student(quiz.course)
        begin(quiz)
        steps = []
        with capture(60) as queries:
            submission = begin(quiz, student)
        steps.append(len(queries))
        with capture(60) as queries:
            actions.save_answer(submission, "q1", Given("a", 5))
        steps.append(len(queries))
        with capture(60) as queries:
            actions.submit_attempt(submission, given(*["a"] * (size - 1)))
        steps.append(len(queries))
        assert Answer.objects.filter(submission=submission, outcome="").count() == 0
        return steps


class TestSavingFromSeveralTabs:
    def test_a_form_without_script_is_newer_than_what_it_was_shown(self) -> None:
        submission = begin(factories.make_quiz())
        actions.save_answers(submission, {"q1": Given("a", 0)})
        stored = submission.answers.get(question_id="q1")
        assert stored.sequence >= actions.milliseconds(submission.started_at)
        actions.save_answers(submission, {"q1": Given("b", 0)})
        stored.refresh_from_db()
        assert stored.response == "a"
        actions.save_answers(submission, {"q1": Given("b", stored.sequence)})
        stored.refresh_from_db()
        assert stored.response == "b"

    def test_only_the_students_own_pages_are_told_and_only_of_a_change(self) -> None:
        submission = begin(factories.make_quiz())
        topic = f"student-{submission.enrolment.user_id}"
        with assert_pushes(topic, kind="answer", object_id=submission.pk, only=True):
            actions.save_answer(submission, "q1", Given("a", 5))
        with assert_pushes(topic, kind="answer", only=True):
            actions.save_answers(submission, {"q1": Given("b", 6)})
        with assert_no_pushes():
            actions.save_answer(submission, "q1", Given("c", 4))
            actions.save_answers(submission, {"q1": Given("b", 7)})
