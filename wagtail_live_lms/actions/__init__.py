"""The verbs: the only writers of what students earned, and the only callers of `broadcast`.

Each settles its own locks and transaction, pushes on commit and then sends a public signal.
Whether the caller may ask for it was settled before, by `access.py` or a permission class.
"""

from .completion import Completion, complete_module, reset_module
from .delivery import deliver_due
from .enrolment import display_name_of, enrol, forget_enrolment, rename_student, withdraw
from .modules import archive_module, refresh_course, reorder_modules, restore_module
from .notifications import (
    Notice,
    dismiss_notification,
    dismiss_notifications,
    mark_all_read,
    mark_read,
    notify,
    notify_each,
)
from .preferences import allow_browser, choose_notifications, remove_browser
from .rights import recheck_access
from .summaries import Correction, lock_course, recount_course

__all__ = [
    "Completion",
    "Correction",
    "Notice",
    "allow_browser",
    "archive_module",
    "choose_notifications",
    "complete_module",
    "deliver_due",
    "dismiss_notification",
    "dismiss_notifications",
    "display_name_of",
    "enrol",
    "forget_enrolment",
    "lock_course",
    "mark_all_read",
    "mark_read",
    "notify",
    "notify_each",
    "recheck_access",
    "recount_course",
    "refresh_course",
    "remove_browser",
    "rename_student",
    "reorder_modules",
    "reset_module",
    "restore_module",
    "withdraw",
]
