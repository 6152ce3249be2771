"""Which site and token are used, and where the token must not appear."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_extension.tests.lms import TOKEN
from jupyter_live_lms.configuration import is_loopback, is_same_site
from jupyter_live_lms.credentials import (
    Connection,
    Credentials,
    Source,
    is_strict,
    load_connection,
    store_connection,
)

SITE = "https://courses.example.org"


def test_token_is_taken_out_of_the_environment_kernels_inherit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIVE_LMS_URL", SITE)
    monkeypatch.setenv("LIVE_LMS_TOKEN", TOKEN)
    source = Source.from_environment(is_inherited=True)
    assert "LIVE_LMS_TOKEN" not in os.environ
    assert source.read() == Credentials(SITE, TOKEN)


def test_configuration_wins_over_environment_over_stored(tmp_path: Path) -> None:
    store_connection(Connection(SITE, "stored", "Jupyter"))
    for name in ("configured", "environment"):
        (tmp_path / name).write_text(name)
    environment = {"LIVE_LMS_URL": SITE}
    assert token(environment) == "stored"
    environment["LIVE_LMS_TOKEN"] = "variable"
    assert token(environment) == "variable"
    environment["LIVE_LMS_TOKEN_FILE"] = str(tmp_path / "environment")
    assert token(environment) == "environment"
    assert token(environment, token_file=str(tmp_path / "configured")) == "configured"


def token(environment: dict[str, str], **options: str) -> str | None:
    found = Source.from_environment(environment, **options).read()  # type: ignore[arg-type]
    return found.token if found else None


def test_renewed_file_is_used_at_once(tmp_path: Path) -> None:
    path = tmp_path / "token"
    source = Source(url=SITE, token_file=str(path))
    assert source.read() is None
    for text in ("one", "two"):
        path.write_text(text + "\n")
        found = source.read()
        assert found is not None
        assert found.token == text


@pytest.mark.parametrize("content", ["", "two words", "zwölf", "a\nb", "\x00"])
def test_file_that_holds_no_token_is_not_sent(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content)
    assert Source(url=SITE, token_file=str(tmp_path / "token")).read() is None


def test_no_token_travels_by_plain_http() -> None:
    assert Source(url="http://courses.example.org", token=TOKEN).read() is None
    assert Source(url="http://localhost:8000", token=TOKEN).read() is not None


def test_secret_shows_in_no_text() -> None:
    assert TOKEN not in repr(Credentials(SITE, TOKEN))
    assert TOKEN not in repr(Connection(SITE, TOKEN))


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"site": "x"}'])
def test_damaged_connection_is_none(content: str) -> None:
    path = store_connection(Connection(SITE, TOKEN))
    path.write_text(content)
    assert load_connection() is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://courses.example.org", "https://Courses.example.org:443/", True),
        ("http://localhost:8000", "http://127.0.0.1:8000/", True),
        ("http://localhost:8000", "http://localhost:8001", False),
        ("https://courses.example.org", "http://courses.example.org", False),
        ("https://courses.example.org", "https://example.org", False),
        ("http://[", "http://[", True),
        ("http://[", "https://courses.example.org", False),
    ],
)
def test_same_site_is_the_same_host_and_port(one: str, other: str, same: bool) -> None:
    assert is_same_site(one, other) is same


def test_alias_makes_a_lesson_ours() -> None:
    source = Source.from_environment(
        {"LIVE_LMS_SITE_ALIASES": f"{SITE}, https://b.example.org"}, aliases=("https://a.test",)
    )
    for known in (SITE, "https://a.test", "https://b.example.org", "http://lms.internal"):
        assert source.belongs(known, "http://lms.internal")
    assert not source.belongs("https://c.example.org", "http://lms.internal")


def test_only_this_machine_is_loopback() -> None:
    assert is_loopback("http://[::1]:8000")
    assert not is_loopback(SITE)


@pytest.mark.parametrize(
    ("value", "strict"), [("1", True), ("yes", True), ("0", False), ("", False)]
)
def test_strict_mode_is_asked_for_by_the_environment(value: str, strict: bool) -> None:
    assert is_strict({"LIVE_LMS_STRICT": value}) is strict
