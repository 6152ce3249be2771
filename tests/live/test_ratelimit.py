"""Rate limits: per person, per component and event, and only of what is valid."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.core.exceptions import ImproperlyConfigured

from tests.toy.models import Room
from wagtail_live_lms.live import AllowAny, Component, RateLimitExceeded
from wagtail_live_lms.testing import dispatch_event

pytestmark = pytest.mark.django_db


class BrokenCache(LocMemCache):
    """A cache whose server is away."""

    def _unreachable(self, *args: Any, **kwargs: Any) -> Any:
        raise ConnectionError("cache is away")

    get = set = add = incr = _unreachable


def times_until_refused(event: str, limit: int = 6, **where: Any) -> int:
    name = where.pop("name", "toy_greeting")
    for count in range(limit):
        try:
            dispatch_event(name, event, **where)
        except RateLimitExceeded as error:
            last = error
            assert 1 <= last.retry_after <= 61
            assert str(last.retry_after) in str(last.message)
            return count
    return limit


def test_one_limit_for_all_events_counts_each_by_itself() -> None:
    assert times_until_refused("shout") == 3
    assert times_until_refused("reload") == 3


def test_a_limit_for_one_event_leaves_the_others(ada: Any, room: Room) -> None:
    where = {"name": "toy_notes", "user": ada, "room_id": room.pk}
    assert times_until_refused("clear", **where) == 2
    dispatch_event("toy_notes", "add", {"text": "x"}, user=ada, room_id=room.pk)


def test_the_settings_limit_what_the_component_does_not(settings: Any, ada: Any) -> None:
    settings.WAGTAIL_LIVE_LMS = {"EVENT_RATE_LIMIT": "1/m"}
    assert times_until_refused("reset", name="toy_review", user=ada) == 1


def test_people_do_not_use_up_each_others(ada: Any, eve: Any) -> None:
    assert times_until_refused("shout", user=ada) == 3
    assert times_until_refused("shout", user=eve) == 3


def test_a_limit_of_nothing_refuses_everything() -> None:
    class Closed(Component):
        template_name = "toy/plain.html"
        permission_classes = (AllowAny,)
        rate_limit = "0/m"

        def on_open(self) -> None: ...

    with pytest.raises(RateLimitExceeded):
        dispatch_event(Closed, "open")


def test_when_the_cache_is_away_the_event_passes_and_the_log_says_so(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CACHES = {"default": {"BACKEND": "tests.live.test_ratelimit.BrokenCache"}}
    with caplog.at_level(logging.WARNING):
        assert dispatch_event("toy_greeting", "shout").state["text"] == "HELLO"
    assert "Rate limits are off" in caplog.text


def test_a_rate_nobody_can_read_is_the_developers_to_see() -> None:
    class Misspelt(Component):
        template_name = "toy/plain.html"
        permission_classes = (AllowAny,)
        rate_limit = "often"

        def on_open(self) -> None: ...

    with pytest.raises(ImproperlyConfigured, match="'often' is no rate limit"):
        dispatch_event(Misspelt, "open")


def test_an_address_that_the_server_does_not_tell_is_for_the_site_to_see(settings: Any) -> None:
    settings.RATELIMIT_IP_META_KEY = "HTTP_NOT_THERE"
    with pytest.raises(ImproperlyConfigured):
        dispatch_event("toy_greeting", "shout")
