"""The account page: tokens made, shown once, listed and revoked, each by its owner alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from lxml import html as lxml_html

from tests import factories
from tests.api.calls import Program, hub
from wagtail_live_lms import actions
from wagtail_live_lms.models import ApiToken

pytestmark = pytest.mark.django_db

PAGE = "/live-lms/jupyter/"


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def ada() -> Any:
    return factories.make_user("Ada Lovelace", username="ada")


@pytest.fixture
def browser(ada: Any) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def make(browser: Client, **fields: Any) -> Any:
    return browser.post(PAGE, {"name": "My laptop", "days": "30"} | fields)


def shown_token(response: Any) -> str:
    tree = lxml_html.fromstring(response.content.decode())
    (field,) = tree.xpath('//input[@id="live-lms-token"]')
    return str(field.get("value"))


class TestMaking:
    def test_a_token_is_shown_once_and_works(self, browser: Client) -> None:
        response = make(browser)
        text = shown_token(response)
        assert Program(text).get("me").json()["token"]["name"] == "My laptop"
        assert text not in browser.get(PAGE).content.decode()
        assert "no-store" in response.headers["Cache-Control"]

    def test_it_lasts_as_long_as_was_chosen(self, browser: Client) -> None:
        make(browser, days="365")
        ends = ApiToken.objects.get().expires_at
        assert ends is not None
        assert timedelta(days=364) < ends - timezone.now() <= timedelta(days=365)

    @pytest.mark.parametrize(
        ("fields", "message"),
        [
            ({"name": ""}, "Give the token a name"),
            ({"name": "x" * 101}, "at most 100 characters"),
            ({"days": "10000"}, "Select a valid choice"),
        ],
    )
    def test_what_is_wrong_is_said_beside_the_field(
        self, browser: Client, fields: dict[str, str], message: str
    ) -> None:
        response = make(browser, **fields)
        assert response.status_code == 422
        assert message in response.content.decode()
        assert not ApiToken.objects.exists()

    def test_too_many(self, browser: Client, ada: Any) -> None:
        for _ in range(50):
            actions.create_token(ada, "x")
        response = make(browser)
        assert response.status_code == 409
        assert "Revoke those that you no longer use." in response.content.decode()

    def test_a_forged_form(self, ada: Any) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(ada)
        assert make(browser).status_code == 403
        assert not ApiToken.objects.exists()

    def test_a_name_is_text(self, browser: Client) -> None:
        html = make(browser, name="<script>alert(1)</script>").content.decode()
        assert "<script>alert" not in html


class TestListing:
    def test_ones_own_and_nobody_elses(self, browser: Client, ada: Any) -> None:
        assert "Nothing is connected yet." in browser.get(PAGE).content.decode()
        actions.create_token(ada, "Mine")
        actions.create_token(factories.make_user(), "Theirs")
        html = browser.get(PAGE).content.decode()
        assert "Mine" in html
        assert "Theirs" not in html

    def test_what_is_known_of_each(self, browser: Client, ada: Any) -> None:
        used = actions.create_token(ada, "Used")
        Program(used.text).get("me")
        actions.create_token(ada, "Over", expires_at=timezone.now())
        hub().post("tokens", {"username": "ada"})
        html = browser.get(PAGE).content.decode()
        assert used.token.prefix + "…" in html
        assert used.text not in html
        for words in (
            "last used",
            "not used yet",
            "expired",
            "until you revoke it",
            "your Jupyter hub",
        ):
            assert words in html


class TestRevoking:
    def test_it_asks_first(self, browser: Client, ada: Any) -> None:
        made = actions.create_token(ada, "Old laptop")
        url = f"{PAGE}tokens/{made.token.pk}/revoke/"
        assert "Revoke “Old laptop”?" in browser.get(url).content.decode()
        assert Program(made.text).get("me").status_code == 200
        response = browser.post(url)
        assert (response.status_code, response.headers["Location"]) == (302, PAGE)
        assert Program(made.text).get("me").json()["code"] == "token_revoked"
        assert "Old laptop" not in browser.get(PAGE).content.decode()

    def test_of_somebody_else(self, browser: Client) -> None:
        made = actions.create_token(factories.make_user(), "Theirs")
        url = f"{PAGE}tokens/{made.token.pk}/revoke/"
        assert browser.post(url).status_code == 404
        assert Program(made.text).get("me").status_code == 200

    @pytest.mark.parametrize("number", ["0", "9" * 19, "9" * 40])
    def test_of_nobody(self, browser: Client, number: str) -> None:
        assert browser.post(f"{PAGE}tokens/{number}/revoke/").status_code == 404
