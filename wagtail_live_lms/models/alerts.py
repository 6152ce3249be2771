"""Alerts: what instructors should look at, by which rules, and who asked for help."""

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from .alert_kinds import AlertKind, KindOfAlert, alert_kinds
from .courses import Course, Module
from .enrolments import Enrolment
from .quizzes import Quiz

MESSAGE_LENGTH = 1000
"""Characters of what a student asks, an instructor answers, or a hint says."""


class AlertRule(models.Model):
    """How a course differs from a kind's defaults. Without a row they hold."""

    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="alert_rules")
    kind = models.CharField(_("kind"), max_length=40)
    is_on = models.BooleanField(_("on"), default=True)
    threshold = models.PositiveIntegerField(
        _("threshold"),
        null=True,
        blank=True,
        help_text=_("Leave empty for the default."),
    )

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        constraints = [
            models.UniqueConstraint(fields=["course", "kind"], name="live_lms_alert_rule_once")
        ]

    def __str__(self) -> str:
        return f"{alert_kinds.get(self.kind).label}: {self.course}"

    def clean(self) -> None:
        """The threshold fits its kind, whose name or whose package may be gone."""
        kind = alert_kinds.get(self.kind)
        if self.threshold is None or kind.minimum <= self.threshold <= kind.maximum:
            return
        limits = {"minimum": kind.minimum, "maximum": kind.maximum}
        message = _("Choose a number from %(minimum)s to %(maximum)s.")
        raise ValidationError({"threshold": ValidationError(message, params=limits)})


class AlertState(models.TextChoices):
    """What became of an alert."""

    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    SNOOZED = "snoozed", _("Snoozed")
    CLEARED = "cleared", _("Settled")


class ClearReason(models.TextChoices):
    """Why an alert is no longer one."""

    CAUSE_GONE = "cause_gone", _("Its cause is gone")
    ANSWERED = "answered", _("Answered")
    WITHDRAWN = "withdrawn", _("The student withdrew it")


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts of courses."""

    def current(self) -> "AlertQuerySet":
        """Those whose cause is there, whatever instructors did about it."""
        return self.exclude(state=AlertState.CLEARED)

    def open(self, now: datetime | None = None) -> "AlertQuerySet":
        """Those that wait for an instructor, with those whose snooze is over."""
        is_over = Q(state=AlertState.SNOOZED, snoozed_until__lte=now or timezone.now())
        return self.filter(Q(state=AlertState.OPEN) | is_over)

    def with_people(self) -> "AlertQuerySet":
        """With what a row shows, in one query."""
        return self.select_related("enrolment", "assigned_to", "help_request")


class Alert(models.Model):
    """One thing in a course that an instructor should look at.

    `open -> acknowledged | snoozed`, and `cleared` by itself when the cause is gone. `key` says
    what it is about: there is one alert of a kind and key that is not cleared. `batch` is the call
    that opened it; `version` rises with every change.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(max_length=200)
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, null=True, blank=True, related_name="alerts"
    )
    module = models.ForeignKey(
        Module, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    quiz = models.ForeignKey(
        Quiz, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    question_id = models.CharField(max_length=36, blank=True)
    help_request = models.ForeignKey(
        "HelpRequest", on_delete=models.CASCADE, null=True, blank=True, related_name="alerts"
    )
    data = models.JSONField(default=dict)
    since = models.DateTimeField(_("since"), default=timezone.now)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now)
    state = models.CharField(
        _("state"), max_length=12, choices=AlertState.choices, default=AlertState.OPEN
    )
    snoozed_until = models.DateTimeField(_("snoozed until"), null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handed to"),
    )
    cleared_at = models.DateTimeField(_("settled"), null=True, blank=True)
    cleared_reason = models.CharField(max_length=12, choices=ClearReason.choices, blank=True)
    batch = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    version = models.PositiveIntegerField(default=1)

    objects = AlertQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["course", "kind", "key"],
                condition=~Q(state="cleared"),
                name="live_lms_alert_once",
            )
        ]
        indexes = [
            models.Index("course", "id", condition=~Q(state="cleared"), name="live_lms_alerts"),
            models.Index(
                "enrolment",
                condition=Q(enrolment__isnull=False) & ~Q(state="cleared"),
                name="live_lms_alerts_of_student",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} in course {self.course_id}"

    @property
    def kind_of(self) -> KindOfAlert:
        """Its kind, with its words."""
        return alert_kinds.get(self.kind)

    @property
    def sentence(self) -> str:
        """What is the matter, in the language in force."""
        parts: dict[str, Any] = {"title": "", "count": 0, "percent": 0, "threshold": 0}
        # Not str() first: a plural is chosen by the number that fills it.
        return str(self.kind_of.sentence % (parts | self.data))

    @property
    def is_snoozed(self) -> bool:
        """Whether it is still put off."""
        until = self.snoozed_until
        is_put_off = self.state == AlertState.SNOOZED and until is not None
        return is_put_off and until > timezone.now()  # type: ignore[operator]

    @property
    def is_cleared(self) -> bool:
        return self.state == AlertState.CLEARED

    @property
    def is_open(self) -> bool:
        """Whether it waits for an instructor."""
        is_settled = self.state in (AlertState.ACKNOWLEDGED, AlertState.CLEARED)
        return not is_settled and not self.is_snoozed

    @property
    def state_now(self) -> str:
        """Its state, a snooze that is over being none."""
        return AlertState.OPEN if self.is_open else self.state

    @property
    def is_about_help(self) -> bool:
        return self.kind == AlertKind.HELP


class AlertClock(models.Model):
    """When a course's alerts were last looked for, so that a storm of readers looks once."""

    course = models.OneToOneField(
        Course, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    looked_at = models.DateTimeField()

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"Alerts of {self.course} at {self.looked_at}"


class HelpState(models.TextChoices):
    """How far a request for help is."""

    WAITING = "waiting", _("Waiting")
    ANSWERED = "answered", _("Answered")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class HelpRequest(models.Model):
    """What a student asked, and what an instructor answered, both as plain text.

    `subject` names the module or question it is about, `title` in the words of the course; a
    student has one waiting request for each subject.
    """

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="help_requests")
    subject = models.CharField(max_length=120)
    title = models.CharField(_("about"), max_length=200)
    module = models.ForeignKey(
        Module, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    quiz = models.ForeignKey(
        Quiz, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    question_id = models.CharField(max_length=36, blank=True)
    text = models.TextField(_("question"), max_length=MESSAGE_LENGTH, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=HelpState.choices, default=HelpState.WAITING
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("request for help")
        verbose_name_plural = _("requests for help")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "subject"],
                condition=Q(state="waiting"),
                name="live_lms_asked_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.display_name}: {self.title}"

    @property
    def is_waiting(self) -> bool:
        return self.state == HelpState.WAITING

    @property
    def is_answered(self) -> bool:
        return self.state == HelpState.ANSWERED


class PreparedHint(Orderable):
    """A text that instructors answer with, for one module or for the whole course."""

    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="prepared_hints")
    module = models.ForeignKey(
        Module,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("module"),
        help_text=_("Leave empty to offer it in the whole course."),
    )
    text = models.TextField(_("text"), max_length=MESSAGE_LENGTH)

    class Meta(Orderable.Meta):
        verbose_name = _("prepared hint")
        verbose_name_plural = _("prepared hints")

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        """A hint belongs to a module of its own course."""
        if self.module is not None and self.course_id and self.module.course_id != self.course_id:
            raise ValidationError({"module": _("This module belongs to another course.")})
