"""How greetings are called on the pages."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.pbx.types import Greeting

GREETING_NAMES: dict[Greeting, str | Promise] = {
    Greeting.UNAVAILABLE: _("Cuando no contestas"),
    Greeting.BUSY: _("Cuando estás hablando"),
    Greeting.TEMPORARY: _("Saludo temporal"),
    Greeting.NAME: _("Tu nombre"),
}

GREETING_USES: dict[Greeting, str | Promise] = {
    Greeting.UNAVAILABLE: _("Lo oye quien llama y no te encuentra."),
    Greeting.BUSY: _("Lo oye quien llama mientras estás en otra llamada."),
    Greeting.TEMPORARY: _("Mientras esté puesto, se oye en lugar de los dos anteriores."),
    Greeting.NAME: _("La voz de la centralita lo dice donde no has grabado otro saludo."),
}
