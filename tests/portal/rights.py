"""Who may what: every address of the URLconf with the answer that each kind of user gets.

Of each address the answer to GET and to an empty POST; «-» where it takes no such request. «login»
leads to the door, «->» somewhere else.
"""

from tests.portal.everybody import KINDS

FOR_EVERYBODY = """
desvios/calendario/<str:secret>.ics 404 -
entrar/inactivo/ 200 -
eventos/ 503 -
idioma/ - ->
metricas/ 404 -
registro/ 404 404
salud/ 200 -
tema/ - ->
admin/login/ login login
"""

FOR_LOGINS = """
ajustes/contrasena/ 200 200
ajustes/contrasena/ninguna/ -> -
ajustes/seguridad/ 200 -
ajustes/seguridad/aplicacion/ login login
ajustes/seguridad/aplicacion/quitar/ 404 404
ajustes/seguridad/codigos/ 404 -
ajustes/seguridad/codigos/descargar/ 404 -
ajustes/seguridad/codigos/nuevos/ login login
ajustes/seguridad/entradas/ 200 -
ajustes/seguridad/llaves/<int:pk>/nombre/ login login
ajustes/seguridad/llaves/<int:pk>/quitar/ login login
ajustes/seguridad/llaves/nueva/ login login
ajustes/seguridad/sesiones/cerrar/ - ->
ayuda/ 200 -
entrar/confirmar/ 200 200
entrar/confirmar/codigo/ login login
entrar/confirmar/llave/ login login
"""
"""Whatever else somebody is. Whoever logged in long ago is asked for the password again."""

FOR_SUBSCRIBERS = """
agenda/ 200 -
agenda/duplicados/ 200 -
agenda/duplicados/distinguir/ - ->
agenda/duplicados/reconsiderar/ - ->
agenda/duplicados/unir/ - ->
agenda/exportar/ 200 200
agenda/exportar/agenda.csv 200 -
agenda/exportar/agenda.vcf 200 -
agenda/importar/ 200 422
agenda/nuevo/ 200 422
agenda/ordenar/ - ->
agenda/papelera/ 200 -
agenda/papelera/vaciar/ - ->
agenda/proponer/ - 200
ajustes/ 200 422
ajustes/atajos/ - ->
ajustes/clave/ 200 422
ajustes/descargar/ - 200
buzon/ 200 -
buzon/nuevos/ 200 -
buzon/opciones/ 200 422
buzon/ordenar/ - ->
buzon/saludos/ 200 -
buzon/saludos/<greeting:greeting>/borrador.wav 404 -
buzon/saludos/<greeting:greeting>/descartar/ - ->
buzon/saludos/<greeting:greeting>/grabar/ - ->
buzon/saludos/<greeting:greeting>/guardar/ - 422
buzon/saludos/<greeting:greeting>/quitar/ - 200
buzon/saludos/<greeting:greeting>/sonido.wav 404 -
buzon/saludos/<greeting:greeting>/usar/ - ->
buzon/vaciar/ - ->
chat/anteriores/ 200 -
chat/aviso/ 200 -
chat/empezar/ - 422
chat/mensaje/ - 422
chat/presente/ - 204
desvios/ 200 422
desvios/calendario/ 200 -
desvios/calendario/activar/ - ->
desvios/calendario/exportar/ 200 -
desvios/calendario/exportar/apagar/ - ->
desvios/calendario/exportar/renovar/ - ->
desvios/calendario/exportar/webfon.ics 200 -
desvios/calendario/importar/ 200 422
desvios/calendario/importar/elegir/ -> ->
desvios/calendario/nuevo/ 200 422
desvios/calendario/previa/ - 200
desvios/calendario/suscripciones/ 200 422
desvios/calendario/zona/ 200 200
desvios/hasta/ - 422
desvios/numeros/ 200 -
desvios/quitar/ - ->
historial/ 200 -
historial/desmarcar/ - 404
historial/exportar/ 200 -
historial/marcar/ - 404
historial/pendientes/ 200 -
historial/resumen/ 200 -
informacion/ 200 -
informacion/colas/entrar/ - 404
informacion/colas/pausar/ - ->
informacion/colas/salir/ - 404
informacion/tarjeta/ 200 -
informacion/telefonos/salir/ - ->
llamada/ 200 -
llamar/ - ->
llamar/colgar/ - ->
"""
"""Each sees and changes what is their own."""

