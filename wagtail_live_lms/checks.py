"""System checks: what is missing or misspelt, with the fix."""

import os
from typing import Any

from channels.layers import get_channel_layer
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import connection

from wagtail_live_lms import conf
from wagtail_live_lms.live.hints import is_shared
from wagtail_live_lms.live.ratelimit import is_rate
from wagtail_live_lms.notebooks import is_link_pattern

EXAMPLES = {"JUPYTER_LINK": "https://hub.example.org/hub/user-redirect/lab/tree/{file}"}
"""Values to show where the default says too little."""


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
    """Whole numbers do for seconds; True and False are no numbers here."""
    types = (int, float) if isinstance(default, float) else (type(default),)
    if not isinstance(value, types) or isinstance(value, bool) != isinstance(default, bool):
        return False
    if key == "JUPYTER_LINK" and value:
        return is_link_pattern(str(value))
    return not key.endswith("_RATE_LIMIT") or is_rate(str(value))


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
