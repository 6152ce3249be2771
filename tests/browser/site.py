"""The example site in a process of its own, on a random loopback port."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from tests import database
from tests.services import Server

READER = "student1"
"""A student for tests that only look."""

ROOT = Path(__file__).resolve().parent.parent.parent


class ExampleSite(Server):
    """The demo with its own database; `options` go into WAGTAIL_LIVE_LMS."""

    folder_prefix = "live-lms-site-"
    start_seconds = 120.0  # on a machine that is busy with other things

    def __init__(self, copy_of: ExampleSite | None = None, *, wsgi: bool = False) -> None:
        super().__init__()
        self.options: dict[str, Any] = {}
        self.is_wsgi = wsgi
        if copy_of is None:
            if database.template().exists():  # what the unit tests migrated; nothing is left out
                shutil.copyfile(database.template(), self.database)
            self.manage("migrate", "--verbosity", "0")
            self.manage("load_demo_course")
        else:
            with sqlite3.connect(copy_of.database) as source:
                source.execute("VACUUM INTO ?", [str(self.database)])
            source.close()
            shutil.copytree(copy_of.folder / "media", self.folder / "media")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "db.sqlite3"

    def command(self) -> list[str]:
        address = f"127.0.0.1:{self.port}"
        return [sys.executable, "manage.py", "runserver", "--noreload", "--insecure", address]

    def popen_options(self) -> dict[str, object]:
        return {"env": self.environment(), "cwd": ROOT}

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/accounts/login/", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def manage(self, *arguments: str) -> None:
        """Run a management command on the site's database, as another process would."""
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env=self.environment(), cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip

    def run(self, module: str, **arguments: Any) -> Any:
        """Call `make` of a module in a process of the site's; what it prints, read as JSON."""
        text = json.dumps(arguments)
        code = f"import json; from {module} import make; make(**json.loads({text!r}))"
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", code],
            env=self.environment(), cwd=ROOT, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return json.loads(done.stdout)

    def execute(self, sql: str, *values: object) -> None:
        """Change the site's database, as time or somebody else would."""
        connection = sqlite3.connect(self.database, timeout=10)
        try:
            with connection:
                connection.execute(sql, values)
        finally:
            connection.close()

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the site's database as it is now."""
        connection = sqlite3.connect(self.database, timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    def percentages(self) -> dict[str, str]:
        """What a dashboard must show: percentage by the row's id."""
        rows = self.query(
            "SELECT user_id, percent FROM wagtail_live_lms_enrolment WHERE withdrawn_at IS NULL"
        )
        return {f"student-{user}": str(percent) for user, percent in rows}

    def percentage(self, username: str) -> int:
        """How far a student is."""
        sql = (
            "SELECT percent FROM wagtail_live_lms_enrolment"
            " JOIN auth_user ON auth_user.id = user_id WHERE username = ?"
        )
        return int(self.query(sql, username)[0][0])

    def row_id(self, username: str) -> str:
        """The id of a student's row on the dashboard."""
        return (
            f"student-{self.query('SELECT id FROM auth_user WHERE username = ?', username)[0][0]}"
        )

    def students(self) -> list[str]:
        """Those with two modules or more to complete by hand, and the last, by viewing it."""
        sql = (
            "SELECT username FROM wagtail_live_lms_enrolment"
            " JOIN auth_user ON auth_user.id = user_id"
            " WHERE completed_count BETWEEN 1 AND 6 AND username <> ? ORDER BY display_name"
        )
        return [username for (username,) in self.query(sql, READER)]

    def environment(self) -> dict[str, str]:
        """Of every process of this site."""
        unsafe = "DJANGO_ALLOW_ASYNC_UNSAFE"
        return {
            **{key: value for key, value in os.environ.items() if key != unsafe},
            "DJANGO_SETTINGS_MODULE": "tests.settings.browser",
            "LIVE_LMS_VAR": str(self.folder),
            "LIVE_LMS_OPTIONS": json.dumps(self.options),
            "LIVE_LMS_SERVER": "wsgi" if self.is_wsgi else "daphne",
        }
