"""The verbs: the only writers of what students earned, and the only callers of `broadcast`.

Each settles its own locks and transaction, pushes on commit and then sends a public signal.
Whether the caller may ask for it was settled before, by `access.py` or a permission class.
"""

from .completion import Completion, complete_module, reset_module
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
    set_show_scores,
)
from .rights import recheck_access
from .summaries import Correction, lock_course, recount_course

__all__ = [
    "Completion",
    "Correction",
    "Notice",
    "archive_module",
    "complete_module",
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
    "rename_student",
    "reorder_modules",
    "reset_module",
    "restore_module",
    "set_show_scores",
    "withdraw",
]
