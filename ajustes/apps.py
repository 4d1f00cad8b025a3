"""The app's name, and what is checked before it starts."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AjustesConfig(AppConfig):
    """Ajustes."""

    name = "ajustes"
    verbose_name = _("Ajustes")

    def ready(self) -> None:
        """Have the settings of this app checked."""
        import_module("ajustes.checks")
