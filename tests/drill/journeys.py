"""The first journey of a person, and one of each tab, through nginx and with real calls."""

import socket
import ssl
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.asterisk.ami import AMI
from tests.drill.company import NAME, Company, wait_for
from tests.drill.load import ACTIVE, HTMX, Caller
from tests.drill.visitor import Page, Visitor

MADRID = ZoneInfo("Europe/Madrid")
PASSWORD = "una contraseña de prueba"
CALL_RECORDS_SECONDS = 30

PEOPLE = f"""
from django.contrib.auth.models import User
from chat.models import Service
from portal.models import Device, NumberPattern, ServiceClass, Subscriber
internal = ServiceClass.objects.create(name="Interna", code="internal")
NumberPattern.objects.create(service_class=internal, label="Internos", pattern="[23]XX")
names = "Ana Berta Carlos Diana Elena Félix Gloria Hugo".split()
for number, name in zip(map(str, range(201, 209)), names):
    user = User.objects.create_user("user" + number, password={PASSWORD!r})
    subscriber = Subscriber.objects.create(
        user=user, number=number, display_name=name, call_class=internal, forward_class=internal,
        mailbox=number + "@default" if number < "205" else "",
    )
    Device.objects.create(name=number, owner=subscriber)
Service.objects.create(queue="sales", title="Ventas")
"""
"""Telephones and mailboxes have 201 to 204; 202 attends the queue ``sales``."""


def enter(company: Company, number: str) -> Visitor:
    """A browser in which this number is logged in."""
    visitor = Visitor(company)
    visitor.log_in(number, PASSWORD)
    return visitor


def forward(visitor: Visitor, **fields: str) -> Page:
    """Save rules on the page Desvíos; it must say that they are in force."""
    form = visitor.get("desvios/").form("desvios/")
    page = visitor.post("desvios/", form | fields)
    assert ACTIVE in page.notices, page.notices
    return page


def through_nginx_alone(company: Company) -> None:
    """What the proxy does by itself: to https, and no figures; the stream is not held back."""
    with socket.create_connection(("127.0.0.1", company.http)) as plain:
        plain.sendall(f"GET /x HTTP/1.0\r\nHost: {NAME}\r\n\r\n".encode())
        answer = plain.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 301 "), answer
    assert f"Location: https://{NAME}/x\r\n" in answer, answer
    visitor = Visitor(company)
    assert visitor.get("metricas/").status == 404
    assert visitor.get(f"https://{NAME}/").address.startswith("/webs/webfon3/entrar/")


def first_of_all(company: Company, callers: list[Caller]) -> None:
    """Somebody sends the calls to a colleague, and the next real call goes there."""
    ana = enter(company, "201")
    forward(ana, unconditional_number="203", unconditional_number_enabled="on")
    for caller in callers:
        assert _reached(caller, "201") == ["203"]
    page = ana.get("")
    ana.post("desvios/quitar/", page.form("desvios/quitar/"))
    for caller in callers:
        assert _reached(caller, "201") == ["201"]


def agenda(company: Company, callers: list[Caller]) -> None:
    """A new contact is found, and names who calls."""
    ana = enter(company, "201")
    form = ana.get("agenda/nuevo/").form("agenda/nuevo/")
    fields = {"first_name": "Íñigo", "last_name": "Núñez", "number": "600 12 31 23"}
    assert "está en tu agenda" in ana.post("agenda/nuevo/", form | fields).notices
    assert "600 12 31 23" in ana.get("agenda/?buscar=nunez").words


def historial(company: Company, callers: list[Caller]) -> None:
    """A call of each node stands in the history, soon."""
    ana = enter(company, "201")
    placed = [caller.place("201").number for caller in callers]

    def is_there() -> bool:
        words = ana.get("historial/").words.replace(" ", "")
        return all(number in words for number in placed)

    wait_for("the calls in the history", is_there, CALL_RECORDS_SECONDS)


def buzon(company: Company, callers: list[Caller]) -> None:
    """A caller leaves a message; its owner sees it, hears it, and it is new no more."""
    diana = enter(company, "204")
    forward(diana, unconditional_to_voicemail="on")
    outside = callers[0].outside
    with outside.in_call("916000204", caller="600555777") as call:
        box = callers[0].line.node.spool / "default/204/tmp"
        wait_for("the recording", lambda: list(box.glob("*.wav")), 20)
        outside.sound.send_tone(call.rtp, 850, 1.0)
    wait_for("the message", lambda: "600555777" in _bare(diana.get("buzon/?estado=nuevos")), 20)
    page = diana.get("buzon/")
    msg_id = page.text.partition('name="ids" value="')[2].partition('"')[0]
    assert diana.get(f"buzon/mensaje/{msg_id}/sonido.wav").text.startswith("RIFF")
    sent = page.form("buzon/ordenar/") | {"ids": msg_id, "action": "oido"}
    assert "marcado como oído" in diana.post("buzon/ordenar/", sent).notices
    assert "600555777" not in _bare(diana.get("buzon/?estado=nuevos"))
    form = diana.get("desvios/").form("desvios/")
    form.pop("unconditional_to_voicemail")
    assert ACTIVE in diana.post("desvios/", form).notices


