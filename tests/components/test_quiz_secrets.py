"""The key of a quiz reaches nobody's browser before the quiz's rules let it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml.html import tostring

from example_site.bootcamp.models import BootcampCoursePage
from tests import factories, quizzes
from tests.components.test_quiz import RIGHT, Taking, question, results
from tests.factories import items
from tests.rendering import patches_after, render_component
from wagtail_live_lms.live import signing
from wagtail_live_lms.models import FeedbackTime, Quiz
from wagtail_live_lms.testing import FakeBrowser

pytestmark = pytest.mark.django_db

KEY, FEEDBACK, GUIDANCE = quizzes.SECRETS


class Browser:
    """Everything that one student's browser is ever sent."""

    def __init__(self, taking: Taking) -> None:
        self.taking = taking
        self.client = Client()
        self.client.force_login(taking.user)
        self.url = reverse("wagtail_live_lms:component", args=["quiz"])
        self.token = signing.sign("quiz", taking.params, taking.user)
        self.received: list[str] = []

    def send(self, event: str, **payload: Any) -> Any:
        """By every way there is: as JSON, as htmx does, and as a plain form."""
        body = {"params": self.token, "event": event, **payload}
        answers = [
            self.client.post(self.url, json.dumps(body), "application/json", headers=headers)
            for headers in ({"Accept": "application/json"}, {"HX-Request": "true"}, {})
        ]
        self.received += [answer.content.decode() for answer in answers]
        return answers[0]

    def look(self) -> str:
        answer = self.client.get(self.url, {"params": self.token}).content.decode()
        page = render_component(self.taking.user, "quiz", **self.taking.params)
        self.received += [answer, page]
        return answer

    def found(self) -> set[str]:
        """Which secrets are in what was sent so far; what the student typed does not count."""
        return {secret for text in self.received for secret in quizzes.SECRETS if secret in text}


def take(taking: Taking) -> Browser:
    """Every state up to the end of the attempt, with mistakes and refusals on the way."""
    browser = Browser(taking)
    browser.look()
    browser.send("start")
    sheet = {"attempt": taking.attempt.pk}
    browser.send("save", question="single", sequence=5, response="b", **sheet)
    browser.send("save", question="number", sequence=5, response="x", **sheet)
    browser.send("save", question="nothing", sequence=5, response="x", **sheet)
    browser.look()
    browser.send("save_all", **taking.form(number="1"))
    browser.send("submit", **taking.form(number="x", long="One"))
    component = taking.look()
    patches = patches_after(component, lambda: taking.save("short", "Mombasa", 10**13))
    browser.received += [str(patch.html) for patch in patches or []]
    return browser


def test_nothing_of_it_is_sent_while_the_attempt_is_under_way() -> None:
    taking = Taking(questions=quizzes.everything(), answers_time="at_once")
    assert take(taking).found() == set()


def test_nor_when_handing_in_is_refused_for_now() -> None:
    taking = Taking(submissions_per_hour=1, answers_time="at_once")
    taking.hand_in(single="c")
    taking.begin()
    browser = Browser(taking)
    assert browser.send("submit", **taking.form(single="b")).status_code == 429
    browser.look()
    assert browser.found() == set()


@pytest.mark.parametrize("feedback", ["at_once", "after_passing", "after_closing", "never"])
@pytest.mark.parametrize("answers", ["at_once", "after_passing", "after_closing", "never"])
@pytest.mark.parametrize("passes", [True, False])
def test_after_it_each_part_is_shown_when_its_time_has_come(
    feedback: str, answers: str, passes: bool
) -> None:
    taking = Taking(feedback_time=feedback, answers_time=answers)
    right = {name: value for name, value in RIGHT.items() if name != "short"}
    taking.hand_in(**(right if passes else {"single": "b"}))
    assert taking.attempt.passed is passes
    browser = Browser(taking)
    html = browser.look()
    due = {"at_once", "after_passing"} if passes else {"at_once"}
    expected = {FEEDBACK} if feedback in due else set()
    expected |= {KEY} if answers in due else set()
    assert browser.found() == expected
    assert (results(html)["single"] is not None) is (feedback in due)
    assert ("Correct answer" in html) is (answers in due)


@pytest.mark.parametrize("time", ["feedback_time", "answers_time"])
def test_closing_the_quiz_shows_what_waited_for_it(time: str) -> None:
    rules = {"feedback_time": FeedbackTime.NEVER, "answers_time": FeedbackTime.NEVER}
    taking = Taking(**rules | {time: FeedbackTime.AFTER_CLOSING})
    taking.hand_in(single="b")
    assert "when the quiz has closed" in taking.look().html
    Quiz.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    browser = Browser(taking)
    browser.look()
    assert browser.found() == ({FEEDBACK} if time == "feedback_time" else {KEY})


