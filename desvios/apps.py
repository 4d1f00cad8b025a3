"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DesviosConfig(AppConfig):
    """Desvíos."""

    name = "desvios"
    verbose_name = _("Desvíos")
