"""The floors: what Channels' own documentation would have you write, and the server alone."""

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer


def group_of(course_id: int) -> str:
    """The group of a course's dashboards."""
    return f"benchmark.{course_id}"


class StockDashboard(AsyncWebsocketConsumer):
    """Joins a group and passes on what is sent to it. It checks nobody's rights."""

    async def connect(self) -> None:
        self.group = group_of(self.scope["url_route"]["kwargs"]["course_id"])
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def row_changed(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


bare_sends: set[Any] = set()
"""The ASGI `send` of each open bare socket."""


async def bare_socket(scope: Any, receive: Any, send: Any) -> None:
    """A socket with nothing around it: what is sent to it costs what the server costs."""
    await receive()
    await send({"type": "websocket.accept"})
    bare_sends.add(send)
    while (await receive())["type"] != "websocket.disconnect":
        pass
    bare_sends.discard(send)
