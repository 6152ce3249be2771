"""Taking a quiz: every state, what each event does, and what is never lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories, quizzes
from tests.rendering import element, patches_after, texts
from wagtail_live_lms import actions
from wagtail_live_lms.actions import Given
from wagtail_live_lms.exceptions import AttemptEnded, NoAttemptsLeft, TimeIsUp
from wagtail_live_lms.live import Component, InvalidInput, NotFound, RateLimitExceeded
from wagtail_live_lms.models import Answer, Progress, Quiz, Submission
from wagtail_live_lms.testing import dispatch_event, mount

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
FAR = 4_000_000_000_000
RIGHT: dict[str, Any] = {
    "single": "a",
    "multiple": ["a", "b"],
    "boolean": "true",
    "short": f"{quizzes.KEY} Nairobi",
    "number": "299792",
    "ordering": ["a", "b", "c"],
}


class Taking:
    """A student at a quiz."""

    def __init__(self, quiz: Quiz | None = None, **fields: Any) -> None:
        questions = fields.pop("questions", None) or quizzes.automatic()
        self.quiz = quiz or factories.make_quiz(questions=questions, **fields)
        self.enrolment = factories.make_student(self.quiz.course, "Ada Lovelace")
        self.user = self.enrolment.user
        self.params = {"course_id": self.quiz.course_id, "quiz_id": self.quiz.pk}

    def look(self) -> Component:
        return mount("quiz", user=self.user, **self.params)

    def send(self, event: str, payload: dict[str, Any] | None = None) -> Any:
        return dispatch_event("quiz", event, payload, user=self.user, **self.params)

    def begin(self) -> Submission:
        self.send("start")
        return self.attempt

    def hand_in(self, **answers: Any) -> Any:
        """Begin if need be, and hand in these answers by a form without script."""
        if not Submission.objects.open().filter(enrolment=self.enrolment).exists():
            self.begin()
        return self.send("submit", self.form(**answers))

    def form(self, **answers: Any) -> dict[str, Any]:
        shown = self.attempt.answers.values_list("question_id", "sequence")
        fields = {f"answer-{key}": value for key, value in answers.items()}
        return {"attempt": str(self.attempt.pk), "sequences": dict(shown), **fields}

    def save(self, question: str, response: Any, sequence: int = 5) -> dict[str, Any]:
        payload = {"question": question, "sequence": sequence, "response": response}
        reply: dict[str, Any] = self.send("save", payload).reply
        return reply

    @property
    def attempt(self) -> Submission:
        return Submission.objects.filter(enrolment=self.enrolment).latest("number")

    def answer(self, question: str) -> Answer:
        return self.attempt.answers.get(question_id=question)

    def move(self, **fields: Any) -> None:
        Submission.objects.filter(pk=self.attempt.pk).update(**fields)


def state_of(component: Component) -> str:
    return str(root(component.html).get("data-quiz-state"))


def root(html: str) -> Any:
    return element(html, '//section[@data-live-component="quiz"]')


def question(html: str, ident: str) -> Any:
    return element(html, f'//fieldset[@data-question="{ident}"]')


def results(html: str) -> dict[str, str]:
    shown = root(html).xpath(".//fieldset")
    return {field.get("data-question"): field.get("data-result") for field in shown}


class TestBeforeItBegins:
    def test_it_says_what_to_expect(self) -> None:
        html = Taking(time_limit=90, attempts_allowed=3, pass_mark=70).look().html
        facts = texts(html, '//dl[@class="live-lms-facts"]/div')
        assert facts == [
            "Questions7",
            "Points9",
            "Pass mark70 %",
            "Time1 hour 30 minutes",
            "Attempts3 of 3 left",
        ]
        assert "keeps running when you leave" in html
        assert "You can hand in 3 times an hour." in html

    def test_extra_time_is_told(self) -> None:
        taking = Taking(time_limit=30)
        taking.enrolment.extra_time = Decimal("1.25")
        taking.enrolment.save()
        assert "37 minutes 30 seconds" in taking.look().html

    def test_nothing_is_claimed_of_a_clock_that_there_is_not(self) -> None:
        html = Taking(submissions_per_hour=0).look().html
        assert "clock" not in html
        assert "an hour" not in html

    def test_it_has_no_attempt_yet(self) -> None:
        assert root(Taking().look().html).get("data-attempt") is None

    @pytest.mark.parametrize(
        ("fields", "state", "words"),
        [
            ({"opens_at": HOUR}, "early", "not open yet"),
            ({"closes_at": -HOUR}, "closed", "is closed"),
            ({"questions": [quizzes.passage()]}, "broken", "tell your instructor"),
            ({"questions": [{"type": "x", "id": "1", "value": {}}]}, "broken", "tell your"),
        ],
    )
    def test_it_says_why_it_cannot_begin(
        self, fields: dict[str, Any], state: str, words: str
    ) -> None:
        moments = {
            name: timezone.now() + value if isinstance(value, timedelta) else value
            for name, value in fields.items()
        }
        component = Taking(**moments).look()
        assert state_of(component) == state
        assert words in component.html
        assert "<form" not in component.html

    def test_a_quiz_that_opens_later_says_when_to_look_again(self) -> None:
        opens = timezone.now() + HOUR
        told = root(Taking(opens_at=opens).look().html).get("data-quiz-refresh")
        assert int(told) == actions.milliseconds(opens)

    def test_a_module_that_is_not_next_keeps_it_waiting_until_it_is(self) -> None:
        course = factories.make_course(["by_hand", "quiz_passed"], in_order=True)
        first, second = factories.modules_of(course)
        taking = Taking(factories.make_quiz(course, module=second))
        component = taking.look()
        assert state_of(component) == "waiting"
        assert patches_after(component, lambda: factories.complete(taking.enrolment, first)) is None
        assert state_of(taking.look()) == "ready"

    def test_a_draft_is_not_there(self) -> None:
        with pytest.raises(NotFound):
            Taking(live=False).look()

    def test_another_courses_quiz_is_not_there(self) -> None:
        taking, other = Taking(), factories.make_quiz()
        with pytest.raises(NotFound):
            mount("quiz", user=taking.user, course_id=taking.quiz.course_id, quiz_id=other.pk)


class TestUnderWay:
    def test_beginning_shows_the_questions(self) -> None:
        taking = Taking(questions=quizzes.everything())
        component = taking.send("start")
        assert root(component.html).get("data-attempt") == str(taking.attempt.pk)
        assert list(results(component.html)) == [
            "single", "multiple", "boolean", "short", "number", "ordering", "matching", "long",
        ]  # fmt: skip
        assert "0 of 8 answered" in component.html
        assert "Read this first." in component.html

    def test_each_question_is_a_group_named_by_its_number_and_text(self) -> None:
        taking = Taking(questions=quizzes.everything())
        html = taking.send("start").html
        for field in root(html).xpath(".//fieldset"):
            names = field.get("aria-labelledby").split()
            words = " ".join(element(html, f'//*[@id="{n}"]').text_content() for n in names)
            assert "Question" in words
            assert field.xpath("./legend")

    def test_beginning_again_goes_on_with_what_was_answered(self) -> None:
        taking = Taking()
        taking.begin()
        taking.save("single", "b")
        html = taking.send("start").html
        assert Submission.objects.count() == 1
        checked = question(html, "single").xpath(".//input[@checked]/@value")
        assert checked == ["b"]
        assert "1 of 7 answered" in html

    def test_every_type_shows_what_was_saved(self) -> None:
        taking = Taking(questions=quizzes.everything())
        taking.begin()
        prompts = question(taking.look().html, "matching").xpath(".//select")
        chosen = prompts[0].xpath("./option/@value")[1]
        answers = RIGHT | {"long": "Things fall", "matching": {key(prompts[0]): chosen}}
        for ident, response in answers.items():
            assert taking.save(ident, response)["saved"]
        html = taking.look().html
        values = {
            ident: question(html, ident).xpath(
                ".//input[@checked]/@value | .//input[@type='text']/@value"
                " | .//textarea/text() | .//option[@selected]/@value"
            )
            for ident in answers
        }
        assert values == {
            "single": ["a"],
            "multiple": values["multiple"],
            "boolean": ["true"],
            "short": [f"{quizzes.KEY} Nairobi"],
            "number": ["299792"],
            "ordering": ["1", "2", "3"],
            "long": ["Things fall"],
            "matching": [chosen],
        }
        assert sorted(values["multiple"]) == ["a", "b"]

    def test_an_order_that_was_saved_is_the_order_shown(self) -> None:
        taking = Taking()
        taking.begin()
        taking.save("ordering", {"b": "1", "c": "2", "a": "3"})
        shown = texts(taking.look().html, '//span[@class="live-lms-order__text"]')
        assert shown == ["Phone", "Radio", "Press"]

    def test_the_deadline_is_told_by_the_servers_clock(self) -> None:
        taking = Taking(time_limit=30)
        taking.begin()
        html = taking.look().html
        timer = element(html, "//*[@data-quiz-deadline]")
        assert taking.attempt.deadline is not None
        assert int(timer.get("data-quiz-deadline")) == actions.milliseconds(taking.attempt.deadline)
        assert int(root(html).get("data-quiz-now")) <= actions.milliseconds(timezone.now())
        assert timer.xpath('.//*[@role="timer"]')

    def test_an_attempt_goes_on_when_the_quiz_is_withdrawn_meanwhile(self) -> None:
        taking = Taking()
        taking.begin()
        Quiz.objects.filter(pk=taking.quiz.pk).update(live=False)
        assert state_of(taking.look()) == "running"

    def test_shuffled_questions_stay_below_their_text(self) -> None:
        stored = [quizzes.passage(f"p{part}") for part in "ab"]
        groups = [[quizzes.single(f"{part}{n}") for n in range(6)] for part in "ab"]
        questions = [stored[0], *groups[0], stored[1], *groups[1]]
        taking = Taking(questions=questions, shuffle_questions=True)
        taking.begin()
        taking.move(order_seed="one")
        first = list(results(taking.look().html))
        taking.move(order_seed="two")
        second = list(results(taking.look().html))
        written = [item["id"] for group in groups for item in group]
        assert first != second
        assert sorted(first[:6]) == sorted(second[:6]) == written[:6]
        assert sorted(first) == sorted(written)

    def test_choices_stay_as_written_where_the_quiz_says_so(self) -> None:
        taking = Taking(shuffle_choices=False)
        taking.begin()
        for seed in ("one", "two", "three"):
            taking.move(order_seed=seed)
            values = question(taking.look().html, "multiple").xpath(".//input/@value")
            assert values[1:] == ["a", "b", "c", "d"]


def key(select: Any) -> str:
    return str(select.get("name").partition(".")[2])


class TestSavingOneAnswer:
    def test_it_is_acknowledged_and_nothing_is_rendered(self) -> None:
        taking = Taking()
        taking.begin()
        component = taking.send("save", {"question": "single", "sequence": 7, "response": "a"})
        reply = component.reply
        assert not component.is_loaded
        assert (reply["saved"], reply["sequence"]) == (True, 7)
        assert reply["serverNow"] >= actions.milliseconds(reply["savedAt"])

    def test_an_answer_sent_again_is_saved_once(self) -> None:
        taking = Taking()
        taking.begin()
        taking.save("single", "a", 7)
        assert taking.save("single", "a", 7)["saved"] is True

    def test_an_older_one_is_told_of_the_newer(self) -> None:
        taking = Taking()
        taking.begin()
        taking.save("single", "a", 7)
        late = taking.save("single", "b", 6)
        assert (late["saved"], late["sequence"]) == (False, 7)
        assert taking.answer("single").response == "a"

    def test_what_cannot_be_an_answer_is_refused_in_words(self) -> None:
        taking = Taking()
        taking.begin()
        taking.save("number", "12")
        with pytest.raises(InvalidInput) as caught:
            taking.save("number", "12x", 6)
        assert caught.value.errors == {"answer-number": ["Write a number, such as 3.14."]}
        assert taking.answer("number").response == "12"

    def test_word_limits_bind_only_at_the_end(self) -> None:
        taking = Taking(questions=[quizzes.long_answer()])
        taking.begin()
        assert taking.save("long", "One")["saved"]

    @pytest.mark.parametrize("ident", ["passage", "nothing"])
    def test_a_question_it_does_not_have_is_not_there(self, ident: str) -> None:
        taking = Taking()
        taking.begin()
        with pytest.raises(NotFound):
            taking.save(ident, "a")

    @pytest.mark.parametrize("sequence", [-1, 2**53, "x", None])
    def test_a_sequence_is_a_number_of_milliseconds(self, sequence: Any) -> None:
        taking = Taking()
        taking.begin()
        with pytest.raises(InvalidInput):
            taking.save("single", "a", sequence)

    def test_without_an_attempt_there_is_nothing_to_save(self) -> None:
        with pytest.raises(NotFound):
            Taking().save("single", "a")

    def test_another_students_attempt_is_not_there(self) -> None:
        taking = Taking()
        other = Taking(taking.quiz)
        other.begin()
        payload = {"question": "single", "sequence": 5, "attempt": other.attempt.pk}
        with pytest.raises(NotFound):
            taking.send("save", payload)

    def test_another_quizs_attempt_is_not_taken_for_this_one(self) -> None:
        taking = Taking()
        other = factories.make_quiz(taking.quiz.course)
        begun = actions.start_attempt(taking.user, other)
        with pytest.raises(NotFound):
            taking.send("save", {"question": "q1", "sequence": 5, "attempt": begun.pk})

    def test_after_the_end_it_is_refused(self) -> None:
        taking = Taking()
        taking.hand_in()
        with pytest.raises(AttemptEnded):
            taking.save("single", "a", FAR)

    def test_after_the_time_it_is_refused(self) -> None:
        taking = Taking(time_limit=10)
        taking.begin()
        taking.move(deadline=timezone.now() - timedelta(seconds=5))
        with pytest.raises(TimeIsUp):
            taking.save("single", "a", FAR)


class TestSavingTheForm:
    def test_all_answers_are_kept_and_it_is_said(self) -> None:
        taking = Taking()
        taking.begin()
        component = taking.send("save_all", taking.form(single="a", number="5"))
        assert component.notice == "Your answers are saved."
        assert (taking.answer("single").response, taking.answer("number").response) == ("a", "5")
        assert state_of(component) == "running"

    def test_unticking_everything_is_an_answer_too(self) -> None:
        taking = Taking()
        taking.begin()
        taking.save("multiple", ["a"])
        taking.send("save_all", taking.form())
        assert taking.answer("multiple").response is None

    def test_a_forgotten_tab_undoes_nothing(self) -> None:
        taking = Taking()
        taking.begin()
        forgotten = taking.form()
        taking.send("save_all", taking.form(single="a"))
        taking.send("save_all", forgotten | {"answer-single": "b"})
        assert taking.answer("single").response == "a"

    def test_what_cannot_be_an_answer_is_marked_and_the_others_are_saved(self) -> None:
        taking = Taking()
        taking.begin()
        with pytest.raises(InvalidInput) as caught:
            taking.send("submit", taking.form(single="a", number="twelve"))
        html = caught.value.component.html
        assert taking.attempt.is_open
        assert taking.answer("single").response == "a"
        field = question(html, "number").xpath('.//input[@type="text"]')[0]
        assert (field.get("value"), field.get("aria-invalid")) == ("twelve", "true")
        summary = element(html, "//*[@data-quiz-errors]")
        link = summary.xpath(".//a/@href")
        assert link == [f"#{question(html, 'number').get('id')}"]
        assert "Write a number, such as 3.14." in summary.text_content()

    @pytest.mark.parametrize(
        ("ident", "response", "words"),
        [
            ("number", "1,5", "Write the decimals after a point"),
            ("number", "1e9999", "too large or too small"),
            ("number", "1" * 65, "fewer digits"),
            ("single", "zz", "not one of the choices"),
            ("single", ["a"], "does not fit the question"),
            ("multiple", {"a": "1"}, "does not fit the question"),
            ("ordering", {"a": "1", "b": "1", "c": "2"}, "a position of its own"),
            ("short", "x" * 501, "at most 500 characters"),
            ("long", "One", "at least 2 words; it is 1 so far"),
            ("long", "One two three four five six", "at most 5 words; it is 6 now"),
        ],
    )
    def test_mistakes_are_explained(self, ident: str, response: Any, words: str) -> None:
        taking = Taking(questions=quizzes.everything())
        taking.begin()
        with pytest.raises(InvalidInput) as caught:
            taking.send("submit", taking.form(**{ident: response}))
        assert words in question(caught.value.component.html, ident).text_content()

    def test_a_decimal_comma_is_explained(self) -> None:
        taking = Taking(questions=[quizzes.number(decimal_comma=True)])
        html = taking.send("start").html
        assert "as in 3,14" in question(html, "number").text_content()
        with pytest.raises(InvalidInput) as caught:
            taking.send("submit", taking.form(number="1.5"))
        assert "after a comma" in caught.value.errors["answer-number"][0]

    def test_a_field_that_no_question_has_is_refused(self) -> None:
        taking = Taking()
        taking.begin()
        with pytest.raises(InvalidInput):
            taking.send("submit", taking.form() | {"score": "100"})
        assert taking.attempt.is_open

    def test_text_that_no_database_stores_is_refused(self) -> None:
        taking = Taking()
        taking.begin()
        with pytest.raises(InvalidInput):
            taking.send("submit", taking.form(short="a\x00b"))

    @pytest.mark.parametrize("sequences", ["x", {"single": "x"}])
    def test_so_is_a_form_whose_own_fields_are_wrong(self, sequences: Any) -> None:
        taking = Taking()
        taking.begin()
        with pytest.raises(InvalidInput):
            taking.send("submit", taking.form(single="a") | {"sequences": sequences})
        assert taking.answer("single").response is None

    def test_a_mistake_in_an_attempt_that_is_over_does_not_matter(self) -> None:
        taking = Taking()
        taking.begin()
        form = taking.form(number="x")
        taking.hand_in()
        with pytest.raises(AttemptEnded):
            taking.send("submit", form)


class TestHandingIn:
    def test_the_result_is_shown_at_once(self) -> None:
        taking = Taking()
        component = taking.hand_in(**RIGHT)
        shown = root(component.html)
        assert shown.get("data-quiz-state") == "graded"
        assert (shown.get("data-score"), shown.get("data-percent")) == ("7", "77.77")
        assert results(component.html) == {
            "single": "correct", "multiple": "correct", "boolean": "correct", "short": "correct",
            "number": "correct", "ordering": "correct", "matching": "incorrect",
        }  # fmt: skip
        assert component.notice == "Passed with 77.77 %."
        assert "You have passed." in component.html

    def test_not_passing_says_what_is_needed_and_offers_another_attempt(self) -> None:
        component = Taking(attempts_allowed=3).hand_in(single="b")
        assert component.notice == "Not passed: 5.55 %."
        assert "60 % are needed" in component.html
        assert results(component.html)["single"] == "partial"
        assert "Try again" in component.html
        assert "2 attempts left" in component.html

    def test_passing_completes_the_module(self) -> None:
        course = factories.make_course(["quiz_passed"])
        quiz = factories.make_quiz(
            course, quizzes.automatic(), module=factories.modules_of(course)[0]
        )
        Taking(quiz).hand_in(**RIGHT)
        assert Progress.objects.get().source == "quiz"

    def test_a_long_answer_waits_for_a_person(self) -> None:
        taking = Taking(questions=quizzes.everything())
        component = taking.hand_in(**RIGHT, long="Things fall")
        shown = root(component.html)
        assert shown.get("data-quiz-state") == "submitted"
        assert shown.get("data-score") is None
        assert results(component.html)["long"] == "pending"
        assert "instructor" in component.notice

    def test_what_a_person_gave_is_told_once_they_are_done(self) -> None:
        taking = Taking(questions=quizzes.everything())
        taking.hand_in(**RIGHT, long="Things fall")
        Answer.objects.filter(pk=taking.answer("long").pk).update(
            outcome="correct", points=1, comment="Nicely said", graded_at=timezone.now()
        )
        assert "Nicely said" not in taking.look().html
        assert results(taking.look().html)["long"] == "pending"
        taking.move(state="graded", score=8, maximum=10, percent=80, passed=True)
        html = taking.look().html
        assert "Nicely said" in html
        assert results(html)["long"] == "correct"

    def test_said_twice_it_is_one_result(self) -> None:
        taking = Taking()
        taking.begin()
        form = taking.form(single="a")
        first = taking.send("submit", form)
        again = taking.send("submit", form | {"answer-single": "b"})
        assert root(first.html).get("data-score") == root(again.html).get("data-score")
        assert Submission.objects.count() == 1

    def test_a_tab_of_an_earlier_attempt_does_not_hand_in_the_one_under_way(self) -> None:
        taking = Taking()
        taking.begin()
        form = taking.form(single="a")
        taking.send("submit", form)
        taking.begin()
        taking.send("submit", form)
        assert taking.attempt.is_open

    def test_a_program_may_leave_out_what_a_page_adds(self) -> None:
        taking = Taking()
        taking.begin()
        taking.send("submit", {"answer-single": "a"})
        assert taking.attempt.score == 1

    @pytest.mark.parametrize("attempt", ["x", "0", "9" * 5000, "999999"])
    def test_an_attempt_that_nobody_made_is_not_there(self, attempt: str) -> None:
        taking = Taking()
        taking.begin()
        with pytest.raises(NotFound):
            taking.send("submit", {"attempt": attempt})

    def test_a_matching_answer_comes_as_a_form_sends_it(self) -> None:
        taking = Taking()
        taking.begin()
        options = question(taking.look().html, "matching").xpath(".//select")
        right = {"Camel": "Desert", "Whale": "Ocean"}
        answer = {}
        for select in options:
            words = select.getparent().xpath("./label")[0].text_content().strip()
            answer[key(select)] = select.xpath(f"./option[text()='{right[words]}']/@value")[0]
        html = taking.hand_in(matching=answer).html
        assert results(html)["matching"] == "correct"

    def test_a_quiz_without_attempts_left_says_so(self) -> None:
        taking = Taking(attempts_allowed=1)
        html = taking.hand_in().html
        assert "You have used your attempt" in html
        assert "<form" not in html
        with pytest.raises(NoAttemptsLeft):
            taking.begin()

    def test_the_clock_ends_an_attempt_when_somebody_looks(self) -> None:
        taking = Taking(time_limit=10)
        taking.begin()
        taking.save("single", "a")
        taking.move(deadline=timezone.now() - timedelta(seconds=20))
        html = taking.look().html
        assert root(html).get("data-score") == "1"
        assert "when the time was up" in html

    def test_a_void_question_says_so(self) -> None:
        html = Taking(questions=[quizzes.single(void=True)]).hand_in().html
        assert "taken out" in question(html, "single").text_content()
        assert "You did not answer" in html


class TestAttempts:
    def test_all_are_listed_and_the_one_that_counts_is_marked(self) -> None:
        taking = Taking(attempt_rule="best")
        taking.hand_in(single="a", boolean="true")
        html = taking.hand_in(single="b").html
        rows = texts(html, "//table//tbody/tr")
        assert [row[0] for row in rows] == ["2", "1"]
        assert "counts" not in rows[0]
        assert "counts" in rows[1]
        assert "The best one counts." in html

    def test_a_mark_for_what_waits(self) -> None:
        taking = Taking(questions=quizzes.everything())
        taking.hand_in(single="a", long="Things fall")
        html = taking.hand_in(single="b", long="They do").html
        assert "Waiting to be graded" in texts(html, "//table//tbody/tr")[0]


class TestTheHour:
    def test_the_answers_are_saved_and_the_wait_is_shown(self) -> None:
        taking = Taking(submissions_per_hour=1)
        taking.hand_in(single="a")
        taking.begin()
        with pytest.raises(RateLimitExceeded) as caught:
            taking.hand_in(single="b")
        assert 3500 < caught.value.retry_after <= 3601
        assert taking.attempt.is_open
        assert taking.answer("single").response == "b"
        html = caught.value.component.html  # type: ignore[attr-defined]
        wait = element(html, "//*[@data-quiz-wait]")
        assert wait.get("role") == "alert"
        assert "1 time an hour" in wait.text_content()

    def test_it_is_told_before_one_begins(self) -> None:
        taking = Taking(submissions_per_hour=1)
        html = taking.hand_in(single="a").html
        assert element(html, "//*[@data-quiz-wait]").xpath(".//*[@data-quiz-clock]")

    def test_mistakes_and_repetition_do_not_count(self) -> None:
        taking = Taking(submissions_per_hour=2)
        taking.hand_in(single="a")
        taking.hand_in(single="a")
        taking.begin()
        with pytest.raises(InvalidInput):
            taking.send("submit", taking.form(number="x"))
        taking.hand_in(single="b")
        assert not taking.attempt.is_open

    def test_an_ended_attempt_may_be_sent_again(self) -> None:
        taking = Taking(submissions_per_hour=1)
        taking.begin()
        form = taking.form(single="a")
        taking.send("submit", form)
        taking.send("submit", form)
        assert Submission.objects.count() == 1

    def test_an_attempt_whose_time_is_over_needs_no_permission(self) -> None:
        taking = Taking(submissions_per_hour=1, time_limit=10)
        taking.hand_in(single="a")
        taking.begin()
        taking.move(deadline=timezone.now() - timedelta(seconds=20))
        form = {"attempt": taking.attempt.pk, "answer-single": "b"}
        taking.send("submit", form)
        assert taking.attempt.is_expired


class TestWhatIsPushed:
    def test_another_tabs_answer_replaces_that_field_alone(self) -> None:
        taking = Taking()
        taking.begin()
        component = taking.look()
        patches = patches_after(component, lambda: taking.save("single", "b", 9))
        assert patches is not None
        (patch,) = patches
        assert 'data-v="9"' in str(patch.html)
        assert 'data-quiz-answer="single"' in str(patch.html)
        checked = element(str(patch.html), "//input[@checked]").get("value")
        assert checked == "b"

    def test_what_is_shown_already_is_not_sent_again(self) -> None:
        taking = Taking()
        taking.begin()
        component = taking.look()
        patches_after(component, lambda: taking.save("single", "b", 9))
        again = patches_after(component, lambda: taking.save("number", "5", 8))
        assert again is not None
        assert ["answer-number"] == [patch.key for patch in again]

    @pytest.mark.parametrize("event", ["start", "submit"])
    def test_an_attempt_that_begins_or_ends_shows_itself_anew(self, event: str) -> None:
        taking = Taking()
        if event == "submit":
            taking.begin()
        component = taking.look()
        act: Callable[[], Any] = taking.begin if event == "start" else taking.hand_in
        assert patches_after(component, act) is None

    def test_other_quizzes_change_nothing(self) -> None:
        taking = Taking()
        other = factories.make_quiz(taking.quiz.course)
        component = taking.look()
        begun = actions.start_attempt
        assert patches_after(component, lambda: begun(taking.user, other)) == []

    def test_an_answer_to_an_attempt_that_is_not_shown_shows_the_attempt(self) -> None:
        taking = Taking()
        component = taking.look()
        submission = taking.begin()
        given = Given("a", 5)
        assert (
            patches_after(component, lambda: actions.save_answer(submission, "single", given))
            is None
        )

    def test_progress_elsewhere_changes_nothing(self) -> None:
        course = factories.make_course(["by_hand", "quiz_passed"])
        first, second = factories.modules_of(course)
        taking = Taking(factories.make_quiz(course, module=second))
        component = taking.look()
        assert patches_after(component, lambda: factories.complete(taking.enrolment, first)) == []

    def test_an_attempt_that_was_deleted_is_shown_no_more(self) -> None:
        taking = Taking()
        submission = taking.begin()
        component = taking.look()

        def delete() -> None:
            actions.changes.push_submissions([submission])
            Submission.objects.filter(pk=submission.pk).delete()

        assert patches_after(component, delete) is None


class TestQueries:
    """As many for 50 questions as for 5."""

    def count(self, act: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            act()
        return len(queries)

    def counts(self, size: int) -> dict[str, int]:
        taking = Taking(questions=[quizzes.single(f"q{n}") for n in range(size)])
        answers = {f"q{n}": "a" for n in range(size)}
        return {
            "look": self.count(lambda: taking.look().html),
            "start": self.count(lambda: taking.send("start").html),
            "save": self.count(lambda: taking.save("q1", "b")),
            "save_all": self.count(lambda: taking.send("save_all", taking.form(**answers)).html),
            "submit": self.count(lambda: taking.hand_in(**answers).html),
            "result": self.count(lambda: taking.look().html),
        }

    def test_their_number_does_not_depend_on_the_questions(self) -> None:
        self.counts(5)  # fills what is kept between requests
        assert self.counts(5) == self.counts(50)