OF_ANA = """
agenda/<int:pk>/ 200 -
agenda/<int:pk>/editar/ 200 422
agenda/deshacer/<int:pk>/ - ->
agenda/importar/<int:pk>/ 200 -
agenda/importar/<int:pk>/columnas/ - 422
agenda/importar/<int:pk>/descartar/ - ->
agenda/importar/<int:pk>/elegir/ - ->
agenda/importar/<int:pk>/retirar/ - ->
buzon/mensaje/<str:msg_id>/ 200 -
buzon/mensaje/<str:msg_id>/reenviar/ 200 422
buzon/mensaje/<str:msg_id>/reproducir/ - ->
buzon/mensaje/<str:msg_id>/sonido.wav 200 -
chat/<int:pk>/llamadme/ - ->
chat/<int:pk>/terminar/ - ->
chat/<int:pk>/valorar/ - ->
desvios/calendario/<int:pk>/ 200 409
desvios/calendario/<int:pk>/borrar/ - 409
desvios/calendario/suscripciones/<int:pk>/ 200 422
desvios/calendario/suscripciones/<int:pk>/actualizar/ - ->
desvios/calendario/suscripciones/<int:pk>/anular/ - ->
desvios/deshacer/<int:pk>/ - ->
historial/llamada/<str:key>/ 200 -
"""
"""A thing of Ana's: to every other subscriber there is no such thing."""

OF_ANA_AND_HER_AGENT = """
chat/<int:pk>/ 200 -
chat/<int:pk>/descargar/ 200 -
chat/<int:pk>/escribiendo/ - 204
chat/<int:pk>/escribir/ - 422
chat/<int:pk>/leido/ - 204
chat/<int:pk>/lineas/ 200 -
"""

OF_THE_AGENT = """
chat/<int:pk>/anotar/ - ->
chat/<int:pk>/cerrar/ - ->
chat/<int:pk>/pasar/ - ->
chat/<int:pk>/rechazar/ - ->
chat/<int:pk>/tomar/ - ->
chat/devolver/<int:pk>/ - ->
informacion/colas/reanudar/ - ->
"""

FOR_STAFF = """
admin/ 200 -
admin/(?P<url>.*)$ 404 -
admin/autocomplete/ 403 -
admin/jsi18n/ 200 -
admin/password_change/ -> ->
admin/password_change/done/ 200 -
admin/r/<path:content_type_id>/<path:object_id>/ 404 -
"""

WITH_A_RIGHT = """
J admin/chat/ahora/ 200 -
J admin/chat/conversation/exportar/ 200 -
SAJ admin/colas/ 200 -
SAJ admin/portal/auditevent/exportar/ 200 -
SAJ admin/portal/subscriber/<int:pk>/situacion/ 200 -
SAJ admin/portal/subscriber/<int:pk>/entrada/ - 404
SAJ admin/portal/subscriber/<int:pk>/clave/ - ->
AJ admin/portal/subscriber/<int:pk>/desvios/ 200 422
AJ admin/portal/subscriber/<int:pk>/desvios/quitar/ - ->
"""

MODELS = """
agenda/contact EAJ EAJ EAJ EAJ
agenda/contactimport EAJ EAJ EAJ -
ajustes/queuerights SAJ AJ AJ AJ
auth/group AJ J J J
auth/user SAJ AJ AJ AJ
buzon/mailboxoptions AJ - - -
buzon/noticedmessage SAJ - - -
chat/agent AJ - AJ -
chat/callbacktask AJ - - -
chat/conversation J - - -
chat/service AJ AJ AJ AJ
desvios/holidaycalendar AJ AJ AJ AJ
portal/auditevent SAJ - - -
portal/loginevent SAJ - - -
portal/serviceclass SAJ AJ AJ AJ
portal/subscriber SAJ AJ AJ AJ
portal/subscriberimport AJ AJ AJ -
"""
"""Who may look at the rows of each model, add, change and delete them."""

OTHERWISE = {
    "admin/agenda/contactimport/add/": "200 422",
    "admin/agenda/contactimport/<path:object_id>/change/": "200 ->",
    "admin/portal/subscriberimport/add/": "200 422",
}
"""Imports answer a POST in their own way."""

SUBSCRIBERS = ("ana", "bruno", "agent")
STAFF = {"S": "support", "E": "editor", "A": "administrator", "J": "superuser"}

