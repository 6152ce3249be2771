"""Several processes: PostgreSQL and Redis, from DATABASE_URL and REDIS_URL."""

import os

import dj_database_url

from .default import *

_REDIS_URL = os.environ["REDIS_URL"]

DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"])}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": _REDIS_URL,
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [_REDIS_URL]},
    }
}