def calendar(company: Company, callers: list[Caller]) -> None:
    """An event that has begun sends calls, and deleted it does so no more."""
    carlos = enter(company, "203")
    begin = datetime.now(MADRID) - timedelta(minutes=2)
    end = begin + timedelta(hours=2)
    fields = {
        "title": "Reunión",
        "start_date": f"{begin:%Y-%m-%d}",
        "start_time": f"{begin:%H:%M}",
        "end_date": f"{end:%Y-%m-%d}",
        "end_time": f"{end:%H:%M}",
        "to": "number",
        "number": "202",
        "enabled": "on",
    }
    address = "desvios/calendario/nuevo/"
    page = carlos.post(address, carlos.get(address).form("calendario/nuevo/") | fields)
    assert ACTIVE in page.notices, page.words
    for caller in callers:
        assert _reached(caller, "203") == ["202"]
    assert "Reunión" in carlos.get("desvios/calendario/").words
    carlos.post("desvios/quitar/", carlos.get("").form("desvios/quitar/"))
    for caller in callers:
        assert _reached(caller, "203") == ["203"]


def ajustes(company: Company, callers: list[Caller]) -> None:
    """The name that others see is changed, and stands on the nodes."""
    carlos = enter(company, "203")
    form = carlos.get("ajustes/").form("ajustes/")
    page = carlos.post("ajustes/", form | {"department": "Compras", "display_name": "Carlos Ñ"})
    assert "Datos guardados" in page.notices
    for caller in callers:
        ami = caller.line.node.admin()
        wait_for("the name", lambda ami=ami: value(ami, "name/203") == "Carlos Ñ", 10)
        ami.close()


def informacion(company: Company, callers: list[Caller]) -> None:
    """Whoever attends a queue pauses, which the nodes know, and goes on."""
    berta = enter(company, "202")
    page = berta.get("informacion/")
    assert "Ventas" in page.words or "sales" in page.words
    form = page.form("colas/pausar/")
    page = berta.post("informacion/colas/pausar/", form | {"queue": "sales", "text": "Dentista"})
    assert "Estás en pausa: Dentista" in page.notices, page.notices
    page = berta.get("informacion/")
    assert "Dentista" in page.words
    back = page.form("colas/reanudar/") | {"queue": "sales"}
    assert "Vuelves a atender" in berta.post("informacion/colas/reanudar/", back).notices


def chat(company: Company, callers: list[Caller]) -> tuple[Visitor, Visitor, str]:
    """Elena writes, Berta takes it; the conversation goes on during the drill."""
    elena, berta = enter(company, "205"), enter(company, "202")
    wait_for("the agent's console", lambda: 'id="consola"' in berta.get("chat/").text, 30)
    berta.post("chat/presente/", berta.get("chat/").form("salir/"), **HTMX)
    form = elena.get("chat/").form("empezar/")
    page = elena.post("chat/empezar/", form | {"text": "Hola, ¿hay alguien?"})
    where = page.address.removeprefix("/webs/webfon3/")
    wait_for("the offer", lambda: f"{where}tomar/" in berta.get("chat/").text, 20)
    page = berta.post(f"{where}tomar/", berta.get("chat/").form("tomar/"))
    assert "¿hay alguien?" in page.words, page.words
    sent = page.form("escribir/") | {"text": "Sí, dime."}
    berta.post(f"{where}escribir/", sent)
    assert "Sí, dime." in elena.get(where).words
    return elena, berta, where


def stream(company: Company, callers: list[Caller]) -> None:
    """What happens is told to an open page at once, also through nginx."""
    felix = enter(company, "206")
    held = "; ".join(f"{cookie.name}={cookie.value}" for cookie in felix.cookies)
    head = f"GET /webs/webfon3/eventos/ HTTP/1.1\r\nHost: {NAME}\r\nCookie: {held}\r\n\r\n"
    context = ssl.create_default_context(cafile=str(company.certificate))
    plain = socket.create_connection(("127.0.0.1", company.https), 20)
    with context.wrap_socket(plain, server_hostname=NAME) as line:
        line.sendall(head.encode())
        _read_until(line, b"event: hola")
        forward(felix, unconditional_number="203", unconditional_number_enabled="on")
        _read_until(line, b"event: desvios")


JOURNEYS = [
    first_of_all,
    agenda,
    historial,
    buzon,
    calendar,
    ajustes,
    informacion,
    stream,
]


def _reached(caller: Caller, subscriber: str) -> list[str]:
    """Whose telephones ring for a call, which must be answered."""
    call = caller.place(subscriber)
    assert call.code == 200, call
    return caller.line.reached(call.number)


def _bare(page: Page) -> str:
    return page.words.replace(" ", "")


def value(ami: AMI, key: str) -> str:
    """What AstDB has there."""
    if ami.act("DBGet", Family="webfon", Key=key)["Response"] != "Success":
        return ""
    return ami.wait(lambda event: event["Event"] == "DBGetResponse")["Val"]


def _read_until(line: ssl.SSLSocket, words: bytes) -> None:
    heard = b""
    while words not in heard:
        part = line.recv(4096)
        assert part, heard
        heard += part
