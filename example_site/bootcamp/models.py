"""Page types of the example site. The product ships none, so a site is free to have its own."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.query import PageQuerySet

from wagtail_live_lms.access import is_enrolled, is_instructor
from wagtail_live_lms.models import Course

from .blocks import BootcampBody


class BootcampHomePage(Page):
    """The front page: an introduction and the courses below it."""

    intro = models.TextField(blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    subpage_types = ["bootcamp.BootcampCoursePage"]
    max_count = 1

    @property
    def courses(self) -> PageQuerySet:
        return BootcampCoursePage.objects.child_of(self).live()

    class Meta:
        verbose_name = _("bootcamp home page")


class BootcampCoursePage(Page):
    """A course: what it is about, how far the reader is, and its lessons."""

    course = models.ForeignKey(
        Course,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("The course whose progress and dashboard this page and the pages below show."),
    )
    intro = models.TextField(blank=True)
    body = StreamField(BootcampBody(), blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("course"),
        FieldPanel("intro"),
        FieldPanel("body"),
    ]
    parent_page_types = ["bootcamp.BootcampHomePage"]
    subpage_types = [
        "bootcamp.BootcampLessonPage",
        "bootcamp.BootcampDashboardPage",
        "bootcamp.BootcampStudentPage",
    ]

    @property
    def has_notices(self) -> bool:
        """Whether the page lists notices itself: then the header needs no bell."""
        return any(block.block_type == "grade_notification" for block in self.body)

    @property
    def lessons(self) -> PageQuerySet:
        return BootcampLessonPage.objects.child_of(self).live()

    @property
    def dashboard(self) -> Page | None:
        return self.staff_pages.first()

    @property
    def staff_pages(self) -> PageQuerySet:
        """The dashboard, and whatever else there is for those who teach."""
        return BootcampDashboardPage.objects.child_of(self).live()

    @property
    def student_page(self) -> Page | None:
        return BootcampStudentPage.objects.child_of(self).live().first()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["may_teach"] = may_teach(request, self.course)
        context["takes"] = takes(request, self.course)
        return context

    class Meta:
        verbose_name = _("bootcamp course page")


class BootcampLessonPage(Page):
    """One lesson of a course."""

    summary = models.CharField(max_length=250, blank=True)
    minutes = models.PositiveSmallIntegerField(default=20, help_text=_("Time a reader needs."))
    body = StreamField(BootcampBody(), blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("minutes"),
        FieldPanel("body"),
    ]
    parent_page_types = ["bootcamp.BootcampCoursePage"]
    subpage_types: list[str] = []

    @property
    def course(self) -> Course | None:
        return self.get_parent().specific.course

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        lessons = list(BootcampLessonPage.objects.sibling_of(self).live())
        # A preview of a lesson never published has no place among them yet.
        place = next((n for n, lesson in enumerate(lessons) if lesson.pk == self.pk), None)
        context["lessons"] = lessons
        if place is not None:
            context["number"] = place + 1
            context["previous"] = lessons[place - 1] if place else None
            context["next"] = lessons[place + 1] if place + 1 < len(lessons) else None
        return context

    class Meta:
        verbose_name = _("bootcamp lesson page")


class BootcampDashboardPage(Page):
    """The instructors' view of the course above it; everyone else is told who it is for."""

    body = StreamField(BootcampBody(), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("body")]
    parent_page_types = ["bootcamp.BootcampCoursePage"]
    subpage_types: list[str] = []

    @property
    def course(self) -> Course | None:
        return self.get_parent().specific.course

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["may_teach"] = may_teach(request, self.course)
        return context

    class Meta:
        verbose_name = _("bootcamp dashboard page")


class BootcampStudentPage(Page):
    """What a student has to do in the course above it, and how far they are."""

    body = StreamField(BootcampBody(), blank=True)

    content_panels = [*Page.content_panels, FieldPanel("body")]
    parent_page_types = ["bootcamp.BootcampCoursePage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1
    has_notices = True

    @property
    def course(self) -> Course | None:
        return self.get_parent().specific.course

    class Meta:
        verbose_name = _("bootcamp student page")


def takes(request: HttpRequest, course: Course | None) -> bool:
    """Whether to show a link to the student page."""
    return course is not None and is_enrolled(request.user, course.pk)


def may_teach(request: HttpRequest, course: Course | None) -> bool:
    """Whether to show a link or a dashboard; the component decides for itself again."""
    return course is not None and is_instructor(request.user, course.pk)
