"""The pages of this tab, one module each."""

from agenda.views.agenda import agenda
from agenda.views.contacto import contacto
from agenda.views.duplicados import distinguir, duplicados, reconsiderar, unir
from agenda.views.exportar import exportar, hoja, tarjetas
from agenda.views.importar import (
    columnas,
    descartar,
    elegir,
    importacion,
    importar,
    retirar,
)
from agenda.views.nuevo import editar, nuevo, proponer
from agenda.views.ordenar import deshacer, ordenar, vaciar
from agenda.views.papelera import papelera

__all__ = [
    "agenda",
    "columnas",
    "contacto",
    "descartar",
    "deshacer",
    "distinguir",
    "duplicados",
    "editar",
    "elegir",
    "exportar",
    "hoja",
    "importacion",
    "importar",
    "nuevo",
    "ordenar",
    "papelera",
    "proponer",
    "reconsiderar",
    "retirar",
    "tarjetas",
    "unir",
    "vaciar",
]
