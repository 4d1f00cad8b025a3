"""The pages of this tab, one module each."""

from agenda.views.agenda import agenda
from agenda.views.contacto import contacto
from agenda.views.importar import (
    columnas,
    descartar,
    elegir,
    importacion,
    importar,
    retirar,
)
from agenda.views.nuevo import editar, nuevo, proponer
from agenda.views.ordenar import deshacer

__all__ = [
    "agenda",
    "columnas",
    "contacto",
    "descartar",
    "deshacer",
    "editar",
    "elegir",
    "importacion",
    "importar",
    "nuevo",
    "proponer",
    "retirar",
]
