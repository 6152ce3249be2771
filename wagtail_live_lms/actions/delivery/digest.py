"""E-mail: what is still unread, put together, at most once an hour to a person."""

import logging
import smtplib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from django.contrib.auth import get_user_model
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext
from wagtail.models import Site

from wagtail_live_lms import conf
from wagtail_live_lms.models import (
    Channel,
    Delivery,
    DeliveryState,
    Notification,
    NotificationSettings,
)

from .outcomes import SENT, SKIPPED, UNKNOWN, Outcome, claim, settle

logger = logging.getLogger(__name__)

NO_CONNECTION = Outcome(DeliveryState.PENDING, "The mail server cannot be reached.")


@dataclass(frozen=True, slots=True)
class Digest:
    """One person's claimed deliveries, and when they were mailed before."""

    user: Any
    settings: NotificationSettings
    deliveries: list[Delivery]
    mailed_before: datetime | None

    @property
    def notices(self) -> list[Notification]:
        return [delivery.notification for delivery in self.deliveries]


def send_digests() -> int:
    """Mail everybody what is due for them; returns to how many a mail went out."""
    due = Delivery.objects.due(Channel.EMAIL)
    people = list(due.values_list("notification__user", flat=True).distinct())
    if not people:
        return 0
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("Digests wait, the mail server cannot be reached: %s", error)
        _postpone(due)
        return 0
    try:
        return sum(_mail(user_id, connection) for user_id in people)
    finally:
        connection.close()


def _mail(user_id: Any, connection: Any) -> bool:
    digest = _claim(user_id)
    if digest is None:
        return False
    outcome = _send(digest, connection)
    for delivery in digest.deliveries:
        settle(delivery, outcome)
    if outcome.state == DeliveryState.PENDING:
        NotificationSettings.objects.filter(pk=user_id).update(mailed_at=digest.mailed_before)
    return outcome is SENT


def _claim(user_id: Any) -> Digest | None:
    """What a person has not read yet, taken for sending; None when there is no mail to send."""
    with transaction.atomic():
        NotificationSettings.objects.get_or_create(user_id=user_id)
        settings = NotificationSettings.objects.select_for_update().get(pk=user_id)
        waiting = Delivery.objects.filter(
            channel=Channel.EMAIL, state=DeliveryState.PENDING, notification__user=user_id
        )
        next_at = _next_mail_after(settings.mailed_at)
        if next_at > timezone.now():
            waiting.update(due_at=next_at)
            return None
        user = get_user_model()._default_manager.get(pk=user_id)
        rows = list(waiting.select_related("notification__course").order_by("notification"))
        claim([delivery.pk for delivery in rows])
        unread = [d for d in rows if d.notification.is_unread and user.is_active]
        for delivery in set(rows) - set(unread):
            settle(delivery, SKIPPED)
        if not unread:
            return None
        mailed_before = settings.mailed_at
        NotificationSettings.objects.filter(pk=user_id).update(mailed_at=timezone.now())
    return Digest(user, settings, unread, mailed_before)


def _next_mail_after(mailed_at: datetime | None) -> datetime:
    if mailed_at is None:
        return timezone.now()
    return mailed_at + timedelta(minutes=conf.current().EMAIL_DIGEST_MINUTES)


def _send(digest: Digest, connection: Any) -> Outcome:
    try:
        message_of(digest, connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        return _refused(max(codes, default=550))
    except smtplib.SMTPResponseException as error:
        return _refused(error.smtp_code)
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("A digest may not have gone out: %s", error)
        return Outcome(DeliveryState.FAILED, UNKNOWN)
    return SENT


def _refused(code: int) -> Outcome:
    reason = f"The mail server answered {code}."
    is_for_now = 400 <= code < 500
    return Outcome(DeliveryState.PENDING if is_for_now else DeliveryState.FAILED, reason)


def _postpone(due: Any) -> None:
    """Nothing was handed over, so all of it is tried again."""
    for delivery in (each for each in due.iterator() if claim([each.pk])):
        settle(delivery, NO_CONNECTION)


def message_of(digest: Digest, connection: Any = None) -> EmailMultiAlternatives:
    """The mail, in the language the person chose their settings in."""
    base_url = base_url_of_site()
    settings_url = urljoin(base_url, reverse("wagtail_live_lms:notifications"))
    with translation.override(digest.settings.language or None):
        context = {
            "notices": [(notice, urljoin(base_url, notice.url)) for notice in digest.notices],
            "show_scores": digest.settings.show_scores,
            "settings_url": settings_url,
        }
        message = EmailMultiAlternatives(
            _subject(digest.notices),
            render_to_string("wagtail_live_lms/notifications/digest.txt", context),
            to=[getattr(digest.user, digest.user.get_email_field_name())],
            headers={"Auto-Submitted": "auto-generated", "List-Unsubscribe": f"<{settings_url}>"},
            connection=connection,
        )
        html = render_to_string("wagtail_live_lms/notifications/digest.html", context)
    message.attach_alternative(html, "text/html")
    return message


def _subject(notices: list[Notification]) -> str:
    """One line; never a score."""
    if len(notices) == 1:
        subject = f"{notices[0].course.title}: {notices[0].sentence}"
    else:
        subject = ngettext(
            "%(count)s new notification", "%(count)s new notifications", len(notices)
        ) % {"count": len(notices)}
    return " ".join(subject.split())


def base_url_of_site() -> str:
    """Where links in mails lead: BASE_URL, or else the default site's address."""
    if conf.current().BASE_URL:
        return conf.current().BASE_URL
    site = Site.objects.filter(is_default_site=True).first()
    return site.root_url if site else ""
