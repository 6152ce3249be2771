"""The page of notification settings: one's own choices and browsers, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.push_service import Browser
from tests.rendering import element, texts
from wagtail_live_lms import actions
from wagtail_live_lms.actions.delivery import keys
from wagtail_live_lms.components.notification_page import name_of
from wagtail_live_lms.models import (
    Course,
    NotificationChoice,
    NotificationSettings,
    PushSubscription,
)

pytestmark = pytest.mark.django_db

ADDRESS = "https://fcm.googleapis.com/fcm/send/abc"
PAGE = "/live-lms/notifications/"


@pytest.fixture
def course() -> Course:
    return factories.make_course(title="Knots")


@pytest.fixture
def user(course: Course) -> Any:
    return factories.make_student(course, "Ada Lovelace", email="ada@example.org").user


@pytest.fixture
def client(user: Any) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(user)
    return client


@pytest.fixture
def pushing(settings: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {
        "WEB_PUSH_PRIVATE_KEY": keys.make_private_key(),
        "WEB_PUSH_CONTACT": "mailto:it@example.org",
    }


def body(html: str) -> str:
    return html[html.index("<main") : html.index("</main>")] + "</main>"


class TestChoosing:
    def test_every_kind_of_every_course_has_its_row(
        self, client: Client, course: Course, pushing: None
    ) -> None:
        html = body(client.get(PAGE).content.decode())
        assert texts(html, "//caption") == ["Knots"]
        assert texts(html, "//tbody/tr/th") == [
            "A grade was posted",
            "A result changed",
            "Hint from an instructor",
        ]
        names = {node.get("name") for node in element(html, "//table").xpath(".//input")}
        assert f"web_push-{course.pk}-hint" in names
        assert f"email-{course.pk}-grade_posted" in names

    def test_by_default_browsers_are_told_and_nothing_is_mailed_or_shown(
        self, client: Client, course: Course, pushing: None
    ) -> None:
        html = body(client.get(PAGE).content.decode())
        on = [box.get("name") for box in element(html, "//table").xpath(".//input[@checked]")]
        assert all(name.startswith("web_push-") for name in on)
        assert len(on) == 3
        assert "show_scores" not in on

    def test_choices_are_saved_and_shown(
        self, client: Client, course: Course, user: Any, pushing: None
    ) -> None:
        chosen = {f"email-{course.pk}-hint": "on", "show_scores": "on"}
        response = client.post(PAGE, chosen, follow=True)
        assert "Your choices are saved." in response.content.decode()
        html = body(response.content.decode())
        on = [box.get("name") for box in element(html, "//table").xpath(".//input[@checked]")]
        assert on == [f"email-{course.pk}-hint"]
        assert NotificationSettings.objects.get(user=user).show_scores
        assert NotificationSettings.objects.get(user=user).language == "en"

    def test_another_courses_choices_cannot_be_invented(
        self, client: Client, course: Course
    ) -> None:
        other = factories.make_course()
        client.post(PAGE, {f"email-{other.pk}-hint": "on", f"email-{course.pk}-postcard": "on"})
        stored = NotificationChoice.objects.values_list("course", "kind")
        assert {course_id for course_id, _ in stored} == {course.pk}
        assert "postcard" not in {kind for _, kind in stored}

    def test_without_pushes_their_column_is_missing_and_the_choice_is_kept(
        self, client: Client, course: Course, user: Any
    ) -> None:
        actions.choose_notifications(user, {(course.pk, "hint"): (False, False)}, show_scores=False)
        html = body(client.get(PAGE).content.decode())
        assert "web_push" not in html
        assert "Notify me in this browser" not in html
        client.post(PAGE, {})
        chosen = dict(NotificationChoice.objects.values_list("kind", "web_push"))
        assert chosen == {"grade_posted": True, "result_changed": True, "hint": False}

    def test_a_course_that_was_left_can_still_be_chosen_for(
        self, client: Client, course: Course, user: Any
    ) -> None:
        actions.notify(user, "hint", course, "1", {"title": "Bowline"})
        actions.withdraw(user.live_lms_enrolments.get())
        assert "Knots" in client.get(PAGE).content.decode()

    def test_without_courses_it_says_so(self) -> None:
        client = Client()
        client.force_login(factories.make_user())
        assert "You take no course yet" in client.get(PAGE).content.decode()

    def test_without_an_address_it_says_so(self, client: Client, user: Any) -> None:
        assert "no e-mail address" not in client.get(PAGE).content.decode()
        user.email = ""
        user.save()
        assert "no e-mail address" in client.get(PAGE).content.decode()

    def test_it_is_never_cached(self, client: Client) -> None:
        assert "no-store" in client.get(PAGE)["Cache-Control"]

    def test_forms_need_their_token(self, user: Any) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(user)
        assert client.post(PAGE, {"show_scores": "on"}).status_code == 403
        assert not NotificationSettings.objects.exists()

    def test_nobody_is_led_to_the_login(self) -> None:
        response = Client().post(PAGE, {})
        assert response.status_code == 302
        assert "login" in response["Location"]


class TestBrowsers:
    def add(self, client: Client, endpoint: str = ADDRESS, **headers: str) -> Any:
        form = {"endpoint": endpoint, **Browser(endpoint).keys}
        return client.post(reverse("wagtail_live_lms:add_browser"), form, headers=headers)

    def test_one_is_added_named_and_marked_as_this_one(
        self, client: Client, user: Any, pushing: None
    ) -> None:
        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
        self.add(client, **{"User-Agent": agent})
        assert PushSubscription.objects.get().user == user
        html = client.get(PAGE).content.decode()
        assert "Firefox, Linux" in html
        assert "this one" in html

    def test_an_address_of_elsewhere_is_refused(self, client: Client, pushing: None) -> None:
        response = self.add(client, "https://127.0.0.1/")
        assert response.status_code == 409
        assert "cannot be notified" in response.content.decode()

    def test_one_is_removed(self, client: Client, pushing: None) -> None:
        self.add(client)
        browser = PushSubscription.objects.get()
        client.post(reverse("wagtail_live_lms:remove_browser", args=[browser.pk]))
        assert not PushSubscription.objects.exists()

    def test_anothers_does_not_exist(self, client: Client, pushing: None) -> None:
        stranger = factories.make_user()
        browser = actions.allow_browser(stranger, ADDRESS, **Browser(ADDRESS).keys)
        url = reverse("wagtail_live_lms:remove_browser", args=[browser.pk])
        assert client.post(url).status_code == 404
        assert Client().post(url).status_code == 302
        assert PushSubscription.objects.exists()
        assert "Stop" not in client.get(PAGE).content.decode()

    def test_logging_out_ends_pushes_to_this_browser_alone(
        self, client: Client, user: Any, pushing: None
    ) -> None:
        kept = actions.allow_browser(user, f"{ADDRESS}-2", **Browser(ADDRESS).keys)
        self.add(client)
        client.post("/accounts/logout/")
        assert list(PushSubscription.objects.all()) == [kept]

    def test_logging_out_after_it_was_removed_is_fine(self, client: Client, pushing: None) -> None:
        self.add(client)
        PushSubscription.objects.all().delete()
        assert client.post("/accounts/logout/").status_code == 302

    def test_the_worker_is_a_script_of_ours(self) -> None:
        response = Client().get(reverse("wagtail_live_lms:push_worker"))
        assert response["Content-Type"].startswith("text/javascript")
        assert "showNotification" in response.content.decode()
        assert "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537 Edg/140.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Safari/537",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Version/18.0 Safari/605", "Safari, Mac"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_names_of_browsers(agent: str, name: str) -> None:
    assert name_of(agent) == name
