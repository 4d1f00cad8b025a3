"""The pages of this tab, one module each."""

from historial.views.exportar import exportar
from historial.views.historial import historial
from historial.views.llamada import llamada
from historial.views.pendientes import desmarcar, marcar, pendientes
from historial.views.resumen import resumen

__all__ = [
    "desmarcar",
    "exportar",
    "historial",
    "llamada",
    "marcar",
    "pendientes",
    "resumen",
]
