"""Posting grades: nothing before, everything at once, each student told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import ModelLogEntry

from tests import factories
from tests.quiz_taking import hand_in, keyed, publish
from tests.signals import received
from wagtail_live_lms import actions
from wagtail_live_lms.actions import changes
from wagtail_live_lms.actions.changes import SUBMISSION
from wagtail_live_lms.actions.release_timer import ReleaseTimer, release_timer
from wagtail_live_lms.exceptions import (
    BeingPosted,
    GradedMeanwhile,
    NothingToPost,
    NotReadyToPost,
    PostingIsOver,
)
from wagtail_live_lms.live.models import LiveChange
from wagtail_live_lms.models import (
    Enrolment,
    Notification,
    Posting,
    Progress,
    Quiz,
    QuizStanding,
    Submission,
)
from wagtail_live_lms.signals import attempt_graded, grades_posted, results_changed
from wagtail_live_lms.testing import assert_pushes

from .test_concurrency import at_once
from .test_hand_grading import essay

pytestmark = pytest.mark.django_db


def make_quiz(*questions: dict[str, Any], **fields: Any) -> Quiz:
    asked = list(questions) or [essay("q1"), keyed("q2", "a")]
    return factories.make_quiz(questions=asked, **{"posting": "manual"} | fields)


@pytest.fixture
def quiz() -> Quiz:
    return make_quiz()


@pytest.fixture
def held(quiz: Quiz) -> Quiz:
    return publish(quiz, undo=True)


@pytest.fixture
def staff() -> Any:
    return factories.make_user("Grace Hopper")


@pytest.fixture(autouse=True)
def _no_timers() -> Iterator[None]:
    yield
    release_timer.stop()


def draft(
    submission: Submission, points: str, by: Any, comment: str = "", seen: int | None = None
) -> Submission:
    answer = submission.answers.get(question_id="q1")
    revision = actions.grading_revision(answer) if seen is None else seen
    return actions.grade_answer(answer, Decimal(points), comment, by, revision)


def fresh(submission: Submission) -> Submission:
    return Submission.objects.get(pk=submission.pk)


def figures(submission: Submission) -> tuple[Any, ...]:
    found = fresh(submission)
    return found.state, found.score, found.percent, found.passed


def come_due(posting: Posting) -> None:
    """Its time is over."""
    Posting.objects.filter(pk=posting.pk).update(release_at=timezone.now() - timedelta(seconds=1))


class TestBeforePosting:
    def test_what_the_key_judges_waits_too(self) -> None:
        quiz = make_quiz(keyed("q1", "a"))
        done = hand_in(quiz, "a")
        assert figures(done) == ("graded", None, None, None)
        assert (done.is_to_post, done.is_withheld, done.is_graded) == (True, True, False)
        assert QuizStanding.objects.get().percent is None
        assert Enrolment.objects.get(pk=done.enrolment_id).quiz_average is None
        assert not Notification.objects.exists()

    def test_no_module_is_completed(self, staff: Any) -> None:
        course = factories.make_course(["quiz_passed"])
        (module,) = factories.modules_of(course)
        quiz = factories.make_quiz(course, [keyed("q1", "a")], module=module, posting="manual")
        hand_in(quiz, "a")
        assert not Progress.objects.exists()
        actions.post_grades(quiz, staff)
        assert Progress.objects.get().module == module

    def test_a_draft_is_kept_beside_the_answer(self, quiz: Quiz, staff: Any) -> None:
        done = hand_in(quiz, "Because", "a")
        draft(done, "3", staff, " Good ")
        answer = done.answers.get(question_id="q1")
        assert (answer.points, answer.comment, answer.outcome) == (0, "", "pending")
        assert (answer.draft_points, answer.draft_comment) == (3, "Good")
        assert (actions.given_by(answer), actions.given_points(answer)) == (staff, 3)
        assert actions.given_comment(answer) == "Good"
        assert figures(done) == ("graded", None, None, None)

    def test_only_those_who_teach_hear_of_it(self, quiz: Quiz, staff: Any) -> None:
        done = hand_in(quiz, "Because", "a")
        before = LiveChange.objects.latest("pk").pk
        draft(done, "3", staff)
        topics = LiveChange.objects.filter(pk__gt=before).values_list("topic", "kind")
        assert list(topics) == [(f"instructor-{quiz.course_id}", SUBMISSION)]

    def test_saving_the_same_again_changes_nothing(self, quiz: Quiz, staff: Any) -> None:
        done = hand_in(quiz, "Because", "a")
        draft(done, "3", staff)
        revision = fresh(done).revision
        draft(done, "3", staff)
        assert fresh(done).revision == revision

    def test_the_second_is_told_who_changed_what(self, quiz: Quiz, staff: Any) -> None:
        done = hand_in(quiz, "Because", "a")
        draft(done, "3", staff, "Nearly")
        with pytest.raises(GradedMeanwhile) as refused:
            draft(done, "1", factories.make_user("Ada"), seen=0)
        words = str(refused.value.message)
        assert "Grace Hopper" in words
        assert "3.00 of 4.00" in words
        assert "Nearly" in words
        assert done.answers.get(question_id="q1").draft_points == 3

    def test_one_with_another_answer_to_grade_is_not_ready(self, staff: Any) -> None:
        quiz = make_quiz(essay("q1"), essay("q2"))
        done = hand_in(quiz, "Because", "So")
        draft(done, "3", staff)
        assert fresh(done).state == "submitted"
        with pytest.raises(NotReadyToPost):
            actions.post_grades(quiz, staff, [done.pk])
        with pytest.raises(NothingToPost):
            actions.post_grades(quiz, staff)


class TestPosting:
    def test_the_student_has_the_result_and_is_told_once(self, quiz: Quiz, staff: Any) -> None:
        done = hand_in(quiz, "Because", "a")
        draft(done, "3", staff, "Good")
        posting = actions.post_grades(quiz, staff, [done.pk])
        assert figures(done) == ("posted", 4, 80, True)
        answer = done.answers.get(question_id="q1")
        assert (answer.points, answer.comment, answer.outcome) == (3, "Good", "partial")
        assert (answer.graded_by, answer.drafted_at, answer.draft_points) == (staff, None, None)
        assert QuizStanding.objects.get().percent == 80
        assert Enrolment.objects.get(pk=done.enrolment_id).quiz_average == 80
        assert (posting.count, posting.is_held, posting.posted_by) == (1, False, staff)
        notice = Notification.objects.get()
        assert (notice.user_id, notice.kind) == (done.enrolment.user_id, "grade_posted")
        assert notice.key == f"grade:{done.pk}:{fresh(done).revision}"

    def test_a_zero_is_told_like_any_score(self, quiz: Quiz, staff: Any) -> None:
        draft(hand_in(quiz, "Because", "b"), "0", staff)
        actions.post_grades(quiz, staff)
        assert Decimal(Notification.objects.get().payload["score"]) == 0

    def test_a_selection_leaves_the_rest_as_it_is(self, quiz: Quiz, staff: Any) -> None:
        one, other = (hand_in(quiz, "Because", "a") for _ in range(2))
        for submission in (one, other):
            draft(submission, "4", staff)
        actions.post_grades(quiz, staff, [one.pk])
        assert figures(one)[0] == "posted"
        assert figures(other) == ("graded", None, None, None)
        assert Notification.objects.get().user_id == one.enrolment.user_id

    def test_one_that_is_not_ready_holds_up_the_whole_selection(
        self, quiz: Quiz, staff: Any
    ) -> None:
        ready, waiting = (hand_in(quiz, "Because", "a") for _ in range(2))
        draft(ready, "4", staff)
        with pytest.raises(NotReadyToPost):
            actions.post_grades(quiz, staff, [ready.pk, waiting.pk])
        assert figures(ready)[0] == "graded"
        assert not Posting.objects.exists()

    def test_another_quizs_attempt_cannot_be_posted_along(self, quiz: Quiz, staff: Any) -> None:
        other = make_quiz(keyed("q1", "a"))
        done = hand_in(other, "a")
        with pytest.raises(NotReadyToPost):
            actions.post_grades(quiz, staff, [done.pk])

    def test_two_attempts_of_a_student_are_one_notice(self, staff: Any) -> None:
        quiz = make_quiz(keyed("q1", "a"))
        student = factories.make_student(quiz.course)
        for answer in "ba":
            hand_in(quiz, answer, enrolment=student)
        actions.post_grades(quiz, staff)
        assert Notification.objects.get().payload["score"] == "1.00"

    def test_it_is_in_the_history_of_the_quiz(self, quiz: Quiz, staff: Any) -> None:
        done = hand_in(quiz, "Because", "a")
        draft(done, "3", staff)
        actions.post_grades(quiz, staff)
        entry = ModelLogEntry.objects.get(action="wagtail_live_lms.post_grades")
        assert (entry.user, entry.data["count"]) == (staff, 1)
        (grade,) = entry.data["grades"]
        assert (grade["submission"], grade["before"], grade["points"]) == (done.pk, None, "4.00")

    @pytest.mark.django_db(transaction=True)
    def test_other_packages_are_told(self, quiz: Quiz, staff: Any) -> None:
        done = hand_in(quiz, "Because", "a")
        draft(done, "3", staff)
        with received(grades_posted) as posted, received(attempt_graded) as graded:
            posting = actions.post_grades(quiz, staff)
        assert [call["posting"] for call in posted] == [posting]
        assert [call["submission"] for call in graded] == [done]

    def test_twice_is_once(self, quiz: Quiz, staff: Any) -> None:
        draft(hand_in(quiz, "Because", "a"), "3", staff)
        actions.post_grades(quiz, staff)
        with pytest.raises(NothingToPost):
            actions.post_grades(quiz, staff)
        assert Notification.objects.count() == 1


class TestCorrecting:
    @pytest.fixture
    def posted(self, quiz: Quiz, staff: Any) -> Submission:
        done = hand_in(quiz, "Because", "a")
        draft(done, "3", staff, "Good")
        actions.post_grades(quiz, staff)
        return done

    def test_the_student_keeps_the_result_until_it_is_posted_anew(
        self, posted: Submission, staff: Any
    ) -> None:
        draft(posted, "4", staff, "Very good")
        assert figures(posted) == ("posted", 4, 80, True)
        assert posted.answers.get(question_id="q1").comment == "Good"
        actions.post_grades(posted.quiz, staff)
        assert figures(posted) == ("posted", 5, 100, True)
        kinds = Notification.objects.order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["grade_posted", "result_changed"]

    def test_saving_what_is_posted_takes_the_draft_back(
        self, posted: Submission, staff: Any
    ) -> None:
        draft(posted, "4", staff)
        draft(posted, "3", staff, "Good")
        assert not posted.answers.get(question_id="q1").is_draft
        with pytest.raises(NothingToPost):
            actions.post_grades(posted.quiz, staff)

    @pytest.mark.django_db(transaction=True)
    def test_other_packages_hear_of_the_change(self, posted: Submission, staff: Any) -> None:
        draft(posted, "0", staff)
        with received(results_changed) as changed:
            actions.post_grades(posted.quiz, staff)
        assert [call["submissions"] for call in changed] == [[posted]]

    def test_a_new_result_is_told_rather_than_a_change(
        self, posted: Submission, staff: Any
    ) -> None:
        again = hand_in(posted.quiz, "Since", "a", enrolment=posted.enrolment)
        draft(posted, "4", staff)
        draft(again, "4", staff)
        actions.post_grades(posted.quiz, staff)
        keys = Notification.objects.order_by("pk").values_list("kind", flat=True)
        assert list(keys) == ["grade_posted", "grade_posted"]


class TestUndo:
    @pytest.fixture
    def done(self, held: Quiz, staff: Any) -> Submission:
        done = hand_in(held, "Because", "a")
        draft(done, "3", staff)
        return done

    def test_nothing_is_sent_while_it_can_be_undone(self, done: Submission, staff: Any) -> None:
        before = LiveChange.objects.latest("pk").pk
        posting = actions.post_grades(done.quiz, staff)
        assert posting.is_held
        assert 29 <= posting.seconds_left <= 30
        assert figures(done) == ("graded", None, None, None)
        assert not Notification.objects.exists()
        topics = LiveChange.objects.filter(pk__gt=before).values_list("topic", flat=True)
        assert set(topics) == {f"instructor-{done.quiz.course_id}"}
        assert not actions.release_posting(posting.pk)

    def test_undone_it_is_a_draft_again(self, done: Submission, staff: Any) -> None:
        posting = actions.post_grades(done.quiz, staff)
        undone = actions.undo_posting(posting, staff)
        assert actions.undo_posting(posting, staff) == undone
        come_due(posting)
        assert actions.release_due() == 0
        assert figures(done) == ("graded", None, None, None)
        assert done.answers.get(question_id="q1").draft_points == 3
        assert ModelLogEntry.objects.filter(action="wagtail_live_lms.undo_posting").count() == 1
        actions.post_grades(done.quiz, staff)

    def test_meanwhile_it_is_neither_changed_nor_posted(self, done: Submission, staff: Any) -> None:
        actions.post_grades(done.quiz, staff)
        with pytest.raises(BeingPosted):
            draft(done, "1", staff)
        with pytest.raises(NotReadyToPost):
            actions.post_grades(done.quiz, staff, [done.pk])

    def test_it_is_released_when_its_time_has_come(self, done: Submission, staff: Any) -> None:
        posting = actions.post_grades(done.quiz, staff)
        come_due(posting)
        assert actions.release_due(done.quiz.course_id) == 1
        assert actions.release_due() == 0
        assert figures(done) == ("posted", 4, 80, True)
        assert Notification.objects.count() == 1

    def test_then_it_is_too_late_to_undo(self, done: Submission, staff: Any) -> None:
        posting = actions.post_grades(done.quiz, staff)
        come_due(posting)
        with pytest.raises(PostingIsOver):
            actions.undo_posting(posting, staff)
        actions.release_due()
        with pytest.raises(PostingIsOver):
            actions.undo_posting(posting, staff)

    @pytest.mark.django_db(transaction=True)
    def test_the_process_that_posted_releases_it(self, done: Submission, staff: Any) -> None:
        posting = actions.post_grades(done.quiz, staff)
        come_due(posting)
        release_timer.stop()
        release_timer.at(timezone.now(), lambda: actions.release_posting(posting.pk))
        release_timer.finish()
        assert figures(done)[0] == "posted"

    def test_a_timer_that_fails_says_so_and_leaves_it(self, caplog: Any) -> None:
        timer = ReleaseTimer()
        timer.at(timezone.now(), lambda: 1 / 0)
        timer.finish()
        assert "not released" in caplog.text


class TestGradesOfAnAutomaticQuiz:
    def test_a_draft_waits_to_be_posted(self, staff: Any) -> None:
        quiz = make_quiz(posting="automatic")
        done = hand_in(quiz, "Because", "a")
        answer = done.answers.get(question_id="q1")
        actions.grade_answer(answer, Decimal(3), "", staff, 0, as_draft=True)
        assert figures(done) == ("graded", None, None, None)
        actions.post_grades(quiz, staff)
        assert figures(done)[0] == "posted"

    def test_a_draft_beside_it_holds_the_result_back(self, staff: Any) -> None:
        quiz = make_quiz(essay("q1"), essay("q2"), posting="automatic")
        done = hand_in(quiz, "Because", "So")
        first, second = done.answers.order_by("question_id")
        actions.grade_answer(first, Decimal(3), "", staff, 0, as_draft=True)
        actions.grade_answer(second, Decimal(3), "", staff, 0)
        assert figures(done) == ("graded", None, None, None)


class TestGradingAnew:
    def test_what_is_not_posted_stays_so(self, staff: Any) -> None:
        quiz = make_quiz(keyed("q1", "a"))
        done = hand_in(quiz, "b")
        before = LiveChange.objects.latest("pk").pk
        actions.apply_regrade(publish(quiz, keyed("q1", "b")), staff)
        assert figures(done) == ("graded", None, None, None)
        assert not Notification.objects.exists()
        topics = LiveChange.objects.filter(pk__gt=before).values_list("topic", flat=True)
        assert set(topics) == {f"instructor-{quiz.course_id}"}
        actions.post_grades(quiz, staff)
        assert figures(done)[1] == 1

    def test_a_draft_of_a_question_that_was_taken_out_is_forgotten(
        self, quiz: Quiz, staff: Any
    ) -> None:
        done = hand_in(quiz, "Because", "a")
        draft(done, "1", staff)
        actions.apply_regrade(publish(quiz, essay("q1", void=True), keyed("q2", "a")), staff)
        actions.post_grades(quiz, staff)
        assert figures(done)[1] == 5


class TestMany:
    @pytest.mark.parametrize("undo", [False, True])
    def test_the_number_of_queries_is_the_same(self, staff: Any, undo: bool) -> None:
        counts = []
        for size in (5, 60):
            quiz = make_quiz(keyed("q1", "a"), undo=undo)
            for _ in range(size):
                hand_in(quiz, "a")
            with CaptureQueriesContext(connection) as queries:
                posting = actions.post_grades(quiz, staff)
                come_due(posting)
                actions.release_due()
            counts.append(len(queries))
            told = Notification.objects.filter(course=quiz.course).values_list("user", flat=True)
            assert len(told) == len(set(told)) == size
        assert counts[0] == counts[1] < 60

    def test_those_who_teach_read_their_page_anew_rather_than_very_many_rows(
        self, staff: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        quiz = make_quiz(keyed("q1", "a"), undo=False)
        for _ in range(3):
            hand_in(quiz, "a")
        monkeypatch.setattr(changes, "MANY_ROWS", 5)
        with assert_pushes() as pushes:
            actions.post_grades(quiz, staff)
        topic = f"instructor-{quiz.course_id}"
        told = [(p.kind, p.object_id) for p in pushes.recorded if p.topic == topic]
        assert told == [("rows", quiz.course_id)]
        assert len({push.topic for push in pushes.recorded}) == 1 + 3


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def ready(self, staff: Any, size: int = 3) -> Quiz:
        quiz = make_quiz(keyed("q1", "a"), undo=True)
        for _ in range(size):
            hand_in(quiz, "a")
        return quiz

    def test_two_who_post_post_once(self, staff: Any) -> None:
        quiz = publish(self.ready(staff), undo=False)
        at_once([lambda: _try(lambda: actions.post_grades(quiz, staff))] * 2)
        assert Posting.objects.count() == 1
        assert Notification.objects.count() == 3

    def test_two_who_release_release_once(self, staff: Any) -> None:
        posting = actions.post_grades(self.ready(staff), staff)
        come_due(posting)
        at_once([actions.release_due] * 2)
        assert Notification.objects.count() == 3

    def test_undone_or_released_never_both(self, staff: Any) -> None:
        posting = actions.post_grades(self.ready(staff), staff)
        come_due(posting)
        undo = lambda: _try(lambda: actions.undo_posting(posting, staff))  # noqa: E731
        at_once([actions.release_due, undo])
        posting.refresh_from_db()
        assert (posting.released_at is None) != (posting.undone_at is None)
        assert Notification.objects.count() == (0 if posting.undone_at else 3)


def _try(action: Any) -> None:
    try:
        action()
    except (NothingToPost, PostingIsOver):
        pass
