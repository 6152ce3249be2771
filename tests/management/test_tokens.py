"""The commands that make and end tokens."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from tests import factories
from tests.api.calls import Program
from wagtail_live_lms import actions
from wagtail_live_lms.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


def run(*args: Any, **options: Any) -> str:
    """What the command prints on standard output."""
    printed = io.StringIO()
    call_command(*args, stdout=printed, stderr=io.StringIO(), **options)
    return printed.getvalue().strip()


class TestCreateApiToken:
    def test_it_prints_the_token_and_nothing_else(self) -> None:
        factories.make_user(username="ada")
        text = run("create_api_token", "ada")
        assert Program(text).get("me").json()["username"] == "ada"
        token = ApiToken.objects.get()
        assert token.name == "Jupyter"
        assert token.expires_at is not None
        assert round((token.expires_at - token.created_at).total_seconds() / 86400) == 180

    def test_without_end(self) -> None:
        factories.make_user(username="ada")
        run("create_api_token", "ada", "--days", "0", "--name", "My laptop")
        assert (ApiToken.objects.get().expires_at, ApiToken.objects.get().name) == (
            None,
            "My laptop",
        )

    def test_for_nobody(self) -> None:
        factories.make_user(username="gone", is_active=False)
        for name in ("nobody", "gone"):
            with pytest.raises(CommandError, match="Nobody with an open account"):
                run("create_api_token", name)

    def test_too_many(self) -> None:
        user = factories.make_user(username="ada")
        for _ in range(50):
            actions.create_token(user, "x")
        with pytest.raises(CommandError, match="too many"):
            run("create_api_token", "ada")


class TestHubCredential:
    def test_it_makes_tokens_until_it_is_revoked(self) -> None:
        factories.make_user(username="ada")
        text = run("create_hub_credential", "Our hub")
        hub = Program(text)
        made = hub.post("tokens", {"username": "ada"}).json()["token"]
        shown = ApiToken.objects.get(scope="mint").prefix
        assert "Revoked “Our hub”, and 1 made with it." in run("revoke_api_token", shown)
        assert Program(made).get("me").json()["code"] == "token_revoked"
        assert hub.post("tokens", {"username": "ada"}).json()["code"] == "token_revoked"


class TestRevoke:
    def test_a_token_that_leaked(self) -> None:
        text = actions.create_token(factories.make_user(), "x").text
        assert "Revoked “x”." in run("revoke_api_token", text)
        with pytest.raises(CommandError, match="No valid token begins"):
            run("revoke_api_token", text)

    def test_a_beginning_that_several_have(self) -> None:
        for _ in range(2):
            actions.create_token(factories.make_user(), "x")
        ApiToken.objects.update(prefix="livelms_same")
        with pytest.raises(CommandError, match="Several tokens begin"):
            run("revoke_api_token", "livelms_same")
