"""Alerts: opened and cleared by their causes, and what instructors do about them."""

import logging
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone

from wagtail_live_lms import conf
from wagtail_live_lms.exceptions import NotAnInstructor
from wagtail_live_lms.live.inserting import insert_new
from wagtail_live_lms.models import (
    Alert,
    AlertClock,
    AlertRule,
    AlertState,
    Cause,
    ClearReason,
    Course,
    CourseInstructor,
    KindOfAlert,
    alert_kinds,
)
from wagtail_live_lms.signals import alerts_opened

from .bulk import update_rows
from .changes import push_alerts
from .summaries import lock_course

logger = logging.getLogger(__name__)

LONGEST_SNOOZE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a course's causes led to: how many alerts were opened and cleared."""

    opened: int = 0
    cleared: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """Alerts that lack, and those of which the cause is gone or the snooze is over."""

    missing: tuple[tuple[str, Cause], ...]
    outdated: tuple[int, ...]
    awake: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.outdated or self.awake)


def thresholds_of(course_id: int) -> dict[str, int | None]:
    """The kinds that are on in a course, with their thresholds; those that are off are absent."""
    rules = AlertRule.objects.filter(course=course_id)
    return thresholds({rule.kind: (rule.is_on, rule.threshold) for rule in rules})


def thresholds(rules: Mapping[str, tuple[bool, int | None]]) -> dict[str, int | None]:
    """As `thresholds_of`, from rules that were read already."""
    found = {}
    for kind in alert_kinds:
        is_on, threshold = rules.get(kind.name, (True, None))
        if is_on:
            found[kind.name] = kind.threshold if threshold is None else threshold
    return found


def open_alerts(course_id: int, causes: Iterable[tuple[str, Cause]], **extra: Any) -> list[Alert]:
    """Open an alert for each kind and cause that has none yet, in the caller's transaction.

    Whoever else does so meanwhile, there is one. Returns those that this call opened.
    """
    batch, now = uuid.uuid4(), timezone.now()
    insert_new(Alert, [_new(course_id, *cause, batch, now, extra) for cause in causes])
    opened = list(Alert.objects.filter(batch=batch).order_by("pk"))
    if opened:
        push_alerts(course_id, [alert.pk for alert in opened])
        send = partial(alerts_opened.send_robust, sender=Alert, alerts=opened)
        transaction.on_commit(send, robust=True)
    return opened


def clear_alerts(course_id: int, ids: Iterable[int], reason: str = ClearReason.CAUSE_GONE) -> int:
    """Settle these alerts, in the caller's transaction; returns how many were not yet."""
    found = Alert.objects.current().filter(course=course_id, pk__in=list(ids))
    return _set(
        course_id,
        found,
        state=AlertState.CLEARED,
        cleared_at=timezone.now(),
        cleared_reason=reason,
    )


def acknowledge_alert(alert: Alert) -> bool:
    """An instructor has seen it: it stays until its cause is gone, out of the way of others."""
    return _act_on(alert, state=AlertState.ACKNOWLEDGED, snoozed_until=None)


def snooze_alert(alert: Alert, span: timedelta) -> bool:
    """Put it off, for a week at most. False for one that is settled."""
    until = timezone.now() + min(span, LONGEST_SNOOZE)
    return _act_on(alert, state=AlertState.SNOOZED, snoozed_until=until)


def hand_over_alert(alert: Alert, to: Any) -> bool:
    """Leave it to somebody who teaches the course: it is open, and theirs.

    Raises NotAnInstructor for somebody who does not.
    """
    with transaction.atomic():
        teaches = CourseInstructor.objects.filter(course=alert.course_id, user=to)
        if not teaches.exists():
            raise NotAnInstructor
        return _act_on(alert, state=AlertState.OPEN, snoozed_until=None, assigned_to=to)


def look_for_alerts(course_id: int, *, now: datetime | None = None, timed: bool = False) -> Looked:
    """Compare a course's alerts with the causes that there are; open, clear and wake them.

    The number of queries is the same for any roster, and nothing is written where nothing
    changed. `timed` looks only for what comes by time alone.
    """
    now = now or timezone.now()
    if not _compare(course_id, now, timed):
        return Looked()
    with transaction.atomic():
        # Once more, while nobody completes anything: what was read may be over.
        lock_course(course_id)
        found = _compare(course_id, now, timed)
        cleared = clear_alerts(course_id, found.outdated)
        _wake(course_id, found.awake)
        opened = open_alerts(course_id, found.missing) if found.missing else []
    return Looked(len(opened), cleared)


