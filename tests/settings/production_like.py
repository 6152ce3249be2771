"""Production for tests: several processes, PostgreSQL and Redis, but cheap passwords."""

import os

from example_site.settings.production import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WAGTAIL_LIVE_LMS = {"POLL_SECONDS": float(os.environ.get("POLL_SECONDS", "1"))}
