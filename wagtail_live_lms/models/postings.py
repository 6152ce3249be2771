"""Posting grades: who gave students which results, and when these reach them."""

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .quizzes import Quiz

UNDO_TIME = timedelta(seconds=30)
"""How long posted grades are held where a quiz allows posting to be undone."""


class PostingQuerySet(models.QuerySet["Posting"]):
    """Acts of posting."""

    def held(self) -> "PostingQuerySet":
        """Those that have not reached students and may still be undone."""
        return self.filter(released_at=None, undone_at=None)

    def due(self, now: datetime | None = None) -> "PostingQuerySet":
        """Those held whose time has come."""
        return self.held().filter(release_at__lte=now or timezone.now())


class Posting(models.Model):
    """One act of posting grades of a quiz: held until `release_at`, then released or undone.

    Exactly one of `released_at` and `undone_at` is set in the end, under the course's lock.
    """

    quiz = models.ForeignKey(Quiz, on_delete=models.CASCADE, related_name="postings")
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    posted_at = models.DateTimeField(_("posted"), default=timezone.now)
    release_at = models.DateTimeField(_("reaches students"))
    released_at = models.DateTimeField(_("reached students"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    count = models.PositiveIntegerField(_("attempts"))

    objects = PostingQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("posting of grades")
        verbose_name_plural = _("postings of grades")
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(undone_at=None), name="live_lms_posted_or_undone"
            )
        ]
        indexes = [
            models.Index(
                fields=["release_at"],
                condition=Q(released_at=None, undone_at=None),
                name="live_lms_postings_held",
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.quiz}"

    @property
    def is_held(self) -> bool:
        """Whether it can still be undone, as far as its row goes."""
        return self.released_at is None and self.undone_at is None

    @property
    def seconds_left(self) -> int:
        """Until it reaches students, at least 0, rounded up."""
        return max(0, ceil((self.release_at - timezone.now()).total_seconds()))
