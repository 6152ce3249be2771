"""What the audit log says, and noticing what a saved form did to a course's modules."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import LogFormatter, log

from wagtail_live_lms.models import AlertRule, Course, Module, alert_kinds

ARCHIVE_MODULE = "wagtail_live_lms.archive_module"
RESTORE_MODULE = "wagtail_live_lms.restore_module"
REORDER_MODULES = "wagtail_live_lms.reorder_modules"
CHANGE_ALERT_RULES = "wagtail_live_lms.change_alert_rules"
IMPORT_QUESTIONS = "wagtail_live_lms.import_questions"

ACTIONS = [
    ("wagtail_live_lms.enrol", _("Enrol"), _("Enrolled the student")),
    ("wagtail_live_lms.withdraw", _("Withdraw"), _("Withdrew the student")),
    (
        "wagtail_live_lms.complete_module",
        _("Mark module complete"),
        _("Marked “%(module)s” complete"),
    ),
    (
        "wagtail_live_lms.reset_module",
        _("Reset module"),
        _("Took back the completion of “%(module)s”. Reason: %(reason)s"),
    ),
    (
        "wagtail_live_lms.extra_time",
        _("Give extra time"),
        _("Changed the factor of time limits from %(before)s to %(factor)s"),
    ),
    (
        IMPORT_QUESTIONS,
        _("Import questions"),
        _("Imported questions: %(count)s"),
    ),
    (
        "wagtail_live_lms.regrade_quiz",
        _("Grade anew"),
        _("Graded %(attempts)s attempts anew; results that changed: %(changed)s"),
    ),
    (
        "wagtail_live_lms.grade_answer",
        _("Grade answer"),
        _("Gave %(points)s of %(maximum)s points to %(student)s"),
    ),
    (
        "wagtail_live_lms.answer_help",
        _("Answer a request for help"),
        _("Answered the question about “%(title)s”"),
    ),
    ("wagtail_live_lms.send_hint", _("Send a hint"), _("Sent a hint about “%(title)s”")),
    (CHANGE_ALERT_RULES, _("Change alert rules"), _("Changed the alert rules: %(kinds)s")),
    (
        "wagtail_live_lms.post_grades",
        _("Post grades"),
        _("Posted results of attempts: %(count)s"),
    ),
    (
        "wagtail_live_lms.undo_posting",
        _("Undo posting"),
        _("Undid a posting before it was sent; results of attempts: %(count)s"),
    ),
    (
        "wagtail_live_lms.import_grades",
        _("Import grades"),
        _("Imported grades as drafts: %(count)s"),
    ),
    (ARCHIVE_MODULE, _("Archive module"), _("Archived the module “%(module)s”")),
    (RESTORE_MODULE, _("Restore module"), _("Restored the module “%(module)s”")),
    (REORDER_MODULES, _("Reorder modules"), _("Changed the order of the modules")),
]
"""Every action of ours in the log: its name, its label in filters, its message."""


class DataFormatter(LogFormatter):
    """A message with places for what the entry says."""

    def format_message(self, log_entry: Any) -> str:
        return self.message % defaultdict(str, log_entry.data)


def register_log_actions(registry: Any) -> None:
    """Teach the audit log our actions."""
    for action, label, message in ACTIONS:
        formatter = type("_Formatter", (DataFormatter,), {"label": label, "message": message})
        registry.register_action(action)(formatter)


@dataclass(frozen=True, slots=True)
class ModuleList:
    """A course's modules as they are stored: in order, each archived or not."""

    course: Course
    archived: dict[int, bool]

    @classmethod
    def read(cls, course: Course) -> Self:
        # Not `course.modules`, which holds what a form has just put there.
        modules = Module.objects.filter(course=course.pk)
        return cls(course, dict(modules.values_list("pk", "archived")))

    def log_changes_since(self, before: "ModuleList", by: Any) -> None:
        """Say in the log which modules were archived, restored or moved."""
        kept = [pk for pk in self.archived if pk in before.archived]
        changed = [pk for pk in kept if self.archived[pk] != before.archived[pk]]
        for module in Module.objects.filter(pk__in=changed):
            action = ARCHIVE_MODULE if module.archived else RESTORE_MODULE
            log(self.course, action, user=by, data={"module": module.title})
        if kept != [pk for pk in before.archived if pk in self.archived]:
            log(self.course, REORDER_MODULES, user=by, data={"order": list(self.archived)})


@dataclass(frozen=True, slots=True)
class RuleList:
    """A course's alert rules as they are stored, by kind: on or off, and the threshold."""

    course: Course
    rules: dict[str, tuple[bool, int | None]]

    @classmethod
    def read(cls, course: Course) -> Self:
        rows = AlertRule.objects.filter(course=course.pk)
        return cls(course, {rule.kind: (rule.is_on, rule.threshold) for rule in rows})

    def log_changes_since(self, before: "RuleList", by: Any) -> bool:
        """Say in the log which rules were changed; False where none was."""
        kinds = sorted({*self.rules, *before.rules})
        changed = [kind for kind in kinds if self.rules.get(kind) != before.rules.get(kind)]
        if changed:
            labels = ", ".join(str(alert_kinds.get(kind).label) for kind in changed)
            data = {"kinds": labels, "rules": {kind: self.rules.get(kind) for kind in changed}}
            log(self.course, CHANGE_ALERT_RULES, user=by, data=data)
        return bool(changed)
