"""The choosers of blocks: those who edit pages find what they may use, and nothing else."""

from typing import Any

from django.db.models import Q, QuerySet
from wagtail.permissions import policy_registry
from wagtail.snippets.views import chooser

from wagtail_live_lms.models import Course, Enrolment, EnrolmentPolicy, NotebookLesson, Quiz

from .quiz_list import LOOKING


def usable(model: type[Any], user: Any) -> QuerySet[Any]:
    """What this editor may place on a page.

    All, for those whose work in the admin it is; for others what anybody may know, or they teach.
    """
    managed = (Course, Enrolment, NotebookLesson, Quiz)
    if any(policy_registry.get_by_type(m).user_has_any_permission(user, LOOKING) for m in managed):
        return model._default_manager.all()
    courses = Course.objects.filter(
        Q(enrolment_policy=EnrolmentPolicy.OPEN) | Q(instructor_links__user=user)
    )
    match model.__name__:
        case "Quiz":
            return Quiz.objects.live().filter(course__in=courses)
        case "NotebookLesson":
            return NotebookLesson.objects.filter(module__course__in=courses)
    return Course.objects.filter(pk__in=courses)


class OfUsable:
    """A view of a chooser that knows only what its editor may use."""

    def get_object_list(self) -> QuerySet[Any]:
        return usable(self.model_class, self.request.user)  # type: ignore[attr-defined]

    def get_object(self, pk: Any) -> Any:
        return self.get_object_list().get(pk=pk)

    def get_objects(self, pks: Any) -> QuerySet[Any]:
        return self.get_object_list().filter(pk__in=pks)


class ChooseView(OfUsable, chooser.ChooseView):
    """The window with the list."""


class ChooseResultsView(OfUsable, chooser.ChooseResultsView):
    """The list alone, after a search or on another page."""


class ChosenView(OfUsable, chooser.SnippetChosenView):
    """What was chosen."""


class ChosenMultipleView(OfUsable, chooser.SnippetChosenMultipleView):
    """What was chosen, where several may be."""


class BlockChooserViewSet(chooser.SnippetChooserViewSet):
    """The chooser of courses, quizzes and notebooks."""

    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView
