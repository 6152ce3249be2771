"""The results of one quiz: what its page shows, and what moves while one looks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.quiz_taking import begin, given, hand_in, keyed, publish
from tests.rendering import element, ids_of, patches_after, render_component, texts
from wagtail_live_lms import actions
from wagtail_live_lms.actions.changes import ROWS
from wagtail_live_lms.components import QuizResults
from wagtail_live_lms.components.attempts import duration_text
from wagtail_live_lms.exceptions import GradedMeanwhile
from wagtail_live_lms.live import RESNAPSHOT, InvalidInput, Message, NotFound
from wagtail_live_lms.models import Answer, Enrolment, Quiz, Submission, paper_of
from wagtail_live_lms.testing import dispatch_event, mount

pytestmark = pytest.mark.django_db

NOTHING_YET = "Nobody has begun this quiz yet"


@pytest.fixture(autouse=True)
def _no_limits() -> None:
    cache.clear()


@pytest.fixture
def instructor() -> Any:
    return factories.make_user("Grace Hopper")


@pytest.fixture
def quiz(instructor: Any) -> Quiz:
    course = factories.make_course(["quiz_passed"], instructors=[instructor])
    return factories.make_quiz(course, [keyed("q1", "a"), keyed("q2", "a")])


def essay_quiz(instructor: Any) -> Quiz:
    course = factories.make_course(["quiz_passed"], instructors=[instructor])
    essay = factories.question("long_answer", "q1", points="4", guidance="<p>Look for causes.</p>")
    return factories.make_quiz(course, [essay, keyed("q2", "a")])


def arguments(quiz: Quiz, **params: Any) -> dict[str, Any]:
    return {"course_id": quiz.course_id, "quiz_id": quiz.pk, **params}


def show(user: Any, quiz: Quiz, query: str = "") -> str:
    return render_component(user, "quiz_results", query, **arguments(quiz))


def page(user: Any, quiz: Quiz, **params: Any) -> Any:
    return mount("quiz_results", user=user, **arguments(quiz, **params))


def row_of(html: str, submission: Submission) -> str:
    (text,) = texts(html, f'//tr[@data-submission="{submission.pk}"]')
    return text


def names_on(html: str) -> list[str]:
    return texts(html, '//tbody//th[@scope="row"]')


def student(quiz: Quiz, name: str) -> Enrolment:
    return factories.make_student(quiz.course, name)


class TestRows:
    def test_nobody_has_begun(self, instructor: Any, quiz: Quiz) -> None:
        html = show(instructor, quiz)
        assert NOTHING_YET in html
        assert quiz.title in html
        assert texts(html, "//dl//dd") == ["0", "0", "–", "–", "0", "0"]

    def test_each_attempt_with_its_state_and_score(self, instructor: Any, quiz: Quiz) -> None:
        passed = hand_in(quiz, "a", "a", enrolment=student(quiz, "Ada A"))
        failed = hand_in(quiz, "a", "b", enrolment=student(quiz, "Ben B"))
        running = begin(quiz, student(quiz, "Cy C"))
        html = show(instructor, quiz)
        assert names_on(html) == ["Cy C", "Ben B", "Ada A"]
        assert "Passed" in row_of(html, passed)
        assert "100 %" in row_of(html, passed)
        assert "2 of 2" in row_of(html, passed)
        assert "Not passed" in row_of(html, failed)
        assert "1 of 2" in row_of(html, failed)
        assert "In progress" in row_of(html, running)
        assert texts(html, "//dl//dd") == ["3", "3", "75 %", "50 %", "1", "0"]

    def test_what_waits_says_so(self, instructor: Any) -> None:
        quiz = essay_quiz(instructor)
        waiting = hand_in(quiz, "Because", "a")
        html = show(instructor, quiz)
        assert "To be graded" in row_of(html, waiting)
        assert texts(html, "//dl//dd")[-1] == "1"

    def test_overdue_attempts_are_settled_when_somebody_looks(
        self, instructor: Any, quiz: Quiz
    ) -> None:
        running = begin(publish(quiz, time_limit=1))
        Submission.objects.update(deadline=timezone.now() - timedelta(minutes=1))
        html = show(instructor, quiz)
        assert "Not passed" in row_of(html, running)
        assert "out of time" in row_of(html, running)

    def test_other_quizzes_attempts_are_not_listed(self, instructor: Any, quiz: Quiz) -> None:
        hand_in(factories.make_quiz(quiz.course), "a")
        assert NOTHING_YET in show(instructor, quiz)

    @pytest.mark.parametrize(
        ("query", "names"),
        [
            ("?q=ada", ["Ada"]),
            ("?show=open", ["Cy"]),
            ("?show=passed", ["Ada"]),
            ("?show=failed", ["Ben"]),
            ("?show=waiting", []),
            ("?sort=name", ["Ada", "Ben", "Cy"]),
            ("?sort=-name", ["Cy", "Ben", "Ada"]),
            ("?sort=started", ["Ben", "Ada", "Cy"]),
            ("?sort=-percent&show=passed", ["Ada"]),
            ("?sort=nonsense&page=x", ["Cy", "Ada", "Ben"]),
        ],
    )
    def test_searched_filtered_and_sorted(
        self, instructor: Any, quiz: Quiz, query: str, names: list[str]
    ) -> None:
        hand_in(quiz, "b", "b", enrolment=student(quiz, "Ben"))
        hand_in(quiz, "a", "a", enrolment=student(quiz, "Ada"))
        begin(quiz, student(quiz, "Cy"))
        html = show(instructor, quiz, query)
        assert names_on(html) == names
        assert ("No attempt matches." in html) == (not names)

    def test_pages(self, instructor: Any, quiz: Quiz, settings: Any) -> None:
        settings.WAGTAIL_LIVE_LMS = {"WINDOW_SIZE": 2}
        for name in ("Ada", "Ben", "Cy"):
            begin(quiz, student(quiz, name))
        html = show(instructor, quiz, "?page=2")
        assert names_on(html) == ["Ada"]
        assert "3 to 3 of 3" in html
        assert element(html, '//a[@rel="prev"]').get("href") == "?"
        assert element(show(instructor, quiz), '//a[@rel="next"]').get("href") == "?page=2"

    def test_a_quiz_of_another_course_is_not_there(self, instructor: Any, quiz: Quiz) -> None:
        other = factories.make_course(instructors=[instructor])
        with pytest.raises(NotFound):
            mount("quiz_results", user=instructor, course_id=other.pk, quiz_id=quiz.pk)

    @pytest.mark.parametrize(
        ("seconds", "words"), [(7, "7 s"), (65, "1 min 5 s"), (3725, "1 h 2 min"), (-1, "0 s")]
    )
    def test_time_in_words(self, seconds: int, words: str) -> None:
        assert duration_text(timedelta(seconds=seconds)) == words


class TestPushes:
    def test_an_attempt_that_ends_moves_its_row_and_nothing_else(
        self, instructor: Any, quiz: Quiz
    ) -> None:
        running = begin(quiz, student(quiz, "Ada A"))
        component = page(instructor, quiz)
        patches = patches_after(component, lambda: actions.submit_attempt(running, given("a", "a")))
        assert ids_of(patches) == [f"attempt-{running.pk}"]
        (html,) = [patch.html for patch in patches or [] if patch.html]
        assert "Passed" in html
        assert html.strip() in show(instructor, quiz)
        assert len(html.encode()) < 1024

    def test_very_many_rows_are_read_anew(self, instructor: Any, quiz: Quiz) -> None:
        component = page(instructor, quiz)
        message = Message(component.topics()[0], 1, ROWS, quiz.course_id)
        assert component.on_ws_message(message) is RESNAPSHOT

    def test_one_that_begins_appears_at_the_top(self, instructor: Any, quiz: Quiz) -> None:
        component = page(instructor, quiz)
        assert patches_after(component, lambda: begin(quiz)) is None

    @pytest.mark.parametrize("params", [{"sort": "name"}, {"q": "zoe"}, {"page": 2}])
    def test_elsewhere_it_is_counted(self, instructor: Any, quiz: Quiz, params: Any) -> None:
        component = page(instructor, quiz, **params)
        patches = patches_after(component, lambda: begin(quiz))
        assert patches is not None
        assert [patch.html for patch in patches] == [None]
        note = component.elsewhere(2).html()
        assert "2 more updates beside these rows" in note

    def test_sorted_by_score_the_new_order_is_offered(self, instructor: Any, quiz: Quiz) -> None:
        running = begin(quiz)
        component = page(instructor, quiz, sort="-percent")
        patches = patches_after(component, lambda: actions.submit_attempt(running, given("a")))
        assert ids_of(patches) == [f"attempt-{running.pk}", f"{component.element_id}-order"]

    def test_other_quizzes_and_views_are_not_disturbed(self, instructor: Any, quiz: Quiz) -> None:
        other = factories.make_quiz(quiz.course)
        assert patches_after(page(instructor, quiz), lambda: begin(other)) == []
        assert patches_after(page(instructor, quiz, view="questions"), lambda: begin(quiz)) == []

    def test_changed_modules_do_not_concern_it(self, instructor: Any, quiz: Quiz) -> None:
        module = factories.modules_of(quiz.course)[0]
        component = page(instructor, quiz)
        assert patches_after(component, lambda: actions.archive_module(module)) == []

    def test_a_new_name_and_a_deleted_account_send_the_page_anew(
        self, instructor: Any, quiz: Quiz
    ) -> None:
        running = begin(quiz, student(quiz, "Ada A"))
        user = running.enrolment.user
        user.last_name = "Byron"
        component = page(instructor, quiz)
        assert patches_after(component, user.save) is None
        component = page(instructor, quiz)
        assert patches_after(component, user.delete) is None

    def test_figures_follow_once_for_all_windows(self, instructor: Any, quiz: Quiz) -> None:
        windows = [page(instructor, quiz), page(instructor, quiz, view="questions")]
        hand_in(quiz, "a", "a")
        memo: dict[Any, Any] = {}

        def once(key: Any, make: Any) -> Any:
            return memo[key] if key in memo else memo.setdefault(key, make())

        with CaptureQueriesContext(connection) as queries:
            first, second, items = (f.html() for w in windows for f in w.on_tick(once))
        assert len(queries) == 2 + 3
        assert (
            texts(first, "//dd") == texts(second, "//dd") == ["1", "1", "100 %", "100 %", "0", "0"]
        )
        assert "1 answer so far: too few for figures." in items

    def test_what_is_pushed_holds_no_form(self, instructor: Any, quiz: Quiz) -> None:
        hand_in(quiz, "a", "a")
        for view in ("attempts", "questions", "grading", "changes"):
            component = page(instructor, quiz, view=view)
            snapshot = str(component.render_snapshot())
            assert "<input" not in snapshot
            assert "params" not in snapshot
            assert snapshot.strip() in component.html


class TestQuestions:
    ROWS = ("1111", "1110", "1100", "1010", "1000", "0001")

    @pytest.fixture
    def worked(self, instructor: Any) -> Quiz:
        """Six students and four questions with figures known from the literature's formulas."""
        course = factories.make_course(instructors=[instructor])
        quiz = factories.make_quiz(course, [keyed(f"q{n}", "a") for n in (1, 2, 3, 4)])
        for row in self.ROWS * 2:
            hand_in(quiz, *("a" if mark == "1" else "b" for mark in row))
        return quiz

    def test_the_worked_example(self, instructor: Any, worked: Quiz) -> None:
        items = page(instructor, worked, view="questions").state["items"]
        facilities = [round(item.item.facility, 4) for item in items]
        assert facilities == [0.8333, 0.5, 0.5, 0.3333]
        # Correlations are the same when everybody is there twice.
        found = [round(item.item.discrimination, 2) for item in items]
        assert found == [15.81, 44.72, 44.72, -22.09]

    def test_it_is_shown_with_how_often_each_choice_was_taken(
        self, instructor: Any, worked: Quiz
    ) -> None:
        html = show(instructor, worked, "?view=questions")
        first = element(html, '//li[@data-item="q1"]')
        assert element_text(first, ".//*[@data-facility]") == "83 %"
        assert element_text(first, ".//*[@data-discrimination]") == "16"
        assert rows_of(first) == ["Alpha right10 · 83 %", "Beta2 · 17 %", "Gamma0 · 0 %"]
        assert [bar.get("value") for bar in first.xpath(".//progress")] == ["10", "2", "0"]
        assert "Check the key" in element(html, '//li[@data-item="q4"]').text_content()
        assert "Check the key" not in first.text_content()

    def test_below_ten_answers_there_are_no_figures(self, instructor: Any, quiz: Quiz) -> None:
        for _ in range(9):
            hand_in(quiz, "a", "b")
        html = show(instructor, quiz, "?view=questions")
        assert "9 answers so far: too few for figures." in html
        assert "data-facility" not in html
        assert "<progress" not in html
        hand_in(quiz, "a", "b")
        html = show(instructor, quiz, "?view=questions")
        assert [
            d.get("data-facility") for d in element(html, "//ol").xpath(".//dd[@data-facility]")
        ] == ["100", "0"]

    def test_only_attempts_that_count(self, instructor: Any, quiz: Quiz) -> None:
        ada = student(quiz, "Ada")
        hand_in(quiz, "b", "b", enrolment=ada)
        hand_in(quiz, "a", "a", enrolment=ada)
        begin(quiz, ada)
        items = page(instructor, quiz, view="questions").state["items"]
        assert [(item.item.n, item.item.distribution) for item in items] == [(1, {"a": 1})] * 2

    def test_every_kind_of_question(self, instructor: Any) -> None:
        number = factories.items({"value": "2.5"}, {"value": "3", "credit": 50})
        text = factories.items({"text": "loop"})
        quiz = factories.make_quiz(
            factories.make_course(instructors=[instructor]),
            [
                factories.question("true_false", "q1", correct=True),
                factories.question("short_text", "q2", answers=text),
                factories.question("number", "q3", answers=number),
                factories.question("long_answer", "q4"),
                keyed("q5", "a", void=True),
            ],
        )
        for n in range(12):
            answers = ("true" if n else "false", "Loop" if n % 2 else "knot", "3", None, None)
            hand_in(quiz, *answers)
        items = page(instructor, quiz, view="questions").state["items"]
        labels = [[(c.label, c.count, c.is_right) for c in item.choices] for item in items]
        assert labels == [
            [("True", 11, True), ("False", 1, False)],
            [("loop", 6, True), ("Another answer", 6, False)],
            [("2.5", 0, True), ("3", 12, False)],
            [],
            [("Alpha", 0, True), ("Beta", 0, False), ("Gamma", 0, False), ("No answer", 12, False)],
        ]
        assert [item.is_void for item in items] == [False] * 4 + [True]
        assert [item.remark.split(":")[0] for item in items] == [
            "", "", "", "Hard", "Easy"
        ]  # fmt: skip

    @pytest.fixture
    def arranged(self, instructor: Any) -> Quiz:
        """An order of two, and two prompts with a third option; nine attempts."""
        pairs = ({"prompt": "France", "match": "Paris"}, {"prompt": "Spain", "match": "Madrid"})
        quiz = factories.make_quiz(
            factories.make_course(instructors=[instructor]),
            [
                factories.question(
                    "ordering", "q1", items=factories.items({"text": "one"}, {"text": "two"})
                ),
                factories.question(
                    *("matching", "q2"),
                    pairs=factories.items(*pairs),
                    distractors=[{"id": "x", "text": "Rome"}],
                ),
            ],
        )
        for n in range(9):
            self.arrange(quiz, is_right=n < 6)
        return quiz

    def arrange(self, quiz: Quiz, *, is_right: bool) -> None:
        """All right, or the order turned round, France with Madrid, and Spain left blank."""
        submission = begin(quiz)
        ordering, matching = paper_of(submission.version).answerable.values()
        order, matches = ordering.correct_response(), matching.correct_response()
        if not is_right:
            (france, _), (_, madrid) = matches.items()
            order, matches = order[::-1], {france: madrid}
        actions.submit_attempt(submission, given(order, matches))

    def test_what_was_arranged_is_counted_part_by_part(
        self, instructor: Any, arranged: Quiz
    ) -> None:
        hand_in(arranged, None, None)
        html = show(instructor, arranged, "?view=questions")
        ordering, matching = (element(html, f'//li[@data-item="{id}"]') for id in ("q1", "q2"))
        assert "How often each stood in its right place" in ordering.text_content()
        assert rows_of(ordering) == ["one6 · 60 %", "two6 · 60 %", "No answer1 · 10 %"]
        assert [title.text for title in matching.xpath("./h4")] == ["France", "Spain"]
        france, spain = matching.xpath("./ul")
        assert rows_of(france) == [
            *("Paris right6 · 60 %", "Madrid3 · 30 %", "Rome0 · 0 %", "No answer1 · 10 %")
        ]
        assert rows_of(spain) == [
            *("Paris0 · 0 %", "Madrid right6 · 60 %", "Rome0 · 0 %", "No answer4 · 40 %")
        ]

    def test_below_ten_answers_no_part_is_counted(self, instructor: Any, arranged: Quiz) -> None:
        html = show(instructor, arranged, "?view=questions")
        assert "9 answers so far: too few for figures." in html
        assert "<progress" not in html
        for hidden in ("Paris", "right place"):
            assert hidden not in html

    def test_nobody_has_begun(self, instructor: Any, quiz: Quiz) -> None:
        assert NOTHING_YET in show(instructor, quiz, "?view=questions")


