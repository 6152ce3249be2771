"""A real JupyterHub starts a student's server, and a notebook saved there completes a module."""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from tests import factories
from tests.services import Server, free_port
from wagtail_live_lms import actions
from wagtail_live_lms.models import ApiToken, Enrolment, Module, Progress

pytestmark = [pytest.mark.hub, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90.0


class Hub(Server):
    """A hub with the configuration that `deploy/` offers, and no proxy."""

    folder_prefix = "live-lms-hub-"
    start_seconds = PATIENCE_SECONDS

    def __init__(self, site: str) -> None:
        super().__init__()
        self.token = secrets.token_hex(16)
        self.site = site
        self.credential_file = self.folder / "credential"

    def command(self) -> list[str]:
        return [sys.executable, "-m", "jupyterhub", "-f", str(ROOT / "tests/hub/hub_config.py")]

    def popen_options(self) -> dict[str, object]:
        environment = {
            **os.environ,
            "HUB_PORT": str(self.port),
            "UNUSED_PORT": str(free_port()),
            "TEST_TOKEN": self.token,
            "SAMPLE_CONFIG": str(ROOT / "deploy/jupyterhub_config.py"),
            "LIVE_LMS_URL": self.site,
            "LIVE_LMS_HUB_CREDENTIAL_FILE": str(self.credential_file),
        }
        return {"env": environment, "cwd": self.folder}

    def is_ready(self) -> bool:
        try:
            return bool(self.ask("GET", "").get("version"))
        except OSError:
            return False

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the hub's own API answers."""
        return self._call(f"http://127.0.0.1:{self.port}/hub/api/{path}", method, body)

    def ask_server(self, name: str, method: str, path: str, body: Any = None) -> Any:
        """What the server of a student answers."""
        address = (self.folder / f"{name}.address").read_text()
        return self._call(f"{address}/user/{name}/api/{path}", method, body)

    def start_server(self, name: str) -> None:
        """Start a student's server, as their visit would, and wait until it answers."""
        self.ask("POST", f"users/{name}")
        self.ask("POST", f"users/{name}/server")
        wait_for(lambda: self.ask("GET", f"users/{name}")["servers"].get("", {}).get("ready"), self)

    def _call(self, url: str, method: str, body: Any) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(url, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None


def wait_for(happened: Callable[[], Any], hub: Hub) -> Any:
    """Look until it is so; the processes of others can only be asked."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (result := happened()):
        if time.monotonic() > deadline:
            pytest.fail(f"It did not happen:\n{hub.log.read_text()[-4000:]}")
        time.sleep(0.1)
    return result


@pytest.fixture
def module() -> Module:
    return factories.make_notebook_course("a", "b")[1]


@pytest.fixture
def ada(module: Module) -> Enrolment:
    return factories.make_student(module.course, "Ada Lovelace", username="ada")


@pytest.fixture(scope="module")
def running_hub(live_server: LiveServer) -> Iterator[Hub]:
    pytest.importorskip("jupyterhub")
    hub = Hub(live_server.url)
    try:
        hub.start()
        yield hub
    finally:
        hub.close()


@pytest.fixture
def hub(running_hub: Hub) -> Hub:
    """The hub with a credential of this test, which it reads whenever it needs one."""
    running_hub.credential_file.write_text(actions.create_hub_credential("Our hub").text + "\n")
    return running_hub


def solved(exported: dict[str, Any]) -> dict[str, Any]:
    """A notebook as it is when every cell ran without an error."""
    for count, cell in enumerate(exported["cells"], 1):
        if cell["cell_type"] == "code":
            cell["execution_count"] = count
    return exported


def test_a_student_of_the_hub_finishes_a_notebook(
    hub: Hub, module: Module, ada: Enrolment, client: Any
) -> None:
    hub.start_server("ada")
    token = ApiToken.objects.get(user=ada.user)
    assert (token.name, token.minted_by.name) == ("JupyterHub", "Our hub")

    client.force_login(ada.user)
    url = f"/live-lms/modules/{module.pk}/notebook.ipynb"
    exported = client.get(url, headers={"host": hub.site.removeprefix("http://")}).json()
    lesson = {"type": "notebook", "format": "json", "content": solved(exported)}
    hub.ask_server("ada", "PUT", "contents/lesson.ipynb", lesson)

    done = wait_for(lambda: Progress.objects.filter(enrolment=ada, module=module).first(), hub)
    assert done.source == "notebook"
    assert done.evidence["client"].startswith("jupyter-live-lms")
    secret = hub.credential_file.read_text().strip()
    assert secret not in hub.log.read_text()


def test_somebody_whom_the_site_does_not_know_gets_a_server_all_the_same(hub: Hub) -> None:
    hub.start_server("stranger")
    assert hub.ask_server("stranger", "GET", "contents")["type"] == "directory"
    assert not ApiToken.objects.filter(scope="report").exists()
    assert "No course site for stranger" in hub.log.read_text()
