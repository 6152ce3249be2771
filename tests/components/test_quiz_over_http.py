"""A quiz through its URL: what clients are told, limits shared by processes, hands at once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache, caches
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import quizzes
from tests.components.test_quiz import Taking, root
from wagtail_live_lms.components.quiz_limit import count_submission
from wagtail_live_lms.live import signing
from wagtail_live_lms.live.models import LiveChange
from wagtail_live_lms.models import QuizStanding, Submission
from wagtail_live_lms.testing import make_request

JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}
ROOT = Path(__file__).resolve().parent.parent.parent


class Http:
    """A student's browser."""

    def __init__(self, taking: Taking) -> None:
        cache.clear()
        self.taking = taking
        self.client = Client()
        self.client.force_login(taking.user)
        self.url = reverse("wagtail_live_lms:component", args=["quiz"])
        self.token = signing.sign("quiz", taking.params, taking.user)

    def post(self, event: str, headers: dict[str, str] = HTMX, **payload: Any) -> Any:
        body = {"params": self.token, "event": event, **payload}
        is_script = headers == HTMX  # which follows to what it shall read
        return self.client.post(self.url, body, headers=headers, follow=is_script)

    def post_json(self, event: str, **payload: Any) -> Any:
        body = json.dumps({"params": self.token, "event": event, **payload})
        return self.client.post(self.url, body, "application/json", headers=JSON)

    def submit(self, headers: dict[str, str] = HTMX, **fields: Any) -> Any:
        """As the page's form sends it."""
        attempt = self.taking.attempt
        answers = attempt.answers.values_list("question_id", "sequence")
        hidden = {f"sequences.{question}": sequence for question, sequence in answers}
        named = {f"answer-{name}": value for name, value in fields.items()}
        return self.post("submit", headers, attempt=attempt.pk, **hidden, **named)


@pytest.fixture
def http(db: None) -> Callable[..., Http]:
    return lambda **fields: Http(Taking(**fields))


class TestAnswers:
    def test_a_save_is_acknowledged_in_a_few_bytes(self, http: Callable[..., Http]) -> None:
        browser = http()
        browser.post("start")
        answer = browser.post_json("save", question="single", sequence=5, response="a")
        assert answer.status_code == 200
        assert set(answer.json()) == {"saved", "sequence", "savedAt", "serverNow"}
        assert len(answer.content) < 200

    def test_the_forms_fields_are_read_as_they_are_named(self, http: Callable[..., Http]) -> None:
        browser = http()
        browser.post("start")
        order = {"ordering.a": "1", "ordering.b": "2", "ordering.c": "3"}
        answer = browser.submit(multiple=["a", "b"], number="299792", **order)
        assert answer.status_code == 200
        assert browser.taking.attempt.score == 4

    def test_a_mistake_is_told_to_programs_by_field(self, http: Callable[..., Http]) -> None:
        browser = http()
        browser.post("start")
        answer = browser.post_json("save", question="number", sequence=5, response="x")
        assert answer.status_code == 422
        assert answer.json()["errors"] == {"answer-number": ["Write a number, such as 3.14."]}

    @pytest.mark.parametrize(("headers", "status"), [(HTMX, 422), ({}, 422)])
    def test_and_to_people_in_the_form(
        self, http: Callable[..., Http], headers: dict[str, str], status: int
    ) -> None:
        browser = http()
        browser.post("start")
        answer = browser.submit(headers, number="twelve")
        assert answer.status_code == status
        assert 'value="twelve"' in answer.content.decode()
        assert f'data-live-since="student-{browser.taking.user.pk}' in answer.content.decode()

    def test_too_late_is_told_with_a_code(self, http: Callable[..., Http]) -> None:
        browser = http(time_limit=5)
        browser.post("start")
        browser.taking.move(deadline=timezone.now() - timedelta(seconds=30))
        attempt = browser.taking.attempt.pk
        answer = browser.post_json("save", question="single", sequence=5, attempt=attempt)
        assert (answer.status_code, answer.json()["code"]) == (409, "time_is_up")
        html = browser.client.get(browser.url, {"params": browser.token}).content.decode()
        assert root(html).get("data-quiz-state") == "graded"

    def test_a_plain_form_leads_back_to_its_page(self, http: Callable[..., Http]) -> None:
        answer = http().post("start", {}, next="/lesson/")
        assert (answer.status_code, answer.headers["Location"]) == (302, "/lesson/")

    def test_a_save_tells_nobody_but_the_student(self, http: Callable[..., Http]) -> None:
        browser = http()
        browser.post("start")
        before = LiveChange.objects.count()
        browser.post_json("save", question="single", sequence=5, response="a")
        new = LiveChange.objects.order_by("pk")[before:]
        assert [change.topic for change in new] == [f"student-{browser.taking.user.pk}"]