def rows_of(node: Any) -> list[str]:
    return [" ".join(row.text_content().split()) for row in node.xpath(".//li")]


def element_text(node: Any, path: str) -> str:
    (found,) = node.xpath(path)
    return " ".join(found.text_content().split())


class TestGrading:
    def test_one_answer_at_a_time_question_by_question(self, instructor: Any) -> None:
        quiz = essay_quiz(instructor)
        hand_in(quiz, "Because <b>", "a", enrolment=student(quiz, "Ada"))
        hand_in(quiz, "And so", "a", enrolment=student(quiz, "Ben"))
        html = show(instructor, quiz, "?view=grading")
        assert "Look for causes." in html
        assert "1 of 2" in html
        assert 'max="4.00"' in html
        following = element(html, '//a[@rel="next"]').get("href")
        second = show(instructor, quiz, following)
        written = ("Because &lt;b&gt;", "And so")
        found = [[words in shown for words in written] for shown in (html, second)]
        assert sorted(found) == [[False, True], [True, False]]
        assert element(second, '//a[@rel="prev"]').get("aria-keyshortcuts") == "Alt+ArrowUp"

    def test_grading_leads_to_the_next_one(self, instructor: Any) -> None:
        quiz = essay_quiz(instructor)
        first = hand_in(quiz, "Because", "a")
        second = hand_in(quiz, "And so", "a")
        component = grade(instructor, quiz, first, points="3.5", comment="Why?")
        assert component.notice == "Saved: 3.5 points."
        assert component.state["desk"].answer.submission_id == second.pk
        first.refresh_from_db()
        assert (first.score, first.state) == (Decimal("4.5"), "graded")
        component = grade(instructor, quiz, second, points="0")
        assert component.state["desk"].answer is None
        assert "Nothing waits to be graded" in component.html

    def test_behind_the_last_one_it_begins_again(self, instructor: Any) -> None:
        quiz = essay_quiz(instructor)
        first, second = hand_in(quiz, "Because", "a"), hand_in(quiz, "And so", "a")
        component = grade(instructor, quiz, second, points="1", answer=essay_of(second).pk)
        assert component.state["desk"].answer.submission_id == first.pk

    def test_what_was_graded_can_be_looked_at_again(self, instructor: Any) -> None:
        quiz = essay_quiz(instructor)
        submission = hand_in(quiz, "Because", "a")
        grade(instructor, quiz, submission, points="3.5", comment="Why?")
        html = show(instructor, quiz, "?view=grading")
        again = element(html, "//ul[@class='live-lms-desk__graded']//a").get("href")
        html = show(instructor, quiz, again)
        assert element(html, '//input[@name="points"]').get("value") == "3.50"
        assert "Graded by Grace Hopper" in html
        assert "Why?" in element(html, "//textarea").text_content()
        component = grade(instructor, quiz, submission, points="4", again=essay_of(submission).pk)
        assert component.state["desk"].given == 4

    def test_a_second_grader_is_told_and_nothing_is_overwritten(self, instructor: Any) -> None:
        quiz = essay_quiz(instructor)
        submission = hand_in(quiz, "Because", "a")
        grade(instructor, quiz, submission, points="3")
        with pytest.raises(GradedMeanwhile):
            grade(instructor, quiz, submission, points="1", revision=0)
        assert essay_of(submission).points == 3

    @pytest.mark.parametrize("points", ["", "abc", "-1", "1.234", "4.01", "1e99"])
    def test_points_that_cannot_be_given(self, instructor: Any, points: str) -> None:
        quiz = essay_quiz(instructor)
        submission = hand_in(quiz, "Because", "a")
        with pytest.raises(InvalidInput) as refused:
            grade(instructor, quiz, submission, points=points)
        assert list(refused.value.errors) == ["points"]

    def test_answers_of_other_quizzes_are_not_there(self, instructor: Any) -> None:
        quiz = essay_quiz(instructor)
        foreign = hand_in(essay_quiz(factories.make_user()), "Because", "a")
        with pytest.raises(NotFound):
            grade(instructor, quiz, foreign, points="1")
        with pytest.raises(NotFound):
            page(instructor, quiz, view="grading", again=essay_of(foreign).pk)

    def test_a_question_that_was_removed_is_graded_as_it_was(self, instructor: Any) -> None:
        quiz = essay_quiz(instructor)
        submission = hand_in(quiz, "Because", "a")
        quiz = publish(quiz, keyed("q2", "a"))
        actions.apply_regrade(quiz, instructor)
        component = page(instructor, quiz, view="grading")
        assert component.state["desk"].question.id == "q1"
        assert essay_of(submission).pk == component.state["desk"].answer.pk
        assert "…" in component.html

    def test_answers_of_the_sites_own_types_are_shown_as_they_are_stored(
        self, instructor: Any
    ) -> None:
        quiz = essay_quiz(instructor)
        submission = hand_in(quiz, "Because", "a")
        Answer.objects.filter(pk=essay_of(submission).pk).update(response={"row": 1})
        assert page(instructor, quiz, view="grading").state["desk"].response == '{"row": 1}'

    def test_before_anybody_has_begun(self, instructor: Any) -> None:
        html = show(instructor, essay_quiz(instructor), "?view=grading")
        assert "Nothing waits to be graded" in html

    def test_the_number_of_queries_does_not_depend_on_the_answers(self, instructor: Any) -> None:
        counts = []
        for size in (1, 6):
            quiz = essay_quiz(instructor)
            for _ in range(size):
                hand_in(quiz, "Because", "a")
            with CaptureQueriesContext(connection) as queries:
                show(instructor, quiz, "?view=grading")
            counts.append(len(queries))
        assert counts[0] == counts[1]


