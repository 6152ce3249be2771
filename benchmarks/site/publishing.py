"""Publishing one row change, in the server's process or in another, with the clock read first."""

import json
import time
from dataclasses import dataclass
from functools import partial

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.db import transaction
from django.utils import timezone

from wagtail_live_lms.actions.changes import push_enrolments
from wagtail_live_lms.models import CourseTotals, Enrolment

from .bare import row_html
from .stock import bare_sends, group_of


@dataclass(frozen=True, slots=True)
class Order:
    """What to publish: a new version of a student's row.

    `mode` is "ours", "stock" for `group_send`, or "bare" for a loop over the sockets.
    """

    mode: str
    enrolment_id: int
    version: int


async def publish(order: Order) -> float:
    """Publish and return the clock as it was just before the hint, or before the sending."""
    if order.mode == "ours":
        return await database_sync_to_async(commit_and_hint)(order)
    text, course_id = await database_sync_to_async(render_row)(order)
    at = time.monotonic()
    if order.mode == "bare":
        for send in list(bare_sends):
            await send({"type": "websocket.send", "text": text})
        return at
    message = {"type": "row.changed", "text": text}
    await get_channel_layer().group_send(group_of(course_id), message)
    return at


def commit_and_hint(order: Order) -> float:
    """Commit the change. The clock is read between the commit and the hint."""
    stamps: list[float] = []
    with transaction.atomic():
        enrolment = Enrolment.objects.get(pk=order.enrolment_id)
        enrolment.percent, enrolment.version = order.version % 101, order.version
        enrolment.last_activity = timezone.now()
        enrolment.save(update_fields=["percent", "version", "last_activity"])
        transaction.on_commit(partial(_stamp, stamps))  # before the hint, which is the next one
        push_enrolments([enrolment])
    return stamps[0]


def render_row(order: Order) -> tuple[str, int]:
    """The same row, ready to be sent before the clock is read."""
    enrolment = Enrolment.objects.get(pk=order.enrolment_id)
    enrolment.percent, enrolment.version = order.version % 101, order.version
    enrolment.last_activity = timezone.now()
    totals = CourseTotals.objects.get(pk=enrolment.course_id)
    return row_html(enrolment, totals.module_count), enrolment.course_id


def _stamp(stamps: list[float]) -> None:
    stamps.append(time.monotonic())


class PublishConsumer(AsyncWebsocketConsumer):
    """Publishes what it is told to and answers with the clock."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        at = await publish(Order(**json.loads(text_data or "")))
        await self.send(text_data=json.dumps({"at": at}))
