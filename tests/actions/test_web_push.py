"""Pushes to browsers, at a real push service: encrypted, once, and never in anybody's way."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from py_vapid import Vapid02

from tests import factories
from tests.push_service import HANG_UP, Browser, PushService
from wagtail_live_lms import actions, conf
from wagtail_live_lms.actions.delivery import keys, outcomes, send_pushes, web_push, worker
from wagtail_live_lms.models import (
    Course,
    Delivery,
    DeliveryState,
    Notification,
    PushSubscription,
)

KEY = keys.make_private_key()
CONTACT = "mailto:it@example.org"


@pytest.fixture
def service() -> Iterator[PushService]:
    service = PushService()
    yield service
    service.close()


@pytest.fixture
def configured(service: PushService, settings: Any) -> Any:
    settings.WAGTAIL_LIVE_LMS = {
        "WEB_PUSH_PRIVATE_KEY": KEY,
        "WEB_PUSH_CONTACT": CONTACT,
        "WEB_PUSH_SERVICES": [service.origin],
        "DELIVERY": "command",
    }
    return settings


@pytest.fixture
def course(db: None) -> Course:
    return factories.make_course(title="Knots")


@pytest.fixture
def user(db: None) -> Any:
    return factories.make_user()


@pytest.fixture
def browser(configured: Any, service: PushService, user: Any) -> Browser:
    return allow(user, service)


def allow(user: Any, service: PushService, language: str = "en") -> Browser:
    browser = service.browser()
    actions.allow_browser(user, browser.endpoint, **browser.keys, language=language)
    return browser


def tell(users: Any, course: Course, number: int = 1, **payload: Any) -> list[Notification]:
    content = {"title": "Project plan", "url": "/plan/", "score": "7.25", "maximum": "10"}
    return actions.notify(users, "grade_posted", course, f"grade:{number}:1", content | payload)


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def make_due() -> None:
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))


class TestWhatIsSent:
    def test_the_browser_can_read_it_and_knows_who_sent_it(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        (told,) = tell(user, course)
        assert send_pushes() == 1
        (push,) = service.pushes
        assert browser.endpoint.endswith(push.path)
        assert browser.read(push.body) == {
            "title": "Knots",
            "body": "“Project plan” has been graded.",
            "url": "/plan/",
            "tag": f"live-lms-{told.pk}",
        }
        assert push.headers["topic"] == f"notice-{told.pk}"
        assert int(push.headers["ttl"]) > 3600
        assert states() == ["sent"]

    def test_it_is_signed_with_the_sites_key(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        tell(user, course)
        send_pushes()
        authorization = service.pushes[0].headers["authorization"]
        assert f"k={keys.public_key()}" in authorization
        assert Vapid02.verify(authorization)

    def test_a_score_is_never_in_it(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        actions.choose_notifications(user, {}, show_scores=True)
        tell(user, course)
        send_pushes()
        assert "7.25" not in json.dumps(browser.read(service.pushes[0].body))

    def test_it_speaks_the_language_of_the_browser(
        self, configured: Any, service: PushService, user: Any, course: Course
    ) -> None:
        allow(user, service, language="ar")
        (told,) = tell(user, course)
        assert web_push.content_of(told, "de")["title"] == "Knots"
        assert send_pushes() == 1

    def test_every_browser_of_the_person_gets_it(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        other = allow(user, service)
        tell(user, course)
        assert send_pushes() == 2
        assert {push.path for push in service.pushes} == {
            f"/push/{b.endpoint.rpartition('/')[2]}" for b in (browser, other)
        }

    def test_nobody_elses_browser_does(
        self, browser: Browser, service: PushService, course: Course
    ) -> None:
        tell(factories.make_user(), course)
        assert send_pushes() == 0
        assert service.pushes == []

    def test_not_to_those_who_chose_otherwise(
        self, browser: Browser, user: Any, course: Course
    ) -> None:
        choices = {(course.pk, "grade_posted"): (False, False)}
        actions.choose_notifications(user, choices, show_scores=False)
        tell(user, course)
        assert states() == []
        actions.notify(user, "hint", course, "hint:1", {"title": "Knots"})
        assert states() == ["pending"]

    def test_not_what_was_read_meanwhile(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        (told,) = tell(user, course)
        actions.mark_read(told)
        assert send_pushes() == 0
        assert states() == ["skipped"]

    def test_not_to_a_closed_account(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        tell(user, course)
        user.is_active = False
        user.save()
        assert send_pushes() == 0
        assert service.pushes == []


class TestOnce:
    def test_whoever_sends_again_sends_nothing(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        tell(user, course)
        assert (send_pushes(), send_pushes()) == (1, 0)
        assert len(service.pushes) == 1

    @pytest.mark.django_db(transaction=True)
    def test_several_at_once_send_each_push_once(
        self, configured: Any, service: PushService
    ) -> None:
        course = factories.make_course()
        people = [factories.make_user() for _ in range(20)]
        for person in people:
            allow(person, service)
        tell(people, course)
        start = threading.Barrier(3)

        def send() -> None:
            start.wait(10)
            send_pushes()
            connections.close_all()

        threads = [threading.Thread(target=send) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        paths = [push.path for push in service.pushes]
        assert len(paths) == len(set(paths)) == 20
        assert set(states()) == {"sent"}

    def test_one_whose_answer_was_lost_is_not_sent_again(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        service.answers = [HANG_UP]
        tell(user, course)
        assert send_pushes() == 0
        make_due()
        assert send_pushes() == 0
        assert len(service.pushes) == 1
        assert Delivery.objects.get().reason == outcomes.UNKNOWN

    def test_one_whose_sender_died_is_given_up_on(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        tell(user, course)
        assert outcomes.claim([Delivery.objects.get().pk]) == 1
        assert actions.deliver_due().lost == 0
        Delivery.objects.update(changed_at=timezone.now() - timedelta(hours=1))
        assert actions.deliver_due().lost == 1
        assert (states(), service.pushes) == (["failed"], [])


class TestTryingAgain:
    def test_a_service_that_is_busy_is_asked_again_when_it_said(
        self, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        service.answers, service.answer_headers = [503], {"Retry-After": "7200"}
        tell(user, course)
        assert send_pushes() == 0
        waiting = Delivery.objects.get()
        assert waiting.state == DeliveryState.PENDING
        assert waiting.due_at > timezone.now() + timedelta(minutes=110)
        assert send_pushes() == 0
        make_due()
        assert send_pushes() == 1
        assert len(service.pushes) == 2

    def test_a_service_that_cannot_be_reached_is_asked_later_and_not_for_ever(
        self, configured: Any, user: Any, course: Course, service: PushService
    ) -> None:
        away = PushService()
        configured.WAGTAIL_LIVE_LMS |= {"WEB_PUSH_SERVICES": [away.origin]}
        conf._forget(setting="WAGTAIL_LIVE_LMS")
        allow(user, away)
        away.close()
        tell(user, course)
        waits = []
        for _ in range(outcomes.MAX_ATTEMPTS):
            make_due()
            assert send_pushes() == 0
            waits.append((Delivery.objects.get().due_at - timezone.now()).total_seconds())
        assert states() == ["failed"]
        assert waits[:2] == pytest.approx([30, 60], abs=10)
        assert max(waits) <= outcomes.LONGEST_WAIT_SECONDS

    @pytest.mark.parametrize("status", [404, 410])
    def test_a_browser_that_is_gone_is_forgotten(
        self, status: int, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        service.answers = [status]
        tell(user, course)
        send_pushes()
        assert not PushSubscription.objects.exists()
        tell(user, course, 2)
        assert send_pushes() == 0
        assert len(service.pushes) == 1

    @pytest.mark.parametrize("status", [400, 301])
    def test_a_refusal_is_final_and_nothing_is_sent_elsewhere(
        self, status: int, browser: Browser, service: PushService, user: Any, course: Course
    ) -> None:
        service.answers, service.answer_headers = [status], {"Location": f"{service.origin}/other"}
        tell(user, course)
        send_pushes()
        assert states() == ["failed"]
        assert len(service.pushes) == 1

    def test_one_broken_browser_does_not_stop_the_others(
        self,
        browser: Browser,
        service: PushService,
        user: Any,
        course: Course,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        PushSubscription.objects.update(p256dh="B" * 87)
        allow(user, service)
        tell(user, course)
        with caplog.at_level(logging.CRITICAL):
            assert send_pushes() == 1
        assert sorted(states()) == ["failed", "sent"]


class TestPlanning:
    def test_the_number_of_queries_is_the_same_for_any_number_of_people(
        self, configured: Any, service: PushService, course: Course
    ) -> None:
        counts = []
        for number, size in enumerate((4, 40)):
            people = [factories.make_user() for _ in range(size)]
            for person in people:
                allow(person, service)
            with CaptureQueriesContext(connection) as queries:
                tell(people, course, number)
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert Delivery.objects.count() == 44

    def test_without_a_key_nothing_is_planned_or_sent(
        self, browser: Browser, configured: Any, user: Any, course: Course
    ) -> None:
        configured.WAGTAIL_LIVE_LMS = {}
        tell(user, course)
        assert states() == []
        assert send_pushes() == 0

    def test_a_site_without_the_extra_works_and_says_that_it_cannot_push(self) -> None:
        """In a process of its own, in which the packages cannot be imported."""
        program = (
            "import sys; sys.modules['pywebpush'] = None\n"
            "import django; django.setup()\n"
            "from wagtail_live_lms.actions.delivery import keys, send_pushes\n"
            "assert not keys.are_installed() and not keys.are_configured()\n"
            "assert send_pushes() == 0\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


class TestWithoutWaiting:
    @pytest.fixture(autouse=True)
    def _end_thread(self) -> Iterator[None]:
        yield
        worker.stop()

    @pytest.mark.django_db(transaction=True)
    def test_a_thread_pushes_after_commit(
        self, configured: Any, service: PushService, user: Any, course: Course
    ) -> None:
        configured.WAGTAIL_LIVE_LMS = configured.WAGTAIL_LIVE_LMS | {"DELIVERY": "thread"}
        allow(user, service)
        tell(user, course)
        service.wait_for(1)
        tell(user, course, 2)
        service.wait_for(2)
        worker.stop()
        assert states() == ["sent", "sent"]

    @pytest.mark.django_db(transaction=True)
    def test_a_service_that_hangs_keeps_nobody_waiting(
        self, configured: Any, service: PushService, user: Any, course: Course
    ) -> None:
        configured.WAGTAIL_LIVE_LMS = configured.WAGTAIL_LIVE_LMS | {"DELIVERY": "thread"}
        allow(user, service)
        service.is_open.clear()
        tell(user, course)
        service.wait_for(1)
        (told,) = tell(user, course, 2)  # while the first push waits for its answer
        assert actions.dismiss_notification(told)
        service.is_open.set()

    @pytest.mark.django_db(transaction=True)
    def test_a_task_does_where_the_site_has_a_queue(
        self, configured: Any, service: PushService, user: Any, course: Course
    ) -> None:
        configured.WAGTAIL_LIVE_LMS = configured.WAGTAIL_LIVE_LMS | {"DELIVERY": "task"}
        allow(user, service)
        tell(user, course)  # the default queue runs tasks at once
        assert len(service.pushes) == 1

    @pytest.mark.django_db(transaction=True)
    def test_the_thread_tries_again_by_itself(
        self,
        configured: Any,
        service: PushService,
        user: Any,
        course: Course,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(outcomes, "FIRST_WAIT_SECONDS", 0.05)
        configured.WAGTAIL_LIVE_LMS = configured.WAGTAIL_LIVE_LMS | {"DELIVERY": "thread"}
        service.answers = [503, 503]
        allow(user, service)
        tell(user, course)
        service.wait_for(3)
        worker.stop()
        assert states() == ["sent"]
