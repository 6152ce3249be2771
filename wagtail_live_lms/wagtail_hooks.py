"""What the Wagtail admin gets from us. Registrations only; the parts are in `admin`."""

from wagtail import hooks
from wagtail.admin.viewsets.base import ViewSet
from wagtail.snippets.models import register_snippet

from wagtail_live_lms.admin.courses import refuse_deletion
from wagtail_live_lms.admin.history import register_log_actions
from wagtail_live_lms.admin.menu import LearningGroup
from wagtail_live_lms.admin.people import person_chooser

register_snippet(LearningGroup)

hooks.register("register_log_actions", register_log_actions)
hooks.register("before_delete_snippet", refuse_deletion)


@hooks.register("register_admin_viewset")
def register_person_chooser() -> ViewSet:
    """The chooser of people."""
    return person_chooser


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    """Our icons."""
    ours = ("live-lms-course", "live-lms-bell")
    return [*icons, *(f"wagtail_live_lms/icons/{name}.svg" for name in ours)]
