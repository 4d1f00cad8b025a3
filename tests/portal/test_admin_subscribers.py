"""What administrators look at and do for one subscriber."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.utils import timezone

from agenda.models import Contact
from desvios import changes
from desvios.apply import apply_pending
from desvios.calendar.changes import store
from desvios.calendar.compile import zone_of
from desvios.calendar.editing import create
from desvios.calendar.series import Content
from desvios.models import rules_of
from portal import access_code
from portal.accounts import limits
from portal.models import AuditEvent, Device, Subscriber
from portal.pbx import get_pbx
from portal.pbx.logins import Deed
from portal.pbx.simulated.faults import Mode

pytestmark = pytest.mark.django_db(databases="__all__")

PEOPLE = "admin/portal/subscriber/"
OUTRIGHT = {"unconditional_number": "600 12 31 23", "unconditional_number_enabled": "on"}


@pytest.fixture(autouse=True)
def no_attempts_so_far(db):
    cache.clear()


@pytest.fixture
def boss(client, db):
    client.force_login(User.objects.create_superuser("jefa"))
    return client


@pytest.fixture
def member(client, groups):
    def enter(group):
        user = User.objects.create_user("alguien", is_staff=True)
        user.groups.add(groups[group])
        client.force_login(user)
        return client

    return enter


@pytest.fixture
def here(page, ana):
    return lambda rest="situacion/": page(f"{PEOPLE}{ana.pk}/{rest}")


def text(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def save(client, address, subscriber, **fields):
    form = {"revision": subscriber.revision, "ring_seconds": 20, "calendar_enabled": "on", **fields}
    return client.post(address, form)


def held(number="201"):
    return get_pbx().forwarding.read("centralita", [number])[number]


@pytest.mark.parametrize("typed", ["201", "ana", "Nuñez", "nunez", "201m", "ANA MARÍA"])
def test_somebody_is_found_by_number_name_or_telephone(boss, page, ana, bruno, typed):
    ana.display_name = "Ana María Núñez" if typed in {"nunez", "ANA MARÍA"} else "Ana Nuñez"
    ana.save()
    Device.objects.create(name="201m", owner=ana)
    answer = boss.get(page(PEOPLE), {"q": typed})
    assert [row.number for row in answer.context["cl"].result_list] == ["201"]
    assert f"{PEOPLE}{ana.pk}/situacion/" in answer.content.decode()
    assert "9201" not in answer.content.decode()


def test_the_page_says_what_happens_to_the_calls_and_why(boss, here, ana, as_rules):
    as_rules(ana, no_answer_to_voicemail=True)
    apply_pending()
    found = text(boss.get(here()))
    assert "Ahora, las llamadas suenan en tu teléfono." in found
    assert "Si el teléfono está libre <strong>(así está ahora)</strong>" in found
    assert "Desvío por no contestación: se aplica: la llamada va al buzón de voz" in found
    assert "Desvío incondicional: no está puesto" in found
    assert "Lo tiene" in found
    assert f"La versión guardada es la {ana.revision}." in found
    assert "9201" not in found


@pytest.fixture
def as_rules(rf):
    """Store rules as the person would."""

    def put(subscriber, **fields):
        request = rf.post("/")
        request.user = subscriber.user
        changes.save(request, subscriber, fields, at=timezone.now())
        subscriber.refresh_from_db()

    return put


def test_a_chain_of_colleagues_is_told_with_their_names(boss, here, ana, bruno, as_rules):
    as_rules(bruno, unconditional_to_voicemail=True)
    as_rules(ana, unconditional_number="202", unconditional_number_enabled=True)
    found = text(boss.get(here()))
    assert "Todas las llamadas van a Bruno (202)." in found
    assert "202 · Bruno" in found


def test_what_people_call_a_number_themselves_stays_their_own(boss, here, ana, as_rules):
    Contact.objects.create(
        owner=ana, book="personal", display_name="Mi médico", number="600123123", first_name="M"
    )
    as_rules(ana, unconditional_number="600123123", unconditional_number_enabled=True)
    found = text(boss.get(here()))
    assert "600 12 31 23" in found
    assert "médico" not in found


def test_each_node_says_what_it_holds(two_nodes, node, boss, here, ana, as_rules):
    apply_pending()
    as_rules(ana, do_not_disturb=True)
    node("reserva").faults.set(Mode.AWAY)
    found = text(boss.get(here()))
    assert 'madrid</th><td><span class="mark warn">Pendiente de aplicar' in found
    assert 'reserva</th><td><span class="mark bad">El nodo no responde' in found
    assert f"<td>{ana.revision - 1} ·" in found


def test_with_the_telephone_system_down_the_page_says_so_and_stands(boss, here, node):
    node().faults.set(Mode.AWAY)
    found = text(boss.get(here()))
    assert found.count("La centralita no responde. Lo que hay aquí vuelve solo") == 2
    assert "El nodo no responde" in found
    assert "así está ahora" not in found
    assert "Ahora, las llamadas suenan" in found


def test_a_forwarding_is_set_for_somebody_and_the_log_says_by_whom(boss, here, ana):
    apply_pending()
    answer = save(boss, here("desvios/"), ana, **OUTRIGHT)
    assert answer.url == here()
    assert "activo en la centralita" in text(boss.get(here()))
    assert held().unconditional == "600123123"
    event = AuditEvent.objects.get()
    assert (event.actor_name, event.subscriber, event.action) == ("jefa", ana, "forwarding")
    assert event.after == {
        "unconditional_number": "600123123",
        "unconditional_number_enabled": True,
    }
    assert (event.address, event.before["unconditional_number"]) == ("127.0.0.1", "")


def test_what_the_person_only_sets_stays(boss, here, ana):
    save(boss, here("desvios/"), ana, display_name="Otra", access_code="123456", **OUTRIGHT)
    ana.refresh_from_db()
    assert (ana.display_name, ana.access_code) == ("Ana", "")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("201", "Es tu propio número"),
        ("0044123456789", "no permite desviar"),
        ("hola", "no es un número"),
    ],
)
def test_the_same_rules_hold_as_on_the_persons_own_page(boss, here, ana, number, words):
    form = {"unconditional_number": number, "unconditional_number_enabled": "on"}
    answer = save(boss, here("desvios/"), ana, **form)
    assert answer.status_code == 422
    own = boss.__class__()
    own.force_login(ana.user)
    theirs = save(own, here().split("admin/")[0] + "desvios/", ana, display_name="Ana", **form)
    error = answer.context["form"].errors["unconditional_number"]
    assert error == theirs.context["form"].errors["unconditional_number"]
    assert words in str(error) or number == "hola"
    assert not AuditEvent.objects.exists()


def test_a_change_meanwhile_is_not_overwritten(boss, here, ana, as_rules):
    seen = ana.revision
    as_rules(ana, do_not_disturb=True)
    ana.revision = seen
    answer = save(boss, here("desvios/"), ana, **OUTRIGHT)
    assert answer.status_code == 409
    assert "Mientras tanto" in text(answer)
    assert not rules_of(type(ana).objects.get(pk=ana.pk)).unconditional_number_enabled


def test_with_the_telephone_system_down_the_change_is_kept_and_applied_later(boss, here, ana, node):
    node().faults.set(Mode.AWAY)
    save(boss, here("desvios/"), ana, **OUTRIGHT)
    assert "pendiente de aplicar" in text(boss.get(here()))
    node().faults.set(Mode.NORMAL)
    apply_pending()
    assert held().unconditional == "600123123"


def test_a_forwarding_is_taken_off(boss, here, ana, as_rules):
    as_rules(ana, unconditional_number="600123123", unconditional_number_enabled=True)
    apply_pending()
    assert boss.post(here("desvios/quitar/")).url == here()
    assert held().unconditional == ""
    event = AuditEvent.objects.first()
    assert (event.actor_name, event.subscriber) == ("jefa", ana)
    assert event.after == {"unconditional_number_enabled": False}
    boss.post(here("desvios/quitar/"))
    assert "No había nada que cambiar" in text(boss.get(here()))


def test_what_the_calendar_does_now_is_taken_off_too(boss, here, ana, rf):
    now, zone = timezone.now(), zone_of(ana)
    content = Content(
        title="Reunión secreta",
        start=(now - timedelta(hours=1)).astimezone(zone),
        end=(now + timedelta(hours=1)).astimezone(zone),
        destination="600123123",
    )
    request = rf.post("/")
    request.user = ana.user
    store(request, ana, create(content), at=now)
    assert "Todas las llamadas van al 600 12 31 23" in text(boss.get(here()))
    boss.post(here("desvios/quitar/"))
    assert "Ahora, las llamadas suenan" in text(boss.get(here()))
    assert AuditEvent.objects.first().action == "calendar"


def test_support_looks_and_unlocks_from_the_same_page(member, here, ana, client, page):
    for _ in range(5):
        client.__class__().post(page("entrar/"), {"login": "201", "password": "not this one"})
    assert limits.is_locked(ana.user)
    support = member("Soporte")
    found = text(support.get(here()))
    assert "Bloqueada por demasiados intentos" in found
    assert "Cambiar sus desvíos" not in found
    assert "Cerrar todas" not in found
    assert support.post(here("entrada/"), {"accion": "unlock"}).url == here()
    assert not limits.is_locked(ana.user)
    assert "Entrada desbloqueada: ana." in text(support.get(here()))
    for deed in ("end_sessions", "reset_factors"):
        assert support.post(here("entrada/"), {"accion": deed}).status_code == 403
    for path in ("desvios/", "desvios/quitar/"):
        assert support.post(here(path)).status_code == 403
    assert AuditEvent.objects.get().after == {"locked": False}


CODE = "246801"


@pytest.fixture
def clave(two_nodes, ana):
    """Ana's; nodes let her in with it."""
    ana.access_code = access_code.protect(CODE)
    ana.save()
    Subscriber.objects.filter(pk=ana.pk).bump()
    apply_pending()


