"""Every address: without login, without a number, with the wrong method, as somebody else."""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver

from desvios.models import rules_of
from portal.models import AuditEvent

pytestmark = pytest.mark.django_db(databases="__all__")

CALENDAR = "desvios/calendario/"
CALL = "historial/llamada/1-1/"
CHAT = "chat/1/"
SECURITY = "ajustes/seguridad/"
MESSAGE, GREETING = "buzon/mensaje/x/", "buzon/saludos/ausente/"
OPEN = {
    "entrar/",
    "entrar/inactivo/",
    "entrar/segundo-paso/",
    "entrar/llave/",
    "salir/",
    "registro/",
    "salud/",
    "metricas/",
    "eventos/",
    "tema/",
    "idioma/",
    "admin/login/",
    f"{CALENDAR}<str:secret>.ics",
}
"""What works without a login, or leads to it by itself; the secret address is its own key, and the
stream of events, which pages do not serve, looks at the session itself."""

POST_ONLY = {
    "agenda/proponer/",
    "agenda/ordenar/",
    "agenda/papelera/vaciar/",
    "agenda/duplicados/unir/",
    "agenda/duplicados/distinguir/",
    "agenda/duplicados/reconsiderar/",
    *(f"agenda/importar/1/{deed}/" for deed in ("columnas", "elegir", "descartar", "retirar")),
    "agenda/deshacer/1/",
    "desvios/quitar/",
    "desvios/deshacer/1/",
    "desvios/hasta/",
    f"{CALENDAR}activar/",
    f"{CALENDAR}previa/",
    f"{CALENDAR}1/borrar/",
    f"{CALENDAR}suscripciones/1/actualizar/",
    f"{CALENDAR}suscripciones/1/anular/",
    f"{CALENDAR}exportar/renovar/",
    f"{CALENDAR}exportar/apagar/",
    "historial/marcar/",
    "historial/desmarcar/",
    "buzon/ordenar/",
    "buzon/vaciar/",
    f"{MESSAGE}reproducir/",
    *(f"{GREETING}{action}/" for action in ("guardar", "grabar", "usar", "descartar", "quitar")),
    *(f"chat/{deed}/" for deed in ("empezar", "mensaje", "presente", "devolver/1")),
    *(f"{CHAT}{deed}/" for deed in ("escribir", "escribiendo", "leido", "terminar", "valorar")),
    *(f"{CHAT}{deed}/" for deed in ("llamadme", "tomar", "rechazar", "anotar", "pasar", "cerrar")),
    "llamar/",
    "llamar/colgar/",
    "tema/",
    "idioma/",
    "informacion/telefonos/salir/",
    *(f"informacion/colas/{action}/" for action in ("pausar", "reanudar", "entrar", "salir")),
    "ajustes/atajos/",
    "ajustes/descargar/",
    f"{SECURITY}sesiones/cerrar/",
    f"{SECURITY}sesiones/1/cerrar/",
}
GET_ONLY = {
    "",
    "ayuda/",
    "chat/",
    "chat/anteriores/",
    "chat/aviso/",
    CHAT,
    f"{CHAT}lineas/",
    f"{CHAT}descargar/",
    "agenda/",
    "agenda/1/",
    "agenda/papelera/",
    "agenda/duplicados/",
    "agenda/importar/1/",
    "agenda/exportar/agenda.csv",
    "agenda/exportar/agenda.vcf",
    "historial/",
    "historial/resumen/",
    "historial/exportar/",
    "historial/pendientes/",
    CALL,
    "buzon/",
    "buzon/nuevos/",
    "buzon/saludos/",
    MESSAGE,
    f"{MESSAGE}sonido.wav",
    f"{GREETING}sonido.wav",
    f"{GREETING}borrador.wav",
    "informacion/",
    "informacion/tarjeta/",
    SECURITY,
    f"{SECURITY}entradas/",
    "desvios/numeros/",
    CALENDAR,
    f"{CALENDAR}exportar/",
    f"{CALENDAR}exportar/webfon.ics",
    "llamada/",
    "salud/",
    "metricas/",
    "eventos/",
}


VALUES = {
    "<int:pk>": "1",
    "<str:msg_id>": "x",
    "<str:key>": "1-1",
    "<greeting:greeting>": "ausente",
}


def addresses(resolver, before=""):
    """All addresses of the portal but the admin's own, with something for every variable."""
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        for variable, value in VALUES.items():
            path = path.replace(variable, value)
        if isinstance(entry, URLResolver):
            if entry.app_name != "admin":
                yield from addresses(entry, path)
        elif isinstance(entry, URLPattern):
            yield path.removeprefix(settings.PREFIX)


ALL = sorted(set(addresses(get_resolver())))
OURS = [path for path in ALL if path not in OPEN]


