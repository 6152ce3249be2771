"""`manage.py create_hub_credential NAME`: with it a hub makes tokens for its students."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from wagtail_live_lms.actions import create_hub_credential


class Command(BaseCommand):
    help = (
        "Makes a credential with which a JupyterHub makes tokens for the students whose servers "
        "it starts, and prints it. It is shown only now; keep it with the hub's secrets."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="The hub, to recognise the credential by.")

    def handle(self, *args: Any, **options: Any) -> None:
        made = create_hub_credential(options["name"])
        self.stdout.write(made.text)
        self.stderr.write(
            f"Valid until it is revoked: manage.py revoke_api_token {made.token.prefix}"
        )
