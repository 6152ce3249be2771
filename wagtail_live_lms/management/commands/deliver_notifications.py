"""`manage.py deliver_notifications`: sends the pushes and mails that are due."""

from typing import Any

from django.core.management.base import BaseCommand

from wagtail_live_lms.actions import deliver_due


class Command(BaseCommand):
    help = (
        "Sends the pushes and mails that are due, each once, whoever else is sending. Run it "
        "every few minutes: it also sends what a process that ended left behind."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        delivered = deliver_due()
        self.stdout.write(
            self.style.SUCCESS(
                f"Pushes: {delivered.pushes}. Mails: {delivered.mails}. "
                f"Given up on: {delivered.lost}."
            )
        )
