import pytest

from jupyter_live_lms.cli import main


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIVE_LMS_URL", "LIVE_LMS_TOKEN", "LIVE_LMS_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_status_fails_when_nothing_is_configured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 1
    assert capsys.readouterr().out.count("not set") == 2


def test_status_succeeds_and_keeps_the_secret_when_configured(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVE_LMS_URL", "https://courses.example.org")
    monkeypatch.setenv("LIVE_LMS_TOKEN", "s3cret-value")
    assert main(["status"]) == 0
    printed = capsys.readouterr().out
    assert "https://courses.example.org" in printed
    assert "s3cret-value" not in printed


def test_status_claims_no_reporting(capsys: pytest.CaptureFixture[str]) -> None:
    main(["status"])
    assert "nothing is sent" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["connect"], ["finish"]])
def test_commands_that_do_not_exist_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(arguments)
    assert refusal.value.code == 2
