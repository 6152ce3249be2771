"""Telling people something, once, and what they do with it.

The row is the truth; pages, browsers and mailboxes are told of it after commit.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from wagtail_live_lms.live.inserting import insert_new
from wagtail_live_lms.models import (
    Course,
    NoticePayload,
    Notification,
    notification_kinds,
)
from wagtail_live_lms.signals import notifications_sent

from .changes import push_inbox, push_notifications
from .delivery import deliver_soon, plan_deliveries

Payload = NoticePayload | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """What one person is to be told. `user` is the user or their primary key."""

    user: Any
    key: str
    payload: Payload

    @property
    def user_id(self) -> Any:
        return getattr(self.user, "pk", self.user)

    @property
    def content(self) -> dict[str, Any]:
        """The payload as it is stored. Raises pydantic's ValidationError for another shape."""
        payload = NoticePayload.model_validate(self.payload)
        return payload.model_dump(mode="json", exclude_defaults=True)


def notify(users: Any, kind: str, course: Course, key: str, payload: Payload) -> list[Notification]:
    """Tell one person, or each of many, the same thing; returns what was news to them.

    `key` names what it is about, as `grade:<submission>:<revision>`. Said again it tells nobody
    anything. Use `notify_each` where the payload differs, as by its score.
    """
    people = users if isinstance(users, Iterable) else [users]
    return notify_each(kind, course, [Notice(user, key, payload) for user in people])


def notify_each(kind: str, course: Course, notices: Iterable[Notice]) -> list[Notification]:
    """Tell each person their own thing, in the caller's transaction, as its last statements.

    A person named twice is told once. The number of queries is the same for one and for
    thousands. Raises ValueError for a kind nobody registered.
    """
    if kind not in notification_kinds:
        raise ValueError(f"There is no kind of notice named {kind!r}.")
    batch = uuid.uuid4()
    rows = {
        (notice.user_id, notice.key): Notification(
            user_id=notice.user_id,
            course=course,
            kind=kind,
            key=notice.key,
            payload=notice.content,
            batch=batch,
        )
        for notice in notices
    }
    with transaction.atomic():
        insert_new(Notification, rows.values())
        told = list(Notification.objects.filter(batch=batch).order_by("pk")) if rows else []
        if told:
            _announce(batch, told)
    return told


def dismiss_notification(notification: Notification) -> bool:
    """Put a notice away for good, in every tab; False if it was already."""
    return _settle(notification, dismissed_at=timezone.now())


def dismiss_notifications(
    user: Any, *, course_id: int | None = None, up_to: int | None = None
) -> int:
    """Put all of a person's notices away, or those of a course; returns how many.

    `up_to` is the newest that the person has seen: one that came meanwhile stays.
    """
    return _settle_all(user, course_id, up_to, dismissed_at=timezone.now())


def mark_read(notification: Notification) -> bool:
    """The person has seen a notice; it stays until it is dismissed. False if they had already."""
    return _settle(notification, read_at=timezone.now())


def mark_all_read(user: Any, *, course_id: int | None = None, up_to: int | None = None) -> int:
    """The person has seen all their notices, or those of a course; returns how many were new."""
    return _settle_all(user, course_id, up_to, read_at=timezone.now())


def _announce(batch: uuid.UUID, told: list[Notification]) -> None:
    if plan_deliveries(batch, told):
        transaction.on_commit(deliver_soon, robust=True)
    push_notifications(told)
    send = partial(notifications_sent.send_robust, sender=Notification, notifications=told)
    transaction.on_commit(send, robust=True)


def _settle(notification: Notification, **moment: Any) -> bool:
    """Set a moment that is not set yet, and say so."""
    (field,) = moment
    with transaction.atomic():
        rows = Notification.objects.filter(pk=notification.pk, **{field: None})
        if not rows.update(**moment):
            return False
        push_notifications([notification])
    return True


def _settle_all(user: Any, course_id: int | None, up_to: int | None, **moment: Any) -> int:
    (field,) = moment
    rows = Notification.objects.open().filter(user=user, **{field: None})
    if course_id is not None:
        rows = rows.filter(course=course_id)
    if up_to is not None:
        rows = rows.filter(pk__lte=up_to)
    with transaction.atomic():
        settled = rows.update(**moment)
        if settled:
            push_inbox(user.pk)
    return settled
