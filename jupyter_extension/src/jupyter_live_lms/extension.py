"""The Jupyter server extension."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp

from .configuration import describe_address, describe_token


class LiveLmsExtension(ExtensionApp):
    """Loads in any Jupyter server and logs how it is configured, never the token itself."""

    name = "jupyter_live_lms"
    description = "Wagtail Live LMS"
    load_other_extensions = True

    def initialize_settings(self) -> None:
        """Called by the server once, while it loads."""
        self.log.info("Live LMS site: %s", describe_address().text)
        self.log.info("Live LMS token: %s", describe_token().text)
