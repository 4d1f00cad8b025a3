"""The embedded telephone system as an app: it brings the commands of the demonstration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SimulatedConfig(AppConfig):
    """The simulated telephone system."""

    name = "portal.pbx.simulated"
    verbose_name = _("Centralita simulada")
