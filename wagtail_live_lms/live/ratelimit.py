"""Rate limits of events, counted in the cache by django-ratelimit."""

import logging
import re
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django_ratelimit.core import get_usage

from wagtail_live_lms import conf

from .exceptions import RateLimitExceeded

logger = logging.getLogger(__name__)

_RATE = re.compile(r"[0-9]+/[0-9]*[smhd]")


def check_rate_limit(request: HttpRequest, component: Any, event: str) -> None:
    """Count one valid event of this person. Raises RateLimitExceeded past the limit.

    A cache that is down lets the event through and says so in the log: saving what a student
    did comes first.
    """
    count(request, f"live:{component.name}:{event}", _rate(component, event))


def count(request: HttpRequest, group: str, rate: str, key: Any = "user_or_ip") -> None:
    """Count one request of a group, by django-ratelimit's `key`. Raises RateLimitExceeded."""
    usage = _usage(request, group, rate, key)
    if usage and usage["should_limit"] and usage["time_left"] >= 0:  # below 0: nothing counted
        raise RateLimitExceeded(usage["time_left"] + 1)


def is_rate(rate: str) -> bool:
    """Whether django-ratelimit can read it."""
    return _RATE.fullmatch(rate) is not None


def _rate(component: Any, event: str) -> str:
    rate = component.rate_limit
    if rate is not None and not isinstance(rate, str):
        rate = rate.get(event)
    rate = rate or conf.current().EVENT_RATE_LIMIT
    if not is_rate(rate):
        raise ImproperlyConfigured(f"{rate!r} is no rate limit; write one as '30/m' or '5/10s'.")
    return rate


def _usage(request: HttpRequest, group: str, rate: str, key: Any) -> dict[str, Any] | None:
    try:
        usage: dict[str, Any] | None = get_usage(
            request, group=group, key=key, rate=rate, increment=True
        )
    except ImproperlyConfigured:
        raise
    except Exception as error:  # noqa: BLE001 - each cache client has errors of its own
        logger.warning("Rate limits are off, the cache does not answer: %s", error)
        return None
    return usage