def mistype(node):
    """Somebody keys in five wrong claves with Ana's PIN."""
    for _ in range(5):
        node.logins.log_in("203", "9201", "000000")


def test_support_unlocks_a_clave_for_all_nodes_and_the_log_tells(clave, node, member, here, ana):
    support = member("Soporte")
    assert "Desbloquear la clave" not in text(support.get(here()))
    for name in ("madrid", "reserva"):
        mistype(node(name))
    assert node("reserva").logins.log_in("202", "9201", CODE) is Deed.LOCKED
    found = text(support.get(here()))
    assert "Su clave está bloqueada" in found
    assert "Desbloquear la clave" in found
    assert support.post(here("clave/")).url == here()
    found = text(support.get(here()))
    assert "Clave desbloqueada." in found
    assert "Desbloquear la clave" not in found
    event = AuditEvent.objects.get()
    assert (event.action, event.subscriber) == ("security", ana)
    assert (event.before, event.after) == ({"code_locked": True}, {"code_locked": False})
    for name in ("madrid", "reserva"):
        assert node(name).logins.log_in("202", "9201", CODE) is Deed.IN


def test_a_node_that_is_away_stays_locked_and_the_page_says_so(clave, node, boss, here):
    mistype(node("madrid"))
    node("reserva").faults.set(Mode.AWAY)
    boss.post(here("clave/"))
    assert "menos en los nodos que no responden: reserva" in text(boss.get(here()))
    node("madrid").faults.set(Mode.AWAY)
    boss.post(here("clave/"))
    assert "no se ha desbloqueado nada" in text(boss.get(here()))
    assert AuditEvent.objects.get().before == {"code_locked": True}


