"""Claiming a delivery and writing down what became of it.

A claimed delivery is sent again only when it is certain that it did not go out: better once too
few than a second time, because the page shows every notice anyway.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from wagtail_live_lms.models import Delivery, DeliveryState

MAX_ATTEMPTS = 8
FIRST_WAIT_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 3600.0
LOST_MINUTES = 15
UNKNOWN = "It is not known whether it was sent."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. Pending: it surely failed and may be tried again."""

    state: DeliveryState
    reason: str = ""
    retry_after: float = 0.0
    is_gone: bool = False


SENT = Outcome(DeliveryState.SENT)
SKIPPED = Outcome(DeliveryState.SKIPPED)


def claim(delivery_ids: list[int]) -> int:
    """Take pending deliveries for sending; whoever gets a row counted is its only sender."""
    pending = Delivery.objects.filter(pk__in=delivery_ids, state=DeliveryState.PENDING)
    return pending.update(
        state=DeliveryState.SENDING, attempts=F("attempts") + 1, changed_at=timezone.now()
    )


def settle(delivery: Delivery, outcome: Outcome) -> None:
    """Write down what became of a claimed delivery."""
    now = timezone.now()
    attempts = delivery.attempts + 1
    state = outcome.state
    if state == DeliveryState.PENDING and attempts >= MAX_ATTEMPTS:
        state = DeliveryState.FAILED
    wait = timedelta(seconds=max(outcome.retry_after, wait_after(attempts)))
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state,
        reason=outcome.reason[:200],
        changed_at=now,
        due_at=now + wait if state == DeliveryState.PENDING else delivery.due_at,
    )


def wait_after(attempts: int) -> float:
    """Seconds to the next attempt: doubled each time, an hour at most."""
    return float(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempts - 1)))


def give_up_on_lost() -> int:
    """Close deliveries whose sender died while it sent; returns how many."""
    before = timezone.now() - timedelta(minutes=LOST_MINUTES)
    lost = Delivery.objects.filter(state=DeliveryState.SENDING, changed_at__lt=before)
    return lost.update(state=DeliveryState.FAILED, reason=UNKNOWN, changed_at=timezone.now())
