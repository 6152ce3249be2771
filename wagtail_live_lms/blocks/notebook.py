"""The block that puts a module's notebook on a page."""

from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail.blocks import BlockGroup, StructBlockValidationError
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
        help_text = _("Of the module that this page teaches, or another: see its settings.")
        form_layout = BlockGroup([], settings=["notebook"])
        description = _("A notebook to work through in Jupyter, and what the student has passed.")
        template = "wagtail_live_lms/blocks/notebook_lesson.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        notebook = cleaned.get("notebook")
        if notebook is None or self.is_deferred_validation or notebook.module_id:
            return cleaned
        message = _("“%(notebook)s” belongs to no module. Choose one for it, or another notebook.")
        error = ValidationError(message, code="no_module", params={"notebook": notebook.title})
        raise StructBlockValidationError(block_errors={"notebook": error})

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
