"""The strict mode with a real kernel: only code that was seen to run counts."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient

from jupyter_extension.tests.conftest import Save
from jupyter_extension.tests.lms import ERROR, Lms, cell, lesson
from jupyter_live_lms.desk import Desk
from jupyter_live_lms.extension import LiveLmsExtension
from jupyter_live_lms.ledger import Kernel, Ledger
from jupyter_live_lms.lesson import digest_of


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVE_LMS_STRICT", "1")


@pytest.fixture
def run(jp_fetch: Any, jp_serverapp: Any, extension: LiveLmsExtension, jp_asyncio_loop: Any) -> Any:
    """Runs code in the kernel of `loops.ipynb`, as its page would."""
    clients: list[AsyncKernelClient] = []

    async def run(code: str) -> None:
        if not clients:
            clients.append(await open_session())
        clients[0].execute(code)
        await asyncio.wait_for(heard(digest_of(code)), 30)

    async def open_session() -> AsyncKernelClient:
        body = {"path": "loops.ipynb", "type": "notebook", "kernel": {"name": "python3"}}
        answer = await jp_fetch(
            "api", "sessions", method="POST",
            body=json.dumps({"name": "", **body}), request_timeout=60,
        )  # fmt: skip
        await jp_serverapp.event_logger.gather_listeners()
        kernel = jp_serverapp.kernel_manager.get_kernel(json.loads(answer.body)["kernel"]["id"])
        client = AsyncKernelClient(**kernel.get_connection_info(session=True))
        client.start_channels()
        await client.wait_for_ready(timeout=30)
        return client

    async def heard(digest: str) -> None:
        ledger = extension.ledger
        assert ledger is not None
        while not any(digest in kernel.results for kernel in ledger._kernels.values()):
            await asyncio.sleep(0.01)

    yield run
    for client in clients:
        client.stop_channels()
    jp_asyncio_loop.run_until_complete(jp_serverapp.kernel_manager.shutdown_all())


@pytest.mark.timeout(120)
async def test_file_counts_only_where_the_kernel_agrees(
    connected: Lms, run: Any, save: Save, desk: Desk, extension: LiveLmsExtension
) -> None:
    await save(lesson(connected.url, cell("a", "x = 1"), cell("b", "x + 1")))
    assert desk._evaluations["loops.ipynb"].passed == ()  # the file says so, no kernel does

    await run("x = 1")
    await run("1 / 0")
    cells = cell("a", "x = 1"), cell("b", "1 / 0", outputs=[])  # the error was cut out by hand
    await save(lesson(connected.url, *cells))
    assert desk._evaluations["loops.ipynb"].passed == ("a",)

    await run("x + 1")
    await save(lesson(connected.url, cell("a", "x = 1 # edited"), cell("b", "x + 1")))
    assert desk._evaluations["loops.ipynb"].passed == ("b",)  # edited and not run again

    await asyncio.to_thread(connected.wait_for, lambda: connected.completions == [7])
    assert {report.body["evidence"]["mode"] for report in connected.reports()} == {"strict"}
    assert extension.ledger is not None
    extension.ledger.move("loops.ipynb", "renamed.ipynb")
    assert digest_of("x + 1") in await extension.ledger.ran("renamed.ipynb")


class TestKernel:
    """Messages of a kernel, as the ledger understands them."""

    def run(self, kernel: Kernel, code: str, *, fails: bool = False) -> None:
        kernel.hear("execute_input", "1", {"code": code})
        if fails:
            kernel.hear("error", "1", ERROR)
        kernel.hear("status", "1", {"execution_state": "idle"})

    def test_last_run_counts(self) -> None:
        kernel = Kernel()
        for fails in (False, True, False):
            self.run(kernel, "x", fails=fails)
            assert kernel.results == {digest_of("x"): not fails}

    def test_run_under_way_does_not_count(self) -> None:
        kernel = Kernel()
        kernel.hear("execute_input", "1", {"code": "x"})
        kernel.hear("status", "1", {"execution_state": "busy"})
        assert kernel.results == {}

    def test_messages_about_unknown_runs_do_nothing(self) -> None:
        kernel = Kernel()
        kernel.hear("error", "9", {})
        kernel.hear("status", "9", {"execution_state": "idle"})
        assert kernel.results == {}


async def test_gateway_kernel_counts_nothing_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    class Gateway(dict[str, object]):
        def get_kernel(self, kernel_id: str) -> object:
            return self[kernel_id]

    async def no_sessions() -> list[dict[str, Any]]:
        return []

    ledger = Ledger(Gateway(one=object()), no_sessions, logging.getLogger())
    await ledger._listen(None, "", {"action": "start", "kernel_id": "one"})  # type: ignore[arg-type]
    assert "gateway" in caplog.text
    assert dict(await ledger.ran("loops.ipynb")) == {}
