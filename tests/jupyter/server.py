"""A real Jupyter server with the extension of this checkout, and a home folder of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import httpx

from example_site.bootcamp.demo import PASSWORD
from tests.browser.site import ExampleSite
from tests.services import Server

from .line import Line

EXTENSION = Path(__file__).resolve().parent.parent.parent / "jupyter_extension"
TOKEN = "jupyter-token"
NEWS = "@jupyterlab/apputils-extension:announcements"
COLLABORATION = ("@jupyter/collaboration-extension", "@jupyter/docprovider-extension")


class JupyterServer(Server):
    """JupyterLab and Notebook 7 on one port; lessons lie in `work`."""

    folder_prefix = "live-lms-jupyter-"
    start_seconds = 120.0

    def __init__(self, site: ExampleSite | Line, *, has_collaboration: bool = False) -> None:
        """Connected to the site, or to the line that leads there."""
        super().__init__()
        self.site = site
        self.work = self.folder / "work"
        self.work.mkdir()
        self._configure(has_collaboration)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
            f"--port={self.port}", f"--ServerApp.root_dir={self.work}",
            f"--IdentityProvider.token={TOKEN}", "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]  # fmt: skip

    def popen_options(self) -> dict[str, object]:
        return {"env": self.environment(), "cwd": self.folder}

    def environment(self) -> dict[str, str]:
        """Nothing of the person who runs the tests; the extension as it is in this checkout."""
        return {
            **os.environ,
            "HOME": str(self.folder),
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "JUPYTER_PATH": str(self.folder / "share"),
            "LIVE_LMS_URL": self.site.url,
        }

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def connect(self, username: str) -> None:
        """`jupyter live-lms connect`, confirmed by the student on the course site."""
        command = [self._program("jupyter-live-lms"), "connect", self.site.url]
        with subprocess.Popen(
            command, env=self.environment(), stdout=subprocess.PIPE, text=True
        ) as pairing:
            assert pairing.stdout is not None
            code = next(line.split()[1] for line in pairing.stdout if line.startswith("Enter"))
            confirm(self.site, username, code)
            printed = pairing.stdout.read()
        assert "Connected to" in printed

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`jupyter live-lms …` as in a terminal of this Jupyter."""
        command = [self._program("jupyter-live-lms"), *arguments]
        return subprocess.run(
            command, env=self.environment(), capture_output=True, text=True, timeout=60, check=False
        )

    def download(self, module: int, name: str = "lesson.ipynb") -> dict[str, Any]:
        """The lesson's notebook as the student downloads it, with this Jupyter's token."""
        stored = json.loads((self.folder / "data" / "live-lms" / "connection.json").read_text())
        answer = httpx.get(
            f"{self.site.url}/live-lms/api/v1/modules/{module}/notebook",
            headers={"Authorization": f"Bearer {stored['token']}"},
        )
        answer.raise_for_status()
        notebook: dict[str, Any] = answer.json()
        (self.work / name).write_text(json.dumps(notebook))
        return notebook

    def save(self, name: str, notebook: dict[str, Any]) -> None:
        """Save as a page does."""
        body = {"type": "notebook", "format": "json", "content": notebook}
        headers = {"Authorization": f"token {TOKEN}"}
        address = f"{self.url}/api/contents/{name}"
        httpx.put(address, json=body, headers=headers, timeout=60).raise_for_status()

    def unsent(self) -> list[Path]:
        """Reports on this Jupyter's disk that the course site has not answered."""
        return list((self.folder / "data" / "live-lms" / "outbox").glob("*.json"))

    def wait_until_sent(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.unsent():
            assert time.monotonic() < deadline, "the report was not sent again"
            time.sleep(0.1)

    def wait_for_kernel(self, seconds: float) -> None:
        """Until the open page's kernel is idle; what closed pages left behind does not matter."""
        headers = {"Authorization": f"token {TOKEN}"}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            answer = httpx.get(f"{self.url}/api/kernels", headers=headers, timeout=60)
            kernels = answer.json() if answer.is_success else []  # one may just be starting
            used = [kernel["execution_state"] for kernel in kernels if kernel["connections"]]
            if used and set(used) == {"idle"}:
                return
            time.sleep(0.1)
        raise AssertionError("no kernel is ready")

    def _program(self, name: str) -> str:
        return str(Path(sys.executable).with_name(name))

    def _configure(self, has_collaboration: bool) -> None:
        config = self.folder / "config"
        labextensions = self.folder / "share" / "labextensions"
        for folder in (config / "jupyter_server_config.d", config / "labconfig", labextensions):
            folder.mkdir(parents=True)
        (labextensions / "jupyter-live-lms").symlink_to(EXTENSION / "labextension")
        shipped = (EXTENSION / "jupyter-config" / "jupyter_live_lms.json").read_text()
        (config / "jupyter_server_config.d" / "jupyter_live_lms.json").write_text(shipped)
        extensions = {"jupyter_server_ydoc": has_collaboration}
        server = {"ServerApp": {"jpserver_extensions": extensions}}
        (config / "jupyter_server_config.json").write_text(json.dumps(server))
        disabled = {} if has_collaboration else dict.fromkeys(COLLABORATION, True)
        page = {
            "disabledExtensions": {**disabled, "@jupyterlab/apputils-extension:announcements": True}
        }
        (config / "labconfig" / "page_config.json").write_text(json.dumps(page))


def confirm(site: ExampleSite | Line, username: str, code: str) -> None:
    """Log in to the course site and allow the program that shows this code."""
    with httpx.Client(base_url=site.url, follow_redirects=True, timeout=30) as student:
        form = {"username": username, "password": PASSWORD}
        student.post("/accounts/login/", data=form | _csrf(student, "/accounts/login/"))
        path = "/live-lms/jupyter/connect/"
        answer = {"code": code, "decision": "allow"} | _csrf(student, f"{path}?code={code}")
        student.post(path, data=answer).raise_for_status()


def _csrf(client: httpx.Client, path: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(path).text)
    assert found is not None
    return {"csrfmiddlewaretoken": found[1]}