def test_the_list_of_addresses_is_the_one_that_these_tests_know():
    account = {
        "entrar/confirmar/",
        "entrar/confirmar/codigo/",
        "entrar/confirmar/llave/",
        "ajustes/contrasena/",
        "ajustes/contrasena/ninguna/",
        *(f"{SECURITY}{form}/" for form in ("aplicacion", "aplicacion/quitar", "llaves/nueva")),
        *(f"{SECURITY}llaves/1/{form}/" for form in ("nombre", "quitar")),
        *(f"{SECURITY}{form}/" for form in ("codigos", "codigos/nuevos", "codigos/descargar")),
    }
    forms = {
        "ajustes/",
        "ajustes/clave/",
        "agenda/nuevo/",
        "agenda/1/editar/",
        "agenda/importar/",
        "agenda/exportar/",
        "desvios/",
        "buzon/opciones/",
        f"{MESSAGE}reenviar/",
        *(
            f"{CALENDAR}{form}"
            for form in (
                "nuevo/",
                "1/",
                "zona/",
                "importar/",
                "importar/elegir/",
                "suscripciones/",
                "suscripciones/1/",
            )
        ),
    }
    assert set(ALL) == OPEN | POST_ONLY | GET_ONLY | account | forms


@pytest.mark.parametrize("path", OURS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_login_every_address_leads_to_it(client, page, path, method):
    answer = getattr(client, method)(page(path))
    assert answer.status_code == 302
    assert answer.url.startswith(page("entrar/"))


FOR_SUBSCRIBERS = GET_ONLY - OPEN - {"ayuda/", SECURITY, f"{SECURITY}entradas/"}
"""The others are also for administrators, who need no number."""


@pytest.mark.parametrize(
    "path", sorted(FOR_SUBSCRIBERS | {"ajustes/", "desvios/", f"{CALENDAR}nuevo/"})
)
def test_a_person_without_a_number_is_kept_out_in_words(client, page, path):
    client.force_login(User.objects.create_user("nadie"))
    answer = client.get(page(path))
    assert answer.status_code == 403
    assert "número" in answer.content.decode()


@pytest.mark.parametrize("path", sorted(POST_ONLY))
def test_what_changes_something_takes_a_post(as_ana, page, path):
    assert as_ana.get(page(path)).status_code == 405


@pytest.mark.parametrize("path", sorted(GET_ONLY))
@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_what_only_shows_takes_a_get(as_ana, page, path, method):
    assert getattr(as_ana, method)(page(path)).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "desvios/",
        "tema/",
        "salir/",
        "entrar/",
        "entrar/llave/",
        "ajustes/",
        f"{SECURITY}aplicacion/",
        f"{SECURITY}llaves/nueva/",
        f"{CALENDAR}importar/",
        f"{CALENDAR}importar/elegir/",
        f"{CALENDAR}suscripciones/",
        f"{CALENDAR}suscripciones/1/",
        f"{CALENDAR}zona/",
        *sorted(POST_ONLY),
    ],
)
def test_a_post_without_the_token_is_refused(ana, page, path, client):
    strict = client.__class__(enforce_csrf_checks=True)
    strict.force_login(ana.user)
    assert strict.post(page(path)).status_code == 403


def test_what_one_person_saves_is_nobody_elses(client, page, ana, bruno):
    for who, seconds in ((ana, 30), (bruno, 40)):
        client.force_login(who.user)
        data = {"display_name": "x", "ring_seconds": seconds, "revision": who.revision}
        # A number or an id in the form changes nothing: the login alone says who it is.
        client.post(page("desvios/"), {**data, "subscriber": ana.pk, "number": "201"})
    ana.refresh_from_db()
    bruno.refresh_from_db()
    assert (rules_of(ana).ring_seconds, rules_of(bruno).ring_seconds) == (30, 40)


@pytest.mark.parametrize("pk", ["0", "999999999999999999999999", "-1", "1.0", "x", "%2e%2e"])
def test_an_id_that_is_nobodys_is_not_found(as_ana, page, pk):
    assert as_ana.post(page(f"desvios/deshacer/{pk}/")).status_code == 404


def test_the_log_shows_only_the_readers_own_changes(client, page, ana, bruno):
    client.force_login(bruno.user)
    client.post(
        page("desvios/"),
        {"display_name": "Secreto de Bruno", "ring_seconds": 20, "revision": bruno.revision},
    )
    assert AuditEvent.objects.count() == 1
    client.force_login(ana.user)
    assert "Secreto de Bruno" not in client.get(page("desvios/")).content.decode()


def test_a_subscriber_without_rights_does_not_enter_the_admin(as_ana, page):
    assert as_ana.get(page("admin/")).status_code in (302, 403)
