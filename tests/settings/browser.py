"""The example site as browser tests start it: the demo's settings, told by the environment."""

import json
import os

from example_site.settings.dev import *

SECRET_KEY = "tests-only"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WAGTAIL_LIVE_LMS = json.loads(os.environ.get("LIVE_LMS_OPTIONS", "{}"))

if os.environ.get("LIVE_LMS_SERVER") == "wsgi":  # Django's own server: pages, and no sockets
    INSTALLED_APPS = [name for name in INSTALLED_APPS if name != "daphne"]