OF_ANAS_LOGIN = """
ajustes/seguridad/sesiones/<int:pk>/cerrar/ - ->
"""

BY_KIND = {
    "": {
        "nobody": "login -",
        **dict.fromkeys(SUBSCRIBERS, "200 -"),
        "nameless": "403 -",
        **dict.fromkeys(STAFF.values(), "-> -"),
    },
    "entrar/": {**dict.fromkeys(KINDS, "-> ->"), "nobody": "200 200"},
    "entrar/llave/": {**dict.fromkeys(KINDS, "-> ->"), "nobody": "login login"},
    "entrar/segundo-paso/": {**dict.fromkeys(KINDS, "-> ->"), "nobody": "login login"},
    "chat/": {
        **dict.fromkeys(KINDS, "403 -"),
        "nobody": "login -",
        "ana": "-> -",
        "bruno": "200 -",
        "agent": "200 -",
    },
    "salir/": {**dict.fromkeys(KINDS, "200 ->"), "nobody": "-> ->"},
    "admin/logout/": {**dict.fromkeys(KINDS, "- ->"), **dict.fromkeys(STAFF.values(), "- 200")},
    "admin/^<app_label>/$": {
        **dict.fromkeys(KINDS, "login -"),
        **dict.fromkeys(STAFF.values(), "200 -"),
        "editor": "404 -",
    },
}
"""What fits into no line: the start page, the door, the parts of an app; and a conversation that
goes on is where the chat leads."""


def table():
    """By address, by kind: the answers to GET and to POST."""
    found = dict(BY_KIND)
    everybody = dict.fromkeys(KINDS)
    found |= _lines(FOR_EVERYBODY, everybody)
    found |= _lines(FOR_LOGINS, everybody | {"nobody": "login"})
    own = everybody | dict.fromkeys([*STAFF.values(), "nameless"], "403") | {"nobody": "login"}
    found |= _lines(FOR_SUBSCRIBERS, own)
    found |= _lines(OF_ANA, own | {"bruno": "404", "agent": "404"})
    found |= _lines(OF_ANA_AND_HER_AGENT, own | {"bruno": "404"})
    found |= _lines(OF_THE_AGENT, own | {"ana": "404", "bruno": "404"})
    hers = dict.fromkeys(KINDS, "404") | {"nobody": "login", "ana": None}
    found |= _lines(OF_ANAS_LOGIN, hers)
    found |= _lines(FOR_STAFF, _staff("SEAJ"))
    for line in WITH_A_RIGHT.split("\n"):
        if line:
            letters, _space, rest = line.partition(" ")
            found |= _lines(rest, _staff(letters))
    for line in MODELS.split("\n"):
        if line:
            found |= _model(*line.split(" "))
    return found


def _lines(text, refused):
    """Of each line: for whom ``refused`` has ``None``, what it says; for the others that."""
    found = {}
    for line in filter(None, text.split("\n")):
        path, *codes = line.rsplit(" ", 2)
        found[path] = {
            kind: " ".join(code if code == "-" else no or code for code in codes)
            for kind, no in refused.items()
        }
    return found


def _staff(letters):
    """Who is refused: who is no staff is led to the door."""
    refused = dict.fromkeys(KINDS, "login")
    return refused | {kind: None if each in letters else "403" for each, kind in STAFF.items()}


def _model(name, look, add, change, delete):
    """The pages that Django makes of a model. Who may look sees the form of a change too."""
    one = f"admin/{name}/<path:object_id>/"
    found = {
        **_lines(f"admin/{name}/ 200 -\n{one}history/ 200 -", _staff(look)),
        **_lines(f"{one} -> -", _staff("SEAJ")),
        **_lines(_posted(f"admin/{name}/add/"), _staff(add)),
        **_lines(_posted(f"{one}delete/"), _staff(delete)),
    }
    shown = _lines(f"{one}change/ 200 -", _staff(look))[f"{one}change/"]
    sent = _lines(_posted(f"{one}change/"), _staff(change))[f"{one}change/"]
    found[f"{one}change/"] = {
        kind: f"{shown[kind].split()[0]} {sent[kind].split()[1]}" for kind in KINDS
    }
    if name == "auth/user":
        found |= _lines("admin/auth/user/<id>/password/ 200 200", _staff(change))
    return found


def _posted(path):
    return f"{path} {OTHERWISE.get(path, '200 200')}"
