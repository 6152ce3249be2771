"""What a student has completed."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .courses import Module
from .enrolments import Enrolment


class Source(models.TextChoices):
    """Where a completion came from."""

    PAGE = "page", _("on the page")
    QUIZ = "quiz", _("by passing the quiz")
    NOTEBOOK = "notebook", _("in the notebook (self-reported)")
    STAFF = "staff", _("by staff")


class Progress(models.Model):
    """A module that a student has completed: when, where, and on what evidence."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="progress")
    module = models.ForeignKey(Module, on_delete=models.PROTECT, related_name="progress")
    completed_at = models.DateTimeField(_("completed"), default=timezone.now)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    evidence = models.JSONField(_("evidence"), default=dict, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("completion")
        verbose_name_plural = _("completions")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "module"], name="live_lms_completed_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.display_name}: {self.module}"
