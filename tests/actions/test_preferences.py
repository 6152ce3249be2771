"""What people choose, and the browsers they allow."""

from __future__ import annotations

from typing import Any

import pytest

from tests import factories
from tests.actions.changes import recorded
from tests.push_service import Browser
from wagtail_live_lms import actions
from wagtail_live_lms.actions.preferences import MOST_BROWSERS
from wagtail_live_lms.exceptions import UnknownPushService
from wagtail_live_lms.models import NotificationChoice, NotificationSettings, PushSubscription

pytestmark = pytest.mark.django_db

ADDRESS = "https://updates.push.services.mozilla.com/wpush/v2/abc"


def allow(user: Any, endpoint: str = ADDRESS) -> PushSubscription:
    return actions.allow_browser(user, endpoint, **Browser(endpoint).keys)


def test_choices_are_stored_and_changed_in_one_go() -> None:
    user, course = factories.make_user(), factories.make_course()
    key = (course.pk, "hint")
    with recorded() as said:
        actions.choose_notifications(user, {key: (False, True)}, show_scores=True, language="de")
    assert said == [(f"student-{user.pk}", "inbox", 0)]
    actions.choose_notifications(user, {key: (True, False)}, show_scores=False)
    choice = NotificationChoice.objects.get()
    assert (choice.web_push, choice.email) == (True, False)
    assert not NotificationSettings.objects.get().show_scores


def test_allowing_again_renews_the_keys_of_the_same_browser() -> None:
    user = factories.make_user()
    before = allow(user)
    after = allow(user)
    assert before.pk == after.pk
    assert before.auth != after.auth


def test_a_browser_belongs_to_whoever_allowed_it_last() -> None:
    before, after = factories.make_user(), factories.make_user()
    allow(before)
    allow(after)
    assert PushSubscription.objects.get().user == after


def test_the_oldest_browser_makes_room() -> None:
    user, other = factories.make_user(), factories.make_user()
    kept = allow(other, f"{ADDRESS}-other")
    first = allow(user)
    for number in range(MOST_BROWSERS):
        allow(user, f"{ADDRESS}-{number}")
    assert PushSubscription.objects.filter(user=user).count() == MOST_BROWSERS
    assert not PushSubscription.objects.filter(pk=first.pk).exists()
    assert PushSubscription.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/abc",
        "https://web.push.apple.com/abc",
        "https://wns2-by3p.notify.windows.com/w/?token=abc",
        "https://updates.push.services.mozilla.com:443/wpush/v2/abc",
    ],
)
def test_browsers_push_services_are_known(endpoint: str) -> None:
    assert allow(factories.make_user(), endpoint).endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "http://fcm.googleapis.com/fcm/send/abc",
        "https://127.0.0.1/abc",
        "http://169.254.169.254/latest/meta-data",
        "https://example.org/abc",
        "https://fcm.googleapis.com.example.org/abc",
        "https://notfcm.googleapis.com/abc",
        "https://fcm.googleapis.com@example.org/abc",
        "https://eve@fcm.googleapis.com/abc",
        "https://fcm.googleapis.com:8080/abc",
        "https://[fcm.googleapis.com/abc",
        "https://fcm.googleapis.com/" + "x" * 2000,
        "https://fcm.googleapis.com/\u00e9",
        "file:///etc/passwd",
    ],
)
def test_we_push_nowhere_else(endpoint: str) -> None:
    with pytest.raises(UnknownPushService):
        allow(factories.make_user(), endpoint)
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "keys",
    [{"p256dh": ""}, {"auth": "abc"}, {"auth": "!" * 22}, {"p256dh": "A" * 87}],
)
def test_keys_that_cannot_encrypt_are_refused(keys: dict[str, str]) -> None:
    with pytest.raises(UnknownPushService):
        actions.allow_browser(factories.make_user(), ADDRESS, **Browser(ADDRESS).keys | keys)


def test_a_removed_browser_is_forgotten() -> None:
    actions.remove_browser(allow(factories.make_user()))
    assert not PushSubscription.objects.exists()
