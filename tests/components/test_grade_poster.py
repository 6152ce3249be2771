"""Grading and posting as instructors see it, and what students see meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html as lxml_html

from tests import factories
from tests.quiz_taking import hand_in, keyed, publish
from tests.rendering import patches_after, render_component, texts
from wagtail_live_lms import actions
from wagtail_live_lms.actions.changes import ROWS
from wagtail_live_lms.actions.release_timer import release_timer
from wagtail_live_lms.components.grading_desk import lot
from wagtail_live_lms.exceptions import GradedMeanwhile
from wagtail_live_lms.live import RESNAPSHOT, InvalidInput, Message, NotFound
from wagtail_live_lms.models import Answer, Enrolment, Notification, Posting, Quiz, Submission
from wagtail_live_lms.templatetags.live_lms_quiz import safe_links
from wagtail_live_lms.testing import dispatch_event, mount

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits() -> Iterator[None]:
    cache.clear()
    yield
    release_timer.stop()


@pytest.fixture
def instructor() -> Any:
    return factories.make_user("Grace Hopper")


@pytest.fixture
def quiz(instructor: Any) -> Quiz:
    course = factories.make_course(instructors=[instructor])
    essay = factories.question(
        "long_answer", "q1", points="4", guidance="<p>Causes.</p>", explanation="<p>Because.</p>"
    )
    return factories.make_quiz(course, [essay, keyed("q2", "a")], posting="manual")


def arguments(quiz: Quiz, **params: Any) -> dict[str, Any]:
    return {"course_id": quiz.course_id, "quiz_id": quiz.pk, **params}


def show(user: Any, quiz: Quiz, query: str = "") -> str:
    return render_component(user, "grade_poster", query, **arguments(quiz))


def send(user: Any, quiz: Quiz, event: str, payload: dict[str, Any] | None = None) -> Any:
    return dispatch_event("grade_poster", event, payload or {}, user=user, **arguments(quiz))


def essay_of(submission: Submission) -> Answer:
    return submission.answers.get(question_id="q1")


def grade(user: Any, quiz: Quiz, submission: Submission, points: str, comment: str = "") -> Any:
    answer = essay_of(submission)
    payload = {
        "answer_id": answer.pk,
        "points": points,
        "comment": comment,
        "revision": actions.grading_revision(answer),
    }
    return send(user, quiz, "grade", payload)


def values(html: str, path: str) -> list[str]:
    """Attributes of what is shown."""
    return [str(value) for value in lxml_html.fromstring(html).xpath(path)]


def listed(html: str) -> list[int]:
    return [int(row) for row in values(html, "//tr/@data-submission")]


def state_of(html: str, submission: Submission) -> str:
    (state,) = values(html, f'//tr[@data-submission="{submission.pk}"]/@data-state')
    return state


def some(quiz: Quiz, size: int) -> list[Submission]:
    return [hand_in(quiz, f"Because {n}", "a") for n in range(size)]


class TestTheList:
    def test_nobody_has_begun(self, instructor: Any, quiz: Quiz) -> None:
        html = render_component(instructor, "grade_poster", course_id=quiz.course_id)
        assert "Nobody has begun a quiz of this course yet" in html
        assert "Everything that was handed in is posted" in show(instructor, quiz)

    def test_what_waits_comes_in_an_order_drawn_by_lot(self, instructor: Any, quiz: Quiz) -> None:
        attempts = some(quiz, 8)
        drawn = sorted(attempts, key=lambda a: lot("q1", a.order_seed))
        for _ in range(2):
            assert listed(show(instructor, quiz)) == [attempt.pk for attempt in drawn]
        others = sorted(attempts, key=lambda a: lot("q9", a.order_seed))
        assert [a.pk for a in others] != [a.pk for a in drawn]

    def test_what_is_graded_comes_last_with_its_points(self, instructor: Any, quiz: Quiz) -> None:
        one, other = some(quiz, 2)
        grade(instructor, quiz, one, "3")
        html = show(instructor, quiz)
        assert listed(html) == [other.pk, one.pk]
        assert (state_of(html, one), state_of(html, other)) == ("ready", "waiting")
        assert "4 of 5" in texts(html, f'//tr[@data-submission="{one.pk}"]')[0]
        assert texts(html, "//dl//dd") == ["1", "1", "0", "0 of 2"]

    def test_posted_ones_are_shown_when_asked_for(self, instructor: Any, quiz: Quiz) -> None:
        (one,) = some(quiz, 1)
        grade(instructor, quiz, one, "3")
        send(instructor, quiz, "post_all")
        assert listed(show(instructor, quiz)) == []
        html = show(instructor, quiz, "?show=posted")
        assert state_of(html, one) == "posted"
        assert "Last posted" in html
        grade(instructor, quiz, one, "4")
        assert state_of(show(instructor, quiz), one) == "changed"

    def test_a_student_is_found(self, instructor: Any, quiz: Quiz) -> None:
        ada = factories.make_student(quiz.course, "Ada")
        found = hand_in(quiz, "Because", "a", enrolment=ada)
        some(quiz, 2)
        assert listed(show(instructor, quiz, "?q=ada")) == [found.pk]

    def test_quizzes_of_the_course_are_chosen_from(self, instructor: Any, quiz: Quiz) -> None:
        done = factories.make_quiz(quiz.course, [keyed("q1", "a")], title="Aardvarks")
        hand_in(done, "a")
        (waiting,) = some(quiz, 1)
        html = render_component(instructor, "grade_poster", course_id=quiz.course_id)
        assert listed(html) == [waiting.pk]
        html = render_component(
            instructor, "grade_poster", f"?quiz={done.pk}", course_id=quiz.course_id
        )
        assert listed(html) == []

    def test_another_courses_quiz_does_not_exist_here(self, instructor: Any, quiz: Quiz) -> None:
        other = factories.make_quiz(factories.make_course(instructors=[instructor]))
        with pytest.raises(NotFound):
            mount("grade_poster", user=instructor, course_id=quiz.course_id, quiz_id=other.pk)

    def test_the_number_of_queries_does_not_depend_on_the_attempts(
        self, instructor: Any, quiz: Quiz
    ) -> None:
        counts = []
        for size in (3, 20):
            some(quiz, size)
            with CaptureQueriesContext(connection) as queries:
                show(instructor, quiz)
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 25


class TestGrading:
    def test_the_answer_is_beside_its_question_and_explanation(
        self, instructor: Any, quiz: Quiz
    ) -> None:
        (one,) = some(quiz, 1)
        html = show(instructor, quiz)
        (panel,) = texts(html, f'//article[@data-answer="{essay_of(one).pk}"]')
        for words in ("Causes.", "Because.", "Because 0", "1 of 1"):
            assert words in panel

    def test_saving_goes_on_to_the_next(self, instructor: Any, quiz: Quiz) -> None:
        attempts = some(quiz, 3)
        order = listed(show(instructor, quiz))
        by_id = {attempt.pk: attempt for attempt in attempts}
        component = grade(instructor, quiz, by_id[order[0]], "3", "Good")
        assert "Draft saved: 3 points." in component.notice
        assert f'data-answer="{essay_of(by_id[order[1]]).pk}"' in component.html
        assert essay_of(by_id[order[0]]).draft_comment == "Good"

    def test_previous_and_next_have_keys(self, instructor: Any, quiz: Quiz) -> None:
        some(quiz, 3)
        first = show(instructor, quiz)
        assert 'data-live-shortcut="ArrowDown"' in first
        assert 'data-live-shortcut="ArrowUp"' not in first
        (link,) = values(first, '//a[@rel="next"][@data-live-shortcut]/@href')
        second = show(instructor, quiz, link)
        assert 'data-live-shortcut="ArrowUp"' in second

    def test_where_posting_is_automatic_it_says_so(self, instructor: Any, quiz: Quiz) -> None:
        quiz = publish(quiz, posting="automatic")
        (one,) = some(quiz, 1)
        component = grade(instructor, quiz, one, "3")
        assert "Posted: 3 points." in component.notice
        assert Notification.objects.count() == 1

    def test_two_graders_do_not_overwrite_each_other(self, instructor: Any, quiz: Quiz) -> None:
        (one,) = some(quiz, 1)
        payload = {"answer_id": essay_of(one).pk, "points": "1", "revision": 0}
        grade(instructor, quiz, one, "3", "Good")
        with pytest.raises(GradedMeanwhile) as refused:
            send(instructor, quiz, "grade", payload)
        assert "Grace Hopper" in str(refused.value.message)
        assert essay_of(one).draft_points == 3

    def test_a_posted_answer_can_be_graded_anew(self, instructor: Any, quiz: Quiz) -> None:
        (one,) = some(quiz, 1)
        grade(instructor, quiz, one, "3", "Good")
        send(instructor, quiz, "post_all")
        html = show(instructor, quiz, f"?answer={essay_of(one).pk}")
        assert "Back to what waits" in html
        assert 'value="3.00"' in html


class TestPosting:
    def test_a_selection(self, instructor: Any, quiz: Quiz) -> None:
        one, other = some(quiz, 2)
        for attempt in (one, other):
            grade(instructor, quiz, attempt, "3")
        component = send(instructor, quiz, "post_grades", {"submissions": [one.pk]})
        assert component.notice == "1 grade posted."
        assert listed(component.html) == [other.pk]

    def test_nothing_chosen_is_told(self, instructor: Any, quiz: Quiz) -> None:
        with pytest.raises(InvalidInput) as refused:
            send(instructor, quiz, "post_grades")
        assert "Choose at least one" in str(refused.value.message)

    def test_it_can_be_undone(self, instructor: Any, quiz: Quiz) -> None:
        quiz = publish(quiz, undo=True)
        (one,) = some(quiz, 1)
        grade(instructor, quiz, one, "3")
        component = send(instructor, quiz, "post_all")
        posting = Posting.objects.get()
        assert state_of(component.html, one) == "held"
        assert f'data-posting="{posting.pk}"' in component.html
        component = send(instructor, quiz, "undo_posting", {"posting": posting.pk})
        assert "1 grade is a draft again" in component.notice
        assert state_of(component.html, one) == "ready"

    def test_another_quizs_posting_does_not_exist_here(self, instructor: Any, quiz: Quiz) -> None:
        other = factories.make_quiz(quiz.course, [keyed("q1", "a")], posting="manual", undo=True)
        hand_in(other, "a")
        posting = actions.post_grades(other, instructor)
        with pytest.raises(NotFound):
            send(instructor, quiz, "undo_posting", {"posting": posting.pk})

    def test_the_preview_is_what_the_student_will_see(self, instructor: Any, quiz: Quiz) -> None:
        (one,) = some(quiz, 1)
        html = show(instructor, quiz, f"?preview={one.pk}")
        assert "cannot be posted yet" in html
        grade(instructor, quiz, one, "3", "See https://example.org/a.")
        html = show(instructor, quiz, f"?preview={one.pk}")
        (panel,) = texts(html, f'//article[@data-preview="{one.pk}"]')
        assert "80 %" in panel
        assert "From your instructor" in panel
        assert Submission.objects.get().score is None
        send(instructor, quiz, "post_all")
        seen = student_page(quiz, one.enrolment)
        (result,) = texts(seen, "//div[@data-quiz-result]")
        assert result in panel


def test_an_attempt_of_another_quiz_has_no_preview_here(instructor: Any, quiz: Quiz) -> None:
    other = hand_in(factories.make_quiz(quiz.course, [keyed("q1", "a")]), "a")
    with pytest.raises(NotFound):
        mount("grade_poster", user=instructor, **arguments(quiz, preview=other.pk))


class TestPushes:
    def test_rows_change_where_they_stand(self, instructor: Any, quiz: Quiz) -> None:
        one, _ = some(quiz, 2)
        component = mount("grade_poster", user=instructor, **arguments(quiz))
        patches = patches_after(component, lambda: grade(instructor, quiz, one, "3"))
        assert patches is not None
        (patch,) = [patch for patch in patches if patch.html]
        assert patch.key == f"grade-{one.pk}"
        assert 'data-state="ready"' in patch.html

    def test_attempts_under_way_and_of_other_quizzes_are_nothing_to_it(
        self, instructor: Any, quiz: Quiz
    ) -> None:
        some(quiz, 1)
        component = mount("grade_poster", user=instructor, **arguments(quiz))
        other = factories.make_quiz(quiz.course, [keyed("q1", "a")])
        assert patches_after(component, lambda: hand_in(other, "a")) == []

    def test_the_first_attempt_shows_its_quiz(self, instructor: Any, quiz: Quiz) -> None:
        component = mount("grade_poster", user=instructor, course_id=quiz.course_id)
        assert patches_after(component, lambda: hand_in(quiz, "So", "a")) is None
        assert list(component.on_tick(lambda key, make: make())) == []

    def test_very_many_rows_are_read_anew(self, instructor: Any, quiz: Quiz) -> None:
        component = mount("grade_poster", user=instructor, **arguments(quiz))
        message = Message(component.topics()[0], 1, ROWS, quiz.course_id)
        assert component.on_ws_message(message) is RESNAPSHOT

    def test_a_renamed_student_is_read_anew(self, instructor: Any, quiz: Quiz) -> None:
        (one,) = some(quiz, 1)
        component = mount("grade_poster", user=instructor, **arguments(quiz))
        Enrolment.objects.filter(pk=one.enrolment_id).update(display_name="Somebody else")
        enrolment = Enrolment.objects.get(pk=one.enrolment_id)
        from_here = patches_after(component, lambda: _push(enrolment))
        assert from_here is None

    def test_figures_and_postings_follow(self, instructor: Any, quiz: Quiz) -> None:
        some(quiz, 1)
        component: Any = mount("grade_poster", user=instructor, **arguments(quiz))
        keys = [fragment.key for fragment in component.on_tick(lambda key, make: make())]
        assert keys == ["figures", "postings"]
        assert "2 more updates" in component.elsewhere(2).html()


def _push(enrolment: Enrolment) -> None:
    actions.changes.push_enrolments([enrolment])


def student_page(quiz: Quiz, enrolment: Enrolment) -> str:
    return render_component(enrolment.user, "quiz", **arguments(quiz))


class TestWhatTheStudentSees:
    def test_nothing_before_it_is_posted(self, instructor: Any, quiz: Quiz) -> None:
        (one,) = some(quiz, 1)
        before = student_page(quiz, one.enrolment)
        grade(instructor, quiz, one, "3", "Splendid")
        quiz = publish(quiz, undo=True)
        for event in ("", "post_all"):
            if event:
                send(instructor, quiz, event)
            html = student_page(quiz, one.enrolment)
            assert "Your result comes when your instructor posts it" in html
            for secret in ("Splendid", "data-score", "data-result", "Correct", "%"):
                assert secret not in _answers(html), secret
            assert 'data-quiz-state="submitted"' in html
        assert texts(before, "//fieldset") == texts(html, "//fieldset")

    def test_it_is_shown_by_whoever_looks_first_after_its_time(
        self, instructor: Any, quiz: Quiz
    ) -> None:
        (one,) = some(quiz, 1)
        grade(instructor, quiz, one, "3", "Splendid")
        quiz = publish(quiz, undo=True)
        send(instructor, quiz, "post_all")
        Posting.objects.update(release_at=one.started_at)
        html = student_page(quiz, one.enrolment)
        assert "Splendid" in html
        assert 'data-score="4"' in html
        assert Notification.objects.count() == 1

    def test_handing_in_says_when_the_result_comes(self, quiz: Quiz) -> None:
        student = factories.make_student(quiz.course)
        attempt = actions.start_attempt(student.user, quiz)
        component: Any = dispatch_event(
            "quiz",
            "submit",
            {"attempt": attempt.pk, "answer-q1": "So", "answer-q2": "a"},
            user=student.user,
            **arguments(quiz),
        )
        assert component.notice == "Handed in. Your result comes when your instructor posts it."

    def test_no_push_tells_of_it(self, instructor: Any, quiz: Quiz) -> None:
        (one,) = some(quiz, 1)
        component = mount("quiz", user=one.enrolment.user, **arguments(quiz))
        assert patches_after(component, lambda: grade(instructor, quiz, one, "3")) == []


def _answers(html: str) -> str:
    return html.split("data-quiz-result", 1)[1].split("live-lms-quiz__next", 1)[0]


class TestComments:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
            (
                "See https://example.org/a?b=1&c=2.",
                'See <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow noopener">'
                "https://example.org/a?b=1&amp;c=2</a>.",
            ),
            (
                "ask ada@example.org",
                'ask <a href="mailto:ada@example.org" rel="nofollow noopener">ada@example.org</a>',
            ),
            ("javascript:alert(1)", "javascript:alert(1)"),
            ("data:text/html,x", "data:text/html,x"),
            ('https://a.example/"onclick="x', None),
        ],
    )
    def test_only_safe_links(self, text: str, shown: str | None) -> None:
        html = safe_links(text)
        if shown is None:
            assert html.startswith('<a href="https://a.example/" rel=')
            assert 'onclick="' not in html
        else:
            assert html == shown
