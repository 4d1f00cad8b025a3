"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BuzonConfig(AppConfig):
    """Mensaje de voz."""

    name = "buzon"
    verbose_name = _("Mensaje de voz")