class TestTheHour:
    def refused(self, answer: Any) -> bool:
        assert answer.status_code in (200, 429)
        return answer.status_code == 429

    def hand_in(self, browser: Http, **fields: Any) -> Any:
        browser.post("start")
        return browser.submit(**fields)

    def test_past_the_limit_it_is_429_with_the_seconds_to_wait(
        self, http: Callable[..., Http]
    ) -> None:
        browser = http(submissions_per_hour=2)
        assert not self.refused(self.hand_in(browser, single="a"))
        assert not self.refused(self.hand_in(browser, single="b"))
        answer = self.hand_in(browser, single="c")
        assert self.refused(answer)
        assert 3500 < int(answer.headers["Retry-After"]) <= 3601
        assert "data-quiz-wait" in answer.content.decode()
        problem = browser.submit(JSON, single="c")
        assert (problem.status_code, problem.json()["code"]) == (429, "rate_limited")

    def test_the_database_remembers_what_the_cache_forgot(self, http: Callable[..., Http]) -> None:
        browser = http(submissions_per_hour=1)
        self.hand_in(browser, single="a")
        cache.clear()
        assert self.refused(self.hand_in(browser, single="b"))

    @pytest.mark.django_db(transaction=True)
    def test_the_cache_knows_what_the_database_does_not_show(
        self, http: Callable[..., Http]
    ) -> None:
        browser = http(submissions_per_hour=1)
        self.hand_in(browser, single="a")
        Submission.objects.update(ended_at=timezone.now() - timedelta(hours=2))
        assert self.refused(self.hand_in(browser, single="b"))
        assert not self.refused(browser.submit(single="a"))  # the same again costs nothing

    def test_what_is_not_a_hand_in_is_not_counted(self, http: Callable[..., Http]) -> None:
        browser = http(submissions_per_hour=2)
        self.hand_in(browser, single="a")
        browser.submit(single="b")  # of an attempt that is over
        self.hand_in(browser, single="a")  # the same answers again
        browser.post("start")
        assert browser.submit(number="x").status_code == 422
        assert not self.refused(browser.submit(single="b"))
        assert self.refused(self.hand_in(browser, single="c"))

    def test_everybody_and_every_quiz_has_an_hour_of_its_own(
        self, http: Callable[..., Http]
    ) -> None:
        browser = http(submissions_per_hour=1)
        self.hand_in(browser, single="a")
        other = Http(Taking(browser.taking.quiz))
        assert not self.refused(self.hand_in(other, single="a"))

    def test_without_a_limit_nothing_is_counted(self, http: Callable[..., Http]) -> None:
        browser = http(submissions_per_hour=0)
        for choice in "abcabc":
            assert not self.refused(self.hand_in(browser, single=choice))

    def test_a_cache_that_is_down_lets_the_database_decide(
        self, http: Callable[..., Http], settings: Any, caplog: Any
    ) -> None:
        browser = http(submissions_per_hour=1)
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "redis://127.0.0.1:1",
            }
        }
        assert not self.refused(self.hand_in(browser, single="a"))
        assert self.refused(self.hand_in(browser, single="b"))
        assert "counted by the database" in caplog.text


SHARE = """
import json, sys
import django
from django.conf import settings
settings.configure(CACHES=json.loads(sys.argv[1]), INSTALLED_APPS=["django_ratelimit"])
django.setup()
from types import SimpleNamespace
from django.http import HttpRequest
from django_ratelimit.core import get_usage
usage = get_usage(HttpRequest(), group="live:quiz:handed-in", key=lambda g, r: sys.argv[2],
                  rate=sys.argv[3], increment=True)
print(usage["count"])
"""


