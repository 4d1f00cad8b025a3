"""Addresses of this tab."""

from django.urls import path, register_converter

from buzon import views
from portal.pbx.types import Greeting


class GreetingConverter:
    """A greeting in an address, by its Spanish word."""

    words = {
        "ausente": Greeting.UNAVAILABLE,
        "ocupado": Greeting.BUSY,
        "temporal": Greeting.TEMPORARY,
        "nombre": Greeting.NAME,
    }
    regex = "|".join(words)

    def to_python(self, value: str) -> Greeting:
        """The greeting of this word."""
        return self.words[value]

    def to_url(self, value: Greeting) -> str:
        """The word of this greeting."""
        return next(word for word, greeting in self.words.items() if greeting == value)


register_converter(GreetingConverter, "greeting")

MESSAGE, GREETING = "mensaje/<str:msg_id>", "saludos/<greeting:greeting>"

app_name = "buzon"
urlpatterns = [
    path("", views.buzon, name="buzon"),
    path("nuevos/", views.nuevos, name="nuevos"),
    path("ordenar/", views.ordenar, name="ordenar"),
    path("vaciar/", views.vaciar, name="vaciar"),
    path(f"{MESSAGE}/", views.mensaje, name="mensaje"),
    path(f"{MESSAGE}/sonido.wav", views.sonido, name="sonido"),
    path(f"{MESSAGE}/reenviar/", views.reenviar, name="reenviar"),
    path(f"{MESSAGE}/reproducir/", views.reproducir, name="reproducir"),
    path("saludos/", views.saludos, name="saludos"),
    path(f"{GREETING}/guardar/", views.guardar, name="guardar"),
    path(f"{GREETING}/sonido.wav", views.saludo, name="saludo"),
    path(f"{GREETING}/grabar/", views.grabar, name="grabar"),
    path(f"{GREETING}/borrador.wav", views.borrador, name="borrador"),
    path(f"{GREETING}/usar/", views.usar, name="usar"),
    path(f"{GREETING}/descartar/", views.descartar, name="descartar"),
    path(f"{GREETING}/quitar/", views.quitar, name="quitar"),
    path("opciones/", views.opciones, name="opciones"),
]
