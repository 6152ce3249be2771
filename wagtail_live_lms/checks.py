"""System checks: what is missing or misspelt, with the fix."""

import os
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connection
from django_tasks import task_backends
from django_tasks.backends.immediate import ImmediateBackend

from wagtail_live_lms import conf
from wagtail_live_lms.actions.delivery import keys
from wagtail_live_lms.live.hints import is_shared
from wagtail_live_lms.live.ratelimit import is_rate
from wagtail_live_lms.notebooks import is_link_pattern

EXAMPLES = {"JUPYTER_LINK": "https://hub.example.org/hub/user-redirect/lab/tree/{file}"}
"""Values to show where the default says too little."""

CONDITIONS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(
        ("EVENT_RATE_LIMIT", "API_RATE_LIMIT", "PAIRING_RATE_LIMIT", "CODE_RATE_LIMIT"), is_rate
    ),
    "JUPYTER_LINK": lambda value: not value or is_link_pattern(value),
    "DELIVERY": {"thread", "task", "command"}.__contains__,
}
"""What a value of the right type must satisfy as well."""


@register()
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every key of WAGTAIL_LIVE_LMS is known and has the right type."""
    configured = conf.configured()
    if not isinstance(configured, dict):
        return [
            Error(
                f"WAGTAIL_LIVE_LMS is {configured!r}.",
                hint="It takes a dict, for instance {'WINDOW_SIZE': 50}.",
                id="wagtail_live_lms.E002",
            )
        ]
    found: list[CheckMessage] = []
    for key, value in configured.items():
        default = getattr(conf.Settings(), key) if key in conf.keys() else None
        if default is None:
            found.append(
                Error(
                    f"WAGTAIL_LIVE_LMS has no key {key!r}.",
                    hint=f"Known keys: {', '.join(conf.keys())}.",
                    id="wagtail_live_lms.E001",
                )
            )
        elif not _fits(key, value, default):
            found.append(
                Error(
                    f"WAGTAIL_LIVE_LMS[{key!r}] is {value!r}.",
                    hint=f"It takes a {type(default).__name__}, for instance "
                    f"{EXAMPLES.get(key, default)!r}.",
                    id="wagtail_live_lms.E002",
                )
            )
    return found


def _fits(key: str, value: Any, default: Any) -> bool:
    """Whole numbers do for seconds, lists for tuples; True and False are no numbers here."""
    alternatives: dict[type, tuple[type, ...]] = {float: (int, float), tuple: (list, tuple)}
    types = alternatives.get(type(default), (type(default),))
    if not isinstance(value, types) or isinstance(value, bool) != isinstance(default, bool):
        return False
    return key not in CONDITIONS or CONDITIONS[key](value)


@register()
def check_workers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Several workers need a channel layer that they share."""
    workers = os.environ.get("WEB_CONCURRENCY", "")
    if not workers.isdigit() or int(workers) < 2 or is_shared(get_channel_layer()):
        return []
    return [
        Error(
            f"WEB_CONCURRENCY is {workers}, but the channel layer exists in one process only.",
            hint="Use channels_redis.pubsub.RedisPubSubChannelLayer in CHANNEL_LAYERS.",
            id="wagtail_live_lms.E003",
        )
    ]


@register()
def check_sqlite(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """On SQLite a transaction has to take the write lock when it begins."""
    database = connection.settings_dict
    mode = str(database.get("OPTIONS", {}).get("transaction_mode", ""))
    if connection.vendor != "sqlite" or mode.upper() in {"IMMEDIATE", "EXCLUSIVE"}:
        return []
    return [
        Warning(
            "Two students who finish something in the same moment may see an error: SQLite "
            "cannot let a transaction that began by reading wait for the write lock.",
            hint='Set "OPTIONS": {"transaction_mode": "IMMEDIATE"} in DATABASES.',
            id="wagtail_live_lms.W001",
        )
    ]


@register()
def check_web_push(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Who sets a key for pushing has what it takes."""
    settings = conf.current()
    if not settings.WEB_PUSH_PRIVATE_KEY:
        return []
    if not keys.are_installed():
        return [
            Error(
                "WEB_PUSH_PRIVATE_KEY is set, but the packages that push are not installed.",
                hint="pip install wagtail-live-lms[push]",
                id="wagtail_live_lms.E004",
            )
        ]
    found: list[CheckMessage] = []
    if not keys.is_private_key(settings.WEB_PUSH_PRIVATE_KEY):
        found.append(
            Error(
                "WEB_PUSH_PRIVATE_KEY is not a key.",
                hint="Make one with manage.py create_web_push_keys.",
                id="wagtail_live_lms.E005",
            )
        )
    if not settings.WEB_PUSH_CONTACT.startswith(("mailto:", "https://")):
        found.append(
            Error(
                f"WEB_PUSH_CONTACT is {settings.WEB_PUSH_CONTACT!r}.",
                hint='Push services want an address, for instance "mailto:it@example.org".',
                id="wagtail_live_lms.E006",
            )
        )
    return found


@register()
def check_delivery(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A task that runs at once would have whoever posts a grade wait for every push."""
    backend = task_backends["default"]
    if conf.current().DELIVERY != "task" or not isinstance(backend, ImmediateBackend):
        return []
    return [
        Warning(
            "DELIVERY is 'task', but tasks run at once, in the request that starts them.",
            hint="Configure a task backend with a queue, or set DELIVERY to 'thread'.",
            id="wagtail_live_lms.W002",
        )
    ]
