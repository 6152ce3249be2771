"""Notebooks as they are found in the wild, saved and opened in a real Jupyter server.

Each gives the documented result (`README.md`, "Which notebooks count"), and never disturbs a save.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

from jupyter_extension.tests.conftest import Save
from jupyter_extension.tests.lms import Lms, cell, lesson
from jupyter_live_lms.desk import Desk, View
from jupyter_live_lms.extension import LiveLmsExtension
from jupyter_live_lms.reader import Reader

BIG = 50_000_000


@pytest.fixture
def opened(jp_root_dir: Path, desk: Desk) -> Any:
    """Puts bytes on the disk, as git or an upload would, and opens them."""

    async def opened(content: bytes, path: str = "loops.ipynb") -> View | None:
        (jp_root_dir / path).write_bytes(content)
        return await desk.look(path)

    return opened


def passed(view: View | None) -> int:
    assert view is not None
    return int(view.as_json()["passed"])


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
async def test_4_0_to_4_4_has_no_cell_ids_and_passes_nothing(
    connected: Lms, save: Save, desk: Desk, minor: int
) -> None:
    notebook = lesson(connected.url, cell("a"), cell("b")) | {"nbformat_minor": minor}
    for one in notebook["cells"]:
        del one["id"]
    await save(notebook)
    assert passed(await desk.recall("loops.ipynb")) == 0
    assert connected.reports() == []


async def test_4_5_passes(connected: Lms, save: Save, desk: Desk) -> None:
    await save(lesson(connected.url, cell("a"), cell("b")))
    assert passed(await desk.recall("loops.ipynb")) == 2


async def test_nbformat_3_passes_nothing(connected: Lms, opened: Any) -> None:
    new = nbformat.from_dict(lesson(connected.url, cell("a"), cell("b")))
    old = nbformat.convert(new, 3)
    assert passed(await opened(nbformat.writes(old, 3).encode())) == 0


async def test_4_5_with_missing_ids_passes_those_it_knows(connected: Lms, opened: Any) -> None:
    notebook = lesson(connected.url, cell("a"), cell("b"))
    del notebook["cells"][1]["id"]
    assert passed(await opened(json.dumps(notebook).encode())) == 1


async def test_first_of_duplicated_ids_counts(connected: Lms, opened: Any) -> None:
    notebook = lesson(connected.url, cell("a"), cell("b", count=None), cell("b"))
    assert passed(await opened(json.dumps(notebook).encode())) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b'{"metadata": {"live_lms": ',
        b'"live_lms"',
        '{"metadata": {"live_lms": "é"}}'.encode("latin-1"),
        b"\xff\xfe" + '{"live_lms": 1}'.encode("utf-16-le"),
        b"[" * 200_000 + b'"live_lms"',
        b'<<<<<<< HEAD\n{"live_lms"}\n=======\n>>>>>>> theirs\n',
    ],
    ids=["empty", "zeros", "cut", "text", "latin-1", "utf-16", "deep", "merge-conflict"],
)
async def test_broken_file_is_no_lesson(connected: Lms, opened: Any, content: bytes) -> None:
    assert await opened(content) is None
    assert connected.reports() == []


@pytest.mark.parametrize(
    "content", ["", '{"metadata": {"live_lms": ', '"live_lms"', "[" * 200_000 + '"live_lms"']
)
async def test_saving_a_broken_file_succeeds_and_the_next_lesson_counts(
    connected: Lms, extension: LiveLmsExtension, save: Save, desk: Desk,
    jp_fetch: Any, jp_serverapp: Any, content: str,
) -> None:  # fmt: skip
    body = json.dumps({"type": "file", "format": "text", "content": content})
    answer = await jp_fetch("api", "contents", "loops.ipynb", method="PUT", body=body)
    assert answer.code == 201
    await jp_serverapp.event_logger.gather_listeners()
    assert extension.watcher is not None
    await extension.watcher.settle()
    assert await desk.look("loops.ipynb") is None
    await save(lesson(connected.url, cell("a"), cell("b")))
    assert passed(await desk.look("loops.ipynb")) == 2


async def test_byte_order_mark_is_no_lesson_as_for_jupyter(connected: Lms, opened: Any) -> None:
    text = json.dumps(lesson(connected.url, cell("a")))
    assert await opened(b"\xef\xbb\xbf" + text.encode()) is None


async def test_missing_file_folder_and_broken_link_are_no_lesson(
    connected: Lms, desk: Desk, jp_root_dir: Path
) -> None:
    (jp_root_dir / "folder.ipynb").mkdir()
    (jp_root_dir / "link.ipynb").symlink_to(jp_root_dir / "nowhere.ipynb")
    (jp_root_dir / "loop.ipynb").symlink_to(jp_root_dir / "loop.ipynb")
    for path in (
        "gone.ipynb",
        "folder.ipynb",
        "link.ipynb",
        "loop.ipynb",
        "../../etc/x.ipynb",
        "\0.ipynb",
    ):
        assert await desk.look(path) is None


async def test_symlink_counts_as_what_it_points_to(
    connected: Lms, desk: Desk, jp_root_dir: Path
) -> None:
    (jp_root_dir / "real.json").write_text(json.dumps(lesson(connected.url, cell("a"))))
    (jp_root_dir / "link.ipynb").symlink_to(jp_root_dir / "real.json")
    assert passed(await desk.look("link.ipynb")) == 1


async def test_fifty_megabytes_count_like_any_other(connected: Lms, opened: Any) -> None:
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * BIG}}
    notebook = lesson(connected.url, cell("a", outputs=[picture]), cell("b"))
    assert passed(await opened(json.dumps(notebook).encode())) == 2


async def test_renamed_notebook_stays_the_same_lesson(
    connected: Lms, save: Save, desk: Desk, jp_fetch: Any, jp_serverapp: Any
) -> None:
    await save(lesson(connected.url, cell("a"), cell("b", count=None)))
    body = json.dumps({"path": "renamed.ipynb"})
    await jp_fetch("api", "contents", "loops.ipynb", method="PATCH", body=body)
    await jp_serverapp.event_logger.gather_listeners()
    assert "renamed.ipynb" in desk._evaluations
    assert "loops.ipynb" not in desk._evaluations
    await save(lesson(connected.url, cell("a"), cell("b")), "renamed.ipynb")
    await asyncio.to_thread(connected.wait_for, lambda: connected.completions == [7])


async def test_copy_is_the_same_lesson_and_completes_it_once(
    connected: Lms, save: Save, jp_fetch: Any, jp_serverapp: Any, extension: LiveLmsExtension
) -> None:
    await save(lesson(connected.url, cell("a"), cell("b")))
    await asyncio.to_thread(connected.wait_for, lambda: connected.completions == [7])
    body = json.dumps({"copy_from": "loops.ipynb"})
    await jp_fetch("api", "contents", "/", method="POST", body=body)
    await jp_serverapp.event_logger.gather_listeners()
    assert extension.watcher is not None
    await extension.watcher.settle()
    assert len(connected.reports()) == 1


async def test_file_that_vanishes_between_save_and_evaluation_is_no_lesson(
    connected: Lms, save: Save, desk: Desk, jp_root_dir: Path
) -> None:
    await save(lesson(connected.url, cell("a"), cell("b")))
    (jp_root_dir / "loops.ipynb").unlink()
    assert await desk.look("loops.ipynb") is None


async def test_forged_event_does_no_harm(connected: Lms, jp_fetch: Any, jp_serverapp: Any) -> None:
    schema = "https://events.jupyter.org/jupyter_server/contents_service/v1"
    for path in ("gone.ipynb", "", "../../secret.ipynb", "a" * 5000 + ".ipynb"):
        data = {"action": "save", "path": path}
        body = {"schema_id": schema, "data": data, "version": "1"}
        answer = await jp_fetch("api", "events", method="POST", body=json.dumps(body))
        assert answer.code == 204
    await jp_serverapp.event_logger.gather_listeners()
    assert connected.reports() == []


async def test_many_saves_at_once_cost_one_more_evaluation(
    connected: Lms, extension: LiveLmsExtension, jp_serverapp: Any
) -> None:
    looked, begun, go_on = [], asyncio.Event(), asyncio.Event()

    async def look(path: str) -> None:
        looked.append(path)
        begun.set()
        await go_on.wait()

    watcher = extension.watcher
    assert watcher is not None
    watcher._on_save = look
    event = {"action": "save", "path": "loops.ipynb"}
    schema = "https://events.jupyter.org/jupyter_server/contents_service/v1"
    jp_serverapp.event_logger.emit(schema_id=schema, data=event)
    await begun.wait()
    for _ in range(50):
        jp_serverapp.event_logger.emit(schema_id=schema, data=event)
    await jp_serverapp.event_logger.gather_listeners()
    go_on.set()
    await watcher.settle()
    assert looked == ["loops.ipynb", "loops.ipynb"]


async def test_evaluation_that_fails_leaves_the_save_alone(
    connected: Lms, save: Save, extension: LiveLmsExtension, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_down(path: str) -> None:
        raise RuntimeError("out of order")

    assert extension.watcher is not None
    extension.watcher._on_save = break_down
    await save(lesson(connected.url, cell("a")))
    assert "could not evaluate loops.ipynb" in caplog.text


class OwnManager(AsyncLargeFileManager):
    """A manager with a `get` of its own, as encrypted or remote storage has; `refuses` text."""

    refuses = False

    async def get(self, path: str, *arguments: Any, **options: Any) -> Any:
        if self.refuses and options.get("type") == "file":
            raise HTTPError(400, "not a file")
        return await super().get(path, *arguments, **options)


@pytest.mark.parametrize("refuses", [False, True], ids=["text", "notebook"])
async def test_manager_with_its_own_storage_is_asked_for_the_content(
    tmp_path: Path, refuses: bool
) -> None:
    manager = OwnManager(root_dir=str(tmp_path))
    manager.refuses = refuses
    (tmp_path / "x.ipynb").write_text(json.dumps(lesson("https://x.test", cell("a"), cell("b"))))
    evaluation = await Reader(manager).evaluate("x.ipynb")
    assert evaluation is not None
    assert evaluation.is_complete
    assert await Reader(manager).evaluate("gone.ipynb") is None
