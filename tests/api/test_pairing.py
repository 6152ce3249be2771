"""Pairing: a program shows a code, its person confirms it, the program collects a token once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.api.calls import Program, problem
from wagtail_live_lms.actions import begin_pairing
from wagtail_live_lms.models import ApiToken, Pairing

pytestmark = pytest.mark.django_db

CONNECT = "/live-lms/jupyter/connect/"


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def begun(program: Program) -> dict[str, Any]:
    response = program.post("pairings", {"client": "JupyterLab on pascal"})
    assert response.status_code == 201
    answer: dict[str, Any] = response.json()
    return answer


@pytest.fixture
def ada() -> Any:
    return factories.make_user("Ada Lovelace", username="ada")


@pytest.fixture
def browser(ada: Any) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def collect(program: Program, begun: dict[str, Any]) -> Any:
    Pairing.objects.update(polled_at=None)
    return program.post("pairings/token", {"device_code": begun["device_code"]})


def decide(browser: Client, begun: dict[str, Any], decision: str) -> Any:
    return browser.post(CONNECT, {"code": begun["user_code"], "decision": decision})


class TestPairing:
    def test_it_begins_with_two_codes(self, begun: dict[str, Any]) -> None:
        assert re.fullmatch(r"[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}", begun["user_code"])
        assert begun["verification_url"] == "http://testserver" + CONNECT
        assert (begun["expires_in"], begun["interval"]) == (600, 3)
        stored = str(Pairing.objects.values().get())
        assert begun["device_code"] not in stored
        assert begun["user_code"].replace("-", "") not in stored

    def test_the_token_is_handed_over_once(
        self, program: Program, begun: dict[str, Any], browser: Client
    ) -> None:
        problem(collect(program, begun), 400, "authorization_pending")
        assert "is connected" in decide(browser, begun, "allow").content.decode()
        told = collect(program, begun).json()
        assert told["name"] == "JupyterLab on pascal"
        assert Program(told["token"]).get("me").json()["username"] == "ada"
        assert ApiToken.objects.get().expires_at > timezone.now() + timedelta(days=179)
        problem(collect(program, begun), 400, "expired_token")

    def test_it_can_be_refused(
        self, program: Program, begun: dict[str, Any], browser: Client
    ) -> None:
        decide(browser, begun, "refuse")
        problem(collect(program, begun), 400, "access_denied")
        assert not ApiToken.objects.exists()

    def test_it_ends_after_ten_minutes(
        self, program: Program, begun: dict[str, Any], browser: Client
    ) -> None:
        Pairing.objects.update(expires_at=timezone.now())
        assert decide(browser, begun, "allow").status_code == 404
        problem(collect(program, begun), 400, "expired_token")
        begin_pairing("Another")
        assert Pairing.objects.count() == 1

    def test_an_account_closed_meanwhile_gets_nothing(
        self, program: Program, begun: dict[str, Any], browser: Client, ada: Any
    ) -> None:
        decide(browser, begun, "allow")
        ada.is_active = False
        ada.save()
        problem(collect(program, begun), 400, "access_denied")

    def test_a_program_in_a_hurry_is_slowed_down(
        self, program: Program, begun: dict[str, Any]
    ) -> None:
        asked = {"device_code": begun["device_code"]}
        problem(program.post("pairings/token", asked), 400, "authorization_pending")
        problem(program.post("pairings/token", asked), 400, "slow_down")

    def test_codes_that_never_were(self, program: Program) -> None:
        problem(program.post("pairings/token", {"device_code": "x" * 43}), 400, "expired_token")
        problem(program.post("pairings/token", {"device_code": "x"}), 422, "invalid_input")

    def test_pairings_are_counted_by_address(self, program: Program) -> None:
        with override_settings(WAGTAIL_LIVE_LMS={"PAIRING_RATE_LIMIT": "1/m"}):
            assert program.post("pairings", {"client": "x"}).status_code == 201
            problem(program.post("pairings", {"client": "x"}), 429, "rate_limited")

    def test_a_token_may_last(
        self, program: Program, begun: dict[str, Any], browser: Client
    ) -> None:
        decide(browser, begun, "allow")
        with override_settings(WAGTAIL_LIVE_LMS={"TOKEN_DAYS": 0}):
            assert collect(program, begun).json()["expires_at"] is None

    @pytest.mark.parametrize(
        ("client", "shown"),
        [("Lab\u202eevil", "Labevil"), (" \x07 ", "Jupyter"), ("<b>Lab</b>", "<b>Lab</b>")],
    )
    def test_a_name_cannot_disguise_itself(self, program: Program, client: str, shown: str) -> None:
        assert program.post("pairings", {"client": client}).status_code == 201
        assert Pairing.objects.get().client == shown


class TestInTheBrowser:
    def test_the_page_names_the_program_and_warns(
        self, begun: dict[str, Any], browser: Client
    ) -> None:
        Pairing.objects.update(client="<b>Lab</b>")
        typed = begun["user_code"].replace("-", " ").lower()
        html = browser.get(CONNECT, {"code": typed}).content.decode()
        assert "&lt;b&gt;Lab&lt;/b&gt;" in html
        assert begun["user_code"] in html
        assert "If somebody sent you the link or the code, refuse." in html

    def test_looking_decides_nothing(self, begun: dict[str, Any], browser: Client) -> None:
        browser.get(CONNECT, {"code": begun["user_code"], "decision": "allow"})
        assert Pairing.objects.get().user is None

    def test_only_allow_allows(self, begun: dict[str, Any], browser: Client) -> None:
        browser.post(CONNECT, {"code": begun["user_code"]})
        assert Pairing.objects.get().is_refused

    def test_saying_it_twice_is_saying_it_once(
        self, begun: dict[str, Any], browser: Client, ada: Any
    ) -> None:
        for _ in range(2):
            assert decide(browser, begun, "allow").status_code == 200
        assert Pairing.objects.get().user == ada

    def test_somebody_else_cannot_take_it_over(
        self, begun: dict[str, Any], browser: Client, ada: Any
    ) -> None:
        decide(browser, begun, "allow")
        other = Client()
        other.force_login(factories.make_user())
        assert decide(other, begun, "refuse").status_code == 404
        assert other.get(CONNECT, {"code": begun["user_code"]}).status_code == 404
        pairing = Pairing.objects.get()
        assert (pairing.user, pairing.is_refused) == (ada, False)

    def test_it_asks_to_log_in_and_comes_back(self, begun: dict[str, Any]) -> None:
        response = Client().get(CONNECT, {"code": begun["user_code"]})
        assert response.status_code == 302
        assert "next=/live-lms/jupyter/connect/%3Fcode%3D" in response.headers["Location"]

    def test_a_forged_form_is_refused(self, begun: dict[str, Any], ada: Any) -> None:
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(ada)
        assert decide(browser, begun, "allow").status_code == 403
        assert Pairing.objects.get().user is None

    def test_guessing_is_limited(self, browser: Client) -> None:
        with override_settings(WAGTAIL_LIVE_LMS={"CODE_RATE_LIMIT": "2/m"}):
            answers = [browser.get(CONNECT, {"code": "BCDFGHJK"}).status_code for _ in range(3)]
        assert answers == [404, 404, 429]

    def test_a_wrong_code_can_be_corrected(self, browser: Client) -> None:
        html = browser.get(CONNECT, {"code": "BCDF-GHJJ"}).content.decode()
        assert 'value="BCDF-GHJJ"' in html
        assert "This code is not known" in html

    def test_the_empty_page_asks_for_the_code(self, browser: Client) -> None:
        assert "Type the code" in browser.get(reverse("wagtail_live_lms:connect_jupyter")).text
