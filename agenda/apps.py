"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AgendaConfig(AppConfig):
    """Agenda."""

    name = "agenda"
    verbose_name = _("Agenda")
