"""A student's place in a course: every module, with when and how it was completed."""

from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import Button, HeaderButton

from wagtail_live_lms.models import Enrolment, Module, Progress

from .links import enrolment_url
from .policies import watched_courses


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """A module, and what the student did of it."""

    module: Module
    progress: Progress | None


def module_rows(enrolment: Enrolment) -> list[ModuleRow]:
    """The course's modules in order, archived ones only where the student completed them."""
    done = {progress.module_id: progress for progress in enrolment.progress.all()}
    modules = Module.objects.filter(course=enrolment.course_id)
    return [
        ModuleRow(module, done.get(module.pk))
        for module in modules
        if module.pk in done or not module.archived
    ]


class EnrolmentPage(generic.InspectView):
    """One enrolment, with what staff may do about it."""

    page_title = gettext_lazy("Enrolment")
    template_name = "wagtail_live_lms/admin/enrolment.html"

    def get_object(self, queryset: Any = None) -> Enrolment:
        watched = Enrolment.objects.filter(course__in=watched_courses(self.request))
        return get_object_or_404(watched, pk=self.pk)

    def get_page_subtitle(self) -> str:
        return str(self.object)

    @cached_property
    def header_buttons(self) -> list[Button]:
        is_withdrawn = self.object.withdrawn_at is not None
        if is_withdrawn and self.user_has_permission("add"):
            url = enrolment_url("enrol_again", self.object.pk)
            return [HeaderButton(gettext("Enrol again"), url=url, icon_name="plus")]
        if not is_withdrawn and self.user_has_permission("delete"):
            url = enrolment_url("withdraw", self.object.pk)
            return [HeaderButton(gettext("Withdraw"), url=url, icon_name="cross")]
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["enrolment"] = self.object
        context["rows"] = module_rows(self.object)
        context["can_change"] = self.user_has_permission("change")
        if self.user_has_any_permission({"add", "change", "delete"}):
            context["history_url"] = enrolment_url("history", self.object.pk)
        return context
