"""The live results of a quiz as a page of the admin, for those who teach its course."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button
from wagtail.permissions import policy_registry

from wagtail_live_lms import access
from wagtail_live_lms.live.exceptions import NotFound
from wagtail_live_lms.models import CourseInstructor, Quiz

from .links import QUIZZES

URL_NAME = "wagtail_live_lms_quiz_results"
LOOKING = {"add", "change", "delete", "view"}


class QuizLivePage(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """The component `quiz_results` between the admin's menu and header."""

    any_permission_required = ["add", "change", "delete", "view"]
    page_title = gettext_lazy("Results")
    header_icon = "live-lms-quiz"
    template_name = "wagtail_live_lms/admin/quiz_live_results.html"

    @property
    def permission_policy(self) -> Any:
        return policy_registry.get_by_type(Quiz)

    @cached_property
    def quiz(self) -> Quiz:
        """Raises Http404 for those who do not teach it."""
        try:
            return access.get_quiz_taught_by(self.request.user, self.kwargs["pk"])
        except NotFound as error:
            raise Http404 from error

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(quiz=self.quiz))

    def get_page_subtitle(self) -> str:
        return str(self.quiz)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        quizzes = {"url": reverse(f"{QUIZZES}:list"), "label": gettext("Quizzes")}
        here = {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, quizzes, here]


def results_urls() -> list[URLPattern]:
    """A `register_admin_urls` hook."""
    return [path("live-lms/quizzes/<int:pk>/live/", QuizLivePage.as_view(), name=URL_NAME)]


def results_button(quiz: Quiz, user: Any) -> list[Button]:
    """The way to a quiz's results, for those who may see them."""
    policy = policy_registry.get_by_type(Quiz)
    if not policy.user_has_any_permission(user, LOOKING) or not _teaches(user, quiz.course_id):
        return []
    url = reverse(URL_NAME, args=[quiz.pk])
    return [Button(gettext("Results"), url, icon_name="list-ul", priority=30)]


def _teaches(user: Any, course_id: int) -> bool:
    """As `access.is_instructor`, asked once for all rows of a list."""
    if user.is_superuser:
        return True
    if not hasattr(user, "_live_lms_taught"):
        taught = CourseInstructor.objects.filter(user=user)
        user._live_lms_taught = set(taught.values_list("course", flat=True))
    return course_id in user._live_lms_taught
