"""The project as an app: the frame, subscribers, access, audit."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """Subscribers and everything that several pages share."""

    name = "portal"
    verbose_name = _("Usuarios de telefonía")
