"""Notices: what a person was told, once, and kept until they dismiss it."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from .courses import Course

Text = str | Promise


class NotificationKind(models.TextChoices):
    """What people are told about. Other packages add theirs to `notification_kinds`."""

    GRADE_POSTED = "grade_posted", _("A grade was posted")
    RESULT_CHANGED = "result_changed", _("A result changed")
    HINT = "hint", _("Hint from an instructor")


@dataclass(frozen=True, slots=True)
class KindOfNotice:
    """How a kind is called where people choose, and how a notice of it reads.

    `sentence` has the placeholder `%(title)s`.
    """

    name: str
    label: Text
    sentence: Text


class NotificationKinds:
    """The kinds a site has, by name."""

    def __init__(self) -> None:
        self._kinds: dict[str, KindOfNotice] = {}

    def register(self, name: str, *, label: Text, sentence: Text) -> None:
        """Add a kind, as from an app's `ready()`. Raises ValueError for a taken name."""
        if name in self._kinds:
            raise ValueError(f"There is already a kind of notice named {name!r}.")
        self._kinds[name] = KindOfNotice(name, label, sentence)

    def forget(self, name: str) -> None:
        """Take a kind out, as at the end of a test."""
        self._kinds.pop(name, None)

    def get(self, name: str) -> KindOfNotice:
        """The kind; for one whose package has gone, a kind that reads like its title."""
        return self._kinds.get(name) or KindOfNotice(name, name, "%(title)s")

    def __contains__(self, name: object) -> bool:
        return name in self._kinds

    def __iter__(self) -> Iterator[KindOfNotice]:
        return iter(self._kinds.values())


notification_kinds = NotificationKinds()
notification_kinds.register(
    NotificationKind.GRADE_POSTED,
    label=NotificationKind.GRADE_POSTED.label,
    sentence=_("“%(title)s” has been graded."),
)
notification_kinds.register(
    NotificationKind.RESULT_CHANGED,
    label=NotificationKind.RESULT_CHANGED.label,
    sentence=_("Your result in “%(title)s” has changed."),
)
notification_kinds.register(
    NotificationKind.HINT,
    label=NotificationKind.HINT.label,
    sentence=_("You have a hint about “%(title)s”."),
)


def _local_or_web(url: str) -> str:
    is_path = url.startswith("/") and not url.startswith(("//", "/\\"))
    if url and not is_path and not url.startswith(("https://", "http://")):
        raise ValueError("A notice leads to a path of this site or to a web address.")
    return url


class NoticePayload(BaseModel):
    """The parts a notice is told in, put into words in the reader's language when it is shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, StringConstraints(max_length=300)]
    """What it is about: a quiz, a module."""

    url: Annotated[str, StringConstraints(max_length=2000), AfterValidator(_local_or_web)] = ""
    """Where to see it."""

    score: Decimal | None = None
    """Points; 0 is a score like any other, None is no score."""

    maximum: Decimal | None = None
    """Points that could be reached."""

    text: Annotated[str, StringConstraints(max_length=2000)] = ""
    """What somebody wrote, shown as plain text."""

    sender: Annotated[str, StringConstraints(max_length=200)] = ""
    """The name of who wrote it."""


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notices of people."""

    def open(self) -> "NotificationQuerySet":
        """Those not dismissed."""
        return self.filter(dismissed_at=None)

    def unread(self) -> "NotificationQuerySet":
        """Those neither read nor dismissed."""
        return self.filter(dismissed_at=None, read_at=None)


class Notification(models.Model):
    """One thing that one person was told. The row is the truth; every channel only points to it.

    `key` says what it is about, as `grade:<submission>:<revision>`: the same kind and key are told
    to a person once. `batch` is the call that told it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="live_lms_notifications",
        verbose_name=_("person"),
    )
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=40)
    key = models.CharField(_("key"), max_length=200)
    payload = models.JSONField(_("content"), default=dict)
    batch = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    dismissed_at = models.DateTimeField(_("dismissed"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "key"], name="live_lms_notified_once")
        ]
        indexes = [
            models.Index(
                "user", "id", condition=Q(dismissed_at=None), name="live_lms_notification_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} for user {self.user_id}"

    @property
    def is_unread(self) -> bool:
        return self.read_at is None and self.dismissed_at is None

    @property
    def title(self) -> str:
        return str(self.payload.get("title", ""))

    @property
    def url(self) -> str:
        return str(self.payload.get("url", ""))

    @property
    def text(self) -> str:
        return str(self.payload.get("text", ""))

    @property
    def sender(self) -> str:
        return str(self.payload.get("sender", ""))

    @property
    def sentence(self) -> str:
        """What happened, in the language in force; never the score."""
        return str(notification_kinds.get(self.kind).sentence) % {"title": self.title}

    @property
    def score(self) -> str:
        """The points in words, in the language in force; empty where there are none."""
        score, maximum = self.payload.get("score"), self.payload.get("maximum")
        if score is None:
            return ""
        if maximum is None:
            return _points(score)
        return _t("%(score)s of %(maximum)s") % {
            "score": _points(score),
            "maximum": _points(maximum),
        }


def _points(value: Any) -> str:
    """Points as the language writes them, without zeros that say nothing: 7.50 is 7.5."""
    return number_format(Decimal(f"{Decimal(value).normalize():f}"))
