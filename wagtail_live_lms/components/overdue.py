"""Attempts whose time is over end when somebody who teaches looks at the course."""

from wagtail_live_lms import actions
from wagtail_live_lms.live import Component


def settle_on_request(component: Component) -> None:
    """A page asked for by HTTP ends the overdue attempts of its course; a socket only follows."""
    if not hasattr(component.request, "is_live_socket"):
        actions.settle_overdue(component.params["course_id"])
