"""The form of a course: its modules and instructors inline."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.forms.formsets import BaseFormSet
from django.utils.functional import lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from modelcluster.forms import BaseChildFormSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    MultipleChooserPanel,
    ObjectList,
    TitleFieldPanel,
)

from wagtail_live_lms.models import Module, Progress, alert_kinds

from .people import person_chooser


def count_completions(module_ids: Iterable[int]) -> dict[int, int]:
    """How many students have completed each of these modules; those that nobody has are absent."""
    done = Progress.objects.filter(module__in=module_ids).order_by().values_list("module")
    return dict(done.annotate(students=Count("pk")))


class PatientFormSet(BaseChildFormSet):
    """Rows of a form that may be older than the database: what is gone is an error beside it."""

    def clean(self, *args: Any, **kwargs: Any) -> None:
        super().clean(*args, **kwargs)
        for form in self.initial_forms:
            if form.has_error(self.model._meta.pk.name):
                form.add_error(None, _("Somebody deleted this meanwhile. Remove it here, too."))

    def _construct_form(self, i: int, **kwargs: Any) -> forms.ModelForm:
        try:
            return super()._construct_form(i, **kwargs)
        except (KeyError, ValidationError):
            kwargs["instance"] = self.model()
            # Past the two classes that look for the row once more.
            return BaseFormSet._construct_form(self, i, **kwargs)  # type: ignore[attr-defined]


class ModuleFormSet(PatientFormSet):
    """A course's modules. One that a student has completed can be archived, not deleted."""

    def clean(self, *args: Any, **kwargs: Any) -> None:
        super().clean(*args, **kwargs)
        # Not `deleted_forms`, which is empty as long as any other form has an error.
        doomed = {
            form.instance.pk: form
            for form in self.initial_forms
            if form.instance.pk and self._should_delete_form(form)
        }
        for module_id, students in count_completions(doomed).items():
            self._keep(doomed[module_id], students)

    def _keep(self, form: forms.ModelForm, students: int) -> None:
        """Put the module back into the list, with the reason beside the way out."""
        form.data = {**self.data.dict(), form.add_prefix("DELETE"): ""}
        form.cleaned_data["DELETE"] = False
        reason = ngettext(
            "%(students)d student has completed “%(module)s”, so it cannot be deleted. "
            "Tick “Archived” to hide it from students; the completion is kept.",
            "%(students)d students have completed “%(module)s”, so it cannot be deleted. "
            "Tick “Archived” to hide it from students; their completions are kept.",
            students,
        )
        title = Module.objects.values_list("title", flat=True).get(pk=form.instance.pk)
        form.add_error("archived", reason % {"students": students, "module": title})


class ModulesPanel(InlinePanel):
    """The modules, in an order that can be dragged."""

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = ModuleFormSet
        return options


class InstructorsPanel(MultipleChooserPanel):
    """The instructors, of whom several can be chosen at once."""

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = PatientFormSet
        return options


class AlertRuleForm(WagtailAdminModelForm):
    """A rule; what its threshold counts, and the defaults, are told beside it."""

    kind = forms.ChoiceField(label=_("Kind"), choices=alert_kinds.choices)

    def clean_threshold(self) -> int | None:
        """A kind without a threshold is only on or off."""
        has_one = alert_kinds.get(self.cleaned_data.get("kind", "")).threshold is not None
        return self.cleaned_data["threshold"] if has_one else None


class AlertRulesPanel(InlinePanel):
    """The rules in which the course differs from the defaults."""

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name] |= {
            "formset": PatientFormSet,
            "form": AlertRuleForm,
        }
        return options


class HintFormSet(PatientFormSet):
    """Hints of the course; one that is offered in a module, in a module of this course."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        modules = Module.objects.live().filter(course=self.instance.pk)
        form.fields["module"].queryset = modules  # type: ignore[attr-defined]


class HintsPanel(InlinePanel):
    """What instructors answer with."""

    def get_form_options(self) -> dict[str, Any]:
        options = super().get_form_options()
        options["formsets"][self.relation_name]["formset"] = HintFormSet
        return options


def describe_defaults() -> str:
    """What holds without a rule, in a sentence for each kind."""
    measured = [kind for kind in alert_kinds if kind.threshold is not None]
    parts = [f"{kind.label}: {kind.threshold} ({kind.measure})" for kind in measured]
    return gettext("Without a rule all kinds are on. Defaults: %(kinds)s.") % {
        "kinds": "; ".join(parts)
    }


def alert_panels() -> MultiFieldPanel:
    """What instructors are alerted to, and with what they answer."""
    return MultiFieldPanel(
        [
            FieldPanel("dashboard_page"),
            AlertRulesPanel(
                "alert_rules",
                heading=_("Alert rules"),
                label=_("Rule"),
                help_text=lazy(describe_defaults, str)(),
                panels=[
                    FieldRowPanel(
                        [FieldPanel("kind"), FieldPanel("threshold"), FieldPanel("is_on")]
                    )
                ],
            ),
            HintsPanel(
                "prepared_hints",
                heading=_("Prepared hints"),
                label=_("Hint"),
                help_text=_("Instructors choose one when they answer a student."),
                panels=[
                    FieldPanel("text", widget=forms.Textarea(attrs={"rows": 2})),
                    FieldPanel("module"),
                ],
            ),
        ],
        heading=_("Alerts and help"),
    )


def course_panels() -> ObjectList:
    """The whole form, from the most to the least changed."""
    return ObjectList(
        [
            TitleFieldPanel("title"),
            FieldPanel("slug"),
            FieldPanel("description"),
            ModulesPanel(
                "modules",
                heading=_("Modules"),
                label=_("Module"),
                panels=[
                    FieldRowPanel([FieldPanel("title"), FieldPanel("completion_rule")]),
                    FieldPanel("page"),
                    FieldPanel("archived"),
                ],
            ),
            MultiFieldPanel(
                [FieldPanel("enrolment_policy", widget=forms.RadioSelect), FieldPanel("in_order")],
                heading=_("Rules"),
            ),
            InstructorsPanel(
                "instructor_links",
                chooser_field_name="user",
                heading=_("Instructors"),
                label=_("Instructor"),
                help_text=_("They see the progress of every student of this course."),
                panels=[FieldPanel("user", widget=person_chooser.widget_class)],
            ),
            alert_panels(),
        ]
    )
