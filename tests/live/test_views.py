"""Events and fragments over HTTP: HTML for htmx, JSON when asked, pages without JavaScript."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db import OperationalError
from django.http import Http404
from django.test import Client

from tests.live.toys import add_note, edit_note
from tests.toy.models import Note, Room
from wagtail_live_lms.live import AllowAny, Component, registry, signing
from wagtail_live_lms.testing.dom import Dom

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


def url(name: str = "toy_notes") -> str:
    return f"/live-lms/components/{name}/"


class Caller:
    """Somebody with a browser, and the token that their page holds."""

    def __init__(self, user: Any, room: Room | None = None, *, checks: bool = False) -> None:
        self.user = user
        self.room = room
        self.client = Client(enforce_csrf_checks=checks)
        if user is not None:
            self.client.force_login(user)

    def token(self, name: str = "toy_notes") -> str:
        params = {"room_id": self.room.pk} if name == "toy_notes" and self.room else {}
        return signing.sign(name, params, self.user)

    def post(self, event: str, payload: dict[str, Any] | None = None, **options: Any) -> Any:
        name = options.pop("name", "toy_notes")
        headers = options.pop("headers", HTMX)
        data = {"params": self.token(name), "event": event, **(payload or {})}
        return self.client.post(url(name), data, headers=headers, **options)

    def get(self, token: str | None = None, name: str = "toy_notes", **headers: str) -> Any:
        query = {"params": self.token(name) if token is None else token}
        return self.client.get(url(name), query, headers={**HTMX, **headers})


@pytest.fixture
def caller(ada: Any, room: Room) -> Caller:
    return Caller(ada, room)


@pytest.fixture
def stranger(eve: Any, room: Room) -> Caller:
    return Caller(eve, room)


@pytest.fixture
def nobody(room: Room) -> Caller:
    return Caller(None, room)


class TestEvents:
    def test_htmx_gets_the_component_as_it_is_now(self, caller: Caller) -> None:
        response = caller.post("add", {"text": "Hi"})
        assert response.status_code == 200
        dom = Dom(response.content.decode())
        assert dom.one("li").text.strip() == "Hi"
        assert dom.one("section").get("data-live-since").startswith("room-")
        assert dom.select("input[name=csrfmiddlewaretoken]")

    def test_json_when_asked_for(self, caller: Caller) -> None:
        response = caller.post("add", {"text": "Hi"}, headers=JSON)
        body = response.json()
        assert body["component"] == "toy_notes"
        assert "Hi" in body["html"]

    def test_a_json_body_is_taken_too(self, caller: Caller) -> None:
        body = {"params": caller.token(), "event": "add", "text": "Hi"}
        response = caller.client.post(url(), body, content_type="application/json", headers=JSON)
        assert response.status_code == 200
        assert Note.objects.get().text == "Hi"

    def test_without_javascript_it_redirects_to_the_page(self, caller: Caller) -> None:
        response = caller.post("add", {"text": "Hi", "next": "/toy/toy_notes/1/?a=b"}, headers={})
        assert (response.status_code, response.url) == (302, "/toy/toy_notes/1/?a=b")

    def test_without_next_it_goes_where_one_came_from(self, caller: Caller) -> None:
        response = caller.post("clear", headers={"Referer": "http://testserver/here/"})
        assert response.url == "http://testserver/here/"

    @pytest.mark.parametrize(
        "elsewhere",
        [
            "https://evil.example/",
            "//evil.example",
            "javascript:alert(1)",
            "http://[",
            "/" + "x" * 9000,
        ],
    )
    def test_it_never_leads_elsewhere(self, caller: Caller, elsewhere: str) -> None:
        response = caller.post("clear", {"next": elsewhere}, headers={"Referer": elsewhere})
        assert response.url == "/"

    def test_an_event_may_ask_for_the_page_anew(self, caller: Caller) -> None:
        assert caller.post("reload", name="toy_greeting").headers["HX-Refresh"] == "true"

    def test_nothing_is_kept_by_caches(self, caller: Caller) -> None:
        for response in (caller.get(), caller.post("clear"), caller.post("nonsense")):
            assert "no-store" in response.headers["Cache-Control"]
            assert "Cookie" in response.headers["Vary"]

    def test_other_methods_are_refused(self, caller: Caller) -> None:
        for method in ("put", "patch", "delete", "trace"):
            assert getattr(caller.client, method)(url()).status_code == 405
        assert caller.client.options(url()).status_code == 200


class TestFragments:
    def test_a_page_without_a_socket_reads_what_is_pushed_otherwise(self, caller: Caller) -> None:
        note = add_note(caller.room.pk, "Hi")
        response = caller.get()
        dom = Dom(response.content.decode())
        assert dom.one("li").get("id") == f"note-{note.pk}"
        assert not dom.select("section")
        assert response.headers["Live-Since"].endswith(".1")

    def test_what_has_not_changed_is_not_sent_again(self, caller: Caller) -> None:
        note = add_note(caller.room.pk, "Hi")
        etag = caller.get().headers["ETag"]
        again = caller.get(**{"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
        edit_note(note.pk, "Ho")
        assert caller.get(**{"If-None-Match": etag}).status_code == 200

    def test_a_component_without_topics_is_always_sent(self, caller: Caller) -> None:
        etag = caller.get(name="toy_greeting").headers["ETag"]
        assert etag == '""'
        assert caller.get(name="toy_greeting", **{"If-None-Match": etag}).status_code == 200

    def test_the_right_to_see_it_is_checked_each_time(self, caller: Caller) -> None:
        etag = caller.get().headers["ETag"]
        caller.room.members.clear()
        assert caller.get(**{"If-None-Match": etag}).status_code == 403

    def test_head_is_get_without_a_body(self, caller: Caller) -> None:
        response = caller.client.head(url(), {"params": caller.token()})
        assert (response.status_code, response.content) == (200, b"")


class TestErrors:
    """Each as a fragment, as JSON and as a page, with what to do next."""

    def html(self, response: Any, status: int) -> Dom:
        assert response.status_code == status
        assert response.headers["HX-Reswap"] == "afterbegin"
        dom = Dom(response.content.decode())
        assert dom.one("[data-live-error]").get("role") == "alert"
        return dom

    def test_401_leads_to_the_login_and_back(self, nobody: Caller) -> None:
        response = nobody.post("clear", {"next": "/toy/?a=1"})
        link = self.html(response, 401).one("a").get("href")
        assert link == "/live-lms/login/?next=%2Ftoy%2F%3Fa%3D1"
        login = nobody.client.get(link)
        assert login.url == "/accounts/login/?next=/toy/%3Fa%3D1"

    def test_the_login_never_leads_elsewhere(self, nobody: Caller) -> None:
        login = nobody.client.get("/live-lms/login/?next=https://evil.example/")
        assert login.url == "/accounts/login/?next=/"
        assert nobody.client.post("/live-lms/login/").status_code == 405

    def test_403(self, stranger: Caller) -> None:
        dom = self.html(stranger.post("clear"), 403)
        assert "Ask your instructor" in dom.one("strong").text

    def test_404(self, caller: Caller) -> None:
        for response in (
            caller.post("nonsense"),
            caller.post("edit", {"note_id": 99}),
            caller.post("add", name="nothing"),
        ):
            self.html(response, 404)

    def test_409(self, caller: Caller, settings: Any) -> None:
        self.html(caller.post("collide", name="toy_greeting"), 409)
        token = caller.token()
        settings.WAGTAIL_LIVE_LMS = {"TOKEN_MAX_AGE": -1}
        dom = self.html(caller.get(token), 409)
        assert "Reload" in dom.one("strong").text

    def test_413(self, caller: Caller, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        self.html(caller.post("add", {"text": "x" * 200}, QUERY_STRING=""), 413)
        body = {"params": caller.token(), "event": "add", "text": "x" * 200}
        response = caller.client.post(url(), body, content_type="application/json", headers=HTMX)
        self.html(response, 413)

    def test_422_names_the_field(self, caller: Caller) -> None:
        dom = self.html(caller.post("add", {"text": "x" * 201}), 422)
        assert "text: String should have at most 200 characters" in dom.one(
            "[data-live-error]"
        ).text_content().replace("\n", " ")

    def test_422_of_a_form_stands_beside_its_field(self, caller: Caller) -> None:
        response = caller.post("submit", {"title": "x"}, name="toy_review")
        assert response.status_code == 422
        assert "HX-Reswap" not in response.headers
        dom = Dom(response.content.decode())
        assert dom.one(".title-error").text
        assert dom.one("input[name=title]").get("value") == "x"

    def test_429_says_when_and_counts_down(self, caller: Caller) -> None:
        for _ in range(2):
            caller.post("clear")
        response = caller.post("clear")
        seconds = int(response.headers["Retry-After"])
        assert 1 <= seconds <= 61
        dom = self.html(response, 429)
        assert dom.one("[data-live-error]").get("data-live-countdown") == str(seconds)
        assert dom.one("[data-live-seconds]").text == str(seconds)

    def test_500_has_a_number_and_leaks_nothing(
        self, caller: Caller, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.ERROR):
            response = caller.post("break", name="toy_greeting")
        text = self.html(response, 500).one("[data-live-error]").text_content()
        reference = text.strip().removesuffix(".").split()[-1]
        assert f"Error {reference} at {url('toy_greeting')}" in caplog.text
        assert "secret detail" in caplog.text
        assert "secret detail" not in response.content.decode()

    @pytest.mark.parametrize(
        ("event", "payload", "status", "code"),
        [
            ("clear", {"x": 1}, 422, "invalid_input"),
            ("nonsense", {}, 404, "unknown_event"),
            ("edit", {"note_id": 99}, 404, "not_found"),
        ],
    )
    def test_as_json_they_are_problems(
        self, caller: Caller, event: str, payload: dict[str, Any], status: int, code: str
    ) -> None:
        response = caller.post(event, payload, headers=JSON)
        assert response.headers["Content-Type"] == "application/problem+json"
        problem = json.loads(response.content)
        assert (response.status_code, problem["status"], problem["code"]) == (status, status, code)
        assert problem["title"]
        assert ("errors" in problem) == (status == 422)

    def test_as_a_page_they_have_a_way_back(self, stranger: Caller) -> None:
        response = stranger.post("clear", {"next": "/toy/x/"}, headers={})
        assert response.status_code == 403
        dom = Dom(response.content.decode())
        assert dom.one("main > p > a").get("href") == "/toy/x/"
        assert dom.one("[data-live-error]") is not None

    def test_a_page_for_a_form_shows_the_form(self, caller: Caller) -> None:
        response = caller.post("submit", {"title": "x"}, name="toy_review", headers={})
        dom = Dom(response.content.decode())
        assert response.status_code == 422
        assert dom.one(".title-error") is not None

    def test_people_are_told_in_their_language(self, caller: Caller) -> None:
        response = caller.post("nonsense", headers={**HTMX, "Accept-Language": "de"})
        assert response.headers["Content-Language"] == "de"


class TestReadingAfterwards:
    """An event may be acknowledged before anything is rendered: the browser reads it then."""

    @pytest.fixture(autouse=True)
    def _component(self) -> Iterator[None]:
        class Ledger(Component):
            template_name = "toy/plain.html"
            permission_classes = (AllowAny,)
            read_after = ("book",)

            def get_context(self) -> dict[str, Any]:
                return {"text": self.notice}

            def on_book(self) -> None:
                self.notice = "Booked"

            def notice_after(self, event: str) -> str:
                return f"{event}: done"

        class Silent(Ledger):
            read_after = ("book",)
            notice_after = Component.notice_after

        registry.register("toy_ledger")(Ledger)
        registry.register("toy_silent")(Silent)
        yield
        registry.unregister("toy_ledger")
        registry.unregister("toy_silent")

    def test_a_browser_is_led_to_what_it_shall_read(self, caller: Caller) -> None:
        answer = caller.post("book", name="toy_ledger")
        assert (answer.status_code, answer.content) == (303, b"")
        read = caller.client.get(answer.url, headers=HTMX)
        assert read.status_code == 200
        assert "book: done" in read.content.decode()

    def test_it_says_nothing_that_the_component_does_not(self, caller: Caller) -> None:
        answer = caller.post("book", name="toy_silent")
        assert "Booked" not in caller.client.get(answer.url, headers=HTMX).content.decode()

    def test_only_such_an_event_has_a_notice(self, caller: Caller) -> None:
        answer = caller.post("book", name="toy_ledger")
        read = caller.client.get(answer.url.replace("book", "look"), headers=HTMX)
        assert "done" not in read.content.decode()

    def test_json_is_answered_at_once(self, caller: Caller) -> None:
        answer = caller.post("book", name="toy_ledger", headers={**HTMX, **JSON})
        assert "Booked" in json.loads(answer.content)["html"]

    def test_without_javascript_the_page_is_what_is_read(self, caller: Caller) -> None:
        answer = caller.post("book", {"next": "/toy/"}, name="toy_ledger", headers={})
        assert (answer.status_code, answer.url) == (302, "/toy/")


class TestErrorsOfDjango:
    @pytest.fixture(autouse=True)
    def _component(self) -> Iterator[None]:
        class Classic(Component):
            template_name = "toy/plain.html"
            permission_classes = (AllowAny,)

            def on_lose(self) -> None:
                raise Http404

            def on_refuse(self) -> None:
                raise DjangoPermissionDenied

            def on_wait(self) -> None:
                raise OperationalError("secret host is away")

        registry.register("toy_classic")(Classic)
        yield
        registry.unregister("toy_classic")

    def test_they_are_taken_for_ours(self, caller: Caller) -> None:
        assert caller.post("lose", name="toy_classic").status_code == 404
        assert caller.post("refuse", name="toy_classic").status_code == 403

    def test_a_database_that_does_not_answer_asks_for_patience(self, caller: Caller) -> None:
        response = caller.post("wait", name="toy_classic")
        assert response.status_code == 503
        assert int(response.headers["Retry-After"]) > 0
        assert "secret host" not in response.content.decode()


class TestForgery:
    def test_without_the_csrf_token_nothing_is_done(self, ada: Any, room: Room) -> None:
        caller = Caller(ada, room, checks=True)
        assert caller.post("add", {"text": "Hi"}).status_code == 403
        assert not Note.objects.exists()

    def test_with_it_everything_is(self, ada: Any, room: Room) -> None:
        caller = Caller(ada, room, checks=True)
        caller.client.get(f"/toy/toy_notes/{room.pk}/")
        token = caller.client.cookies["csrftoken"].value
        assert caller.post("add", {"text": "Hi"}, headers={"X-CSRFToken": token}).status_code == 302
        assert Note.objects.count() == 1

    def test_the_protection_does_not_depend_on_the_sites_middleware(
        self, ada: Any, room: Room, settings: Any
    ) -> None:
        settings.MIDDLEWARE = [m for m in settings.MIDDLEWARE if "Csrf" not in m]
        caller = Caller(ada, room, checks=True)
        assert caller.post("add", {"text": "Hi"}).status_code == 403
