"""Courses and the modules they are made of."""

import swapper
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable
from wagtail.search import index

swapper.set_app_prefix("wagtailcore", "wagtail")


class EnrolmentPolicy(models.TextChoices):
    """Who may enrol a student."""

    OPEN = "open", _("Anybody who is logged in may join")
    STAFF = "staff", _("Only staff enrols students")


class CompletionRule(models.TextChoices):
    """What completes a module."""

    BY_HAND = "by_hand", _("The student marks it complete")
    PAGE_VIEWED = "page_viewed", _("Opening its page")
    QUIZ_PASSED = "quiz_passed", _("Passing its quiz")
    NOTEBOOK_FINISHED = "notebook_finished", _("Finishing its notebook")


class Course(index.Indexed, ClusterableModel):
    """What students enrol in and instructors teach."""

    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=200, unique=True)
    description = models.TextField(_("description"), blank=True)
    enrolment_policy = models.CharField(
        _("enrolment"),
        max_length=10,
        choices=EnrolmentPolicy.choices,
        default=EnrolmentPolicy.OPEN,
    )
    in_order = models.BooleanField(
        _("in order"),
        default=False,
        help_text=_("A module can be completed only after the ones before it."),
    )
    dashboard_page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("dashboard page"),
        help_text=_("Where alerts in the admin lead instructors: the page with their dashboard."),
    )

    search_fields = [
        index.SearchField("title", boost=2),
        index.AutocompleteField("title"),
        index.SearchField("description"),
    ]

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["title", "pk"]
        permissions = [("see_all_courses", _("Can work on the students of all courses"))]

    def __str__(self) -> str:
        return self.title


class CourseInstructor(Orderable):
    """A user who teaches a course."""

    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="instructor_links")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("user"),
    )

    class Meta(Orderable.Meta):
        verbose_name = _("instructor")
        verbose_name_plural = _("instructors")
        constraints = [
            models.UniqueConstraint(fields=["course", "user"], name="live_lms_instructor_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} teaches {self.course}"


class ModuleQuerySet(models.QuerySet["Module"]):
    """Modules of courses."""

    def live(self) -> "ModuleQuerySet":
        """Modules that count: not archived."""
        return self.filter(archived=False)


class Module(Orderable):
    """A part of a course that a student can complete. Archived, never deleted, once one has."""

    course = ParentalKey(Course, on_delete=models.CASCADE, related_name="modules")
    title = models.CharField(_("title"), max_length=200)
    completion_rule = models.CharField(
        _("completed by"),
        max_length=20,
        choices=CompletionRule.choices,
        default=CompletionRule.BY_HAND,
    )
    page = models.ForeignKey(
        swapper.get_model_name("wagtailcore", "Page"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("page"),
        help_text=_("The page that teaches this module."),
    )
    archived = models.BooleanField(
        _("archived"),
        default=False,
        help_text=_("Hidden from students and not counted. Completions are kept."),
    )

    objects = ModuleQuerySet.as_manager()

    class Meta(Orderable.Meta):
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        ordering = ["sort_order", "pk"]

    def __str__(self) -> str:
        return self.title
