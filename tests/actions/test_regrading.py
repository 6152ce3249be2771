"""Grading anew: what the key now says, for everybody at once, and each student told once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings
from hypothesis import given as for_all
from wagtail.models import ModelLogEntry

from tests import factories
from tests.quiz_taking import begin, given, hand_in, keyed, publish
from tests.signals import received
from wagtail_live_lms import actions
from wagtail_live_lms.actions import regrade_summaries, regrading
from wagtail_live_lms.exceptions import KeyChanged, QuizBroken
from wagtail_live_lms.grading import grade_all
from wagtail_live_lms.models import (
    CourseTotals,
    Notification,
    Progress,
    Quiz,
    QuizStanding,
    Submission,
    paper_of,
)
from wagtail_live_lms.signals import attempt_graded, module_completed, results_changed
from wagtail_live_lms.testing import assert_no_pushes, assert_pushes

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Any:
    return factories.make_superuser()


def wrong_key(**fields: Any) -> Quiz:
    """Two questions, of which the second has c for its key by mistake."""
    return factories.make_quiz(questions=[keyed("q1", "a"), keyed("q2", "c")], **fields)


def mend(quiz: Quiz) -> Quiz:
    return publish(quiz, keyed("q1", "a"), keyed("q2", "b"))


def fresh(submission: Submission) -> Submission:
    return Submission.objects.select_related("enrolment").get(pk=submission.pk)


class TestPreview:
    def test_it_tells_old_and_new_result_and_the_answers_between(self) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "a", "b")
        hand_in(quiz, "a", "a")
        preview = actions.preview_regrade(mend(quiz))
        (change,) = preview.changes
        assert preview.compared == 2
        assert (change.before.pk, change.before.enrolment) == (submission.pk, submission.enrolment)
        assert (change.before.percent, change.after.percent) == (50, 100)
        assert (change.before.passed, change.after.passed) == (False, True)
        assert (change.passes_now, change.fails_now) == (True, False)
        (answer,) = change.answers
        assert (answer.before.outcome, answer.before.points) == ("incorrect", 0)
        assert (answer.after.question_id, answer.after.outcome) == ("q2", "correct")
        assert answer.after.points == 1

    def test_it_writes_nothing(self) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "a", "b")
        with assert_no_pushes():
            actions.preview_regrade(mend(quiz))
        assert fresh(submission).percent == 50
        assert quiz.versions.count() == 1

    def test_what_was_graded_with_the_present_key_is_not_compared(self) -> None:
        quiz = wrong_key()
        hand_in(quiz, "a", "b")
        begin(quiz)
        assert actions.preview_regrade(quiz).compared == 0

    def test_attempts_under_way_are_left_alone(self) -> None:
        quiz = wrong_key()
        begin(quiz)
        assert actions.preview_regrade(mend(quiz)).compared == 0

    def test_questions_that_cannot_be_read_are_refused(self) -> None:
        quiz = wrong_key()
        hand_in(quiz, "a", "b")
        broken = publish(quiz, factories.question("true_false", "q1", correct="perhaps"))
        with pytest.raises(QuizBroken):
            actions.preview_regrade(broken)


class TestWhetherThereIsReasonToLook:
    def test_only_a_key_that_judges_otherwise_is(self) -> None:
        quiz = wrong_key()
        hand_in(quiz, "a", "b")
        begin(quiz)
        assert actions.count_outdated(quiz) == 0
        reworded = keyed("q1", "a") | {"value": keyed("q1", "a")["value"] | {"text": "<p>Hm?</p>"}}
        assert actions.count_outdated(publish(quiz, reworded, keyed("q2", "c"))) == 0
        assert actions.count_outdated(mend(quiz)) == 1

    def test_new_and_removed_questions_are_not(self) -> None:
        quiz = wrong_key()
        hand_in(quiz, "a", "b")
        assert actions.count_outdated(publish(quiz, keyed("q1", "a"), keyed("q3", "a"))) == 0

    def test_a_pass_mark_is(self) -> None:
        quiz = wrong_key()
        hand_in(quiz, "a", "b")
        assert actions.count_outdated(publish(quiz, pass_mark=50)) == 1

    def test_its_cost_does_not_grow_with_attempts(self) -> None:
        counts = []
        for size in (1, 6):
            quiz = wrong_key()
            for _ in range(size):
                hand_in(quiz, "a", "b")
            quiz = mend(quiz)
            with CaptureQueriesContext(connection) as queries:
                assert actions.count_outdated(quiz) == size
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 3


class TestWhatIsLeftAlone:
    def test_a_question_that_was_removed_keeps_what_it_gave(self, staff: Any) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "a", "c")
        assert actions.apply_regrade(publish(quiz, keyed("q1", "b"), keyed("q3", "a")), staff)
        regraded = fresh(submission)
        assert (regraded.score, regraded.maximum, regraded.percent) == (1, 2, 50)

    def test_what_a_person_graded_keeps_its_points(self, staff: Any) -> None:
        essay = factories.question("long_answer", "q1", points="4")
        quiz = factories.make_quiz(questions=[essay, keyed("q2", "c")])
        submission = hand_in(quiz, "Because", "b")
        grade(submission, "q1", "2.5", staff)
        richer = factories.question("long_answer", "q1", points="8")
        actions.apply_regrade(publish(quiz, richer, keyed("q2", "b")), staff)
        regraded = fresh(submission)
        assert (regraded.score, regraded.maximum) == (Decimal("3.5"), 5)

    def test_what_was_decided_never_waits_for_a_person_again(self, staff: Any) -> None:
        void = factories.question("long_answer", "q1", points="4", void=True)
        quiz = factories.make_quiz(questions=[void])
        submission = hand_in(quiz, "Because")
        assert submission.percent == 100
        judged_again = publish(quiz, factories.question("long_answer", "q1", points="4"))
        assert actions.apply_regrade(judged_again, staff) == []
        assert fresh(submission).percent == 100


def grade(submission: Submission, question_id: str, points: str, by: Any) -> Submission:
    answer = submission.answers.get(question_id=question_id)
    seen = actions.grading_revision(answer)
    return actions.grade_answer(answer, Decimal(points), "", by, seen)


class TestVoidQuestions:
    def test_everybody_gets_full_marks(self, staff: Any) -> None:
        quiz = wrong_key()
        blank, wrong = hand_in(quiz, "a"), hand_in(quiz, "a", "a")
        actions.apply_regrade(publish(quiz, keyed("q1", "a"), keyed("q2", "b", void=True)), staff)
        for submission in (blank, wrong):
            assert fresh(submission).percent == 100
            assert submission.answers.get(question_id="q2").outcome == "correct"

    def test_those_whose_answer_a_person_graded_too(self, staff: Any) -> None:
        quiz = factories.make_quiz(questions=[factories.question("long_answer", "q1", points="4")])
        submission = hand_in(quiz, "Because")
        grade(submission, "q1", "1", staff)
        void = factories.question("long_answer", "q1", points="4", void=True)
        actions.apply_regrade(publish(quiz, void), staff)
        assert fresh(submission).score == 4

    def test_an_attempt_that_waited_has_its_result(self, staff: Any) -> None:
        quiz = factories.make_quiz(questions=[factories.question("long_answer", "q1")])
        submission = hand_in(quiz, "Because")
        void = factories.question("long_answer", "q1", void=True)
        actions.apply_regrade(publish(quiz, void), staff)
        assert (fresh(submission).state, fresh(submission).percent) == ("graded", 100)

    def test_one_that_still_waits_goes_on_waiting(self, staff: Any) -> None:
        essay = factories.question("long_answer", "q1")
        quiz = factories.make_quiz(questions=[essay, keyed("q2", "c")])
        submission = hand_in(quiz, "Because", "b")
        (changed,) = actions.apply_regrade(publish(quiz, essay, keyed("q2", "b")), staff)
        assert (changed.state, changed.score) == ("submitted", None)
        assert submission.answers.get(question_id="q2").outcome == "correct"


class TestApplying:
    def test_answers_attempts_standings_and_averages_say_what_the_key_says(
        self, staff: Any
    ) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "a", "b")
        quiz = mend(quiz)
        changed = actions.apply_regrade(quiz, staff)
        assert changed == [submission]
        regraded = fresh(submission)
        assert (regraded.score, regraded.percent, regraded.passed) == (2, 100, True)
        assert regraded.revision == submission.revision + 1
        assert regraded.graded_version == quiz.versions.get(number=2)
        assert regraded.version == quiz.versions.get(number=1)
        standing = QuizStanding.objects.get()
        assert (standing.percent, standing.passed, standing.last_percent) == (100, True, 100)
        assert regraded.enrolment.quiz_average == 100

    def test_twice_is_once(self, staff: Any) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "a", "b")
        quiz = mend(quiz)
        actions.apply_regrade(quiz, staff)
        with assert_no_pushes():
            assert actions.apply_regrade(quiz, staff) == []
        assert fresh(submission).revision == 2
        assert actions.count_outdated(quiz) == 0
        assert actions.preview_regrade(quiz).compared == 0

    def test_what_does_not_change_is_not_touched(self, staff: Any) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "b", "a")
        row = fresh(submission).enrolment.version
        with assert_no_pushes():
            assert actions.apply_regrade(mend(quiz), staff) == []
        assert fresh(submission).revision == submission.revision
        assert fresh(submission).enrolment.version == row
        assert fresh(submission).graded_version != submission.graded_version

    def test_another_attempt_may_count_afterwards(self, staff: Any) -> None:
        quiz = wrong_key()
        student = factories.make_student(quiz.course)
        first = hand_in(quiz, "b", "b", enrolment=student)
        second = hand_in(quiz, "b", "c", enrolment=student)
        assert fresh(second).counts
        actions.apply_regrade(mend(quiz), staff)
        assert (fresh(first).counts, fresh(second).counts) == (True, False)

    def test_a_lower_result_is_stored_and_completions_are_kept(self, staff: Any) -> None:
        course = factories.make_course(["quiz_passed"])
        module = factories.modules_of(course)[0]
        quiz = wrong_key(course=course, module=module)
        submission = hand_in(quiz, "a", "c")
        (change,) = actions.preview_regrade(mend(quiz)).changes
        assert change.fails_now
        actions.apply_regrade(quiz, staff)
        assert fresh(submission).percent == 50
        assert fresh(submission).enrolment.percent == 100
        assert Progress.objects.count() == 1

    def test_who_passes_now_completes_the_module(
        self, staff: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        course = factories.make_course(["quiz_passed"])
        quiz = wrong_key(course=course, module=factories.modules_of(course)[0])
        submission = hand_in(quiz, "a", "b")
        left = hand_in(quiz, "a", "b")
        actions.withdraw(left.enrolment)
        active = fresh(submission).enrolment.last_activity
        commits = django_capture_on_commit_callbacks(execute=True)
        with received(module_completed) as completed, commits:
            actions.apply_regrade(mend(quiz), staff)
        done = Progress.objects.get()
        assert done.enrolment == submission.enrolment
        assert done.evidence == {"quiz": quiz.pk, "attempt": 1, "percent": "100.00"}
        assert [call["progress"] for call in completed] == [done]
        enrolment = fresh(submission).enrolment
        assert (enrolment.percent, enrolment.last_activity) == (100, active)
        totals = CourseTotals.objects.get(course=course)
        assert (totals.percent_sum, totals.finished_count) == (100, 1)
        assert actions.recount_course(course) == []

    def test_a_completion_that_staff_took_back_stays_back(self, staff: Any) -> None:
        course = factories.make_course(["quiz_passed"])
        module = factories.modules_of(course)[0]
        quiz = wrong_key(course=course, module=module, pass_mark=50)
        submission = hand_in(quiz, "a", "b")
        actions.reset_module(fresh(submission).enrolment, module, by=staff, reason="Copied")
        actions.apply_regrade(mend(quiz), staff)
        assert not Progress.objects.exists()

    @pytest.mark.parametrize("rule", ["by_hand", "archived"])
    def test_only_a_module_that_the_quiz_still_completes(self, staff: Any, rule: str) -> None:
        course = factories.make_course(["quiz_passed"])
        module = factories.modules_of(course)[0]
        quiz = wrong_key(course=course, module=module)
        hand_in(quiz, "a", "b")
        module.archived = rule == "archived"
        module.completion_rule = "by_hand" if rule == "by_hand" else "quiz_passed"
        module.save()
        actions.apply_regrade(mend(quiz), staff)
        assert not Progress.objects.exists()

    def test_a_lower_pass_mark_alone_lets_people_pass(self, staff: Any) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "a", "b")
        actions.apply_regrade(publish(quiz, pass_mark=50), staff)
        assert (fresh(submission).percent, fresh(submission).passed) == (50, True)
        assert QuizStanding.objects.get().passed

    def test_an_average_passes_by_the_new_mark_whichever_attempts_do(self, staff: Any) -> None:
        quiz = wrong_key(attempt_rule="average", pass_mark=100)
        student = factories.make_student(quiz.course)
        hand_in(quiz, "a", "c", enrolment=student)
        hand_in(quiz, "a", "a", enrolment=student)
        course = quiz.course_id
        quiz = publish(quiz, pass_mark=60)
        with assert_pushes(f"instructor-{course}", f"student-{student.user_id}", only=True):
            assert actions.apply_regrade(quiz, staff) == []
        assert (QuizStanding.objects.get().percent, QuizStanding.objects.get().passed) == (75, True)

    def test_it_is_in_the_history_of_the_quiz(self, staff: Any) -> None:
        quiz = wrong_key()
        hand_in(quiz, "a", "b")
        hand_in(quiz, "a", "a")
        actions.apply_regrade(mend(quiz), staff)
        entry = ModelLogEntry.objects.get(action="wagtail_live_lms.regrade_quiz")
        assert (entry.user, entry.data) == (staff, {"version": 2, "attempts": 2, "changed": 1})

    def test_another_key_than_the_one_looked_at_is_not_applied(self, staff: Any) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "a", "b")
        preview = actions.preview_regrade(mend(quiz))
        publish(quiz, keyed("q1", "c"), keyed("q2", "c"))
        with pytest.raises(KeyChanged):
            actions.apply_regrade(quiz, staff, digest=preview.digest)
        assert fresh(submission).percent == 50


class TestWhoIsTold:
    def test_each_student_whose_result_changed_once(
        self, staff: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        quiz = wrong_key()
        changed = [hand_in(quiz, "a", "b") for _ in range(3)]
        hand_in(quiz, "a", "a")
        quiz = mend(quiz)
        with (
            received(results_changed) as told,
            received(attempt_graded) as graded,
            django_capture_on_commit_callbacks(execute=True),
        ):
            actions.apply_regrade(quiz, staff)
        (call,) = told
        assert call["submissions"] == changed
        assert [submission.revision for submission in call["submissions"]] == [2, 2, 2]
        assert [one["submission"] for one in graded] == changed

    def test_pages_of_students_and_instructors_move(self, staff: Any) -> None:
        quiz = wrong_key()
        submission = hand_in(quiz, "a", "b")
        hand_in(quiz, "a", "a")
        course, user = quiz.course_id, submission.enrolment.user_id
        with assert_pushes(f"instructor-{course}", f"student-{user}", only=True) as pushes:
            actions.apply_regrade(mend(quiz), staff)
        assert {(push.kind, push.object_id) for push in pushes.recorded} == {
            ("enrolment", submission.enrolment_id),
            ("submission", submission.pk),
            ("notification", Notification.objects.get().pk),
        }

    def test_the_notice_says_the_new_score_and_comes_once(self, staff: Any) -> None:
        quiz = wrong_key(attempt_rule="average")
        submission = hand_in(quiz, "a", "b")
        quiz = mend(quiz)
        actions.apply_regrade(quiz, staff)
        actions.apply_regrade(quiz, staff)
        notice = Notification.objects.get()
        assert (notice.kind, notice.user_id) == ("result_changed", submission.enrolment.user_id)
        assert notice.payload["title"] == quiz.title
        assert Decimal(notice.payload["score"]) == fresh(submission).score


class TestQueries:
    def test_their_number_grows_by_batches_only(self, staff: Any) -> None:
        counts = [self.count(size, staff) for size in (2, 9)]
        assert counts[0] == counts[1]

    def test_batches_add_up(self, staff: Any, monkeypatch: Any) -> None:
        monkeypatch.setattr(regrading, "BATCH", 2)
        monkeypatch.setattr(regrade_summaries, "BATCH", 2)
        self.count(5, staff)
        assert set(Submission.objects.values_list("percent", flat=True)) == {Decimal(100)}
        assert Progress.objects.count() == 5

    def count(self, size: int, staff: Any) -> int:
        course = factories.make_course(["quiz_passed"])
        quiz = wrong_key(course=course, module=factories.modules_of(course)[0])
        for _ in range(size):
            hand_in(quiz, "a", "b")
        quiz = mend(quiz)
        with CaptureQueriesContext(connection) as queries:
            assert len(actions.apply_regrade(quiz, staff)) == size
        return len(queries)


CHOICES = st.sampled_from(["a", "b", "c", None])
KEY = st.tuples(st.sampled_from("abc"), st.booleans(), st.sampled_from(["1", "2", "0.5"]))
KEYS = st.tuples(KEY, KEY)


class TestEqualsGradingFromScratch:
    @pytest.mark.slow
    @for_all(
        before=KEYS,
        after=KEYS,
        rule=st.sampled_from(["best", "last", "first", "average"]),
        marks=st.tuples(st.integers(0, 100), st.integers(0, 100)),
        responses=st.lists(st.tuples(CHOICES, CHOICES), min_size=1, max_size=4),
    )
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    def test_whatever_was_answered(
        self, before: Any, after: Any, rule: str, marks: Any, responses: Any
    ) -> None:
        staff = factories.make_superuser()
        quiz = factories.make_quiz(
            questions=questions_of(before), pass_mark=marks[0], attempt_rule=rule
        )
        student = factories.make_student(quiz.course)
        attempts = [hand_in(quiz, *answers, enrolment=student) for answers in responses]
        quiz = publish(quiz, *questions_of(after), pass_mark=marks[1])
        actions.apply_regrade(quiz, staff)
        again = factories.make_student(quiz.course)
        fresh_ones = [hand_in(quiz, *answers, enrolment=again) for answers in responses]
        for old, new in zip(attempts, fresh_ones, strict=True):
            assert result_of(fresh(old)) == result_of(fresh(new))
            paper = paper_of(new.version)
            answers = dict(old.answers.values_list("question_id", "response"))
            assert fresh(old).score == grade_all(paper.questions, answers).score
        assert standing_of(student) == standing_of(again)
        assert actions.recount_standings(quiz.course) == []


def questions_of(keys: Any) -> list[dict[str, Any]]:
    return [
        keyed(f"q{n}", right, void=void, points=points)
        for n, (right, void, points) in enumerate(keys, 1)
    ]


def result_of(submission: Submission) -> tuple[Any, ...]:
    figures = (submission.score, submission.maximum, submission.percent, submission.passed)
    answers = submission.answers.order_by("question_id")
    return (
        *figures,
        submission.state,
        submission.counts,
        list(answers.values_list("question_id", "response", "outcome", "points", "maximum")),
    )


def standing_of(enrolment: Any) -> tuple[Any, ...]:
    standing = QuizStanding.objects.get(enrolment=enrolment)
    enrolment.refresh_from_db()
    return (
        standing.percent,
        standing.passed,
        standing.last_number,
        standing.last_state,
        standing.last_percent,
        enrolment.quiz_average,
    )


def test_an_attempt_that_goes_on_meanwhile_is_graded_with_its_own_questions(staff: Any) -> None:
    quiz = wrong_key()
    running = begin(quiz)
    quiz = mend(quiz)
    actions.apply_regrade(quiz, staff)
    done = actions.submit_attempt(running, given("a", "c"))
    assert done.percent == 100
    assert actions.count_outdated(quiz) == 1
