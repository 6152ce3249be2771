"""The extension in a real Jupyter server process."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

STARTED = "is running at"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def jupyter_home(tmp_path: Path) -> dict[str, str]:
    """An environment whose Jupyter reads no configuration but ours and writes nowhere else."""
    folder = tmp_path / "config"
    (folder / "jupyter_server_config.d").mkdir(parents=True)
    shipped = Path(__file__).parent.parent / "jupyter-config" / "jupyter_live_lms.json"
    (folder / "jupyter_server_config.d" / shipped.name).write_text(shipped.read_text())
    return {
        **os.environ,
        "HOME": str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "LIVE_LMS_URL": "https://courses.example.org",
        "LIVE_LMS_TOKEN": "s3cret-value",
    }


@pytest.fixture
def server_log(jupyter_home: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """What a Jupyter server logs until it runs; a failing extension stops it."""
    command = [
        sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={free_port()}", f"--ServerApp.root_dir={tmp_path}",
        "--ServerApp.reraise_server_extension_failures=True",
    ]  # fmt: skip
    server = subprocess.Popen(
        command, env=jupyter_home, cwd=tmp_path, stderr=subprocess.PIPE, text=True
    )
    assert server.stderr is not None
    lines = []
    for line in server.stderr:
        lines.append(line)
        if STARTED in line:
            break
    yield "".join(lines)
    server.terminate()
    server.stderr.close()
    server.wait(timeout=20)


def test_server_loads_the_extension_and_logs_no_secret(server_log: str) -> None:
    assert STARTED in server_log
    assert "jupyter_live_lms | extension was successfully loaded" in server_log
    assert "Live LMS site: https://courses.example.org" in server_log
    assert "Live LMS token: from the environment variable LIVE_LMS_TOKEN" in server_log
    assert "s3cret-value" not in server_log


def test_extension_list_shows_it_enabled_and_ok(jupyter_home: dict[str, str]) -> None:
    listing = subprocess.run(
        [sys.executable, "-m", "jupyter_server.extension.serverextension", "list"],
        env=jupyter_home, capture_output=True, text=True, check=True, timeout=50,
    )  # fmt: skip
    printed = listing.stdout + listing.stderr
    assert "jupyter_live_lms" in printed
    assert "OK" in printed
    assert "Error" not in printed


def test_extension_imports_nothing_of_django() -> None:
    program = (
        "import json, sys, jupyter_live_lms.cli\n"
        "print(json.dumps([n for n in sys.modules if n.split('.')[0] in "
        "{'django', 'wagtail', 'channels', 'wagtail_live_lms'}]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=50
    )
    assert json.loads(run.stdout) == []
