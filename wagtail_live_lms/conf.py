"""The one settings dict, `WAGTAIL_LIVE_LMS`, read when it is used and typed.

Every key is optional. An unknown key or a wrong type is a system-check error (`checks.py`).
"""

from dataclasses import dataclass, fields
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.dispatch import receiver

SETTING = "WAGTAIL_LIVE_LMS"


@dataclass(frozen=True, slots=True)
class Settings:
    """Defaults of every key."""

    TOKEN_MAX_AGE: int = 12 * 3600
    """Seconds a page's signed component parameters stay valid."""

    POLL_SECONDS: float = 1.0
    """Seconds between two looks of a process at the change log when no hint arrives."""

    HEARTBEAT_SECONDS: float = 20.0
    """Seconds between two heartbeats of a socket; each re-checks the right to be there."""

    SOCKET_MAX_SECONDS: float = 12 * 3600
    """Seconds after which a socket is asked to connect anew."""

    CHANGE_LOG_MINUTES: int = 15
    """Minutes a change is kept; a reader that is further behind gets a whole snapshot."""

    OUTBOX_FRAMES: int = 64
    """Frames that may wait for one socket before it is sent a snapshot instead."""

    WINDOW_SIZE: int = 50
    """Rows of a roster page, 1 to 100."""

    ACTIVE_MINUTES: int = 5
    """Minutes after their last activity that a student counts as active now."""

    ALERT_SECONDS: int = 60
    """Seconds between two looks of a course's dashboards for alerts that come by time."""

    EVENT_RATE_LIMIT: str = "120/m"
    """Valid events per user and component, in django-ratelimit's notation."""

    SHELLS: bool = False
    """Whether pages carry no personal HTML at all: each component is loaded privately."""

    # Notebooks and the API

    API_RATE_LIMIT: str = "120/m"
    """Requests per token."""

    PAIRING_RATE_LIMIT: str = "120/m"
    """Pairings begun, and tokens asked for, per address: a whole classroom may share one."""

    CODE_RATE_LIMIT: str = "10/m"
    """Pairing codes a person may try."""

    TOKEN_DAYS: int = 180
    """Days a token is valid that a person makes or pairs; 0 for without end."""

    IDEMPOTENCY_HOURS: int = 48
    """Hours within which a report sent again gets its first answer."""

    NOTEBOOK_MAX_BYTES: int = 5 * 1024 * 1024
    """Size of a notebook that an editor may upload."""

    JUPYTER_LINK: str = ""
    """Address that opens a notebook in Jupyter, with named placeholders; empty for no link."""

    # Pushes and mails

    WEB_PUSH_PRIVATE_KEY: str = ""
    """The key of this site for pushing to browsers, from `create_web_push_keys`; empty for none."""

    WEB_PUSH_CONTACT: str = ""
    """Whom a push service may write to, as "mailto:it@example.org"."""

    WEB_PUSH_SERVICES: tuple[str, ...] = (
        "fcm.googleapis.com",
        "push.services.mozilla.com",
        "push.apple.com",
        "notify.windows.com",
    )
    """Hosts that browsers' push addresses may be at; a whole origin, as "http://127.0.0.1:9000",
    is taken as it is."""

    EMAIL_WAIT_MINUTES: int = 10
    """Minutes that a notice may be unread before it is mailed to those who want that."""

    EMAIL_DIGEST_MINUTES: int = 60
    """Minutes between two mails to one person, at least."""

    BASE_URL: str = ""
    """Where links in mails lead, as "https://example.org"; empty for the default site's address."""

    DELIVERY: str = "thread"
    """Who sends pushes and mails: "thread" of this process, a "task", or only the "command"."""


_cached: Settings | None = None


def configured() -> Any:
    """What the site wrote: a dict, unless the site got it wrong."""
    return getattr(settings, SETTING, {})


def current() -> Settings:
    """The settings in force, unknown keys left out (a system check names them)."""
    global _cached
    if _cached is None:
        given = configured()
        known = given.items() if isinstance(given, dict) else ()
        _cached = Settings(**{k: v for k, v in known if k in keys()})
    return _cached


@receiver(setting_changed)
def _forget(*, setting: str, **kwargs: Any) -> None:
    global _cached
    if setting == SETTING:
        _cached = None


def keys() -> list[str]:
    """The keys that exist."""
    return [field.name for field in fields(Settings)]
