"""The command `jupyter live-lms`, against a real course site and a real disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_extension.tests.lms import ERROR, TOKEN, Lms, Reply, cell, lesson, problem
from jupyter_live_lms import pairing
from jupyter_live_lms.cli import main
from jupyter_live_lms.configuration import data_folder
from jupyter_live_lms.credentials import Connection, load_connection, store_connection
from jupyter_live_lms.outbox import Outbox, make_report

NEW_TOKEN = Reply(200, {"token": "livelms_new", "expires_at": None, "name": "Jupyter"})


@pytest.fixture
def notebook(tmp_path: Path, lms: Lms) -> Any:
    """Writes a lesson to a file and gives its name."""

    def notebook(*cells: dict[str, Any]) -> str:
        path = tmp_path / "loops.ipynb"
        path.write_text(json.dumps(lesson(lms.url, *cells)))
        return str(path)

    return notebook


class TestStatus:
    def test_fails_when_nothing_is_configured(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["status"]) == 1
        assert capsys.readouterr().out.count("not set") == 2

    def test_succeeds_and_keeps_the_secret_when_configured(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LIVE_LMS_URL", "https://courses.example.org")
        monkeypatch.setenv("LIVE_LMS_TOKEN", "s3cret-value")
        assert main(["status"]) == 0
        printed = capsys.readouterr().out
        assert "https://courses.example.org" in printed
        assert "s3cret-value" not in printed

    def test_tells_what_is_queued_and_why_something_was_refused(
        self, capsys: pytest.CaptureFixture[str], outbox: Outbox
    ) -> None:
        site = "https://courses.example.org"
        for module in (7, 8):
            outbox.add(
                make_report(
                    site=site, module=module, title="Loops", passed=("a",), required=2,
                    digest=None, mode="saved",
                )
            )  # fmt: skip
        outbox.refuse(
            outbox.pending()[0], status=409, code="not_enrolled", detail="You are not enrolled."
        )
        main(["status"])
        printed = capsys.readouterr().out
        assert "Queued:      1 report not recorded yet" in printed
        assert "Refused:     1 report" in printed
        assert "1 of 2: You are not enrolled. [409 not_enrolled]" in printed

    def test_names_a_damaged_file(self, capsys: pytest.CaptureFixture[str], outbox: Outbox) -> None:
        outbox.waiting.mkdir(parents=True)
        (outbox.waiting / "x.json").write_text("{")
        main(["status"])
        assert "x.json: the file is not a report" in capsys.readouterr().out


class TestConnect:
    def test_stores_the_token_for_its_owner_only(
        self, lms: Lms, capsys: pytest.CaptureFixture[str]
    ) -> None:
        lms.pairing.append(NEW_TOKEN)
        assert main(["connect", lms.url + "/"]) == 0
        printed = capsys.readouterr().out
        assert "BCDF-GHJK" in printed
        assert f"{lms.url}/live-lms/jupyter/connect/" in printed
        assert "livelms_new" not in printed
        stored = load_connection()
        assert stored is not None
        assert (stored.site, stored.token) == (lms.url, "livelms_new")
        assert (data_folder() / "connection.json").stat().st_mode & 0o777 == 0o600
        assert "livelms_new" not in repr(stored)
        assert main(["status"]) == 0

    def test_waits_longer_when_asked_to(self, lms: Lms, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pairing, "SLOWER_SECONDS", 0.01)
        lms.pairing = [problem(400, "slow_down"), problem(503, "busy", Retry_After="0"), NEW_TOKEN]
        lms.pairing[1].headers["Retry-After"] = "0"
        assert main(["connect", lms.url]) == 0

    @pytest.mark.parametrize(
        ("code", "said"), [("expired_token", "expired"), ("access_denied", "refused")]
    )
    def test_says_why_it_failed(
        self, lms: Lms, capsys: pytest.CaptureFixture[str], code: str, said: str
    ) -> None:
        lms.pairing = [problem(400, code)]
        assert main(["connect", lms.url]) == 1
        assert said in capsys.readouterr().err
        assert load_connection() is None

    @pytest.mark.parametrize("site", ["http://example.org", "courses", "http://127.0.0.1:1"])
    def test_refuses_what_it_cannot_reach_safely(
        self, site: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["connect", site]) == 1
        assert capsys.readouterr().err

    def test_says_when_the_environment_overrules_it(
        self, lms: Lms, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("LIVE_LMS_TOKEN", TOKEN)
        lms.pairing = [NEW_TOKEN]
        assert main(["connect", lms.url]) == 0
        assert "LIVE_LMS_TOKEN is set, and is used instead" in capsys.readouterr().out


class TestFinish:
    def test_records_a_finished_lesson(
        self, connected: Lms, notebook: Any, capsys: pytest.CaptureFixture[str], outbox: Outbox
    ) -> None:
        assert main(["finish", notebook(cell("a"), cell("b"))]) == 0
        assert connected.reports()[0].body["evidence"]["mode"] == "finish"
        assert "Recorded: completed at 2026-01-01T10:00:00Z" in capsys.readouterr().out
        assert outbox.pending() == []

    def test_records_one_that_waits_for_those_before_it(
        self, connected: Lms, notebook: Any, capsys: pytest.CaptureFixture[str], outbox: Outbox
    ) -> None:
        connected.is_waiting = True
        assert main(["finish", notebook(cell("a"), cell("b"))]) == 0
        assert "once you finish the lessons before it" in capsys.readouterr().out
        assert outbox.pending() == []

    def test_names_what_is_left(
        self, connected: Lms, notebook: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        failing = cell("b", "x", outputs=[ERROR])
        assert main(["finish", notebook(cell("a"), failing)]) == 1
        printed = capsys.readouterr().out
        assert "1 of 2 cells passed" in printed
        assert "“x” ended with an error" in printed

    def test_reports_nothing_when_nothing_was_run(self, connected: Lms, notebook: Any) -> None:
        assert main(["finish", notebook(cell("a", count=None))]) == 1
        assert connected.requests == []

    @pytest.mark.parametrize("trouble", [problem(503, "busy"), problem(401, "token_expired")])
    def test_says_queued_while_the_site_has_not_answered(
        self, connected: Lms, notebook: Any, outbox: Outbox, trouble: Reply,
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        connected.always = lambda request: trouble
        assert main(["finish", notebook(cell("a"), cell("b"))]) == 3
        assert "not recorded yet" in capsys.readouterr().out
        assert len(outbox.pending()) == 1

    def test_leaves_it_to_the_jupyter_server_without_a_token(
        self, lms: Lms, notebook: Any, outbox: Outbox, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """As in a terminal of Jupyter, whose environment holds no token."""
        assert main(["finish", notebook(cell("a"), cell("b"))]) == 3
        assert f"jupyter live-lms connect {lms.url}" in capsys.readouterr().out
        assert len(outbox.pending()) == 1

    def test_explains_a_refusal(
        self, connected: Lms, notebook: Any, outbox: Outbox, capsys: pytest.CaptureFixture[str]
    ) -> None:
        connected.scripted = [problem(409, "not_enrolled", "You are not enrolled.")]
        assert main(["finish", notebook(cell("a"), cell("b"))]) == 1
        assert "You are not enrolled." in capsys.readouterr().err
        assert [failure.code for failure in outbox.failures()] == ["not_enrolled"]

    @pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b'{"live_lms"'])
    def test_refuses_what_is_no_lesson(self, tmp_path: Path, content: bytes | None) -> None:
        path = tmp_path / "x.ipynb"
        if content is not None:
            path.write_bytes(content)
        assert main(["finish", str(path)]) == 1

    def test_refuses_a_lesson_it_does_not_understand(self, tmp_path: Path) -> None:
        path = tmp_path / "x.ipynb"
        path.write_text(json.dumps(lesson("https://courses.example.org", schema=99)))
        assert main(["finish", str(path)]) == 1


@pytest.mark.parametrize("arguments", [[], ["connect"], ["finish"], ["report"]])
def test_commands_that_do_not_exist_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main(arguments)
    assert refusal.value.code == 2


def test_stored_token_is_of_its_site_only(monkeypatch: pytest.MonkeyPatch) -> None:
    store_connection(Connection("https://courses.example.org", TOKEN, "Jupyter"))
    assert main(["status"]) == 0
    monkeypatch.setitem(os.environ, "LIVE_LMS_URL", "https://other.example.org")
    assert main(["status"]) == 1
