from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BootcampConfig(AppConfig):
    name = "example_site.bootcamp"
    label = "bootcamp"
    verbose_name = _("Bootcamp")
