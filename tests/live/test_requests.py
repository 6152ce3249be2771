"""A socket's handshake read as a request."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.live.sockets import log_in
from wagtail_live_lms.live import InvalidInput
from wagtail_live_lms.live.requests import is_same_origin, request_from


def scope(query: bytes = b"", **headers: str) -> dict[str, Any]:
    sent = {"host": "testserver", **headers}
    return {
        "path": "/ws/live/",
        "query_string": query,
        "headers": [(k.encode(), v.encode("latin1")) for k, v in sent.items()],
        "client": ("10.0.0.7", 5000),
    }


@pytest.mark.django_db
class TestRequest:
    def test_session_and_user_are_read(self, ada: Any) -> None:
        cookie = log_in(ada).cookies["sessionid"].value
        request = request_from(scope(b"since=x", cookie=f"sessionid={cookie}"))
        assert request.user == ada
        assert request.GET["since"] == "x"
        assert request.META["REMOTE_ADDR"] == "10.0.0.7"
        assert hasattr(request, "is_live_socket")

    def test_they_are_read_anew_each_time(self, ada: Any) -> None:
        client = log_in(ada)
        handshake = scope(cookie=f"sessionid={client.cookies['sessionid'].value}")
        assert request_from(handshake).user == ada
        client.logout()
        assert not request_from(handshake).user.is_authenticated

    def test_a_session_keeps_its_key(self, ada: Any, settings: Any) -> None:
        cookie = log_in(ada).cookies["sessionid"].value
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
        settings.SECRET_KEY = "rotated"
        request = request_from(scope(cookie=f"sessionid={cookie}"))
        assert request.user == ada
        assert request.session.session_key == cookie

    def test_without_a_cookie_it_is_nobody(self) -> None:
        assert not request_from({"path": "/", "server": None}).user.is_authenticated

    @pytest.mark.parametrize(
        "cookie",
        ["a(b=c; sessionid=x", "sessionid", ";;;", "=", 'sessionid="unfinished', "\xff=\xfe"],
    )
    def test_odd_cookies_do_no_harm(self, cookie: str) -> None:
        assert not request_from(scope(cookie=cookie)).user.is_authenticated

    def test_an_odd_cookie_does_not_hide_the_session(self, ada: Any) -> None:
        cookie = log_in(ada).cookies["sessionid"].value
        assert request_from(scope(cookie=f"a(b=c; sessionid={cookie}")).user == ada

    def test_too_many_fields_are_refused(self) -> None:
        with pytest.raises(InvalidInput):
            request_from(scope(b"&".join(b"a=1" for _ in range(2000))))


class TestOrigin:
    @pytest.mark.parametrize("origin", ["http://testserver", "https://testserver"])
    def test_pages_of_this_site_are_let_in(self, origin: str) -> None:
        assert is_same_origin(scope(origin=origin))

    @pytest.mark.parametrize(
        "origin",
        [
            "",
            "null",
            "http://evil.example",
            "http://testserver.evil.example",
            "http://testserver:8080",
            "http://evil@testserver",
            "testserver",
            "http://[",
            "http://\xff",
        ],
    )
    def test_others_are_not(self, origin: str) -> None:
        assert not is_same_origin(scope(origin=origin))

    def test_a_browser_always_says(self) -> None:
        assert not is_same_origin(scope())

    def test_a_host_that_is_not_ours(self) -> None:
        assert not is_same_origin(scope(host="evil.example", origin="http://evil.example"))

    def test_trusted_origins_are_let_in(self, settings: Any) -> None:
        settings.CSRF_TRUSTED_ORIGINS = ["https://app.example"]
        assert is_same_origin(scope(origin="https://app.example"))

    @hypothesis_settings(deadline=None, max_examples=60)
    @given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
    def test_any_header_has_an_answer(self, host: str, origin: str) -> None:
        assert is_same_origin(scope(host=host, origin=origin)) in (True, False)
