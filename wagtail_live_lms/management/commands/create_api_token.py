"""`manage.py create_api_token USERNAME`: a token with which a program reports for a student."""

from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from wagtail_live_lms import conf
from wagtail_live_lms.actions import create_token
from wagtail_live_lms.exceptions import TooManyTokens


class Command(BaseCommand):
    help = (
        "Makes a token with which a student's Jupyter reports progress, and prints it. It is "
        "shown only now; the student can revoke it on the page /live-lms/jupyter/."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="Jupyter", help="To recognise the token by.")
        parser.add_argument(
            "--days",
            type=int,
            default=conf.current().TOKEN_DAYS,
            help="Days it is valid, 0 for without end; default: the setting TOKEN_DAYS.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model()._default_manager
        key = get_user_model().USERNAME_FIELD
        user = users.filter(**{key: options["username"]}, is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody with an open account is called {options['username']!r}.")
        days = options["days"]
        expires_at = timezone.now() + timedelta(days=days) if days else None
        try:
            made = create_token(user, options["name"], expires_at=expires_at)
        except TooManyTokens as error:
            raise CommandError(
                f"{options['username']} has too many tokens; revoke some."
            ) from error
        # The token alone on standard output, so that a script can take it.
        self.stdout.write(made.text)
        until = f"until {expires_at:%Y-%m-%d}" if expires_at else "until it is revoked"
        self.stderr.write(f"Valid {until}. It is not shown again.")
