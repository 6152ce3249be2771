"""Notebooks in the admin: uploaded, replaced, and their required cells chosen."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, NumberColumn, UpdatedAtColumn
from wagtail.snippets.views import snippets

from wagtail_live_lms.actions import delete_notebook, settle_notebook
from wagtail_live_lms.models import NotebookLesson

from .block_choosers import BlockChooserViewSet
from .links import NOTEBOOKS
from .notebook_form import notebook_panels


class NotebookIndexView(snippets.IndexView):
    """The list, without the notebooks themselves, which may be large."""

    def get_base_queryset(self) -> QuerySet[NotebookLesson]:
        lessons = super().get_base_queryset().select_related("module__course")
        return lessons.defer("notebook")


class NotebookCreateView(snippets.CreateView):
    """A new notebook; then its required cells can be chosen."""

    def get_success_url(self) -> str:
        return str(self.get_edit_url())

    def get_success_message(self, instance: NotebookLesson) -> str:
        if instance.required:
            return gettext(
                "Uploaded. These cells were tagged as required; change that as you like."
            )
        return gettext("Uploaded. Now choose the cells that students have to pass.")

    def get_success_buttons(self) -> list[Any]:
        return []


class NotebookEditView(snippets.EditView):
    """Another file, or other required cells."""

    def save_instance(self) -> NotebookLesson:
        lesson: NotebookLesson = super().save_instance()
        settle_notebook(lesson, by=self.request.user)
        return lesson

    def save_action(self) -> Any:
        vanished = self.form.vanished
        if vanished:
            warning = gettext("The new file no longer has these required cells: %(cells)s.")
            messages.warning(self.request, warning % {"cells": ", ".join(vanished)})
        if not self.object.required:
            hint = gettext("No cell is required any more. Choose those that students have to pass.")
            messages.warning(self.request, hint)
        return super().save_action()

    def get_success_url(self) -> str:
        is_replaced = self.form.cleaned_data["file"] is not None
        return str(self.get_edit_url()) if is_replaced else super().get_success_url()


class NotebookDeleteView(snippets.DeleteView):
    """Deletes the notebook; what students completed and passed stays with the module."""

    @property
    def confirmation_message(self) -> str:
        return gettext(
            "Delete this notebook? What students have completed with it is kept. Their copies in "
            "Jupyter can no longer report anything."
        )

    def delete_action(self) -> None:
        delete_notebook(self.object)
        super().delete_action()


def course_of(lesson: NotebookLesson) -> str:
    """The course of its module; a dash for a notebook without one."""
    return str(lesson.module.course) if lesson.module else "–"


class NotebookViewSet(snippets.SnippetViewSet):
    """The admin's pages about notebooks."""

    model = NotebookLesson
    url_namespace = NOTEBOOKS
    url_prefix = "live-lms/notebooks"
    chooser_viewset_class = BlockChooserViewSet
    icon = "code"
    menu_label = _("Notebooks")
    index_view_class = NotebookIndexView
    add_view_class = NotebookCreateView
    edit_view_class = NotebookEditView
    delete_view_class = NotebookDeleteView
    copy_view_enabled = False
    edit_handler = notebook_panels()
    list_display = [
        "title",
        Column("course", label=_("Course"), accessor=course_of, sort_key="module__course__title"),
        Column("module", label=_("Module"), sort_key="module__title"),
        NumberColumn(
            "required", label=_("Required cells"), accessor=lambda lesson: len(lesson.required)
        ),
        UpdatedAtColumn(),
    ]
    list_filter = ["module__course"]
    search_backend_name = None
    search_fields = ["title"]
