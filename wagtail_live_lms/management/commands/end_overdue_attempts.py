"""`manage.py end_overdue_attempts`: ends the quiz attempts whose time is over."""

from typing import Any

from django.core.management.base import BaseCommand

from wagtail_live_lms.actions import settle_all_overdue


class Command(BaseCommand):
    help = (
        "Ends and grades the quiz attempts whose time is over, with the answers that were saved. "
        "Nobody has to run it: whoever looks at such an attempt ends it too."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(self.style.SUCCESS(f"Attempts ended: {settle_all_overdue()}."))
