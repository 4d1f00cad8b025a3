"""Conversations of the demonstration, and the services that answer in writing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from chat import attending, seats, starting
from chat.models import Agent, Conversation, OpenHours, Service
from chat.talking import as_agent, as_user, mark_read, send
from portal.models import Subscriber

SERVICES = (
    ("atencion", "Atención al cliente", "Pedidos, facturas y dudas de todo tipo"),
    ("soporte", "Soporte técnico", "Teléfonos, auriculares y este portal"),
    ("ventas", "Ventas", "Ofertas y productos nuevos, en horario de oficina"),
)
WITH_HOURS = "ventas"


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation that is over; what is said alternates, the user first."""

    caller: str
    agent: str
    queue: str
    ago: timedelta
    said: tuple[str, ...]
    rating: int | None = None
    comment: str = ""
    note: str = ""


TALKS = (
    Talk(
        "201",
        "301",
        "soporte",
        timedelta(days=6, hours=2),
        (
            "Hola, mi teléfono de sobremesa no registra desde esta mañana.",
            "Buenos días, Ana. ¿Se enciende la pantalla?",
            "Sí, pone «Sin servicio».",
            "Desconecta el cable de red diez segundos y vuelve a conectarlo, por favor.",
            "¡Ya funciona! Muchas gracias 🙂",
        ),
        5,
        "Rápido y amable",
        "El puerto 14 del armario ya dio problemas en octubre.",
    ),
    Talk(
        "202",
        "301",
        "atencion",
        timedelta(days=2, hours=5),
        (
            "¿Podéis mandarme otra vez la factura de octubre?",
            "Claro. Te la he dejado en https://facturas.example/octubre",
            "Recibida, gracias.",
        ),
        4,
    ),
    Talk(
        "201",
        "302",
        "atencion",
        timedelta(days=1, hours=3),
        (
            "¿A qué hora cierra el almacén los viernes?",
            "A las 14:30 en invierno y a las 15:00 en verano.",
        ),
    ),
)

CALLBACK = ("203", "atencion", timedelta(hours=1), "No encuentro el albarán del último envío.")


def load(now: datetime) -> None:
    """Services, agents and what was said; nothing where there is any service."""
    if Service.objects.exists():
        return
    for position, (queue, title, description) in enumerate(SERVICES):
        service = Service.objects.create(
            queue=queue, title=title, description=description, position=position
        )
        if queue == WITH_HOURS:
            _open_in_office_hours(service)
    seats.sync()
    for talk in TALKS:
        _hold(talk, now - talk.ago)
    number, queue, ago, text = CALLBACK
    caller = Subscriber.objects.get(number=number)
    service = Service.objects.get(queue=queue)
    message = starting.leave_message(caller, service, uuid4(), text, number, now - ago)
    message.refresh_from_db()
    mark_read(message, as_user(message), 2, now)


def _open_in_office_hours(service: Service) -> None:
    days = (day for day in OpenHours.Weekday if day < OpenHours.Weekday.SATURDAY)
    OpenHours.objects.bulk_create(
        OpenHours(service=service, weekday=day, opens="09:00", closes="18:00") for day in days
    )


def _hold(talk: Talk, began: datetime) -> None:
    caller = Subscriber.objects.get(number=talk.caller)
    agent = Agent.objects.get(subscriber__number=talk.agent)
    Agent.objects.filter(seats__queue=talk.queue).update(seen_at=began)
    service = Service.objects.get(queue=talk.queue)
    conversation = starting.start(caller, service, uuid4(), talk.said[0], began)
    attending.take(conversation, agent, began + timedelta(seconds=25))
    moment = began
    for position, text in enumerate(talk.said[1:], start=1):
        moment += timedelta(seconds=35)
        writer = as_agent(agent) if position % 2 else as_user(conversation)
        send(conversation, writer, uuid4(), text, moment)
    if talk.note:
        attending.note(conversation, agent, talk.note, moment)
    attending.close(conversation, agent, "Resuelta", moment + timedelta(seconds=20))
    rows = Conversation.objects.filter(pk=conversation.pk)
    rows.update(rating=talk.rating, rating_comment=talk.comment)
    conversation.refresh_from_db()
    mark_read(conversation, as_user(conversation), conversation.last_line, moment)
