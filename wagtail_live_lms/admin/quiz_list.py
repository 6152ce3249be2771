"""The list of quizzes, with what each is worth and how often it was taken."""

from collections.abc import Container
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, NumberColumn
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.permissions import policy_registry
from wagtail.snippets.views import snippets

from wagtail_live_lms import access
from wagtail_live_lms.models import Course, Enrolment, Quiz, Submission

from .links import quiz_url, quizzes_url
from .quiz_live import results_button

LOOKING = {"add", "change", "delete", "view"}


def question_count(quiz: Quiz) -> int:
    """How many questions students can answer."""
    return sum(item["type"] != "information" for item in quiz.question_data)


def point_sum(quiz: Quiz) -> Decimal:
    """What a flawless attempt is worth."""
    points = (item["value"].get("points") for item in quiz.question_data)
    return sum((Decimal(str(number)) for number in points if number), Decimal())


def may_see_results(user: Any) -> bool:
    """Whether an editor may see what students answered: to those who may see who takes what."""
    return all(
        policy_registry.get_by_type(model).user_has_any_permission(user, LOOKING)
        for model in (Quiz, Enrolment)
    )


def courses_with_results(user: Any) -> QuerySet[Course]:
    """The courses of which an editor may see what students answered."""
    return access.get_watched_courses_for(user) if may_see_results(user) else Course.objects.none()


class QuizFilterSet(WagtailFilterSet):
    """By course and by state."""

    course = django_filters.ModelChoiceFilter(
        queryset=Course.objects.all(), label=_("Course"), empty_label=_("All courses")
    )
    live = django_filters.ChoiceFilter(
        choices=[("True", _("Published")), ("False", _("Not published"))],
        label=_("State"),
        empty_label=_("All states"),
    )

    class Meta:
        model = Quiz
        fields = ["course", "live"]


class QuizIndexView(snippets.IndexView):
    """The quizzes of all courses, or of one. A new one belongs to the course looked at."""

    @cached_property
    def columns(self) -> list[Column]:
        # Without the checkboxes: quizzes are not deleted by the dozen.
        return super(snippets.IndexView, self).columns

    @property
    def course_query(self) -> str:
        """`?course=` where the list is of one course."""
        course = self.request.GET.get("course", "")
        return f"?course={course}" if course.isdecimal() else ""

    def get_base_queryset(self) -> QuerySet[Quiz]:
        attempts = Submission.objects.filter(quiz=OuterRef("pk")).order_by().values("quiz")
        counted = Subquery(attempts.annotate(n=Count("pk")).values("n"), IntegerField())
        quizzes = super().get_base_queryset().select_related("course")
        return quizzes.annotate(attempts=Coalesce(counted, 0))

    def get_add_url(self) -> str | None:
        url = super().get_add_url()
        return url and f"{url}{self.course_query}"

    @cached_property
    def header_buttons(self) -> list[Button]:
        buttons = list(super().header_buttons)
        if self.user_has_permission("add"):
            url = f"{quiz_url('import')}{self.course_query}"
            buttons.append(HeaderButton(gettext("Import questions"), url=url, icon_name="upload"))
        return buttons

    def get_list_more_buttons(self, instance: Quiz) -> list[MenuItem]:
        buttons = super().get_list_more_buttons(instance)
        return [*buttons, *quiz_buttons(instance, self.request.user, self.with_results)]

    @cached_property
    def with_results(self) -> set[int]:
        """The courses of which the editor may see results."""
        return set(courses_with_results(self.request.user).values_list("pk", flat=True))


def quiz_buttons(quiz: Quiz, user: Any, with_results: Container[int]) -> list[Button]:
    """What else can be done with a quiz, beside what every snippet offers.

    `with_results` are the courses of which this editor may see results.
    """
    policy = policy_registry.get_by_type(Quiz)
    buttons = results_button(quiz, user)
    if policy.user_has_permission(user, "change"):
        url = quiz_url("import_into", quiz.pk)
        buttons.append(Button(gettext("Import questions"), url, icon_name="upload", priority=40))
    if policy.user_has_any_permission(user, LOOKING):
        url = quiz_url("export", quiz.pk)
        buttons.append(Button(gettext("Export questions"), url, icon_name="download", priority=50))
    if quiz.course_id in with_results:
        url = quiz_url("results", quiz.pk)
        buttons.append(Button(gettext("Results as CSV"), url, icon_name="table", priority=60))
    return buttons


def buttons_beside(quiz: Quiz, user: Any) -> list[Button]:
    """The same, on a page of this quiz alone."""
    courses = courses_with_results(user).filter(pk=quiz.course_id)
    return quiz_buttons(quiz, user, courses.values_list("pk", flat=True))


def course_buttons(snippet: Any, user: Any, next_url: str | None = None) -> list[Button]:
    """From a course to its quizzes: a `register_snippet_listing_buttons` hook."""
    policy = policy_registry.get_by_type(Quiz)
    if not isinstance(snippet, Course) or not policy.user_has_any_permission(user, LOOKING):
        return []
    url = quizzes_url(snippet.pk)
    return [Button(gettext("Quizzes"), url, icon_name="live-lms-quiz", priority=40)]


def quiz_columns() -> list[Any]:
    """What the list shows of a quiz."""
    return [
        "title",
        Column("course", label=_("Course"), sort_key="course__title"),
        NumberColumn("questions", label=_("Questions"), accessor=question_count),
        NumberColumn(
            "points", label=_("Points"), accessor=lambda quiz: f"{point_sum(quiz).normalize():f}"
        ),
        NumberColumn("attempts", label=_("Attempts"), accessor="attempts", sort_key="attempts"),
    ]
