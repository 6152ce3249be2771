"""`manage.py create_web_push_keys`: makes the key with which the site pushes to browsers."""

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtail_live_lms.actions.delivery import keys

SNIPPET = """WAGTAIL_LIVE_LMS = {{
    "WEB_PUSH_PRIVATE_KEY": {value},
    "WEB_PUSH_CONTACT": "mailto:you@example.org",
}}"""


class Command(BaseCommand):
    help = (
        "Makes a key for pushing to browsers and prints the settings that use it. Keep the key: "
        "browsers that were allowed with it are lost with it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--file",
            type=Path,
            help="Write the key to this file, readable by its owner alone, instead of printing it.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not keys.are_installed():
            raise CommandError("Install the packages first: pip install wagtail-live-lms[push]")
        key, path = keys.make_private_key(), options["file"]
        value = f'"{key}"'
        if path is not None:
            _write(path, key)
            value = f'Path("{path}").read_text()'
            self.stderr.write(self.style.SUCCESS(f"The key is in {path}."))
        self.stdout.write(SNIPPET.format(value=value))


def _write(path: Path, key: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandError(f"{path} exists. A key that is in use must not be lost.") from None
    except OSError as error:
        raise CommandError(f"The key cannot be written: {error}") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(key)
