"""The Jupyter server extension."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jupyter_events import EventLogger
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp
from traitlets import Bool, Unicode
from traitlets import List as ListTrait

from .configuration import data_folder
from .credentials import Source, is_strict
from .desk import Desk
from .handlers import FinishHandler, LessonHandler, NotificationsHandler
from .ledger import Ledger
from .outbox import Outbox
from .reader import Reader
from .watcher import SaveWatcher

EVENT = "urn:jupyter-live-lms:lesson:v1"
EVENT_SCHEMA = Path(__file__).parent / "events" / "lesson.yaml"
STOP_SECONDS = 2.5


class LiveLmsExtension(ExtensionApp):
    """Reports finished lessons to the course site; a guest that never disturbs Jupyter."""

    name = "jupyter_live_lms"
    description = "Wagtail Live LMS"
    load_other_extensions = True
    handlers = [
        (r"jupyter_live_lms/lesson", LessonHandler),
        (r"jupyter_live_lms/finish", FinishHandler),
        (r"jupyter_live_lms/notifications", NotificationsHandler),
    ]

    enabled = Bool(True, help="Whether lessons are reported at all.").tag(config=True)
    url = Unicode("", help="The course site; else LIVE_LMS_URL, else what was connected.").tag(
        config=True
    )
    token_file = Unicode("", help="A file with the token; else LIVE_LMS_TOKEN_FILE.").tag(
        config=True
    )
    site_aliases = ListTrait(
        Unicode(), help="Other addresses of the same site, as lessons may name it."
    ).tag(config=True)
    strict = Bool(
        help="Count only code that kernels of this server really ran; else LIVE_LMS_STRICT."
    ).tag(config=True)

    desk: Desk | None = None
    watcher: SaveWatcher | None = None
    ledger: Ledger | None = None

    def _strict_default(self) -> bool:
        return is_strict()

    def initialize_settings(self) -> None:
        """Called by the server once, while it loads; its event loop does not run yet."""
        source = Source.from_environment(
            url=self.url, token_file=self.token_file,
            aliases=tuple(self.site_aliases), is_inherited=True,
        )  # fmt: skip
        self.log.info("Live LMS site: %s", source.describe_address().text)
        self.log.info("Live LMS token: %s", source.describe_token().text)
        server = self._server()
        self._events().register_event_schema(EVENT_SCHEMA)
        self.ledger = self._make_ledger(server) if self.strict and self.enabled else None
        self.desk = Desk(
            reader=Reader(server.contents_manager), outbox=Outbox(data_folder()), source=source,
            log=self.log, emit=self._emit, ran_at=self.ledger.ran if self.ledger else None,
        )  # fmt: skip
        self.settings["jupyter_live_lms_desk"] = self.desk
        self.watcher = SaveWatcher(self.desk.look, self._rename, self.log)
        if self.enabled:
            self.watcher.attach(self._events())

    async def _start_jupyter_server_extension(self, serverapp: ServerApp) -> None:
        """Called once the event loop runs."""
        if self.desk is not None and self.enabled:
            self.desk.courier.start()

    async def stop_extension(self) -> None:
        """End within seconds, whatever the course site does: reports are safe on the disk."""
        if self.watcher is None or self.desk is None:
            return
        events = self._events()
        if self.enabled:
            self.watcher.detach(events)
        if self.ledger is not None:
            self.ledger.detach(events)
        try:
            await asyncio.wait_for(self._stop_work(self.watcher, self.desk), STOP_SECONDS)
        except asyncio.TimeoutError:
            self.log.warning("Live LMS was stopped before it had tidied up")

    async def _stop_work(self, watcher: SaveWatcher, desk: Desk) -> None:
        await watcher.stop()
        await desk.stop()

    def _server(self) -> ServerApp:
        server = self.serverapp
        assert isinstance(server, ServerApp)  # noqa: S101 - set before anything here is called
        return server

    def _events(self) -> EventLogger:
        events = self._server().event_logger
        assert events is not None  # noqa: S101 - the server makes it before it loads extensions
        return events

    def _make_ledger(self, server: ServerApp) -> Ledger:
        ledger = Ledger(server.kernel_manager, server.session_manager.list_sessions, self.log)
        ledger.attach(self._events())
        return ledger

    def _rename(self, old: str, new: str) -> None:
        if self.desk is not None:
            self.desk.rename(old, new)
        if self.ledger is not None:
            self.ledger.move(old, new)

    def _emit(self, module: int, state: str, is_news: bool) -> None:
        data: dict[str, Any] = {"module": module, "state": state, "is_news": is_news}
        self._events().emit(schema_id=EVENT, data=data)
