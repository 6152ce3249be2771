"""Mails, at a real mail server: for those who want them, what is unread, at most once an hour."""

from __future__ import annotations

import email
import email.policy
import logging
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from tests import factories
from tests.services import free_port
from wagtail_live_lms import actions
from wagtail_live_lms.actions.delivery import outcomes, send_digests, worker
from wagtail_live_lms.actions.delivery.digest import base_url_of_site
from wagtail_live_lms.models import Course, Delivery, Notification, NotificationSettings

pytestmark = pytest.mark.django_db

KIND = "grade_posted"


class Postbox:
    """What arrived. `answers` are given to the next mails, by step; None hangs up."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answers: list[str | None] = []
        self.recipient_answer = "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer is None:
            server.transport.close()
            return "250 OK"
        if answer.startswith("250"):
            message = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.mails.append(message)  # type: ignore[arg-type]
        return answer


@pytest.fixture
def postbox(settings: Any) -> Iterator[Postbox]:
    postbox = Postbox()
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.EMAIL_TIMEOUT = 10
    settings.WAGTAIL_LIVE_LMS = {"DELIVERY": "command", "BASE_URL": "https://school.example"}
    yield postbox
    controller.stop()


@pytest.fixture
def course() -> Course:
    return factories.make_course(title="Knots")


@pytest.fixture
def user(course: Course) -> Any:
    user = factories.make_user("Ada Lovelace", email="ada@example.org")
    want_mail(user, course)
    return user


def want_mail(user: Any, course: Course, **choices: Any) -> None:
    chosen = {(course.pk, KIND): (True, True)}
    actions.choose_notifications(user, chosen, **{"show_scores": False} | choices)


def tell(user: Any, course: Course, number: int = 1, **payload: Any) -> list[Notification]:
    content = {"title": f"Plan {number}", "url": "/plan/", "score": "7.25", "maximum": "10"}
    return actions.notify(user, KIND, course, f"grade:{number}:1", content | payload)


def make_due() -> None:
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class TestWhatIsMailed:
    def test_what_is_unread_in_one_mail(self, postbox: Postbox, user: Any, course: Course) -> None:
        tell(user, course, 1)
        tell(user, course, 2)
        make_due()
        assert send_digests() == 1
        (mail,) = postbox.mails
        assert mail["To"] == "ada@example.org"
        assert mail["Subject"] == "2 new notifications"
        for text in (text_of(mail), text_of(mail, "html")):
            assert "“Plan 1” has been graded." in text
            assert "“Plan 2” has been graded." in text
            assert "https://school.example/plan/" in text
            assert "https://school.example/live-lms/notifications/" in text
        assert states() == ["sent", "sent"]

    def test_one_notice_is_its_own_subject(
        self, postbox: Postbox, user: Any, course: Course
    ) -> None:
        tell(user, course)
        make_due()
        send_digests()
        assert postbox.mails[0]["Subject"] == "Knots: “Plan 1” has been graded."
        assert postbox.mails[0]["List-Unsubscribe"].endswith("/live-lms/notifications/>")

    def test_a_title_cannot_write_headers(
        self, postbox: Postbox, user: Any, course: Course
    ) -> None:
        tell(user, course, title="Plan\nBcc: eve@example.org")
        make_due()
        send_digests()
        assert postbox.mails[0]["Bcc"] is None

    def test_the_score_only_for_those_who_want_to_see_it(
        self, postbox: Postbox, user: Any, course: Course
    ) -> None:
        tell(user, course)
        make_due()
        send_digests()
        (mail,) = postbox.mails
        del mail["Message-ID"]  # random digits with dots between them
        assert "7.25" not in mail.as_string()
        want_mail(user, course, show_scores=True)
        NotificationSettings.objects.update(mailed_at=None)
        tell(user, course, 2)
        make_due()
        send_digests()
        assert "7.25 of 10" in text_of(postbox.mails[1])
        assert "7.25" not in postbox.mails[1]["Subject"]

    def test_in_the_persons_language(self, postbox: Postbox, user: Any, course: Course) -> None:
        want_mail(user, course, show_scores=True, language="de")
        tell(user, course)
        make_due()
        send_digests()
        assert "7,25" in text_of(postbox.mails[0])

    def test_a_hint_with_its_words(self, postbox: Postbox, user: Any, course: Course) -> None:
        tell(user, course, text="See <line> 3.", score=None, url="")
        make_due()
        send_digests()
        assert "See <line> 3." in text_of(postbox.mails[0])
        assert "See &lt;line&gt; 3." in text_of(postbox.mails[0], "html")


class TestWhoAndWhen:
    def test_nobody_who_did_not_ask(self, postbox: Postbox, course: Course) -> None:
        tell(factories.make_user(email="bob@example.org"), course)
        assert not Delivery.objects.exists()

    def test_nobody_without_an_address(self, postbox: Postbox, course: Course) -> None:
        nobody = factories.make_user()
        want_mail(nobody, course)
        tell(nobody, course)
        assert not Delivery.objects.exists()

    def test_not_before_there_was_time_to_read_it(
        self, postbox: Postbox, user: Any, course: Course
    ) -> None:
        tell(user, course)
        assert send_digests() == 0
        assert states() == ["pending"]

    def test_not_what_was_read_or_dismissed(
        self, postbox: Postbox, user: Any, course: Course
    ) -> None:
        actions.mark_read(*tell(user, course, 1))
        actions.dismiss_notification(*tell(user, course, 2))
        make_due()
        assert send_digests() == 0
        assert postbox.mails == []
        assert states() == ["skipped", "skipped"]
        assert NotificationSettings.objects.get(user=user).mailed_at is None

    def test_what_is_still_unread_goes_without_what_was_read(
        self, postbox: Postbox, user: Any, course: Course
    ) -> None:
        actions.mark_read(*tell(user, course, 1))
        tell(user, course, 2)
        make_due()
        assert send_digests() == 1
        assert "Plan 1" not in text_of(postbox.mails[0])
        assert states() == ["skipped", "sent"]

    def test_not_to_a_closed_account(self, postbox: Postbox, user: Any, course: Course) -> None:
        tell(user, course)
        user.is_active = False
        user.save()
        make_due()
        assert send_digests() == 0

    def test_at_most_one_an_hour_and_then_what_came_meanwhile(
        self, postbox: Postbox, user: Any, course: Course
    ) -> None:
        tell(user, course, 1)
        make_due()
        assert send_digests() == 1
        tell(user, course, 2)
        tell(user, course, 3)
        make_due()
        assert send_digests() == 0
        assert states() == ["sent", "pending", "pending"]
        NotificationSettings.objects.update(mailed_at=timezone.now() - timedelta(hours=1))
        make_due()
        assert send_digests() == 1
        assert "Plan 1" not in text_of(postbox.mails[1])
        assert len(postbox.mails) == 2

    def test_each_person_gets_their_own(self, postbox: Postbox, user: Any, course: Course) -> None:
        other = factories.make_user(email="bob@example.org")
        want_mail(other, course)
        tell(user, course, 1)
        tell(other, course, 2)
        make_due()
        assert send_digests() == 2
        mails = {mail["To"]: text_of(mail) for mail in postbox.mails}
        assert "Plan 2" not in mails["ada@example.org"]
        assert "Plan 1" not in mails["bob@example.org"]


class TestFailures:
    @pytest.mark.parametrize(("answer", "state"), [("451 Later", "pending"), ("554 No", "failed")])
    def test_a_refused_mail(
        self, answer: str, state: str, postbox: Postbox, user: Any, course: Course
    ) -> None:
        postbox.answers = [answer]
        tell(user, course)
        make_due()
        assert send_digests() == 0
        assert states() == [state]
        make_due()
        assert send_digests() == (state == "pending")

    @pytest.mark.parametrize(("answer", "state"), [("450 Later", "pending"), ("550 No", "failed")])
    def test_a_refused_address(
        self, answer: str, state: str, postbox: Postbox, user: Any, course: Course
    ) -> None:
        postbox.recipient_answer = answer
        tell(user, course)
        make_due()
        assert send_digests() == 0
        assert states() == [state]

    def test_a_line_that_broke_is_not_tried_again(
        self, postbox: Postbox, user: Any, course: Course, caplog: pytest.LogCaptureFixture
    ) -> None:
        postbox.answers = [None]
        tell(user, course)
        make_due()
        with caplog.at_level(logging.CRITICAL):
            assert send_digests() == 0
        assert states() == ["failed"]
        assert Delivery.objects.get().reason == outcomes.UNKNOWN

    def test_a_server_that_is_away_is_tried_later(
        self, postbox: Postbox, user: Any, course: Course, settings: Any
    ) -> None:
        port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
        tell(user, course)
        make_due()
        assert send_digests() == 0
        waiting = Delivery.objects.get()
        assert (waiting.state, waiting.attempts) == ("pending", 1)
        assert waiting.due_at > timezone.now()
        settings.EMAIL_PORT = port
        make_due()
        assert send_digests() == 1

    def test_what_another_process_took_is_left_to_it(
        self, postbox: Postbox, user: Any, course: Course
    ) -> None:
        tell(user, course)
        make_due()
        outcomes.claim([Delivery.objects.get().pk])
        assert send_digests() == 0


def test_links_lead_to_the_default_site_unless_told_otherwise(settings: Any) -> None:
    factories.site_root()
    assert base_url_of_site().startswith("http")
    settings.WAGTAIL_LIVE_LMS = {"BASE_URL": "https://school.example"}
    assert base_url_of_site() == "https://school.example"


@pytest.mark.django_db(transaction=True)
def test_the_thread_mails_when_it_is_time(postbox: Postbox, course: Course, settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"DELIVERY": "thread", "EMAIL_WAIT_MINUTES": 0}
    user = factories.make_user(email="ada@example.org")
    want_mail(user, course)
    tell(user, course)
    worker.finish()
    assert len(postbox.mails) == 1
    assert states() == ["sent"]


@pytest.mark.django_db(transaction=True)
def test_the_thread_survives_a_site_that_is_set_up_wrongly(
    postbox: Postbox, course: Course, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.WAGTAIL_LIVE_LMS = {"DELIVERY": "thread", "EMAIL_WAIT_MINUTES": 0}
    right, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "nowhere.EmailBackend"
    user = factories.make_user(email="ada@example.org")
    want_mail(user, course)
    with caplog.at_level(logging.CRITICAL):
        tell(user, course)
        worker.stop()
    assert states() == ["pending"]
    settings.EMAIL_BACKEND = right
    worker.wake()
    worker.finish()
    assert states() == ["sent"]
