"""Pushing to browsers (RFC 8030, 8291 and 8292). What is pushed never has a score in it."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.utils import translation

from wagtail_live_lms import conf
from wagtail_live_lms.models import Channel, Delivery, DeliveryState, Notification

from . import keys
from .keys import pywebpush, requests
from .outcomes import SENT, SKIPPED, UNKNOWN, Outcome, claim, settle

logger = logging.getLogger(__name__)

AT_ONCE = 8
"""Pushes under way at the same time."""

KEEP_SECONDS = 24 * 3600
"""How long a push service keeps a push for a browser that is not running."""

TIMEOUT_SECONDS = 10.0
GONE = {404, 410}
LATER = {429, 500, 502, 503, 504}


def send_pushes() -> int:
    """Send what is due, a few at a time; returns how many went out."""
    if not keys.are_configured():
        return 0
    due = Delivery.objects.due(Channel.WEB_PUSH).order_by("due_at", "pk")
    sent = 0
    with requests.Session() as session, ThreadPoolExecutor(AT_ONCE, "live-lms-push") as pool:
        session.max_redirects = 0  # a push goes where the browser said, or nowhere
        while mine := _claim_some(due):
            outcomes = pool.map(lambda delivery: _send(delivery, session), mine)
            for delivery, outcome in zip(mine, outcomes, strict=True):
                sent += outcome is SENT
                _settle(delivery, outcome)
    return sent


def content_of(notification: Notification, language: str) -> dict[str, str]:
    """What the browser shows: the course, what happened, and where; never a score."""
    with translation.override(language or None):
        return {
            "title": notification.course.title,
            "body": notification.sentence,
            "url": notification.url,
            "tag": f"live-lms-{notification.pk}",
        }


def _claim_some(due: Any) -> list[Delivery]:
    """The next few deliveries that nobody else took."""
    rows = due.select_related("notification__course", "notification__user", "subscription")
    return [delivery for delivery in rows[: 4 * AT_ONCE] if claim([delivery.pk])]


def _send(delivery: Delivery, session: Any) -> Outcome:
    """In a thread of its own, without the database."""
    notification, browser = delivery.notification, delivery.subscription
    assert browser is not None  # noqa: S101 - a push without a browser is never planned
    if not (notification.is_unread and notification.user.is_active):
        return SKIPPED
    try:
        pywebpush.webpush(
            {
                "endpoint": browser.endpoint,
                "keys": {"p256dh": browser.p256dh, "auth": browser.auth},
            },
            json.dumps(content_of(notification, browser.language)),
            vapid_private_key=conf.current().WEB_PUSH_PRIVATE_KEY,
            vapid_claims=keys.vapid_claims(),
            ttl=KEEP_SECONDS,
            timeout=TIMEOUT_SECONDS,
            headers={"Topic": f"notice-{notification.pk}", "Urgency": "normal"},
            requests_session=session,
        )
    except pywebpush.WebPushException as error:
        return _refused(error.response)
    except requests.RequestException as error:
        return _interrupted(error)
    except Exception as error:
        logger.exception("A push could not be made")
        return Outcome(DeliveryState.FAILED, type(error).__name__)
    return SENT


def _refused(response: Any) -> Outcome:
    """What the push service's answer means."""
    status = response.status_code if response is not None else 0
    reason = f"The push service answered {status}."
    if status in GONE:
        return Outcome(DeliveryState.FAILED, reason, is_gone=True)
    if status in LATER:
        after = response.headers.get("Retry-After", "")
        wait = float(after) if after.isascii() and after.isdigit() else 0.0
        return Outcome(DeliveryState.PENDING, reason, retry_after=min(wait, KEEP_SECONDS))
    logger.error("A push was refused: %s", reason)
    return Outcome(DeliveryState.FAILED, reason)


def _interrupted(error: Exception) -> Outcome:
    """No answer. Only a connection that never stood is certain to have carried nothing."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    never_left = type(cause).__name__ in {"NewConnectionError", "NameResolutionError", "SSLError"}
    if never_left or isinstance(error, requests.ConnectTimeout):
        return Outcome(DeliveryState.PENDING, "The push service cannot be reached.")
    return Outcome(DeliveryState.FAILED, UNKNOWN)


def _settle(delivery: Delivery, outcome: Outcome) -> None:
    settle(delivery, outcome)
    if outcome.is_gone and delivery.subscription is not None:
        delivery.subscription.delete()
