"""What staff does about enrolments: each a form of its own, each a verb, each in the log."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy
from django.views.generic import FormView
from wagtail.admin.views.generic.base import BaseObjectMixin, WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.snippets.widgets import AdminSnippetChooser

from wagtail_live_lms import actions
from wagtail_live_lms.actions.extra_time import grant_extra_time
from wagtail_live_lms.live.exceptions import LiveError
from wagtail_live_lms.models import Course, Enrolment, Module, Source

from .links import enrolment_url
from .people import PatientChooser, active_people, person_chooser
from .policies import WatchedMixin, watched_courses


class CourseChooser(PatientChooser, AdminSnippetChooser):
    """The course to enrol in."""

    model = Course
    icon = "live-lms-course"


class EnrolForm(forms.Form):
    """Who joins what: a course whose students the editor may work on."""

    course: Any = forms.ModelChoiceField(
        queryset=Course.objects.none(), label=gettext_lazy("Course"), widget=CourseChooser
    )
    user: Any = forms.ModelChoiceField(
        queryset=active_people(), label=gettext_lazy("Student"), widget=person_chooser.widget_class
    )

    def __init__(self, *args: Any, courses: QuerySet[Course], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = courses  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        course, user = cleaned.get("course"), cleaned.get("user")
        current = Enrolment.objects.current().filter(course=course, user=user)
        if course and user and (enrolment := current.first()):
            message = gettext("%(student)s already takes %(course)s.")
            names = {"student": enrolment.display_name, "course": course.title}
            self.add_error("user", message % names)
        return cleaned


class StaffView(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormView):
    """A form whose submission calls a verb, or says why the verb refused."""

    model = Enrolment
    header_icon = "group"
    template_name = "wagtail_live_lms/admin/confirm.html"
    form_class: Any = forms.Form
    submit_button_label: Any = ""
    is_serious = False

    def perform(self, form: Any) -> str:
        """Call the verb; returns what to tell the editor. A LiveError is told to them too."""
        raise NotImplementedError

    def get_success_url(self) -> str:
        return enrolment_url("inspect", self.object.pk)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            with transaction.atomic():
                messages.success(self.request, self.perform(form))
        except LiveError as refusal:
            messages.error(self.request, str(refusal.message))
        return redirect(self.get_success_url())

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        enrolments = {"url": enrolment_url("index"), "label": gettext("Enrolments")}
        here = {"url": "", "label": self.get_page_title()}
        return [*self.breadcrumbs_items, enrolments, *self.parents(), here]

    def parents(self) -> list[dict[str, Any]]:
        """The pages between the list and this one."""
        return []


class EnrolView(StaffView):
    """Enrols somebody, or brings back somebody who withdrew."""

    permission_required = "add"
    page_title = gettext_lazy("Enrol a student")
    form_class = EnrolForm
    submit_button_label = gettext_lazy("Enrol")
    object: Enrolment

    @property
    def back_url(self) -> str:
        return enrolment_url("index")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "courses": watched_courses(self.request)}

    def get_initial(self) -> dict[str, Any]:
        course = self.request.GET.get("course", "")
        return {"course": int(course)} if course.isdecimal() else {}

    def perform(self, form: Any) -> str:
        course, user = form.cleaned_data["course"], form.cleaned_data["user"]
        self.object = actions.enrol(course, user, by=self.request.user)
        names = {"student": self.object.display_name, "course": course.title}
        return gettext("%(student)s now takes %(course)s.") % names


class OneEnrolmentView(WatchedMixin, BaseObjectMixin, StaffView):
    """Asks first, then acts on one enrolment."""

    question: Any = ""

    @property
    def back_url(self) -> str:
        return self.get_success_url()

    def get_base_object_queryset(self) -> Any:
        return super().get_base_object_queryset().select_related("course", "user")

    def parents(self) -> list[dict[str, Any]]:
        return [{"url": self.back_url, "label": str(self.object)}]

    def names(self) -> dict[str, str]:
        """What the sentences are about."""
        return {"student": self.object.display_name, "course": self.object.course.title}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(question=self.question % self.names(), **kwargs)


class WithdrawView(OneEnrolmentView):
    """Ends an enrolment; what was completed is kept."""

    permission_required = "delete"
    page_title = gettext_lazy("Withdraw")
    question = gettext_lazy(
        "Withdraw %(student)s from %(course)s? They lose access at once. What they completed is "
        "kept, and counts again if they are enrolled again."
    )
    submit_button_label = gettext_lazy("Yes, withdraw")
    is_serious = True

    def perform(self, form: Any) -> str:
        actions.withdraw(self.object, by=self.request.user)
        return gettext("%(student)s no longer takes %(course)s.") % self.names()


class EnrolAgainView(OneEnrolmentView):
    """Brings back somebody who withdrew."""

    permission_required = "add"
    page_title = gettext_lazy("Enrol again")
    question = gettext_lazy(
        "Enrol %(student)s in %(course)s again? They continue where they stopped."
    )
    submit_button_label = gettext_lazy("Yes, enrol again")

    def perform(self, form: Any) -> str:
        actions.enrol(self.object.course, self.object.user, by=self.request.user)
        return gettext("%(student)s takes %(course)s again.") % self.names()


class ExtraTimeForm(forms.ModelForm):
    """How much longer the student may take."""

    class Meta:
        model = Enrolment
        fields = ["extra_time"]


class ExtraTimeView(OneEnrolmentView):
    """Gives a student more time in quizzes."""

    permission_required = "change"
    page_title = gettext_lazy("Extra time")
    question = gettext_lazy(
        "How much time %(student)s gets in the quizzes of %(course)s. An attempt under way is "
        "prolonged at once; it is never shortened."
    )
    form_class = ExtraTimeForm
    submit_button_label = gettext_lazy("Save")

    def get_initial(self) -> dict[str, Any]:
        return {"extra_time": self.object.extra_time}

    def perform(self, form: Any) -> str:
        factor = form.cleaned_data["extra_time"]
        values = {**self.names(), "factor": f"{factor.normalize():f}"}
        if not grant_extra_time(self.object, factor, by=self.request.user):
            return gettext("%(student)s had the factor %(factor)s already.") % values
        return gettext("Time limits of %(student)s are now multiplied by %(factor)s.") % values


class OneModuleView(OneEnrolmentView):
    """Acts on one module of an enrolment; a module of another course does not exist here."""

    permission_required = "change"

    @cached_property
    def module(self) -> Module:
        modules = Module.objects.filter(course=self.object.course_id)
        return get_object_or_404(modules, pk=self.kwargs["module_id"])

    def names(self) -> dict[str, str]:
        return {**super().names(), "module": self.module.title}


class CompleteView(OneModuleView):
    """Marks a module complete on the student's behalf."""

    page_title = gettext_lazy("Mark complete")
    question = gettext_lazy("Mark “%(module)s” complete for %(student)s?")
    submit_button_label = gettext_lazy("Yes, mark complete")

    def perform(self, form: Any) -> str:
        completion = actions.complete_module(
            self.object.user, self.module, source=Source.STAFF, by=self.request.user
        )
        if not completion.created:
            return gettext("%(student)s had completed “%(module)s” already.") % self.names()
        return gettext("“%(module)s” is complete for %(student)s.") % self.names()


class ReasonForm(forms.Form):
    """Why, for the log."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Kept in the history of this enrolment."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ResetView(OneModuleView):
    """Takes a completion back."""

    page_title = gettext_lazy("Reset module")
    question = gettext_lazy(
        "Take back the completion of “%(module)s” by %(student)s? Their progress changes at once."
    )
    submit_button_label = gettext_lazy("Yes, reset")
    form_class = ReasonForm
    is_serious = True

    def perform(self, form: Any) -> str:
        reason = form.cleaned_data["reason"]
        if not actions.reset_module(self.object, self.module, by=self.request.user, reason=reason):
            return gettext("%(student)s had not completed “%(module)s”.") % self.names()
        return gettext("“%(module)s” is no longer complete for %(student)s.") % self.names()
