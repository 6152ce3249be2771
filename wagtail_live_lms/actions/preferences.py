"""What people choose about their notices, and the browsers that may be pushed to."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from wagtail_live_lms import conf
from wagtail_live_lms.exceptions import UnknownPushService
from wagtail_live_lms.models import (
    NotificationChoice,
    NotificationSettings,
    PushSubscription,
    digest_of,
)

from .changes import push_inbox
from .delivery import keys

MOST_BROWSERS = 10
"""Of one person; the one allowed first goes when another comes."""

Choices = Mapping[tuple[int, str], tuple[bool, bool]]
"""(course id, kind) to (push to browsers, e-mail)."""


def choose_notifications(
    user: Any, choices: Choices, *, show_scores: bool, language: str = ""
) -> None:
    """Store everything a person chose on their settings page; open pages follow."""
    with transaction.atomic():
        NotificationSettings.objects.update_or_create(
            user=user, defaults={"show_scores": show_scores, "language": language}
        )
        NotificationChoice.objects.bulk_create(
            [
                NotificationChoice(
                    user=user, course_id=course_id, kind=kind, web_push=web_push, email=email
                )
                for (course_id, kind), (web_push, email) in choices.items()
            ],
            update_conflicts=True,
            unique_fields=["user", "course", "kind"],
            update_fields=["web_push", "email"],
        )
        push_inbox(user.pk)


def allow_browser(
    user: Any, endpoint: str, *, p256dh: str, auth: str, name: str = "", language: str = ""
) -> PushSubscription:
    """Push to this browser from now on. It was another person's until now: it is no longer.

    Raises UnknownPushService for an address that no browser gives, or keys that are none.
    """
    if not (_is_push_service(endpoint) and keys.is_browser_key(p256dh, auth)):
        raise UnknownPushService
    with transaction.atomic():
        PushSubscription.objects.exclude(user=user).filter(
            endpoint_digest=digest_of(endpoint)
        ).delete()
        browser, _created = PushSubscription.objects.update_or_create(
            endpoint_digest=digest_of(endpoint),
            defaults={
                "user": user,
                "endpoint": endpoint,
                "p256dh": p256dh,
                "auth": auth,
                "name": name[:100],
                "language": language,
            },
        )
        own = PushSubscription.objects.filter(user=user)
        newest = list(own.order_by("-pk").values_list("pk", flat=True)[:MOST_BROWSERS])
        own.exclude(pk__in=newest).delete()
    return browser


def remove_browser(browser: PushSubscription) -> None:
    """Push nothing more to this browser."""
    browser.delete()


def _is_push_service(endpoint: str) -> bool:
    """Whether an address belongs to one of WEB_PUSH_SERVICES; we send to no other."""
    try:
        url = urlsplit(endpoint)
        host, origin = (url.hostname or "").lower(), f"{url.scheme}://{url.netloc}"
    except ValueError:
        return False
    if len(endpoint) > 2000 or url.username or not endpoint.isascii():
        return False
    services = conf.current().WEB_PUSH_SERVICES
    is_known = any(host == name or host.endswith(f".{name}") for name in services)
    return origin in services or (is_known and url.scheme == "https" and url.port in (None, 443))
