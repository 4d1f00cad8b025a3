"""The app that owns the call records and what is known about each node."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PBXConfig(AppConfig):
    """The telephone system."""

    name = "portal.pbx"
    label = "pbx"
    verbose_name = _("Centralita")
