"""`manage.py deliver_notifications`: releases grades, sends pushes and mails that are due."""

from typing import Any

from django.core.management.base import BaseCommand

from wagtail_live_lms.actions import deliver_due, release_due


class Command(BaseCommand):
    help = (
        "Releases posted grades and sends the pushes and mails that are due, each once, whoever "
        "else is sending. Run it every few minutes: it also sends what a process that ended left "
        "behind."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        release_due()
        delivered = deliver_due()
        self.stdout.write(
            self.style.SUCCESS(
                f"Pushes: {delivered.pushes}. Mails: {delivered.mails}. "
                f"Given up on: {delivered.lost}."
            )
        )
