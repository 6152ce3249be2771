"""One socket of a fake browser: the real application, and what it sends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from asgiref.testing import ApplicationCommunicator

Message = dict[str, Any]


class Connection:
    """An open socket. `buffer` messages may wait in it before the server has to; 0: any number."""

    def __init__(
        self,
        application: Any,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        *,
        buffer: int = 0,
    ) -> None:
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": urlencode(query).encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()],
            "subprotocols": [],
        }
        self._communicator = ApplicationCommunicator(application, scope)
        self._sent: asyncio.Queue[Message] = asyncio.Queue(buffer)
        self._communicator._output_queue = self._sent

    async def open(self) -> None:
        """Ask to be connected; what comes of it is the first message."""
        await self.say({"type": "websocket.connect"})

    async def say(self, message: Message) -> None:
        """Hand the application a message, as its server would."""
        await self._communicator.send_input(message)

    async def receive(self, timeout: float) -> Message:
        """The next message. Raises TimeoutError, and what the application raised."""
        if not self._sent.empty():
            return self._sent.get_nowait()
        getting = asyncio.ensure_future(self._sent.get())
        application = self._communicator.future
        await asyncio.wait(
            {getting, application}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
        )
        if getting.done():
            return getting.result()
        getting.cancel()
        if application.done():
            application.result()
            return {"type": "websocket.close", "code": 1006}
        raise TimeoutError(f"Nothing arrived in {timeout} seconds.")

    async def close(self, code: int = 1001, timeout: float = 5) -> None:
        """Leave, as when the page is closed, and wait until the application has noticed."""
        await self.say_goodbye(code)
        while not self._communicator.future.done():
            try:
                await self.receive(timeout)
            except TimeoutError:
                break
        await self._communicator.wait(timeout)

    async def say_goodbye(self, code: int) -> None:
        """The disconnect, unless the application has ended by itself."""
        if not self._communicator.future.done():
            await self.say({"type": "websocket.disconnect", "code": code})
