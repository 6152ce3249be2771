"""Saves through a real Jupyter server, with and without the extension, in turn."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from jupyter_extension.tests.lms import TOKEN, Lms

from .notebooks import large_lesson, small_lesson

ROOT = Path(__file__).resolve().parent.parent.parent
PAUSE_SECONDS = 0.5
"""Between two saves: an evaluation under way is not measured as part of the next save."""


@contextlib.contextmanager
def server(
    folder: Path, site: str, *, is_enabled: bool, token: str = TOKEN, moments: Path | None = None
) -> Iterator[httpx.Client]:
    """A Jupyter server on a free port and a client of it; `moments` is the file of the probes."""
    (folder / "config").mkdir()
    extensions = {"jupyter_live_lms": is_enabled, "jupyter_server_ydoc": False}
    configuration = {"ServerApp": {"jpserver_extensions": extensions}}
    (folder / "config" / "jupyter_server_config.json").write_text(json.dumps(configuration))
    environment = {
        **os.environ, "HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"), "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "LIVE_LMS_URL": site, "LIVE_LMS_TOKEN": token,
    }  # fmt: skip
    probed = ["jupyter_extension.benchmarks.probes", "jupyter", str(moments)]
    command = [
        sys.executable, "-m", *(probed if moments else ["jupyter_server"]), "--no-browser",
        "--allow-root", "--ip=127.0.0.1", "--port=0", f"--ServerApp.root_dir={folder}",
        "--IdentityProvider.token=benchmark",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log)
    try:
        address = _address(folder / "runtime", process)
        headers = {"Authorization": "token benchmark"}
        with httpx.Client(base_url=address, headers=headers, timeout=60, trust_env=False) as client:
            yield client
    finally:
        process.terminate()
        process.wait()


def _address(runtime: Path, process: subprocess.Popen[bytes]) -> str:
    while process.poll() is None:
        for path in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError, httpx.TransportError):
                address = str(json.loads(path.read_text())["url"])
                httpx.get(f"{address}api", trust_env=False).raise_for_status()
                return address
        time.sleep(0.05)
    raise RuntimeError("the Jupyter server did not start")


def measure(repetitions: int) -> dict[str, dict[str, list[float]]]:
    """Milliseconds of each save by size, with and without the extension."""
    with contextlib.ExitStack() as stack:
        lms = stack.enter_context(Lms().running())
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2)]
        without = stack.enter_context(server(folders[0], lms.url, is_enabled=False))
        ours = stack.enter_context(server(folders[1], lms.url, is_enabled=True))
        sizes = {
            "10 MB": large_lesson(lms.url, "pictures"),
            "a few kB": small_lesson(lms.url),
        }
        found = {size: _pairs(ours, without, sizes[size], repetitions) for size in sizes}
        assert lms.reports(), "the extension was not at work"
        return found


def _pairs(
    ours: httpx.Client, without: httpx.Client, notebook: dict[str, Any], repetitions: int
) -> dict[str, list[float]]:
    body = json.dumps({"type": "notebook", "format": "json", "content": notebook})
    found: dict[str, list[float]] = {"ours": [], "without": []}
    for number in range(repetitions + 1):
        pair = [("ours", ours), ("without", without)]
        for name, client in pair if number % 2 else reversed(pair):
            started = time.perf_counter()
            client.put("api/contents/lesson.ipynb", content=body).raise_for_status()
            took = (time.perf_counter() - started) * 1000
            found[name] += [took] if number else []  # the first is a warm-up
            time.sleep(PAUSE_SECONDS)
    return found
