"""A Jupyter server with our extension, and a small course site, both real and on loopback."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config

from jupyter_extension.tests.lms import TOKEN, Lms
from jupyter_live_lms.configuration import data_folder
from jupyter_live_lms.desk import Desk
from jupyter_live_lms.extension import LiveLmsExtension
from jupyter_live_lms.outbox import Outbox

pytest_plugins = ["pytest_jupyter.jupyter_server"]
VARIABLES = (
    "LIVE_LMS_URL", "LIVE_LMS_TOKEN", "LIVE_LMS_TOKEN_FILE", "LIVE_LMS_SITE_ALIASES",
    "LIVE_LMS_STRICT",
)  # fmt: skip


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter-data"))


@pytest.fixture
def lms() -> Iterator[Lms]:
    with Lms().running() as lms:
        yield lms


@pytest.fixture
def connected(lms: Lms, monkeypatch: pytest.MonkeyPatch) -> Lms:
    """The environment names the course site and a token of it."""
    monkeypatch.setenv("LIVE_LMS_URL", lms.url)
    monkeypatch.setenv("LIVE_LMS_TOKEN", TOKEN)
    return lms


@pytest.fixture
def jp_server_config() -> Config:
    return Config({"ServerApp": {"jpserver_extensions": {"jupyter_live_lms": True}}})


@pytest.fixture
def jp_configurable_serverapp(jp_configurable_serverapp: Any) -> Any:
    """A broken extension is an error here, not a warning."""

    def make(**options: Any) -> Any:
        return jp_configurable_serverapp(reraise_server_extension_failures=True, **options)

    return make


@pytest.fixture
def extension(jp_serverapp: Any, jp_asyncio_loop: Any) -> Iterator[LiveLmsExtension]:
    """Our extension in the running server, its courier started; stopped at the end."""
    extension = jp_serverapp.extension_manager.extension_points["jupyter_live_lms"].app
    jp_asyncio_loop.run_until_complete(extension._start_jupyter_server_extension(jp_serverapp))
    yield extension
    jp_asyncio_loop.run_until_complete(extension.stop_extension())


@pytest.fixture
def desk(extension: LiveLmsExtension) -> Desk:
    assert extension.desk is not None
    return extension.desk


@pytest.fixture
def outbox() -> Outbox:
    return Outbox(data_folder())


Save = Callable[..., Awaitable[None]]


@pytest.fixture
def save(jp_fetch: Any, jp_serverapp: Any, extension: LiveLmsExtension) -> Save:
    """Saves a notebook as a browser does, and waits until it has been evaluated."""

    async def save(notebook: dict[str, Any], path: str = "loops.ipynb") -> None:
        body = json.dumps({"type": "notebook", "format": "json", "content": notebook})
        answer = await jp_fetch("api", "contents", path, method="PUT", body=body)
        assert answer.code in {200, 201}
        await jp_serverapp.event_logger.gather_listeners()
        assert extension.watcher is not None
        await extension.watcher.settle()

    return save
