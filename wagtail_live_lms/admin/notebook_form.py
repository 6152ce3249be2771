"""The form of a notebook lesson: a file, and which of its cells students have to pass."""

import json
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q, QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, ObjectList

from wagtail_live_lms import conf
from wagtail_live_lms.actions import save_notebook
from wagtail_live_lms.models import CompletionRule, Module, NotebookLesson
from wagtail_live_lms.notebooks import (
    NotebookError,
    Upload,
    cells_of,
    read_notebook,
    tagged_ids,
)
from wagtail_live_lms.notebooks.rendering import render_excerpt


class CellPicker(forms.CheckboxSelectMultiple):
    """Checkboxes with the code of each cell beside them."""

    option_template_name = "wagtail_live_lms/admin/cell_option.html"

    class Media:
        css = {
            "all": [
                "wagtail_live_lms/live-lms.css",
                "wagtail_live_lms/live-lms-notebook.css",
                "wagtail_live_lms/live-lms-admin.css",
            ]
        }


class ModuleField(forms.ModelChoiceField):
    """Modules by course."""

    def label_from_instance(self, module: Module) -> str:
        return f"{module.course}: {module}"


def modules_without_notebook(lesson: NotebookLesson) -> QuerySet[Module]:
    """Modules that a notebook completes and that have none, or this one."""
    free = Q(notebook_lesson=None) | Q(notebook_lesson=lesson.pk)
    rule = Q(completion_rule=CompletionRule.NOTEBOOK_FINISHED)
    modules = Module.objects.filter(free, rule | Q(pk=lesson.module_id))
    return modules.select_related("course").order_by("course__title", "sort_order", "pk")


class NotebookForm(WagtailAdminModelForm):
    """Keeps the cells that were chosen when the file is replaced, as far as they are still there.

    `vanished` names those that are not.
    """

    file = forms.FileField(
        label=_("Notebook file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".ipynb,application/x-ipynb+json"}),
        help_text=_(
            "A file that Jupyter saved, ending in .ipynb. Its outputs are left out. A cell with "
            "the tag “required” is chosen from the start."
        ),
        error_messages={"required": _("Choose the notebook file.")},
    )
    required_cells = forms.MultipleChoiceField(
        label=_("Required cells"),
        required=False,
        widget=CellPicker,
        help_text=_("A student has finished the notebook when all of these ran without an error."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.vanished: list[str] = []
        self.fields["module"] = ModuleField(
            modules_without_notebook(self.instance),
            label=self.fields["module"].label,
            help_text=_(
                "Only modules of the rule “Finishing its notebook” that have no notebook yet. "
                "Set the rule of a module in its course."
            ),
        )
        if self.instance.pk is None:
            del self.fields["required_cells"]
        else:
            self._offer_cells()

    def clean_file(self) -> Upload | None:
        """The notebook of the file, if there is one."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is None:
            return None
        limit = conf.current().NOTEBOOK_MAX_BYTES
        size = file.size or 0
        if size > limit:
            message = _(
                "The file has %(size)s, and at most %(limit)s are accepted. Clear its outputs in "
                "Jupyter, or take out large pictures, and try again."
            )
            sizes = {"size": filesizeformat(size), "limit": filesizeformat(limit)}
            raise ValidationError(message % sizes)
        try:
            return read_notebook(file.read())
        except NotebookError as error:
            raise ValidationError(str(error.message)) from error

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        is_kept = self.instance.pk is not None and not cleaned.get("file")
        if is_kept and "file" in cleaned and not cleaned.get("required_cells"):
            self.add_error("required_cells", _("Choose at least one cell."))
        return cleaned

    def save(self, commit: bool = True) -> NotebookLesson:
        lesson: NotebookLesson = super().save(commit=False)
        if commit:
            save_notebook(lesson, self._text(), self._required_ids())
        return lesson

    @cached_property
    def _stored(self) -> dict[str, Any]:
        return dict(json.loads(self.instance.notebook)) if self.instance.pk else {"cells": []}

    def _offer_cells(self) -> None:
        self.fields["file"].required = False
        self.fields["file"].help_text = _(
            "Choose a file only to replace the notebook. What students have passed is kept, and so "
            "are the required cells that the new file still has."
        )
        cells = self.fields["required_cells"]
        cells.choices = [
            (cell["id"], render_excerpt(cell, self._stored)) for cell in cells_of(self._stored)
        ]
        self.initial["required_cells"] = self.instance.required_ids

    def _text(self) -> str:
        upload: Upload | None = self.cleaned_data["file"]
        return upload.text if upload else str(self.instance.notebook)

    def _required_ids(self) -> list[str]:
        upload: Upload | None = self.cleaned_data["file"]
        chosen = self.cleaned_data.get("required_cells", [])
        if upload is None:
            return chosen
        before = {cell["id"] for cell in self._stored["cells"]}
        there = {cell["id"] for cell in cells_of(upload.notebook)}
        self.vanished = self._labels(cell for cell in chosen if cell not in there)
        new = [cell for cell in tagged_ids(upload.notebook) if cell not in before]
        return [cell for cell in chosen if cell in there] + new

    def _labels(self, cell_ids: Iterable[str]) -> list[str]:
        labels = {cell["id"]: cell["label"] for cell in self.instance.required}
        return [labels.get(cell_id, cell_id) for cell_id in cell_ids]


def notebook_panels() -> ObjectList:
    """The whole form."""
    return ObjectList(
        [
            FieldPanel("title"),
            FieldPanel("module"),
            FieldPanel("file"),
            FieldPanel("required_cells"),
        ],
        base_form_class=NotebookForm,
    )
