"""The verbs: the only writers of what students earned, and the only callers of `broadcast`.

Each settles its own locks and transaction, pushes on commit and then sends a public signal.
Whether the caller may ask for it was settled before, by `access.py` or a permission class.
"""

from .completion import Completion, complete_module, reset_module
from .enrolment import display_name_of, enrol, forget_enrolment, rename_student, withdraw
from .modules import archive_module, refresh_course, reorder_modules, restore_module
from .notebooks import delete_notebook, report_notebook, save_notebook, settle_notebook
from .rights import recheck_access
from .summaries import Correction, lock_course, recount_course
from .tokens import (
    NewPairing,
    NewToken,
    begin_pairing,
    collect_token,
    create_hub_credential,
    create_token,
    grant_pairing,
    mint_token,
    refuse_pairing,
    revoke_token,
    touch_token,
)

__all__ = [
    "Completion",
    "Correction",
    "NewPairing",
    "NewToken",
    "archive_module",
    "begin_pairing",
    "collect_token",
    "complete_module",
    "create_hub_credential",
    "create_token",
    "delete_notebook",
    "display_name_of",
    "enrol",
    "forget_enrolment",
    "grant_pairing",
    "lock_course",
    "mint_token",
    "recheck_access",
    "recount_course",
    "refresh_course",
    "refuse_pairing",
    "rename_student",
    "reorder_modules",
    "report_notebook",
    "reset_module",
    "restore_module",
    "revoke_token",
    "save_notebook",
    "settle_notebook",
    "touch_token",
    "withdraw",
]