def test_who_looks_without_the_right_unlocks_no_clave(clave, node, client, here):
    mistype(node("madrid"))
    user = User.objects.create_user("mira", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_subscriber"))
    client.force_login(user)
    found = text(client.get(here()))
    assert "Su clave está bloqueada" in found
    assert "Desbloquear la clave" not in found
    assert client.post(here("clave/")).status_code == 403
    assert not AuditEvent.objects.exists()


def test_administration_ends_sessions_and_takes_factors_away(member, here, ana, client, page):
    Authenticator.objects.create(user=ana.user, type="webauthn", data={"name": "Suya"})
    boss = member("Administración")
    assert "webauthn: Suya" in text(boss.get(here()))
    for deed in ("reset_factors", "end_sessions"):
        assert boss.post(here("entrada/"), {"accion": deed}).status_code == 302
    assert not Authenticator.objects.exists()
    assert boss.post(here("entrada/"), {"accion": "delete"}).status_code == 404


def test_the_companys_book_alone_lets_nobody_look_at_people(member, here):
    assert member("Agenda corporativa").get(here()).status_code == 403


def test_no_right_leads_to_messages(client, ana, here, page):
    user = User.objects.create_user("todo", is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    client.force_login(user)
    assert client.get(page("buzon/")).status_code == 403
    addresses = text(client.get(here())) + text(client.get(page("admin/")))
    assert "/buzon/mensaje" not in addresses
    assert "sonido" not in addresses