def essay_of(submission: Submission) -> Answer:
    return Answer.objects.get(submission=submission, question_id="q1")


def grade(user: Any, quiz: Quiz, submission: Submission, **values: Any) -> QuizResults:
    answer = essay_of(submission)
    params = {name: values.pop(name) for name in ("answer", "again") if name in values}
    payload = {
        "answer_id": answer.pk,
        "revision": actions.grading_revision(answer),
        "comment": "",
    } | values
    component: Any = dispatch_event(
        "quiz_results", "grade", payload, user=user, **arguments(quiz, view="grading", **params)
    )
    return component


class TestGradingAnew:
    def mend(self, quiz: Quiz) -> Quiz:
        return publish(quiz, keyed("q1", "a"), keyed("q2", "b"))

    def test_a_banner_offers_it_when_the_key_differs(self, instructor: Any, quiz: Quiz) -> None:
        hand_in(quiz, "a", "b")
        assert "Review changes" not in show(instructor, quiz)
        html = show(instructor, self.mend(quiz))
        assert "1 attempt was graded with an earlier key" in html
        assert 'href="?view=changes"' in html

    def test_a_key_that_cannot_be_read_offers_nothing(self, instructor: Any, quiz: Quiz) -> None:
        hand_in(quiz, "a", "b")
        quiz = publish(quiz, factories.question("true_false", "q1", correct="perhaps"))
        assert "Review changes" not in show(instructor, quiz)
        assert "have a mistake" in show(instructor, quiz, "?view=changes")

    def test_each_result_that_changes_is_shown_before_and_after(
        self, instructor: Any, quiz: Quiz
    ) -> None:
        up = hand_in(quiz, "a", "b", enrolment=student(quiz, "Ada"))
        down = hand_in(quiz, "a", "a", enrolment=student(quiz, "Ben"))
        hand_in(quiz, "a", "c", enrolment=student(quiz, "Cy"))
        html = show(instructor, self.mend(quiz), "?view=changes")
        assert names_on(html) == ["Ada", "Ben"]
        assert "50 %" in row_of(html, up)
        assert "Passes" in row_of(html, up)
        assert "Question 2: 0 → 1" in row_of(html, up)
        assert "No longer passes" in row_of(html, down)
        assert "2 results change" in html
        assert "1 newly passed, 1 no longer passed" in html
        assert "Apply to 2 attempts" in html

    def test_a_pass_mark_is_named_as_the_reason(self, instructor: Any, quiz: Quiz) -> None:
        submission = hand_in(quiz, "a", "b")
        html = show(instructor, publish(quiz, pass_mark=50), "?view=changes")
        assert "The pass mark" in row_of(html, submission)

    def test_applying_it_changes_them_once(self, instructor: Any, quiz: Quiz) -> None:
        submission = hand_in(quiz, "a", "b")
        quiz = self.mend(quiz)
        digest = page(instructor, quiz, view="changes").state["changes"].preview.digest
        params = arguments(quiz, view="changes")
        component = dispatch_event(
            "quiz_results", "regrade", {"digest": digest}, user=instructor, **params
        )
        assert component.notice == "1 result changed, and its student is told."
        assert "All results are up to date" in component.html
        submission.refresh_from_db()
        assert submission.percent == 100
        assert "Review changes" not in show(instructor, quiz)

    def test_where_nothing_changes_the_results_are_kept(self, instructor: Any, quiz: Quiz) -> None:
        hand_in(quiz, "a", "c")
        quiz = self.mend(quiz)
        html = show(instructor, quiz, "?view=changes")
        assert "No result changes" in html
        assert "Keep all results" in html
        component = dispatch_event(
            "quiz_results", "regrade", {"digest": ""}, user=instructor, **arguments(quiz)
        )
        assert component.notice == "0 results changed, and their students are told."
        assert "Review changes" not in component.html

    def test_they_come_in_pages(self, instructor: Any, quiz: Quiz, settings: Any) -> None:
        settings.WAGTAIL_LIVE_LMS = {"WINDOW_SIZE": 2}
        for name in ("Ada", "Ben", "Cy"):
            hand_in(quiz, "a", "b", enrolment=student(quiz, name))
        html = show(instructor, self.mend(quiz), "?view=changes&page=2")
        assert names_on(html) == ["Cy"]
        assert "3 to 3 of 3" in html
        assert "Apply to 3 attempts" in html


