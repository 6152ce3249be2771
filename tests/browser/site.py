"""The example site in a process of its own, on a random loopback port."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from tests import database
from tests.services import Server

from .office import Office

READER = "student1"
"""A student for tests that only look."""

OF_DEMO = "course_id = (SELECT id FROM wagtail_live_lms_course WHERE slug = 'python-bootcamp')"
"""In SQL: of the demo's course, not of one that a test made beside it."""

ROOT = Path(__file__).resolve().parent.parent.parent


class ExampleSite(Server):
    """The demo with its own database; `options` go into WAGTAIL_LIVE_LMS."""

    folder_prefix = "live-lms-site-"
    start_seconds = 120.0  # on a machine that is busy with other things

    def __init__(self, copy_of: ExampleSite | None = None, *, wsgi: bool = False) -> None:
        super().__init__()
        self.options: dict[str, Any] = {}
        self.is_wsgi = wsgi
        self._office: Office | None = None
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

    def run(self, function: str, **arguments: Any) -> Any:
        """Call `module:function` in another process, see `tests/browser/office.py`."""
        if self._office is None or not self._office.is_open:
            self._office = Office(self.environment())
        return self._office.run(function, arguments)

    def close(self) -> None:
        """End the site and its office, and remove its data."""
        if self._office is not None:
            self._office.close()
        super().close()

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
            "SELECT user_id, percent FROM wagtail_live_lms_enrolment"
            f" WHERE withdrawn_at IS NULL AND {OF_DEMO}"
        )
        return {f"student-{user}": str(percent) for user, percent in rows}

    def percentage(self, username: str) -> int:
        """How far a student is."""
        sql = (
            "SELECT percent FROM wagtail_live_lms_enrolment"
            f" JOIN auth_user ON auth_user.id = user_id WHERE username = ? AND {OF_DEMO}"
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
            f" WHERE completed_count BETWEEN 1 AND 6 AND username <> ? AND {OF_DEMO}"
            " ORDER BY display_name"
        )
        return [username for (username,) in self.query(sql, READER)]

    def more_students(self) -> Iterator[str]:
        """As many more as tests and their second tries take, each enrolled when asked for."""
        for number in count(1):
            yield self.run("tests.browser.make_changes:enrol_another", number=number)

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


@contextmanager
def running_copy(
    of: ExampleSite, *, wsgi: bool = False, **options: object
) -> Generator[ExampleSite]:
    """A site with the same data, for tests that stop, kill, configure or fill it."""
    copy = ExampleSite(of, wsgi=wsgi)
    copy.options = dict(options)
    try:
        copy.start()
        yield copy
    finally:
        copy.close()
