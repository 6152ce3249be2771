"""The reviewed description of the API. `python -m tests.api.snapshot` writes it anew."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import django
from django.test import Client

SNAPSHOT = Path(__file__).with_name("openapi.json")


def described() -> dict[str, Any]:
    """The description as it is served now."""
    description: dict[str, Any] = Client().get("/live-lms/api/v1/openapi.json").json()
    return description


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings.default")
    django.setup()
    SNAPSHOT.write_text(json.dumps(described(), indent=1, sort_keys=True) + "\n")
