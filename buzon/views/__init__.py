"""The pages of this tab, one module each."""

from buzon.views.buzon import buzon, nuevos
from buzon.views.mensaje import mensaje, reenviar, reproducir, sonido
from buzon.views.opciones import opciones
from buzon.views.ordenar import ordenar, vaciar
from buzon.views.saludos import (
    borrador,
    descartar,
    grabar,
    guardar,
    quitar,
    saludo,
    saludos,
    usar,
)

__all__ = [
    "borrador",
    "buzon",
    "descartar",
    "grabar",
    "guardar",
    "mensaje",
    "nuevos",
    "opciones",
    "ordenar",
    "quitar",
    "reenviar",
    "reproducir",
    "saludo",
    "saludos",
    "sonido",
    "usar",
    "vaciar",
]