@pytest.mark.redis
def test_processes_share_the_hour_through_the_cache(
    db: None, redis_server: Any, settings: Any
) -> None:
    location = f"redis://127.0.0.1:{redis_server.port}"
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": location}}
    browser = Http(Taking(submissions_per_hour=2))
    browser.post("start")
    owner = f"{browser.taking.user.pk}:{browser.taking.quiz.pk}"
    for count in ("1", "2"):
        counted = subprocess.run(
            [sys.executable, "-c", SHARE, json.dumps(settings.CACHES), owner, "2/h"],
            check=True, capture_output=True, text=True, cwd=ROOT, timeout=60,
        )  # fmt: skip
        assert counted.stdout.strip() == count
    assert browser.submit(single="a").status_code == 429
    assert browser.taking.answer("single").response == "a"
    caches["default"].close()


def test_a_repeated_attempt_is_not_counted(db: None) -> None:
    cache.clear()
    taking = Taking(submissions_per_hour=1)
    taking.begin()
    taking.move(is_repeat=True)
    count_submission(make_request(taking.user), taking.attempt)
    taking.hand_in(single="a")
    assert taking.attempt.is_graded


@pytest.mark.django_db(transaction=True)
class TestManyHandsAtOnce:
    def at_once(self, *acts: Callable[[], Any]) -> list[Any]:
        """All at the same moment, each on a connection of its own."""
        gate = threading.Barrier(len(acts))

        def run(act: Callable[[], Any]) -> Any:
            gate.wait(timeout=30)
            try:
                return act()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(acts)) as pool:
            return [future.result(60) for future in [pool.submit(run, act) for act in acts]]

    def test_handing_in_from_two_tabs_is_one_result(self) -> None:
        browser = Http(Taking(submissions_per_hour=1))
        browser.post("start")
        form = {"attempt": browser.taking.attempt.pk, "sequences.single": "0"}
        tabs = [Http(browser.taking) for _ in range(3)]
        answers = self.at_once(
            *(lambda tab=tab: tab.post("submit", **form, **{"answer-single": "a"}) for tab in tabs)
        )
        assert {answer.status_code for answer in answers} == {200}
        assert {root(answer.content.decode()).get("data-score") for answer in answers} == {"1"}
        assert Submission.objects.count() == 1
        assert QuizStanding.objects.get().attempt_count == 1

    def test_handing_in_and_the_end_of_time_are_one_result(self) -> None:
        browser = Http(Taking(time_limit=5))
        browser.post("start")
        browser.post_json("save", question="single", sequence=5, response="a")
        browser.taking.move(deadline=timezone.now() - timedelta(seconds=30))
        form = {"attempt": browser.taking.attempt.pk, "answer-single": "b"}
        other = Http(browser.taking)
        self.at_once(
            lambda: browser.post("submit", **form),
            lambda: other.client.get(other.url, {"params": other.token}),
        )
        attempt = browser.taking.attempt
        assert (attempt.state, attempt.is_expired, attempt.score) == ("graded", True, 1)
        assert attempt.revision == 1

    def test_beginning_from_two_tabs_is_one_attempt(self) -> None:
        taking = Taking()
        tabs = [Http(taking) for _ in range(3)]
        answers = self.at_once(*(lambda tab=tab: tab.post("start") for tab in tabs))
        attempts = {root(answer.content.decode()).get("data-attempt") for answer in answers}
        assert len(attempts) == 1
        assert Submission.objects.count() == 1


class TestQueries:
    def count(self, act: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert act().status_code == 200
        return len(queries)

    def counts(self, size: int) -> dict[str, int]:
        browser = Http(Taking(questions=[quizzes.single(f"q{n}") for n in range(size)]))
        answers = {f"q{n}": "a" for n in range(size)}
        look = lambda: browser.client.get(browser.url, {"params": browser.token})  # noqa: E731
        counts = {"start": self.count(lambda: browser.post("start"))}
        save = {"question": "q1", "sequence": 5, "response": "b"}
        save["attempt"] = browser.taking.attempt.pk
        counts["save"] = self.count(lambda: browser.post_json("save", **save))
        counts["submit"] = self.count(lambda: browser.submit(**answers))
        counts["result"] = self.count(look)
        return counts

    def test_their_number_does_not_depend_on_the_questions(self, db: None) -> None:
        self.counts(5)  # fills what is kept between requests
        few = self.counts(5)
        assert few == self.counts(50)
        assert few["save"] <= 10
        assert few["submit"] <= 30  # and the result, read in a request of its own
