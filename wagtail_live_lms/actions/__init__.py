"""The verbs: the only writers of what students earned, and the only callers of `broadcast`.

Each settles its own locks and transaction, pushes on commit and then sends a public signal.
Whether the caller may ask for it was settled before, by `access.py` or a permission class.
"""

from .attempts import (
    GRACE,
    Given,
    Saved,
    check_submission_rate,
    is_over,
    is_waiting_for_order,
    milliseconds,
    save_answer,
    save_answers,
    settle_attempt,
    settle_overdue,
    start_attempt,
    submit_attempt,
)
from .completion import Completion, complete_module, reset_module
from .enrolment import display_name_of, enrol, forget_enrolment, rename_student, withdraw
from .hand_grading import grade_answer, grading_revision, is_for_a_person
from .modules import archive_module, refresh_course, reorder_modules, restore_module
from .notebooks import delete_notebook, report_notebook, save_notebook, settle_notebook
from .quiz_versions import freeze_quiz, published_key
from .regrading import (
    AnswerChange,
    RegradePreview,
    ResultChange,
    apply_regrade,
    count_outdated,
    preview_regrade,
)
from .rights import recheck_access
from .standing_counts import StandingCorrection, recount_standings
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
    "AnswerChange",
    "GRACE",
    "Completion",
    "Correction",
    "Given",
    "RegradePreview",
    "ResultChange",
    "Saved",
    "StandingCorrection",
    "apply_regrade",
    "archive_module",
    "check_submission_rate",
    "complete_module",
    "count_outdated",
    "display_name_of",
    "enrol",
    "forget_enrolment",
    "freeze_quiz",
    "grade_answer",
    "grading_revision",
    "is_for_a_person",
    "is_over",
    "is_waiting_for_order",
    "lock_course",
    "milliseconds",
    "preview_regrade",
    "published_key",
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
    "recount_standings",
    "refresh_course",
    "refuse_pairing",
    "rename_student",
    "reorder_modules",
    "report_notebook",
    "reset_module",
    "restore_module",
    "save_answer",
    "save_answers",
    "settle_attempt",
    "settle_overdue",
    "start_attempt",
    "submit_attempt",
    "revoke_token",
    "save_notebook",
    "settle_notebook",
    "touch_token",
    "withdraw",
]
