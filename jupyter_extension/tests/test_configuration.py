from pathlib import Path

import pytest

from jupyter_live_lms.configuration import describe_address, describe_token


@pytest.mark.parametrize(
    "address",
    ["https://courses.example.org", "http://localhost:8000", "http://127.0.0.1:8000/site/"],
)
def test_address_is_usable_over_https_or_on_this_machine(address: str) -> None:
    assert describe_address({"LIVE_LMS_URL": address}).is_usable


@pytest.mark.parametrize(
    "address",
    [
        "",
        "   ",
        "courses.example.org",
        "ftp://example.org",
        "http://example.org",
        "http://[",
        "https://",
    ],
)
def test_address_is_refused_when_a_token_could_not_travel_safely(address: str) -> None:
    assert not describe_address({"LIVE_LMS_URL": address}).is_usable


def test_address_with_a_password_is_refused_without_repeating_it() -> None:
    finding = describe_address({"LIVE_LMS_URL": "https://ada:hunter2@example.org"})
    assert not finding.is_usable
    assert "hunter2" not in finding.text


def test_token_source_is_named_but_never_its_value(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret-value\n")
    from_file = describe_token({"LIVE_LMS_TOKEN_FILE": str(secret), "LIVE_LMS_TOKEN": "other"})
    from_variable = describe_token({"LIVE_LMS_TOKEN": "s3cret-value"})
    assert from_file.is_usable
    assert from_variable.is_usable
    assert str(secret) in from_file.text
    assert "LIVE_LMS_TOKEN" in from_variable.text
    assert "s3cret" not in from_file.text + from_variable.text


@pytest.mark.parametrize("content", [None, b"", b" \n", b"\xff\xfe\xfd"])
def test_unreadable_token_file_is_said_to_be_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    assert not describe_token({"LIVE_LMS_TOKEN_FILE": str(path)}).is_usable


def test_nothing_set_is_said_to_be_so() -> None:
    assert "not set" in describe_address({}).text
    assert "not set" in describe_token({}).text
