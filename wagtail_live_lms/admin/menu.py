"""The group in the admin's menu."""

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from .courses import CourseViewSet
from .enrolments import EnrolmentViewSet
from .notebooks import NotebookViewSet
from .quizzes import QuizViewSet


class LearningGroup(SnippetViewSetGroup):
    """Courses, what is in them, and who takes them. Other packages add items with the hook."""

    items = (CourseViewSet, QuizViewSet, NotebookViewSet, EnrolmentViewSet)
    menu_label = _("Learning")
    menu_name = "live-lms"
    menu_icon = "live-lms-course"
    menu_order = 250
    submenu_hook = "register_live_lms_menu_item"
