"""What the Wagtail admin gets from us. Registrations only; the parts are in `admin`."""

from functools import partial

from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSet
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet

from wagtail_live_lms.admin.course_copies import copy_button
from wagtail_live_lms.admin.courses import refuse_deletion
from wagtail_live_lms.admin.history import register_log_actions
from wagtail_live_lms.admin.home import add_alerts_panel
from wagtail_live_lms.admin.menu import LearningGroup
from wagtail_live_lms.admin.people import person_chooser
from wagtail_live_lms.admin.policies import OwnCoursesPolicy, permissions_to_offer
from wagtail_live_lms.admin.quiz_code import register_code_feature
from wagtail_live_lms.admin.quiz_list import course_buttons
from wagtail_live_lms.admin.quiz_live import results_urls
from wagtail_live_lms.admin.quiz_modules import module_chooser
from wagtail_live_lms.admin.quizzes import refuse_quiz_deletion
from wagtail_live_lms.admin.reports import LEARNING_ITEMS, REPORTS, report_item, report_urls
from wagtail_live_lms.models import Enrolment

register_permission_policy(Enrolment, OwnCoursesPolicy(Enrolment))  # before anybody asks for it
register_snippet(LearningGroup)

hooks.register("register_admin_urls", results_urls)
hooks.register("register_admin_urls", report_urls)
hooks.register("construct_homepage_panels", add_alerts_panel)
hooks.register("register_permissions", permissions_to_offer)
hooks.register("register_log_actions", register_log_actions)
hooks.register("before_delete_snippet", refuse_deletion)
hooks.register("before_delete_snippet", refuse_quiz_deletion)
hooks.register("register_rich_text_features", register_code_feature)
hooks.register("register_snippet_listing_buttons", course_buttons)
hooks.register("register_snippet_listing_buttons", copy_button)

for report in REPORTS.values():
    hooks.register("register_reports_menu_item", partial(report_item, report))
for item in LEARNING_ITEMS:
    hooks.register("register_live_lms_menu_item", item)


@hooks.register("register_admin_viewset")
def register_choosers() -> list[ViewSet]:
    """The choosers of people and of modules."""
    return [person_chooser, module_chooser]


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    """Our icons."""
    ours = ("live-lms-course", "live-lms-quiz", "live-lms-bell")
    return [*icons, *(f"wagtail_live_lms/icons/{name}.svg" for name in ours)]
