"""Wiring: components, topics and the receivers of other packages' signals."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LiveLMSConfig(AppConfig):
    """Registers what the site's pages use when the site starts."""

    name = "wagtail_live_lms"
    verbose_name = _("Live LMS")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from wagtail_live_lms import checks, components, receivers  # noqa: F401, PLC0415

        components.declare_topics()
        components.declare_places()
