"""Tokens: what they open, how they end, and how a hub makes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from tests import factories
from tests.api.calls import ROOT, Program, hub, problem, program_of
from wagtail_live_lms import actions, credentials
from wagtail_live_lms.exceptions import TooManyTokens
from wagtail_live_lms.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def ada() -> Any:
    return factories.make_user("Ada Lovelace", username="ada")


class TestToken:
    def test_it_tells_whose_it_is(self, ada: Any) -> None:
        made = actions.create_token(ada, "My laptop")
        course = factories.make_course(title="Analytical engines")
        actions.enrol(course, ada)
        assert Program(made.text).get("me").json() == {
            "name": "Ada Lovelace",
            "username": "ada",
            "token": {"name": "My laptop", "scope": "report", "expires_at": None},
            "courses": [{"id": course.pk, "title": "Analytical engines"}],
        }

    def test_only_a_digest_is_stored(self, ada: Any) -> None:
        made = actions.create_token(ada, "My laptop")
        stored = ApiToken.objects.values().get()
        assert all(made.text not in str(value) for value in stored.values())
        assert made.text.startswith(stored["prefix"])
        assert len(stored["prefix"]) < 20

    def test_none(self) -> None:
        response = Program().get("me")
        problem(response, 401, "token_missing")
        assert response.headers["WWW-Authenticate"] == "Bearer"

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "livelms_x"])
    def test_what_is_no_bearer_token(self, header: str) -> None:
        program = Program()
        program.headers = {"Authorization": header}
        assert program.get("me").status_code == 401

    def test_unknown(self) -> None:
        problem(Program(credentials.make_token("livelms_")).get("me"), 401, "token_unknown")

    def test_mistyped_costs_no_query(self, ada: Any, django_assert_num_queries: Any) -> None:
        text = actions.create_token(ada, "x").text
        with django_assert_num_queries(0):
            problem(Program(text[:-1] + "~").get("me"), 401, "token_unknown")

    def test_revoked(self, ada: Any) -> None:
        made = actions.create_token(ada, "x")
        actions.revoke_token(made.token)
        actions.revoke_token(made.token)
        problem(Program(made.text).get("me"), 401, "token_revoked")

    def test_expired(self, ada: Any) -> None:
        made = actions.create_token(ada, "x", expires_at=timezone.now())
        problem(Program(made.text).get("me"), 401, "token_expired")

    def test_of_a_closed_account(self, ada: Any) -> None:
        program = program_of(ada)
        ada.is_active = False
        ada.save()
        problem(program.get("me"), 401, "account_inactive")

    def test_a_session_opens_nothing(self, ada: Any) -> None:
        client = Client()
        client.force_login(ada)
        problem(client.get(ROOT + "me"), 401, "token_missing")

    def test_it_outlives_a_change_of_the_secret_key(self, ada: Any) -> None:
        program = program_of(ada)
        with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["tests-only"]):
            assert program.get("me").status_code == 200
        with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[]):
            assert program.get("me").status_code == 200  # renewed when it was used
        problem(program.get("me"), 401, "token_unknown")

    def test_its_use_is_noted_once_a_minute(
        self, ada: Any, django_assert_max_num_queries: Any
    ) -> None:
        program = program_of(ada)
        program.get("me")
        noted = ApiToken.objects.get().last_used_at
        assert noted is not None
        program.get("me")
        assert ApiToken.objects.get().last_used_at == noted
        ApiToken.objects.update(last_used_at=noted - timedelta(minutes=2))
        program.get("me")
        assert ApiToken.objects.get().last_used_at > noted

    def test_there_are_only_so_many(self, ada: Any) -> None:
        for _ in range(50):
            actions.create_token(ada, "x")
        with pytest.raises(TooManyTokens):
            actions.create_token(ada, "x")
        actions.revoke_token(ApiToken.objects.all()[0])
        actions.create_token(ada, "x")


class TestHub:
    def test_it_makes_a_token_for_a_student(self, ada: Any) -> None:
        response = hub().post("tokens", {"username": "ada", "name": "JupyterHub", "hours": 12})
        assert response.status_code == 201
        made = response.json()
        me = Program(made["token"]).get("me").json()
        assert (me["username"], me["token"]["name"]) == ("ada", "JupyterHub")
        ends = ApiToken.objects.get(user=ada).expires_at
        assert ends is not None
        assert timedelta(hours=11) < ends - timezone.now() <= timedelta(hours=12)

    def test_name_and_hours_may_be_left_out(self, ada: Any) -> None:
        assert hub().post("tokens", {"username": "ada"}).status_code == 201
        assert ApiToken.objects.get(user=ada).name == "JupyterHub"

    @pytest.mark.parametrize("name", ["nobody", "gone", "a\x00da", "\ud800"])
    def test_unknown_people(self, ada: Any, name: str) -> None:
        factories.make_user(username="gone", is_active=False)
        problem(hub().post("tokens", {"username": name}), 404, "unknown_user")

    def test_a_student_cannot(self, ada: Any) -> None:
        problem(program_of(ada).post("tokens", {"username": "ada"}), 403, "wrong_scope")

    def test_it_cannot_do_what_students_do(self) -> None:
        problem(hub().get("me"), 403, "wrong_scope")

    def test_its_end_ends_what_it_made(self, ada: Any) -> None:
        credential = actions.create_hub_credential("Hub")
        made = Program(credential.text).post("tokens", {"username": "ada"}).json()
        actions.revoke_token(credential.token)
        problem(Program(made["token"]).get("me"), 401, "token_revoked")
        problem(Program(credential.text).post("tokens", {"username": "ada"}), 401, "token_revoked")

    def test_what_it_made_and_expired_goes(self, ada: Any) -> None:
        program = hub()
        program.post("tokens", {"username": "ada"})
        ApiToken.objects.filter(user=ada).update(expires_at=timezone.now())
        program.post("tokens", {"username": "ada"})
        assert ApiToken.objects.filter(user=ada).count() == 1

    @pytest.mark.parametrize(
        "change", [{"hours": 0}, {"hours": 10_000}, {"name": ""}, {"scope": "mint"}]
    )
    def test_what_it_cannot_ask_for(self, ada: Any, change: dict[str, Any]) -> None:
        problem(hub().post("tokens", {"username": "ada"} | change), 422, "invalid_input")
