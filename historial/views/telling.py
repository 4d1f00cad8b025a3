"""What several pages say."""

from django.utils.translation import gettext as _


def records_away() -> str:
    """What to say where the call records cannot be read."""
    return _("Ahora no se puede leer el registro de llamadas. Prueba dentro de unos minutos.")
