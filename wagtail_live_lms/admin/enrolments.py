"""Enrolments in the admin: listed, looked into, and changed by the verbs alone. None is deleted."""

from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.urls import URLPattern, path
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.admin_url_finder import ModelAdminURLFinder
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.menus import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, StatusTagColumn
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button, HeaderButton

from wagtail_live_lms.models import Enrolment

from .enrolment_actions import (
    CompleteView,
    EnrolAgainView,
    EnrolView,
    ExtraTimeView,
    ResetView,
    WithdrawView,
)
from .enrolment_page import EnrolmentPage
from .links import ENROLMENTS, enrol_url, enrolment_url
from .many_students import NEEDED, ManyStudentsView
from .policies import WatchedMixin, watched_courses

STATES = {
    "active": _("Active now"),
    "unfinished": _("In progress"),
    "finished": _("Finished"),
    "not_started": _("Not started"),
    "withdrawn": _("Withdrawn"),
}


def state_of(enrolment: Enrolment) -> Any:
    """The state in words."""
    if enrolment.withdrawn_at is not None:
        return STATES["withdrawn"]
    if enrolment.is_finished:
        return STATES["finished"]
    return STATES["unfinished" if enrolment.is_started else "not_started"]


class EnrolmentFilterSet(WagtailFilterSet):
    """By course and by state."""

    course = django_filters.ModelChoiceFilter(
        queryset=watched_courses, label=_("Course"), empty_label=_("All courses")
    )
    state = django_filters.ChoiceFilter(
        choices=list(STATES.items()),
        label=_("State"),
        empty_label=_("All states"),
        method="filter_state",
    )

    class Meta:
        model = Enrolment
        fields = ["course"]

    def filter_state(self, enrolments: Any, name: str, state: str) -> QuerySet[Enrolment]:
        match state:
            case "withdrawn":
                return enrolments.exclude(withdrawn_at=None)
            case "active":
                return enrolments.current().active_now()
            case "finished":
                return enrolments.current().filter(percent=100)
            case "not_started":
                return enrolments.current().not_started().filter(percent__lt=100)
        return enrolments.current().started().filter(percent__lt=100)


class EnrolmentIndexView(generic.IndexView):
    """Everybody who takes or took a course that the user may work on, newest first."""

    add_item_label = _("Enrol a student")

    def get_base_queryset(self) -> QuerySet[Enrolment]:
        enrolments = super().get_base_queryset().filter(course__in=watched_courses(self.request))
        return enrolments.select_related("course")

    def get_add_url(self) -> str | None:
        course = self.request.GET.get("course", "")
        if not (course.isdecimal() and self.user_has_permission("add")):
            return super().get_add_url()
        return enrol_url(int(course))

    @cached_property
    def header_buttons(self) -> list[Button]:
        buttons = list(super().header_buttons)
        if self.user_has_any_permission(NEEDED.values()):
            course = self.request.GET.get("course", "")
            url = enrolment_url("many") + (f"?course={course}" if course.isdecimal() else "")
            label = gettext("Enrol or withdraw many")
            buttons.append(HeaderButton(label, url=url, icon_name="group"))
        return buttons

    def get_list_more_buttons(self, instance: Enrolment) -> list[MenuItem]:
        buttons = super().get_list_more_buttons(instance)
        if instance.withdrawn_at is None and self.user_has_permission("delete"):
            url = enrolment_url("withdraw", instance.pk)
            buttons.append(MenuItem(_("Withdraw"), url, icon_name="cross", priority=30))
        if instance.withdrawn_at is not None and self.user_has_permission("add"):
            url = enrolment_url("enrol_again", instance.pk)
            buttons.append(MenuItem(_("Enrol again"), url, icon_name="plus", priority=30))
        return buttons


class EnrolmentHistoryView(WatchedMixin, history.HistoryView):
    """Who enrolled the student, and what staff did since."""

    header_buttons: list[Any] = []

    def get_edit_url(self, instance: Enrolment) -> str:
        return enrolment_url("inspect", instance.pk)


class EnrolmentURLFinder(ModelAdminURLFinder):
    """Where the site's reports lead to for an enrolment."""

    edit_url_name = f"{ENROLMENTS}:inspect"


class EnrolmentViewSet(ModelViewSet):
    """The admin's pages about enrolments.

    Permissions: add enrols, delete withdraws, change completes and resets modules
    and gives extra time, view looks; each in the courses one teaches, or with
    `see_all_courses` in all.
    """

    model = Enrolment
    name = ENROLMENTS
    url_prefix = "live-lms/enrolments"
    icon = "group"
    menu_label = _("Enrolments")
    add_to_reference_index = False
    index_view_class = EnrolmentIndexView
    add_view_class = EnrolView
    inspect_view_class = EnrolmentPage
    inspect_view_enabled = True
    history_view_class = EnrolmentHistoryView
    copy_view_enabled = False
    url_finder_class = EnrolmentURLFinder
    ordering = "-id"
    list_per_page = 50
    list_display = [
        "display_name",
        Column("course", label=_("Course"), sort_key="course__title"),
        Column(
            "percent", label=_("Progress"), accessor=lambda e: f"{e.percent}%", sort_key="percent"
        ),
        DateColumn(
            "last_activity",
            label=_("Last activity"),
            accessor=lambda e: e.last_activity if e.has_acted else None,
            sort_key="last_activity",
        ),
        StatusTagColumn(
            "state",
            label=_("State"),
            accessor=state_of,
            primary=lambda enrolment: enrolment.withdrawn_at is None,
        ),
    ]
    filterset_class = EnrolmentFilterSet
    search_backend_name = None

    @cached_property
    def search_fields(self) -> list[str]:
        return ["display_name", f"user__{get_user_model().USERNAME_FIELD}"]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        # Nothing is edited field by field, and nothing is deleted.
        nowhere = {"edit_url_name": None, "delete_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**{**nowhere, **kwargs})

    def get_add_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return kwargs

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("new/", self.add_view, name="add"),
            path("many/", self.construct_view(ManyStudentsView), name="many"),
            path("<int:pk>/", self.inspect_view, name="inspect"),
            path("<int:pk>/history/", self.history_view, name="history"),
            path("<int:pk>/history/results/", self.history_results_view, name="history_results"),
            path("<int:pk>/withdraw/", self.construct_view(WithdrawView), name="withdraw"),
            path("<int:pk>/extra-time/", self.construct_view(ExtraTimeView), name="extra_time"),
            path("<int:pk>/enrol/", self.construct_view(EnrolAgainView), name="enrol_again"),
            path(
                "<int:pk>/modules/<int:module_id>/complete/",
                self.construct_view(CompleteView),
                name="complete",
            ),
            path(
                "<int:pk>/modules/<int:module_id>/reset/",
                self.construct_view(ResetView),
                name="reset",
            ),
        ]
