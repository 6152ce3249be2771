"""What instructors should look at now, and what they do about it."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BeforeValidator, Field, StringConstraints

from wagtail_live_lms import access, actions
from wagtail_live_lms.actions.changes import ALERT, COURSE, instructor_topic
from wagtail_live_lms.live import (
    RESNAPSHOT,
    Component,
    Fragment,
    InvalidInput,
    Message,
    Once,
    RowId,
    ShortText,
    registry,
)
from wagtail_live_lms.live.topics import parse_since
from wagtail_live_lms.models import MESSAGE_LENGTH, Alert

from .permissions import IsInstructor

FOLDER = "wagtail_live_lms/instructor_alerts"
SHOWN = 20
"""Alerts listed at once, the newest first; older ones follow as these are settled."""

RECENT = timedelta(days=1)
"""How long settled alerts are listed under "All"."""

Which = Literal["open", "mine", "all"]
LABELS = {
    "open": gettext_lazy("Open"),
    "mine": gettext_lazy("Mine"),
    "all": gettext_lazy("All"),
}

Hours = Annotated[int, Field(ge=1, le=24 * 7)]
Words = Annotated[str, StringConstraints(max_length=MESSAGE_LENGTH - 10, strip_whitespace=True)]
Chosen = Annotated[RowId | None, BeforeValidator(lambda value: value or None)]
"""A choice of a list that may be left empty."""


@registry.register("instructor_alerts")
class InstructorAlerts(Component):
    """The alerts of a course: a list that moves as they come and go, and one opened beside it.

    `alerts` says which are listed, `alert` which is opened; both may come from the URL.
    """

    template_name = f"{FOLDER}/component.html"
    snapshot_template_name = f"{FOLDER}/snapshot.html"
    permission_classes = (IsInstructor,)
    query_params = ("alerts", "alert")

    def mount(self, course_id: RowId, alerts: Which = "open", alert: RowId | None = None) -> None:
        actions.look_if_due(course_id)
        rows = list(self._matching()[: SHOWN + 1])
        is_whole = len(rows) <= SHOWN
        knows_open = is_whole and alerts == "open"
        open_ids = {row.pk for row in rows} if knows_open else self._read_open_ids()
        self.state = {
            "rows": rows[:SHOWN],
            "is_whole": is_whole,
            "open_ids": open_ids,
            "position": self._position(),
        }

    def topics(self) -> list[str]:
        return [instructor_topic(self.params["course_id"])]

    # What instructors do

    def on_acknowledge(self, alert_id: RowId) -> None:
        done = actions.acknowledge_alert(self._get(alert_id))
        self._close(_("Acknowledged.") if done else _("It was settled already."))

    def on_snooze(self, alert_id: RowId, hours: Hours) -> None:
        done = actions.snooze_alert(self._get(alert_id), timedelta(hours=hours))
        self._close(_("Snoozed.") if done else _("It was settled already."))

    def on_hand_over(self, alert_id: RowId, to: ShortText) -> None:
        alert = self._get(alert_id)
        teachers = access.get_instructors_for(self.user, alert.course_id)
        person = next((user for user in teachers if str(user.pk) == to), None)
        if person is None:
            raise InvalidInput({"to": [_("Choose somebody who teaches the course.")]})
        actions.hand_over_alert(alert, person)
        self._close(_("Handed to %(name)s.") % {"name": actions.display_name_of(person)})

    def on_answer(self, alert_id: RowId, text: Words = "", hint_id: Chosen = None) -> None:
        alert = self._get(alert_id)
        hint = access.get_hint_for(self.user, alert.course_id, hint_id).text if hint_id else ""
        answer = "\n\n".join(part for part in (hint, text) if part)
        if not answer:
            raise InvalidInput({"text": [_("Write a message or choose a hint.")]})
        actions.send_hint(alert, answer, by=self.user)
        self._close(_("Sent."))

    # What is pushed

    @classmethod
    def load_changes(cls, topic: str, kind: str, ids: list[int]) -> Mapping[int, Alert]:
        return Alert.objects.with_people().in_bulk(ids) if kind == ALERT else {}

    def on_ws_message(self, message: Message) -> Any:
        if message.kind == COURSE:
            return RESNAPSHOT
        if message.kind != ALERT:
            return ()
        record: Alert | None = message.record
        if record is None or not self.state["is_whole"]:
            return RESNAPSHOT
        self.state["position"] = message.seq
        self._count(record)
        return self._patches(record, message)

    def on_tick(self, once: Once) -> Iterable[Fragment]:
        """A dashboard that stays open is read all the time."""
        course_id = self.params["course_id"]
        once(("alerts", course_id), lambda: actions.look_if_due(course_id))
        return ()

    def get_context(self) -> dict[str, Any]:
        return {
            "which": self.params["alerts"],
            "filters": [self._filter(name, label) for name, label in LABELS.items()],
            **self._desk(),
        }

    def _patches(self, record: Alert, message: Message) -> Iterable[Fragment]:
        before = [row.pk for row in self.state["rows"]]
        rows = [row for row in self.state["rows"] if row.pk != record.pk]
        if self._belongs(record):
            rows = sorted([record, *rows], key=lambda row: -row.pk)
        if len(rows) > SHOWN:
            self.state["is_whole"] = False
        self.state["rows"] = rows[:SHOWN]
        yield self.fragment("head", f"{FOLDER}/head.html", for_all=True)
        if [row.pk for row in self.state["rows"]] == before:
            key = f"alert-{record.pk}"
            yield Fragment(key, lambda: self._row(record, message), record.pk in before)
        else:
            yield self.fragment("list", f"{FOLDER}/list.html", for_all=True, which=self.which)
        if record.pk == self.params["alert"]:
            yield self.fragment("news", f"{FOLDER}/news.html", for_all=True, opened=record)

    def _row(self, record: Alert, message: Message) -> str:
        """The row, rendered once for all who list it under the same heading."""
        context = {"row": record, "component": self, "which": self.which}
        return message.once(
            ("alert", self.which, self.element_id),
            lambda: render_to_string(f"{FOLDER}/row.html", context),
        )

    @property
    def which(self) -> str:
        return str(self.params["alerts"])

    def _matching(self) -> Any:
        alerts = Alert.objects.with_people().filter(course=self.params["course_id"])
        if self.which == "open":
            alerts = alerts.open()
        elif self.which == "mine":
            alerts = alerts.current().filter(assigned_to=self.user.pk)
        else:
            since = timezone.now() - RECENT
            alerts = alerts.filter(Q(cleared_at=None) | Q(cleared_at__gte=since))
        return alerts.order_by("-pk")

    def _belongs(self, alert: Alert) -> bool:
        """As `_matching`, for one that was read already."""
        if self.which == "mine":
            return not alert.is_cleared and alert.assigned_to_id == self.user.pk
        return alert.is_open if self.which == "open" else True

    def _count(self, alert: Alert) -> None:
        change = set.add if alert.is_open else set.discard
        change(self.state["open_ids"], alert.pk)

    def _read_open_ids(self) -> set[int]:
        open_alerts = Alert.objects.open().filter(course=self.params["course_id"])
        return set(open_alerts.values_list("pk", flat=True))

    # The alert that is opened

    def _desk(self) -> dict[str, Any]:
        """What can be done about the alert that was opened; nothing where there is none."""
        if self.params["alert"] is None:
            return {}
        course_id = self.params["course_id"]
        alerts = Alert.objects.with_people().filter(course=course_id, pk=self.params["alert"])
        opened = alerts.first()
        if opened is None:
            return {}
        people = access.get_instructors_for(self.user, course_id)
        others = [user for user in people if user.pk != self.user.pk]
        return {
            "opened": opened,
            "hints": access.get_hints_for(self.user, course_id, opened.module_id),
            "others": [(str(user.pk), actions.display_name_of(user)) for user in others],
            "text_length": MESSAGE_LENGTH - 10,
        }

    def _get(self, alert_id: int) -> Alert:
        return access.get_alert_taught_by(self.user, self.params["course_id"], alert_id)

    def _close(self, notice: str) -> None:
        self.notice = notice
        self.params = {**self.params, "alert": None}

    def _filter(self, name: str, label: Any) -> dict[str, Any]:
        return {"name": name, "label": label, "is_current": name == self.which}

    def _position(self) -> int:
        """How far the state is at least, so that nothing older replaces what is shown."""
        told = parse_since(self.since).get(self.topics()[0])
        return told.seq if told else 0
