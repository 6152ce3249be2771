"""Writing down what is to be sent, in the transaction that tells people something."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from wagtail_live_lms import conf
from wagtail_live_lms.live.inserting import insert_new
from wagtail_live_lms.models import (
    Channel,
    Delivery,
    Notification,
    NotificationChoice,
    PushSubscription,
)

from . import keys


def plan_deliveries(batch: uuid.UUID, told: list[Notification]) -> bool:
    """Write down the deliveries that these people chose; whether there are any.

    The number of queries is the same for one person and for thousands.
    """
    people = Notification.objects.filter(batch=batch).values("user")
    first = told[0]
    rows = NotificationChoice.objects.filter(
        course=first.course_id, kind=first.kind, user__in=people
    )
    choices = {choice.user_id: choice for choice in rows}
    deliveries = [*_pushes(told, people, choices), *_mails(told, choices)]
    insert_new(Delivery, deliveries)
    return bool(deliveries)


def _pushes(
    told: list[Notification], people: Any, choices: dict[Any, NotificationChoice]
) -> Iterator[Delivery]:
    if not keys.are_configured():
        return
    browsers: dict[Any, list[PushSubscription]] = {}
    for browser in PushSubscription.objects.filter(user__in=people):
        browsers.setdefault(browser.user_id, []).append(browser)
    for notice in told:
        choice = choices.get(notice.user_id)
        if choice is None or choice.web_push:
            for browser in browsers.get(notice.user_id, []):
                yield Delivery(notification=notice, channel=Channel.WEB_PUSH, subscription=browser)


def _mails(told: list[Notification], choices: dict[Any, NotificationChoice]) -> Iterator[Delivery]:
    chosen = {user_id for user_id, choice in choices.items() if choice.email}
    if not chosen:
        return
    field = get_user_model().get_email_field_name()
    addressed = get_user_model()._default_manager.filter(pk__in=chosen).exclude(**{field: ""})
    reachable = set(addressed.values_list("pk", flat=True))
    due = timezone.now() + timedelta(minutes=conf.current().EMAIL_WAIT_MINUTES)
    for notice in told:
        if notice.user_id in reachable:
            yield Delivery(notification=notice, channel=Channel.EMAIL, due_at=due)
