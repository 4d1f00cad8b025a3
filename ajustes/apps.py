"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AjustesConfig(AppConfig):
    """Ajustes."""

    name = "ajustes"
    verbose_name = _("Ajustes")
