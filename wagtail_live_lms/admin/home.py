"""The admin's home page: what waits in the courses that the person teaches."""

from typing import Any

from django.http import HttpRequest
from wagtail.admin.ui.components import Component
from wagtail.permissions import policy_registry

from wagtail_live_lms import access
from wagtail_live_lms.models import Alert, Enrolment

from .links import students_url

SHOWN = 8


class AlertsPanel(Component):
    """The newest open alerts, each leading to its course's dashboard; nothing without any."""

    name = "live_lms_alerts"
    template_name = "wagtail_live_lms/admin/home_alerts.html"
    order = 120

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        request = parent_context["request"]
        alerts = access.get_open_alerts_for(request.user)
        found = list(alerts[: SHOWN + 1])
        sees_students = _sees_students(request.user)
        rows = [
            {"alert": alert, "url": _url(alert, request, sees_students)} for alert in found[:SHOWN]
        ]
        return {"rows": rows, "has_more": len(found) > SHOWN}


def add_alerts_panel(request: HttpRequest, panels: list[Component]) -> None:
    """A `construct_homepage_panels` hook."""
    panels.append(AlertsPanel())


def alert_url(alert: Alert, request: HttpRequest) -> str:
    """Where something can be done about an alert; empty where this person can do it nowhere."""
    return _url(alert, request, _sees_students(request.user))


def _url(alert: Alert, request: HttpRequest, sees_students: bool) -> str:
    """The dashboard with the alert opened; without a page for it, the course's students."""
    page = alert.course.dashboard_page
    url = page.get_url(request) if page is not None and page.live else None
    if url:
        return f"{url}?alert={alert.pk}"
    return students_url(alert.course_id) if sees_students else ""


def _sees_students(user: Any) -> bool:
    policy = policy_registry.get_by_type(Enrolment)
    return bool(policy.user_has_any_permission(user, {"add", "change", "delete", "view"}))
