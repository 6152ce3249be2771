"""Choosing the module that a quiz completes: of the chosen course, and completed by a quiz."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser
from wagtail.admin.viewsets.chooser import ChooserViewSet
from wagtail.admin.widgets import BaseChooser
from wagtail.permissions import policy_registry

from wagtail_live_lms.models import CompletionRule, Module, Quiz

from .people import PatientChooser


class ModuleListing:
    """The modules that a quiz can complete, for those who write quizzes."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        policy = policy_registry.get_by_type(Quiz)
        if not policy.user_has_any_permission(request.user, {"add", "change"}):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]

    def get_object_list(self) -> QuerySet[Module]:
        modules = Module.objects.live().filter(completion_rule=CompletionRule.QUIZ_PASSED)
        return modules.select_related("course").order_by("course__title", "sort_order")

    def filter_object_list(self, objects: QuerySet[Module]) -> QuerySet[Module]:
        course = self.request.GET.get("course", "")  # type: ignore[attr-defined]
        objects = super().filter_object_list(objects)  # type: ignore[misc]
        return objects.filter(course=course) if course.isdecimal() else objects

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("course", label=_("Course"))]  # type: ignore[misc]


class ChooseModuleView(ModuleListing, chooser.ChooseView):
    """The window with the list."""


class ChooseModuleResultsView(ModuleListing, chooser.ChooseResultsView):
    """The list alone, after a search or on another page."""


class ModuleChooserWidget(PatientChooser, BaseChooser):
    """The form field's chooser."""

    linked_fields = {"course": "#id_course"}


class ModuleChooserViewSet(ChooserViewSet):
    """The chooser of modules, used by our forms alone."""

    model = Module
    register_widget = False
    icon = "live-lms-course"
    choose_one_text = _("Choose a module")
    choose_another_text = _("Choose another module")
    preserve_url_parameters = ["multiple", "course"]
    choose_view_class = ChooseModuleView
    choose_results_view_class = ChooseModuleResultsView
    base_widget_class = ModuleChooserWidget


module_chooser = ModuleChooserViewSet("wagtail_live_lms_modules", url_prefix="live-lms/modules")
