"""What the student's page may ask of the server extension. The token is in none of the answers."""

from __future__ import annotations

import json
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from tornado import web

from .desk import Desk, View


class LiveLmsHandler(ExtensionHandlerMixin, APIHandler):
    """Shared by the handlers: who may use them is Jupyter's decision, as for any of its API."""

    auth_resource = "jupyter_live_lms"

    @property
    def desk(self) -> Desk:
        desk = self.settings["jupyter_live_lms_desk"]
        assert isinstance(desk, Desk)  # noqa: S101 - a typed look-up
        return desk

    def answer(self, view: View | None) -> None:
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"lesson": view.as_json() if view else None}))


class LessonHandler(LiveLmsHandler):
    """`GET lesson?path=`: how a notebook's lesson stands; `fresh=1` judges the file anew."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        path = notebook_path(self.get_query_argument("path", ""))
        is_fresh = self.get_query_argument("fresh", "") == "1"
        self.answer(await (self.desk.look(path) if is_fresh else self.desk.recall(path)))


class FinishHandler(LiveLmsHandler):
    """`POST finish {"path": …}`: report the saved notebook now and wait a little for the answer."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        body = self.get_json_body()
        path = body.get("path") if isinstance(body, dict) else None
        self.answer(await self.desk.finish(notebook_path(path)))


class NotificationsHandler(LiveLmsHandler):
    """`GET notifications?after=`: the student's notifications; none from an older site."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        after = self.get_query_argument("after", "0")
        if not (after.isascii() and after.isdigit() and len(after) < 20):
            raise web.HTTPError(400, "after must be a number")
        found = await self.desk.notifications(int(after))
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"notifications": found}))


def notebook_path(path: Any) -> str:
    """A notebook's API path; 400 for anything else."""
    if not isinstance(path, str) or not path.endswith(".ipynb"):
        raise web.HTTPError(400, "path must name a notebook")
    return path.strip("/")