class TestQueries:
    @pytest.mark.parametrize("query", ["", "?view=questions", "?show=passed&sort=-percent"])
    def test_their_number_is_the_same_for_any_class(self, query: str) -> None:
        counts = [self.queries_with(size, query) for size in (10, 200)]
        assert counts[0] == counts[1] <= 20

    def queries_with(self, size: int, query: str) -> int:
        instructor = factories.make_user()
        course = factories.make_course(2, instructors=[instructor])
        quiz = factories.make_quiz(course, [keyed("q1", "a"), keyed("q2", "a")])
        first = hand_in(quiz, "a", "a")
        multiply(first, size)
        with CaptureQueriesContext(connection) as queries:
            show(instructor, quiz, query)
        return len(queries)


def multiply(submission: Submission, size: int) -> None:
    """The same attempt, by so many other students."""
    course = submission.quiz.course
    factories.make_roster(course, size)
    others = Enrolment.objects.filter(course=course).exclude(pk=submission.enrolment_id)
    answers = list(submission.answers.all())
    copies = []
    for enrolment in others:
        copies.append(Submission.objects.get(pk=submission.pk))
        copies[-1].pk, copies[-1].enrolment = None, enrolment
    Submission.objects.bulk_create(copies)
    rows = []
    for copy in copies:
        for answer in answers:
            rows.append(
                Answer(
                    submission=copy,
                    question_id=answer.question_id,
                    response=answer.response,
                    outcome=answer.outcome,
                    points=answer.points,
                    maximum=answer.maximum,
                )
            )
    Answer.objects.bulk_create(rows)
