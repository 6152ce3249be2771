"""System checks: what is missing or misspelt, with the fix."""

import os
from typing import Any

from channels.layers import get_channel_layer
from django.core.checks import CheckMessage, Error, register

from wagtail_live_lms import conf
from wagtail_live_lms.live.hints import is_shared


@register()
def check_settings(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every key of WAGTAIL_LIVE_LMS is known and has the right type."""
    configured = conf.configured()
    defaults = conf.Settings()
    found: list[CheckMessage] = []
    for key, value in configured.items():
        default = getattr(defaults, key, None)
        if default is None:
            found.append(
                Error(
                    f"WAGTAIL_LIVE_LMS has no key {key!r}.",
                    hint=f"Known keys: {', '.join(conf.keys())}.",
                    id="wagtail_live_lms.E001",
                )
            )
        elif not isinstance(value, (int, float) if isinstance(default, float) else type(default)):
            found.append(
                Error(
                    f"WAGTAIL_LIVE_LMS[{key!r}] is {value!r}.",
                    hint=f"It takes a {type(default).__name__}, for instance {default!r}.",
                    id="wagtail_live_lms.E002",
                )
            )
    return found


@register(deploy=False)
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
