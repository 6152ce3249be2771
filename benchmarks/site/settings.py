"""The example site with a scratch database; what differs between servers is the environment."""

import os
from pathlib import Path

import dj_database_url

from example_site.settings.base import *  # noqa: F403

DEBUG = False
SECRET_KEY = "benchmarks-only"
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
ROOT_URLCONF = "benchmarks.site.urls"

DATABASES["default"]["NAME"] = os.environ["BENCHMARK_DATABASE"]  # noqa: F405
if os.environ.get("BENCHMARK_POSTGRES_URL"):
    DATABASES["default"] = dj_database_url.parse(os.environ["BENCHMARK_POSTGRES_URL"])  # noqa: F405
    DATABASES["default"]["OPTIONS"] = {"pool": {"max_size": 20, "timeout": 60}}  # noqa: F405
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates"]  # noqa: F405

if os.environ.get("BENCHMARK_REDIS_URL"):
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": os.environ["BENCHMARK_REDIS_LAYER"],
            "CONFIG": {"hosts": [os.environ["BENCHMARK_REDIS_URL"]]},
        }
    }

if os.environ.get("BENCHMARK_SERVER"):
    # Both sides of a comparison get what a new Django project has; pages get the example site's.
    MIDDLEWARE = [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ]
