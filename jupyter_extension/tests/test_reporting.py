"""From a save in a real Jupyter server to the course site's record."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from jupyter_extension.tests.conftest import Save
from jupyter_extension.tests.lms import ERROR, TOKEN, Lms, cell, lesson, problem
from jupyter_live_lms.desk import Desk
from jupyter_live_lms.outbox import Outbox


async def until(lms: Lms, condition: Any) -> None:
    await asyncio.to_thread(lms.wait_for, condition)


async def stand(jp_fetch: Any, path: str = "loops.ipynb", **params: str) -> Any:
    answer = await jp_fetch("jupyter_live_lms", "lesson", params={"path": path, **params})
    return json.loads(answer.body)["lesson"]


async def test_saved_lesson_is_recorded_as_completed(connected: Lms, save: Save) -> None:
    await save(lesson(connected.url, cell("a"), cell("b")))
    await until(connected, lambda: connected.completions == [7])
    (report,) = connected.reports()
    assert report.body["passed"] == ["a", "b"]
    assert report.body["digest"] == "sha256:0"
    assert report.body["evidence"]["mode"] == "saved"
    assert report.headers["authorization"] == f"Bearer {TOKEN}"
    assert set(report.body) == {"passed", "digest", "evidence"}


async def test_progress_is_reported_only_when_more_cells_passed(connected: Lms, save: Save) -> None:
    failing = cell("b", outputs=[ERROR])
    for notebook in ([cell("a"), failing], [cell("a"), failing], [cell("a", count=None), failing]):
        await save(lesson(connected.url, *notebook))
    await until(connected, connected.reports)
    await save(lesson(connected.url, cell("a", count=None), cell("b")))
    await until(connected, lambda: connected.completions == [7])
    assert [report.body["passed"] for report in connected.reports()] == [["a"], ["a", "b"]]


async def test_nothing_leaves_for_other_notebooks(connected: Lms, save: Save) -> None:
    notebook = lesson(connected.url, cell("a"), cell("b"))
    notebook["metadata"] = {}
    await save(notebook)
    assert connected.requests == []


async def test_page_learns_how_the_lesson_stands(connected: Lms, save: Save, jp_fetch: Any) -> None:
    await save(lesson(connected.url, cell("a"), cell("b", count=None)))
    await until(connected, connected.reports)
    view = await stand(jp_fetch)
    assert (view["passed"], view["required"]) == (1, 2)
    assert view["remaining"] == [{"id": "b", "label": "1 + 1", "reason": "not_run"}]
    assert TOKEN not in json.dumps(view)


async def test_queued_is_never_shown_as_recorded(
    connected: Lms, save: Save, jp_fetch: Any, outbox: Outbox
) -> None:
    connected.always = lambda request: problem(503, "unavailable", Retry_After="600")
    await save(lesson(connected.url, cell("a"), cell("b")))
    await until(connected, connected.reports)
    view = await stand(jp_fetch)
    assert view["state"] == "queued"
    assert "not recorded yet" in view["message"]
    assert len(outbox.pending()) == 1


async def test_finish_waits_for_the_record(connected: Lms, save: Save, jp_fetch: Any) -> None:
    await save(lesson(connected.url, cell("a"), cell("b")))
    body = json.dumps({"path": "loops.ipynb"})
    answer = await jp_fetch("jupyter_live_lms", "finish", method="POST", body=body)
    assert json.loads(answer.body)["lesson"]["state"] == "completed"
    assert connected.completions == [7]


async def test_open_lesson_is_judged_without_a_save(
    connected: Lms, desk: Desk, jp_fetch: Any, jp_root_dir: Any
) -> None:
    text = json.dumps(lesson(connected.url, cell("a"), cell("b")))
    (jp_root_dir / "loops.ipynb").write_text(text)
    await stand(jp_fetch, fresh="1")
    await until(connected, lambda: connected.completions == [7])
