"""Groups for those who make courses and for those who teach them, with the least they need."""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand

EDITOR, INSTRUCTOR = "Course editors", "Instructors"

ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    EDITOR: {
        "wagtailadmin": ("access_admin",),
        "wagtail_live_lms": (
            *(
                f"{verb}_{model}"
                for model in ("course", "quiz", "notebooklesson")
                for verb in ("add", "change", "delete", "view")
            ),
            "publish_quiz",
            "lock_quiz",
            "unlock_quiz",
        ),
    },
    INSTRUCTOR: {
        "wagtailadmin": ("access_admin",),
        "wagtail_live_lms": ("view_course", "view_quiz", "view_enrolment", "change_enrolment"),
    },
}
"""By group, the codenames of its permissions, by app."""


class Command(BaseCommand):
    help = (
        "Create the groups “Course editors” and “Instructors”. Groups that exist are left as they "
        "are; with --reset they get their permissions back."
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--reset", action="store_true", help="give existing groups exactly these permissions"
        )

    def handle(self, *args: Any, reset: bool, **options: Any) -> None:
        for name, wanted in ROLES.items():
            group, is_new = Group.objects.get_or_create(name=name)
            if is_new or reset:
                group.permissions.set(_permissions(wanted))
            said = "created" if is_new else "reset" if reset else "kept as it is"
            self.stdout.write(f"{name}: {said}, {group.permissions.count()} permissions")


def _permissions(wanted: dict[str, tuple[str, ...]]) -> list[Permission]:
    return [
        Permission.objects.get(content_type__app_label=app, codename=codename)
        for app, codenames in wanted.items()
        for codename in codenames
    ]
