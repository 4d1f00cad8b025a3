"""Every kind of user, one thing of each kind of Ana's, and every address of the URLconf."""

import re
import zlib
from datetime import timedelta
from uuid import uuid4

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from agenda.models import Contact, ContactImport
from ajustes.models import QueueRights
from buzon.models import MailboxOptions, NoticedMessage
from chat import seats, starting
from chat.models import Agent, CallbackTask, Service
from desvios.calendar.editing import create
from desvios.calendar.series import Content
from desvios.exchange.models import CalendarFeed
from desvios.models import CalendarEvent
from portal.models import AuditEvent, HolidayCalendar, LoginEvent, ServiceClass, SubscriberImport
from portal.pbx import get_pbx
from portal.pbx.simulated.acd import Member, Queue
from portal.pbx.simulated.backend import build_switch, spool_of
from portal.pbx.simulated.deposit import leave_message
from portal.pbx.types import LineState
from tests.world import PASSWORD, make_subscriber

TABLE = zlib.compress("Nombre;Teléfono\nEva;600112233\n".encode())

GROUPS = {"support": "Soporte", "editor": "Agenda corporativa", "administrator": "Administración"}
KINDS = ("nobody", "ana", "bruno", "agent", "nameless", *GROUPS, "superuser")
"""Who is not logged in; a subscriber and another; an agent of a queue; a login without a number; a
member of each group; and who may do everything."""


def addresses(resolver=None, before=""):
    """Each pattern of the URLconf as it is written there, from the prefix on."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, path)
        elif isinstance(entry, URLPattern):
            # What Django writes of all apps is the same whichever there are.
            yield re.sub(r"\(\?P<app_label>[^)]*\)", "<app_label>", path).removeprefix(
                settings.PREFIX
            )


def people(national, groups):
    """The logins by kind; ``None`` is nobody's."""
    ana, bruno, agent = (
        make_subscriber(number, name, national)
        for number, name in (("201", "Ana"), ("202", "Bruno"), ("301", "Elena"))
    )
    found = {"nobody": None, "ana": ana.user, "bruno": bruno.user, "agent": agent.user}
    found["nameless"] = User.objects.create_user("nadie", password=PASSWORD)
    for kind, group in GROUPS.items():
        found[kind] = User.objects.create_user(kind, password=PASSWORD, is_staff=True)
        found[kind].groups.add(groups[group])
    return found | {"superuser": User.objects.create_superuser("jefa", password=PASSWORD)}


def belongings(ana, agent, node):
    """What stands for the variable of an address, by how the address begins: a thing of Ana's."""
    now = timezone.now()
    told = {"actor_name": "ana", "subscriber": ana, "subscriber_number": "201", "at": now}
    forwarding = _note(told, "forwarding", {"do_not_disturb": False})
    return {
        **_of_pages(ana, now, told),
        "chat/": _conversation(ana, agent, node, now),
        "chat/devolver/": CallbackTask.objects.get().pk,
        "desvios/deshacer/": forwarding,
        **_of_administration(ana, now),
        "admin/portal/auditevent/": forwarding,
    }


def _of_pages(ana, now, told):
    contact = Contact.objects.create(
        owner=ana, book="personal", first_name="Ana", display_name="Suyo", number="600111222"
    )
    ((uid, planned),) = create(_an_hour(now)).items()
    return {
        "agenda/": contact.pk,
        "agenda/deshacer/": _note(told, "contact", {str(contact.pk): {"city": ""}}),
        "agenda/importar/": _import(ana, now),
        "ajustes/seguridad/llaves/": 1,
        "ajustes/seguridad/sesiones/": _session(ana),
        "buzon/mensaje/": _message(ana, now),
        "buzon/saludos/": "ausente",
        "desvios/calendario/": CalendarEvent.objects.create(
            subscriber=ana, uid=uid, ical=planned["ical"], edited_at=now
        ).pk,
        "desvios/calendario/suscripciones/": CalendarFeed.objects.create(
            subscriber=ana, name="Suyo", url="http://127.0.0.1:9/", destination="vm", due_at=now
        ).pk,
        "historial/llamada/": _call(now),
    }


