"""The migrated test database: made once for each set of migrations, copied ever after.

Wagtail's migrations take ten seconds and more; a copy takes none, and the migrations still run on
it, so that a new one is never missed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.db import connections

SQLITE = "django.db.backends.sqlite3"


def template() -> Path:
    """Where the migrated database of the present migrations is kept."""
    digest = hashlib.sha256(django.__version__.encode())
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            digest.update(f"{app.label}/{path.name}".encode())
            digest.update(path.read_bytes())
    name = f"live-lms-migrated-{os.getuid()}-{digest.hexdigest()[:20]}.sqlite3"
    return Path(tempfile.gettempdir()) / name


def is_sqlite() -> bool:
    return settings.DATABASES["default"]["ENGINE"] == SQLITE


def copy_template() -> bool:
    """Put a copy where the test database will be looked for; False when there is none yet."""
    if not is_sqlite() or not template().exists():
        return False
    shutil.copyfile(template(), settings.DATABASES["default"]["TEST"]["NAME"])
    return True


def save_template() -> None:
    """Keep the database just migrated, unless it is kept already."""
    target = template()
    if not is_sqlite() or target.exists():
        return
    draft = target.with_suffix(f".{os.getpid()}")
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(draft)])
    draft.replace(target)


def remove_test_database() -> None:
    """Remove what a test process leaves beside the template."""
    if is_sqlite():
        name = connections["default"].settings_dict["NAME"]
        connections.close_all()
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{name}{suffix}").unlink(missing_ok=True)