def test_results_without_feedback_are_results_alone() -> None:
    taking = Taking(feedback_detail="results", answers_time="never")
    taking.hand_in(single="b")
    browser = Browser(taking)
    assert results(browser.look())["single"] == "partial"
    assert browser.found() == set()


def test_what_only_graders_may_see_is_never_sent() -> None:
    taking = Taking(questions=quizzes.everything(), answers_time="at_once")
    taking.hand_in(**RIGHT, long="Things fall")
    browser = Browser(taking)
    browser.look()
    taking.move(state="graded", score=10, maximum=10, percent=100, passed=True)
    browser.look()
    assert GUIDANCE not in browser.found()


class TestWhatThePageGivesAwayByItself:
    """Ids, values and their order tell nothing of the key."""

    @pytest.fixture
    def seeds(self) -> Iterator[str]:
        return (f"seed {n}" for n in range(12))

    def shown(self, taking: Taking, ident: str, xpath: str) -> list[str]:
        found: list[str] = question(taking.look().html, ident).xpath(xpath)
        return found

    def test_the_right_order_is_never_the_one_shown(self, seeds: Iterator[str]) -> None:
        taking = Taking()
        taking.begin()
        orders = set()
        for seed in seeds:
            taking.move(order_seed=seed)
            names = self.shown(taking, "ordering", ".//select/@name")
            orders.add(tuple(name.partition(".")[2] for name in names))
        assert ("a", "b", "c") not in orders
        assert len(orders) > 1

    def test_a_prompt_and_its_match_share_nothing(self, seeds: Iterator[str]) -> None:
        taking = Taking()
        taking.begin()
        html = taking.look().html
        prompts = {name.partition(".")[2] for name in question(html, "matching").xpath(".//@name")}
        options = set(question(html, "matching").xpath(".//option/@value"))
        assert not prompts & options
        assert not {"a", "b", "z"} & (prompts | options)

    def test_options_are_in_another_order_than_their_prompts(self, seeds: Iterator[str]) -> None:
        taking = Taking()
        taking.begin()
        orders = set()
        for seed in seeds:
            taking.move(order_seed=seed)
            words = self.shown(taking, "matching", "(.//select)[1]/option/text()")
            orders.add(tuple(words[1:]))
        assert len(orders) > 2

    def test_no_number_of_right_choices_is_told(self) -> None:
        names = {"one": [True, False, False], "two": [True, True, False]}
        written = [
            quizzes.multiple(
                name, choices=items(*({"text": "<p>x</p>", "correct": c} for c in key))
            )
            for name, key in names.items()
        ]
        taking = Taking(questions=written, shuffle_choices=False)
        taking.begin()
        html = taking.look().html
        one, two = (tostring(question(html, name), with_tail=False).decode() for name in names)
        assert one.replace("one", "two").replace("Question 1", "Question 2") == two


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_no_frame_of_a_socket_carries_it_either() -> None:
    taking = await sync_to_async(make_with_page)()
    tab = await sync_to_async(FakeBrowser)(taking.user)
    await tab.aopen("/quiz-page/")
    async with tab.connected():
        await sync_to_async(taking.begin)()
        await tab.until(lambda tab: 'data-quiz-state="running"' in tab.html)
        await sync_to_async(taking.save)("single", "b", 10**12)
        await tab.until(lambda tab: f'data-v="{10**12}"' in tab.html)
        assert not [secret for secret in quizzes.SECRETS if secret in "".join(tab.received)]
        await sync_to_async(taking.hand_in)(single="b")
        await tab.until(lambda tab: 'data-quiz-state="graded"' in tab.html)
    assert len(tab.received) > 3
    assert [secret for secret in quizzes.SECRETS if secret in "".join(tab.received)] == [FEEDBACK]


def make_with_page() -> Taking:
    """A student at a quiz that stands on a page of the site."""
    taking = Taking(answers_time="never")
    body = [("quiz", {"quiz": taking.quiz})]
    page = BootcampCoursePage(title="Quiz", slug="quiz-page", course=taking.quiz.course, body=body)
    factories.make_page(page)
    return taking


def test_somebody_elses_browser_is_sent_nothing_at_all() -> None:
    taking = Taking()
    taking.hand_in(**RIGHT)
    outsider = Client()
    outsider.force_login(factories.make_user())
    url = reverse("wagtail_live_lms:component", args=["quiz"])
    answer = outsider.get(url, {"params": signing.sign("quiz", taking.params, taking.user)})
    assert answer.status_code == 403
    assert "prime" not in answer.content.decode()
