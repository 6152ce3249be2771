"""Refusals of the domain, in the runtime's terms so that every transport can translate them.

LiveError
├── Conflict      409  ModuleArchived, NotInOrder, WrongCompletionRule, EnrolmentClosed,
│                      NotEnrolled, UnknownPushService
└── NotFound      404  raised by `access.py`
"""

from django.utils.translation import gettext_lazy as _

from wagtail_live_lms.live.exceptions import Conflict


class ModuleArchived(Conflict):
    """The module is no longer taught."""

    code = "module_archived"
    message = _("This module is no longer part of the course. Reload the page.")


class NotInOrder(Conflict):
    """The course is taken in order, and an earlier module is not finished."""

    code = "not_in_order"
    message = _("Finish the modules before this one first.")


class WrongCompletionRule(Conflict):
    """The module is completed in another way."""

    code = "wrong_completion_rule"
    message = _("This module is not completed by hand. Open it to see what completes it.")


class EnrolmentClosed(Conflict):
    """Only staff enrols people in this course."""

    code = "enrolment_closed"
    message = _("You cannot join this course by yourself. Ask your instructor to enrol you.")


class NotEnrolled(Conflict):
    """The person does not take this course."""

    code = "not_enrolled"
    message = _("You are not enrolled in this course. Join it, or ask your instructor.")


class UnknownPushService(Conflict):
    """No browser has such an address, or the site does not push to it."""

    code = "unknown_push_service"
    message = _("This browser cannot be notified by this site.")
