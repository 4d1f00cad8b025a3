"""The app's name."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    """Chat con un agente."""

    name = "chat"
    verbose_name = _("Chat con un agente")
