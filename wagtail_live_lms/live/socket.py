"""The socket: it only pushes. What the browser wants done it sends by HTTP.

It is accepted first and closed with a code when it may not stay, because browsers retry a
refused handshake for ever and cannot see why.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest

from wagtail_live_lms import conf

from . import signing
from .component import Component
from .exceptions import (
    InvalidInput,
    LiveError,
    NotAuthenticated,
    RateLimitExceeded,
    TokenExpired,
)
from .hub import Hub, current_hub
from .outbox import Outbox
from .pipeline import build
from .requests import Scope, is_same_origin, request_from
from .topics import Position, parse_since, personal_topic, topics
from .windows import Window

logger = logging.getLogger(__name__)

UNREADABLE, LOGGED_OUT, REFUSED, EXPIRED, TOO_MUCH = 4400, 4401, 4403, 4409, 4429
TOO_BIG, SERVER_ERROR, RECYCLE = 1009, 1011, 1012

MAX_VIEWS = 20
MAX_MESSAGE = 2048
MAX_MESSAGES_PER_MINUTE = 60


def close_code(error: LiveError) -> int:
    """The close code of an error; the browser's script explains each to the person."""
    match error:
        case NotAuthenticated():
            return LOGGED_OUT
        case TokenExpired():
            return EXPIRED
        case InvalidInput():
            return UNREADABLE
        case RateLimitExceeded():
            return TOO_MUCH
        case _:
            return REFUSED


@dataclass(slots=True)
class View:
    """A component a socket asked to see, its permissions checked."""

    component: Component
    language: str

    @property
    def key(self) -> Hashable:
        """The same for all sockets that get the same HTML."""
        viewer = None if self.component.shared else self.component.user.pk
        return (self.component.key, self.language, viewer)

    def window(self) -> Window:
        names = tuple(self.component.topics())
        return Window(self.key, self.component, self.language, names)


@dataclass(slots=True)
class Admission:
    """Who a socket belongs to, what it may see, and what it was refused."""

    user_id: int | None
    views: list[View] = field(default_factory=list)
    refused: list[LiveError] = field(default_factory=list)
    since: dict[str, Position] = field(default_factory=dict)


