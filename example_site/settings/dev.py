"""The demo on one machine: debug pages, SQLite, in-memory channel layer, an insecure key."""

import os

from .base import *  # noqa: F403

DEBUG = True
# Public on purpose: it protects nothing but demo data. Production reads its key from SECRET_KEY.
SECRET_KEY = "insecure-demo-key-never-use-it-on-a-network"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

# `make demo` runs student1's JupyterLab and says where.
WAGTAIL_LIVE_LMS = {"JUPYTER_LINK": os.environ.get("LIVE_LMS_JUPYTER_LINK", "")}

VAR_DIR.mkdir(parents=True, exist_ok=True)  # noqa: F405

# `make demo` makes the key, so that browsers can be pushed to; without it nothing is pushed.
_PUSH_KEY = VAR_DIR / "push.key"  # noqa: F405
WAGTAIL_LIVE_LMS = {
    "WEB_PUSH_PRIVATE_KEY": _PUSH_KEY.read_text() if _PUSH_KEY.exists() else "",
    "WEB_PUSH_CONTACT": "mailto:demo@example.org",
}
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