def _of_administration(ana, now):
    names = {"first_name": "Taller", "display_name": "Taller"}
    company = Contact.objects.create(book="corporate", number="913712131", **names)
    return {
        "admin/agenda/contact/": company.pk,
        "admin/agenda/contactimport/": _import(None, now),
        "admin/ajustes/queuerights/": QueueRights.objects.create(name="ventas").pk,
        "admin/auth/group/": ana.user.groups.model.objects.get(name="Soporte").pk,
        "admin/auth/user/": ana.user.pk,
        "admin/buzon/mailboxoptions/": MailboxOptions.objects.create(subscriber=ana).pk,
        "admin/buzon/noticedmessage/": NoticedMessage.objects.create(
            subscriber=ana, mailbox=ana.mailbox, msg_id="x", found_at=now, next_try=now
        ).pk,
        "admin/chat/agent/": Agent.objects.get().pk,
        "admin/chat/callbacktask/": CallbackTask.objects.get().pk,
        "admin/chat/conversation/": CallbackTask.objects.get().conversation_id,
        "admin/chat/service/": Service.objects.get().pk,
        "admin/desvios/holidaycalendar/": HolidayCalendar.objects.create(name="Madrid").pk,
        "admin/portal/loginevent/": LoginEvent.objects.create(
            at=now, user=ana.user, username="ana", address="::1", method="password", outcome="in"
        ).pk,
        "admin/portal/serviceclass/": ServiceClass.objects.get().pk,
        "admin/portal/subscriber/": ana.pk,
        "admin/portal/subscriberimport/": SubscriberImport.objects.create(
            name="a.csv", uploaded_at=now, stored_at=now
        ).pk,
        "admin/^": "portal",
        "admin/r/": "1/1",
        "admin/(": "x",
    }


def _an_hour(now):
    return Content(title="Comida", start=now, end=now + timedelta(hours=1), destination="600123123")


def address(path, things):
    """The pattern with what stands for its variable."""
    begins = max((each for each in things if path.startswith(each)), key=len, default=None)
    if path.startswith("admin/^"):
        return "admin/portal/"
    if path.startswith("admin/("):
        return "admin/no-existe"
    if path.startswith("admin/r/"):
        return "admin/r/1/1/"
    path = path.replace("<str:secret>", "x" * 43)
    return re.sub("<[^>]+>", lambda _match: str(things[begins]), path)


def _note(told, action, before):
    after = {"do_not_disturb": True} if action == "forwarding" else before
    return AuditEvent.objects.create(**told, action=action, before=before, after=after).pk


def _import(owner, now):
    batch = ContactImport.objects.create(
        owner=owner,
        name="a.csv",
        kind="csv",
        content=TABLE,
        columns=["first_name", "number"],
        state="ready",
        uploaded_at=now,
    )
    return batch.pk


def _session(ana):
    return UserSession.objects.create(
        user=ana.user, ip="::1", session_key="x" * 32, last_seen_at=timezone.now()
    ).pk


def _message(ana, now):
    return leave_message(
        spool_of(settings.PBX["OPTIONS"]["path"]),
        ana.mailbox,
        number="600123123",
        caller="600123123",
        at=now,
        seconds=1,
        folder="INBOX",
    )


def _call(now):
    switch = build_switch(**settings.PBX["OPTIONS"])
    at = now - timedelta(minutes=5)
    switch.place_call("600123123", "201", at, lambda _number: LineState.NO_ANSWER)
    return get_pbx().call_log.calls("201", limit=1)[0].key


def _conversation(ana, agent, node, now):
    service = Service.objects.create(queue="ventas", title="Ventas")
    node.queues.add(Queue("ventas"))
    node.queues.put(Member("ventas", agent.number))
    seats.sync_one(agent.number)
    Agent.objects.update(seen_at=now, idle_since=now)
    conversation = starting.start(ana, service, uuid4(), "Hola", now)
    CallbackTask.objects.create(conversation=conversation, number="201", made_at=now)
    return conversation.pk
