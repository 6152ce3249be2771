"""The floor: what Channels' own documentation would have you write."""

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
