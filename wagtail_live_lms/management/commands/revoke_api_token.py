"""`manage.py revoke_api_token PREFIX`: ends a token or a hub's credential at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from wagtail_live_lms import credentials
from wagtail_live_lms.actions import revoke_token
from wagtail_live_lms.models import ApiToken


class Command(BaseCommand):
    help = (
        "Ends the token that begins with these characters, as lists show it, and with a hub's "
        "credential every token that it made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="The beginning, or the whole token if it leaked.")

    def handle(self, *args: Any, **options: Any) -> None:
        given = options["prefix"]
        shown = credentials.shown_part(given) if credentials.is_well_formed(given) else given
        found = list(ApiToken.objects.filter(prefix=shown, revoked_at=None))
        if len(found) != 1:
            reason = "Several tokens begin" if found else "No valid token begins"
            raise CommandError(f"{reason} with {shown!r}.")
        made = found[0].minted.filter(revoked_at=None).count()
        revoke_token(found[0])
        extra = f", and {made} made with it" if made else ""
        self.stdout.write(self.style.SUCCESS(f"Revoked “{found[0].name}”{extra}."))
