"""Notebooks that complete a module, and what each student has passed of them."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .courses import Module
from .enrolments import Enrolment


class NotebookLesson(models.Model):
    """A notebook that students work through in Jupyter; its required cells complete the module.

    `notebook` is JSON text of nbformat 4.5, without outputs. `required` lists the cells that
    count, in the notebook's order, each as {"id", "label"}. Written by `actions.save_notebook`.
    """

    title = models.CharField(_("title"), max_length=200)
    module = models.OneToOneField(
        Module,
        on_delete=models.SET_NULL,
        null=True,
        related_name="notebook_lesson",
        verbose_name=_("module"),
        help_text=_("The module that is complete when all required cells have passed."),
    )
    notebook = models.TextField(_("notebook"), editable=False)
    required = models.JSONField(_("required cells"), default=list, editable=False)
    digest = models.CharField(max_length=80, editable=False)
    updated_at = models.DateTimeField(_("last changed"), default=timezone.now, editable=False)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("notebook")
        verbose_name_plural = _("notebooks")
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def required_ids(self) -> list[str]:
        """Ids of the cells that count, in the notebook's order."""
        return [cell["id"] for cell in self.required]


class NotebookProgress(models.Model):
    """The cells of a module's notebook that a student has passed. They are only ever added to.

    They may name cells that an editor has removed since; `access.standing` leaves those out.
    `evidence` is what came with the last report that added some.
    """

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, related_name="notebook_progress"
    )
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="notebook_progress")
    passed = models.JSONField(_("passed cells"), default=list)
    evidence = models.JSONField(_("evidence"), default=dict)
    updated_at = models.DateTimeField(_("last reported"), default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("progress in a notebook")
        verbose_name_plural = _("progress in notebooks")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "module"], name="live_lms_notebook_progress_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.display_name}: {self.module}"


class NotebookReport(models.Model):
    """The answer to a report, kept for a while so that the same one sent again changes nothing."""

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.CASCADE, related_name="notebook_reports"
    )
    key = models.UUIDField()
    request_digest = models.CharField(max_length=64)
    answer = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("report from a notebook")
        verbose_name_plural = _("reports from notebooks")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "key"], name="live_lms_reported_once")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.display_name}: {self.key}"