def look_if_due(course_id: int) -> Looked:
    """Look for what comes by time, unless somebody did within the last ALERT_SECONDS."""
    now = timezone.now()
    due = now - timedelta(seconds=conf.current().ALERT_SECONDS)
    clock = AlertClock.objects.filter(course=course_id)
    looked_at = clock.values_list("looked_at", flat=True).first()
    if looked_at is None:
        insert_new(AlertClock, [AlertClock(course_id=course_id, looked_at=now)])
    elif looked_at > due or not clock.filter(looked_at=looked_at).update(looked_at=now):
        return Looked()
    return look_for_alerts(course_id, now=now, timed=True)


def look_everywhere(courses: Iterable[Course]) -> dict[Course, Looked]:
    """Look for all kinds in these courses."""
    return {course: look_for_alerts(course.pk) for course in courses}


def update_alerts(course_id: int, said: Mapping[int, Mapping[str, Any]]) -> None:
    """Say something else in alerts that are there, by their ids, in the caller's transaction."""
    rows = list(Alert.objects.current().filter(pk__in=said).select_for_update().only("version"))
    for alert in rows:
        alert.data, alert.version = dict(said[alert.pk]), alert.version + 1
    update_rows(Alert, rows, ("data", "version"))
    push_alerts(course_id, [alert.pk for alert in rows])


def _compare(course_id: int, now: datetime, timed: bool) -> Difference:
    on = thresholds_of(course_id)
    kinds = [kind for kind in alert_kinds if kind.find and (kind.is_timed or not timed)]
    found = {kind.name: _find(kind, course_id, on, now) for kind in kinds}
    known = Alert.objects.current().filter(course=course_id)
    current = {(kind, key): pk for kind, key, pk in known.values_list("kind", "key", "pk")}
    causes = {(name, cause.key): cause for name, causes in found.items() for cause in causes or ()}
    looked_at = {name for name, causes in found.items() if causes is not None}
    return Difference(
        tuple((name, cause) for (name, key), cause in causes.items() if (name, key) not in current),
        tuple(
            pk
            for (name, key), pk in current.items()
            if name in looked_at and (name, key) not in causes
        ),
        tuple(_snoozes_over(course_id, now)),
    )


def _find(
    kind: KindOfAlert, course_id: int, on: Mapping[str, int | None], now: datetime
) -> list[Cause] | None:
    """The causes of a kind; None where nobody can tell, so that all stays as it is."""
    if kind.name not in on or kind.find is None:
        return []
    try:
        return list(kind.find(course_id, on[kind.name] or 0, now))
    except DatabaseError:
        raise
    except Exception:  # a site's own rule must not take the dashboard away
        logger.exception("The causes of %r cannot be found.", kind.name)
        return None


def _snoozes_over(course_id: int, now: datetime) -> Any:
    over = Q(state=AlertState.SNOOZED, snoozed_until__lte=now)
    return Alert.objects.filter(over, course=course_id).values_list("pk", flat=True)


def _new(
    course_id: int, kind: str, cause: Cause, batch: uuid.UUID, now: datetime, extra: dict[str, Any]
) -> Alert:
    return Alert(
        course_id=course_id,
        kind=kind,
        key=cause.key,
        enrolment_id=cause.enrolment_id,
        module_id=cause.module_id,
        quiz_id=cause.quiz_id,
        question_id=cause.question_id,
        since=cause.since or now,
        opened_at=now,
        data=dict(cause.data),
        batch=batch,
        **extra,
    )


def _wake(course_id: int, ids: Iterable[int]) -> None:
    asleep = Alert.objects.filter(pk__in=list(ids), state=AlertState.SNOOZED)
    _set(course_id, asleep, state=AlertState.OPEN, snoozed_until=None)


def _act_on(alert: Alert, **fields: Any) -> bool:
    with transaction.atomic():
        found = Alert.objects.current().filter(pk=alert.pk)
        return bool(_set(alert.course_id, found, **fields))


def _set(course_id: int, alerts: Any, **fields: Any) -> int:
    """Change what is there in one statement, and say which rows those were."""
    ids = list(alerts.values_list("pk", flat=True))
    if not ids:
        return 0
    rows = Alert.objects.current().filter(pk__in=ids)
    changed = rows.update(**fields, version=F("version") + 1)
    push_alerts(course_id, ids)
    return changed
