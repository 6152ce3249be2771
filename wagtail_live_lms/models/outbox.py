"""How notices reach people beyond the page: what each chose, their browsers, and the outbox."""

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .courses import Course
from .notices import Notification


class Channel(models.TextChoices):
    """A way to a person who is not looking at the page."""

    WEB_PUSH = "web_push", _("Browser")
    EMAIL = "email", _("E-mail")


class NotificationSettings(models.Model):
    """What a person chose for all their notices. Without a row: scores hidden.

    `language` is that of the page they chose on; `mailed_at` is when the last digest was begun.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="live_lms_notification_settings",
        verbose_name=_("person"),
    )
    show_scores = models.BooleanField(_("show scores"), default=False)
    language = models.CharField(_("language"), max_length=15, blank=True)
    mailed_at = models.DateTimeField(_("last digest"), null=True, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("notification settings")
        verbose_name_plural = _("notification settings")

    def __str__(self) -> str:
        return f"Notification settings of user {self.user_id}"


class NotificationChoice(models.Model):
    """Which channels may carry notices of one kind from one course to one person.

    Without a row: to the browsers they allowed, and no e-mail. In the page is always.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=40)
    web_push = models.BooleanField(_("browser"), default=True)
    email = models.BooleanField(_("e-mail"), default=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("notification choice")
        verbose_name_plural = _("notification choices")
        constraints = [
            models.UniqueConstraint(fields=["user", "course", "kind"], name="live_lms_chosen_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} in course {self.course_id} for user {self.user_id}"


def digest_of(endpoint: str) -> str:
    """What a push address is found by: it is too long for an index."""
    return sha256(endpoint.encode()).hexdigest()


class PushSubscription(models.Model):
    """A browser that may be pushed to: the address and keys it gave when it was allowed.

    A browser has one address, whoever uses it; it belongs to the last person who allowed it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="live_lms_push_subscriptions",
        verbose_name=_("person"),
    )
    endpoint = models.TextField(_("address"))
    endpoint_digest = models.CharField(max_length=64, unique=True, editable=False)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=60)
    name = models.CharField(_("browser"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=15, blank=True)
    created_at = models.DateTimeField(_("allowed"), default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("browser")
        verbose_name_plural = _("browsers")

    def __str__(self) -> str:
        return f"Browser {self.pk} of user {self.user_id}"


class DeliveryState(models.TextChoices):
    """How far a delivery is. From `sending` on it is never sent again unless it surely failed."""

    PENDING = "pending", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("sent")
    SKIPPED = "skipped", _("no longer needed")
    FAILED = "failed", _("failed")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Deliveries of notices."""

    def due(self, channel: str) -> "DeliveryQuerySet":
        """Those of a channel that may be tried now."""
        return self.filter(channel=channel, state=DeliveryState.PENDING, due_at__lte=timezone.now())


class Delivery(models.Model):
    """One notice on one way to its person, written down in the transaction that told it.

    Whoever moves it from pending to sending sends it, so it is sent once.
    """

    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, related_name="deliveries"
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    subscription = models.ForeignKey(
        PushSubscription, on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "subscription"], name="live_lms_pushed_once"
            ),
            models.UniqueConstraint(
                fields=["notification"],
                condition=Q(subscription=None),
                name="live_lms_mailed_once",
            ),
        ]
        indexes = [
            models.Index(
                "channel", "due_at", condition=Q(state="pending"), name="live_lms_delivery_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} of notification {self.notification_id}: {self.state}"