class LiveSocket:
    """One ASGI socket connection of one page."""

    def __init__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._opened = time.monotonic()
        self._received: list[float] = []
        self._views: list[View] = []
        self._user_id: int | None = None
        self._recheck: asyncio.Task[None] | None = None
        self._is_recheck_due = False
        self._closing: asyncio.Task[None] | None = None
        self.hub: Hub = current_hub()
        self.outbox = Outbox(send, self._snapshot, self.hub.writers)

    @property
    def guard_topics(self) -> tuple[str, ...]:
        """Topics on which a change of this person's rights is announced."""
        return () if self._user_id is None else (personal_topic(self._user_id),)

    async def run(self) -> None:
        """Serve the connection until either side leaves."""
        await self._receive()
        if not is_same_origin(self._scope):
            await self._send({"type": "websocket.close", "code": REFUSED})
            return
        await self._send({"type": "websocket.accept"})
        self.hub.join(self)
        try:
            await self._serve()
        finally:
            self.outbox.close()
            if self._recheck is not None:
                self._recheck.cancel()
            await self.hub.leave(self)

    async def _serve(self) -> None:
        """Show what was asked for and stay; or say why not and be done."""
        try:
            admission = await self.hub.gate.run(self._admit)
            self._views, self._user_id = admission.views, admission.user_id
            self.hub.guard(self)
            for view in admission.views:
                await self.hub.show(self, view.window(), admission.since)
        except LiveError as error:
            await self.close(close_code(error))
            return
        except (DatabaseError, InterfaceError) as error:
            logger.warning("A socket was sent away, the database does not answer: %s", error)
            await self.close(SERVER_ERROR)
            return
        ready = {"type": "ready", "beat": conf.current().HEARTBEAT_SECONDS}
        self.outbox.put(None, "ready", json.dumps(ready))
        await self._listen()

    def _admit(self) -> Admission:
        request = request_from(self._scope)
        admission = Admission(request.user.pk, since=parse_since(request.GET.get("since", "")))
        for claim in self._asked_for(request):
            try:
                component = build(request, claim.component, claim.params, page=claim.page)
                _admit_to_topics(component)
            except LiveError as error:
                admission.refused.append(error)
            else:
                admission.views.append(View(component, claim.language))
        if not admission.views:
            raise admission.refused[0] if admission.refused else InvalidInput()
        return admission

    def _asked_for(self, request: HttpRequest) -> list[signing.Claim]:
        tokens = request.GET.get("views", "")
        if tokens:
            return [signing.verify(t, request.user) for t in tokens.split(",")[:MAX_VIEWS]]
        topic = self._scope["url_route"]["kwargs"].get("topic")
        if topic is None:
            return []
        topics.admit(request.user, topic)
        language = _language(request)
        shown = topics.views(request.user, topic)
        return [signing.Claim(name, params, language) for name, params in shown]

    async def _listen(self) -> None:
        """Nothing the browser says is obeyed; saying too much ends the connection."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            size = len(message.get("text") or message.get("bytes") or "")
            now = time.monotonic()
            self._received = [at for at in self._received if at > now - 60] + [now]
            if size > MAX_MESSAGE:
                await self.close(TOO_BIG)
            elif message.get("bytes") is not None:
                await self.close(UNREADABLE)
            elif len(self._received) > MAX_MESSAGES_PER_MINUTE:
                await self.close(TOO_MUCH)
            else:
                continue
            return

    async def close(self, code: int) -> None:
        """Say goodbye with a reason."""
        if not self.outbox.is_closed:
            self.outbox.close()
            await self._send({"type": "websocket.close", "code": code})

    def _close_soon(self, code: int) -> None:
        """Close from within the outbox's own task, which closing ends."""
        self._closing = asyncio.get_running_loop().create_task(self.close(code))

    # The right to be here

    def recheck_soon(self) -> None:
        """Look again whether this person may stay; once more if that is being done already."""
        if not self._views:  # still being looked at for the first time
            return
        self._is_recheck_due = True
        if self._recheck is None or self._recheck.done():
            self._recheck = asyncio.get_running_loop().create_task(self._check_while_due())

    async def _check_while_due(self) -> None:
        while self._is_recheck_due:
            self._is_recheck_due = False
            await self._check_again()

    async def _check_again(self) -> None:
        if time.monotonic() - self._opened > conf.current().SOCKET_MAX_SECONDS:
            await self.close(RECYCLE)
            return
        try:
            refused = await self.hub.gate.run(self._refused_now)
        except LiveError as error:
            await self.close(close_code(error))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("Rights were not re-checked, the database does not answer: %s", error)
        else:
            for view in refused:
                self._views.remove(view)
                self.hub.remove(self, view.key)
            if refused:
                self.outbox.put(None, "refused", json.dumps(_refusal(refused)))

    def _refused_now(self) -> list[View]:
        request = request_from(self._scope)
        if request.user.pk != self._user_id:
            raise NotAuthenticated
        refused: dict[int, LiveError] = {}
        for index, view in enumerate(self._views):
            try:
                shown = view.component
                _admit_to_topics(build(request, shown.name, shown.params, page=shown.page))
            except LiveError as error:
                refused[index] = error
        if self._views and len(refused) == len(self._views):
            raise refused[0]
        return [self._views[index] for index in refused]

    # What the outbox calls

    async def _snapshot(self, key: Hashable) -> str:
        try:
            return await self.hub.snapshot(self, key)
        except LiveError as error:
            self._close_soon(close_code(error))
        except Exception:
            logger.exception("A window could not be rendered; the browser will try again")
            self._close_soon(SERVER_ERROR)
        return ""


def _admit_to_topics(component: Component) -> None:
    for topic in component.topics():
        topics.admit(component.user, topic)


def _language(request: HttpRequest) -> str:
    wanted = request.GET.get("language", "")
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _refusal(views: list[View]) -> dict[str, Any]:
    return {"type": "refused", "elements": [view.component.element_id for view in views]}


async def live_socket(scope: Scope, receive: Any, send: Any) -> None:
    """The ASGI application of all live sockets."""
    await LiveSocket(scope, receive, send).run()


async def no_socket(scope: Scope, receive: Any, send: Any) -> None:
    """The answer at every other address."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": REFUSED})
