"""Prepare the demo's Jupyter: student1's token, the course's notebooks, a configuration of its own.

`python -m scripts.demo_jupyter FOLDER SITE` prints the address of Jupyter's pages.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.http import HttpResponse

STUDENT = "student1"
DISABLED = (
    "@jupyterlab/apputils-extension:announcements",
    "@jupyter/collaboration-extension",
    "@jupyter/docprovider-extension",
)


def main() -> int:
    """Running it again keeps the token and what the student wrote into the notebooks."""
    folder, site = Path(sys.argv[1]), sys.argv[2]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_site.settings.dev")
    django.setup()
    for name in ("lessons", "config/labconfig", "data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _write_once(folder / "token", _make_token)
    _write_once(folder / "key", secrets.token_urlsafe)
    for name, response in _notebooks(site):
        _write_once(folder / "lessons" / name, lambda found=response: found.content.decode())
    _configure(folder)
    print(f"?token={(folder / 'key').read_text()}")
    return 0


def _make_token() -> str:
    from django.contrib.auth import get_user_model  # noqa: PLC0415 - needs the apps

    from wagtail_live_lms.actions import create_token  # noqa: PLC0415

    student = get_user_model()._default_manager.get(username=STUDENT)
    return create_token(student, "Jupyter of the demo").text


def _notebooks(site: str) -> Iterator[tuple[str, HttpResponse]]:
    from wagtail_live_lms.models import NotebookLesson  # noqa: PLC0415
    from wagtail_live_lms.notebooks import file_name, notebook_response  # noqa: PLC0415

    for lesson in NotebookLesson.objects.exclude(module=None).select_related("module"):
        yield file_name(lesson.title, lesson.module_id), notebook_response(lesson, site)


def _write_once(path: Path, make: object) -> None:
    """Create a file for its owner only, unless it is there."""
    if path.exists():
        return
    assert callable(make)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(make())


def _configure(folder: Path) -> None:
    page = {"disabledExtensions": dict.fromkeys(DISABLED, True)}
    (folder / "config/labconfig/page_config.json").write_text(json.dumps(page))
    server = {
        "ServerApp": {"jpserver_extensions": {"jupyter_server_ydoc": False}},
        "IdentityProvider": {"token": (folder / "key").read_text()},
    }
    path = folder / "config/jupyter_server_config.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(server))


if __name__ == "__main__":
    sys.exit(main())
