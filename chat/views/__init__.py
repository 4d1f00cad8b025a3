"""The pages of the chat, for whoever asks and whoever answers."""

from chat.views.agente import anotar, cerrar, devolver, pasar, presente, rechazar, tomar
from chat.views.anteriores import anteriores
from chat.views.chat import aviso, chat, empezar, mensaje
from chat.views.conversacion import conversacion, descargar, llamadme, terminar, valorar
from chat.views.lineas import escribiendo, escribir, leido, lineas

__all__ = [
    "anotar",
    "anteriores",
    "aviso",
    "cerrar",
    "chat",
    "conversacion",
    "descargar",
    "devolver",
    "empezar",
    "escribiendo",
    "escribir",
    "leido",
    "lineas",
    "llamadme",
    "mensaje",
    "pasar",
    "presente",
    "rechazar",
    "terminar",
    "tomar",
    "valorar",
]
