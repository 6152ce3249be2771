"""Who takes a course: the summary row of each student, and the course's totals."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail_live_lms import conf

from .courses import Course

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""The last activity of those who have done nothing: before all others in every order."""

_HAS_ACTED = Q(last_activity__gt=NEVER)


def percentage(completed: int, modules: int) -> int:
    """Completed modules as a whole percentage, 0 to 100, rounded down: 100 means all of them."""
    if modules <= 0:
        return 0
    return min(100, max(0, completed * 100 // modules))


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Enrolments of courses."""

    def current(self) -> "EnrolmentQuerySet":
        """Those who have not withdrawn."""
        return self.filter(withdrawn_at=None)

    def active_now(self) -> "EnrolmentQuerySet":
        """Those who did something in the last ACTIVE_MINUTES."""
        since = timezone.now() - timedelta(minutes=conf.current().ACTIVE_MINUTES)
        # Implies _HAS_ACTED; two bounds on one column would make SQLite read the whole roster.
        return self.filter(last_activity__gte=since)

    def started(self) -> "EnrolmentQuerySet":
        """Those with something completed or done."""
        return self.filter(_HAS_ACTED | Q(completed_count__gt=0))

    def not_started(self) -> "EnrolmentQuerySet":
        """Those with nothing completed and nothing done."""
        return self.exclude(_HAS_ACTED | Q(completed_count__gt=0))


class Enrolment(models.Model):
    """A student's place in a course, and the summary of what they did there.

    The summary changes in the same transaction as what it sums up, so that dashboards read only
    this row. `version` rises with every change of it.
    """

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="enrolments")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="live_lms_enrolments",
        verbose_name=_("student"),
    )
    display_name = models.CharField(_("name"), max_length=200)
    enrolled_at = models.DateTimeField(_("enrolled"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    completed_count = models.PositiveIntegerField(_("modules completed"), default=0)
    percent = models.PositiveSmallIntegerField(_("progress in per cent"), default=0)
    last_activity = models.DateTimeField(_("last activity"), default=NEVER)
    quiz_average = models.DecimalField(
        _("quiz average in per cent"), max_digits=5, decimal_places=2, null=True, blank=True
    )
    extra_time = models.DecimalField(
        _("extra time factor"),
        max_digits=3,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(1)), MaxValueValidator(Decimal(5))],
        help_text=_("Time limits of quizzes are multiplied by it: 1.25 gives a quarter more."),
    )
    version = models.PositiveIntegerField(default=1)

    objects = EnrolmentQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="live_lms_enrolled_once"),
            models.CheckConstraint(condition=Q(percent__lte=100), name="live_lms_percent_to_100"),
        ]
        indexes = [
            models.Index(
                "course", *fields, condition=Q(withdrawn_at=None), name=f"live_lms_roster_{name}"
            )
            for name, fields in {
                "name": ("display_name", "id"),
                "percent": ("percent", "display_name", "id"),
                "activity": ("last_activity", "display_name", "id"),
            }.items()
        ]

    def __str__(self) -> str:
        return f"{self.display_name} in {self.course}"

    @property
    def is_finished(self) -> bool:
        return self.percent == 100

    @property
    def has_acted(self) -> bool:
        """Whether they did anything here."""
        return self.last_activity > NEVER

    @property
    def is_started(self) -> bool:
        """Whether anything was completed, by them or for them, or done."""
        return self.completed_count > 0 or self.has_acted

    @property
    def is_active_now(self) -> bool:
        """Whether they did something in the last ACTIVE_MINUTES."""
        window = timedelta(minutes=conf.current().ACTIVE_MINUTES)
        return self.has_acted and self.last_activity > timezone.now() - window


class CourseTotals(models.Model):
    """A course summed up over its current enrolments, so that no page counts the roster."""

    course = models.OneToOneField(
        Course, on_delete=models.CASCADE, primary_key=True, related_name="totals"
    )
    student_count = models.PositiveIntegerField(default=0)
    percent_sum = models.PositiveBigIntegerField(default=0)
    finished_count = models.PositiveIntegerField(default=0)
    module_count = models.PositiveIntegerField(default=0)

    wagtail_reference_index_ignore = True

    def __str__(self) -> str:
        return f"Totals of {self.course}"

    @property
    def average_percent(self) -> int:
        """Mean progress in whole per cent; 0 for an empty course."""
        return round(self.percent_sum / self.student_count) if self.student_count else 0
