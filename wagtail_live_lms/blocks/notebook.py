"""The block that puts a module's notebook on a page."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _
from wagtail.snippets.blocks import SnippetChooserBlock

from .live import LiveBlock

NOTEBOOK = "wagtail_live_lms.NotebookLesson"


class NotebookLessonBlock(LiveBlock):
    """A notebook with the student's state; without a choice, of the module its page teaches."""

    course = None
    notebook = SnippetChooserBlock(
        NOTEBOOK,
        required=False,
        label=_("Notebook"),
        help_text=_("Leave empty for the notebook of the module that this page teaches."),
    )

    class Meta:
        icon = "code"
        label = _("Notebook")
        description = _("A notebook to work through in Jupyter, and what the student has passed.")
        template = "wagtail_live_lms/blocks/notebook_lesson.html"

    def get_context(
        self, value: Any, parent_context: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        notebook = value.get("notebook")
        if notebook is not None:
            context["module"] = notebook.module
        context["has_notebook"] = notebook is not None or _has_notebook(context["module"])
        return context


def _has_notebook(module: Any) -> bool:
    return apps.get_model(NOTEBOOK).objects.filter(module=module).exists() if module else False
