"""When deliveries are made: after commit by a thread or a task, or by the command."""

import atexit
import logging
import threading
from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django.db.models import Min
from django.utils import timezone
from django_tasks import task

from wagtail_live_lms import conf
from wagtail_live_lms.models import Channel, Delivery, DeliveryState

from . import keys
from .digest import send_digests
from .outcomes import give_up_on_lost
from .web_push import send_pushes

logger = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
STOP_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many pushes and mails went out, and how many were given up on."""

    pushes: int
    mails: int
    lost: int


def deliver_due() -> Delivered:
    """Deliver what is due, on every channel. Any number of processes may do so at once."""
    return Delivered(lost=give_up_on_lost(), pushes=send_pushes(), mails=send_digests())


@task()
def deliver_task() -> None:
    """`deliver_due` for a queue of tasks."""
    deliver_due()


def deliver_soon() -> None:
    """Have deliveries made, without waiting for them; where a command makes them, do nothing."""
    match conf.current().DELIVERY:
        case "thread":
            worker.wake()
        case "task":
            deliver_task.enqueue()


class Worker:
    """One thread of this process. It lives while something waits to be delivered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._is_stopping = False

    def wake(self) -> None:
        """Look now; starts the thread unless it runs."""
        with self._lock:
            self._wake.set()
            if self._thread is None and not self._is_stopping:
                self._thread = threading.Thread(
                    target=self._run, name="live-lms-deliveries", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Let what is being sent end, and start no more until woken again."""
        with self._lock:
            self._is_stopping = True
            self._wake.set()
        self.finish()
        self._is_stopping = False

    def finish(self) -> None:
        """Wait until nothing waits to be delivered, but not for ever."""
        thread = self._thread
        if thread is not None:
            thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while self._goes_on(self._look()):
            pass

    def _look(self) -> float | None:
        """Deliver; seconds until something is due again, None when nothing waits."""
        self._wake.clear()
        try:
            deliver_due()
            return _seconds_until(next_due())
        except Exception:
            logger.exception("Deliveries failed, and are tried again")
            return LONGEST_WAIT
        finally:
            connections.close_all()

    def _goes_on(self, wait: float | None) -> bool:
        if wait is not None and not self._is_stopping:
            self._wake.wait(wait)
        with self._lock:
            has_work = self._wake.is_set() or wait is not None
            if has_work and not self._is_stopping:
                return True
            self._thread = None
            return False


worker = Worker()
atexit.register(worker.stop)


def next_due() -> datetime | None:
    """When something is due that this site can send; None when nothing waits."""
    channels = [Channel.EMAIL, *([Channel.WEB_PUSH] if keys.are_configured() else [])]
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING, channel__in=channels)
    moment: datetime | None = waiting.aggregate(first=Min("due_at"))["first"]
    return moment


def _seconds_until(moment: datetime | None) -> float | None:
    if moment is None:
        return None
    return min(LONGEST_WAIT, max(0.0, (moment - timezone.now()).total_seconds()))
