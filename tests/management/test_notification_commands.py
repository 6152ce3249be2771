"""`create_web_push_keys` and `deliver_notifications`."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from wagtail_live_lms.actions.delivery import keys


def create(**options: object) -> str:
    printed = io.StringIO()
    call_command(
        "create_web_push_keys", stdout=printed, stderr=io.StringIO(), no_color=True, **options
    )
    return printed.getvalue()


def test_the_settings_are_printed_ready_to_use() -> None:
    found: dict[str, dict[str, str]] = {}
    exec(create(), found)
    options = found["WAGTAIL_LIVE_LMS"]
    assert keys.is_private_key(options["WEB_PUSH_PRIVATE_KEY"])
    assert options["WEB_PUSH_CONTACT"].startswith("mailto:")


def test_every_key_is_new() -> None:
    assert create() != create()


def test_the_key_goes_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "push.key"
    printed = create(file=path)
    assert keys.is_private_key(path.read_text())
    assert path.read_text() not in printed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found: dict[str, dict[str, str]] = {}
    exec(printed, found | {"Path": Path}, found)
    assert found["WAGTAIL_LIVE_LMS"]["WEB_PUSH_PRIVATE_KEY"] == path.read_text()


def test_a_key_in_use_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "push.key"
    path.write_text("in use")
    with pytest.raises(CommandError, match="exists"):
        create(file=path)
    assert path.read_text() == "in use"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        create(file=tmp_path / "nowhere" / "push.key")


def test_without_the_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "pywebpush", None)
    with pytest.raises(CommandError, match="push"):
        create()


@pytest.mark.django_db
def test_deliveries_are_made_and_counted() -> None:
    printed = io.StringIO()
    call_command("deliver_notifications", stdout=printed, no_color=True)
    assert "Pushes: 0. Mails: 0." in printed.getvalue()
