"""The Asterisk back end as an app, for its management command."""

from django.apps import AppConfig


class AsteriskConfig(AppConfig):
    """No models: everything it knows stands on the nodes."""

    name = "portal.pbx.asterisk"
    label = "asterisk"
