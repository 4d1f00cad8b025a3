"""Two hundred people at their browsers: who they are, and what each does, click by click."""

import asyncio
import itertools
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from uuid import uuid4

from tests.drill.browser import Browser
from tests.drill.load import ACTIVE, HTMX, PENDING, Change
from tests.drill.visitor import Page

NUMBERS = [str(number) for number in range(200, 400)]
FORWARDERS, BOXES, BUSY, ABSENT, DEAF, TALKERS = (
    [str(number) for number in numbers]
    for numbers in (
        range(210, 230),  # send their calls now here, now there
        range(230, 240),  # have voicemail answer
        range(240, 250),  # are busy, and send calls to 300 …
        range(250, 260),  # have no telephone, and send calls to 310 …
        range(260, 264),  # do not answer, and send calls to 320 …
        range(330, 340),  # are in a conversation with the agent
    )
)
AGENT, TARGETS = "202", ("204", "205")
SENT_ON = {
    **{number: str(300 + place) for place, number in enumerate(BUSY)},
    **{number: str(310 + place) for place, number in enumerate(ABSENT)},
    **{number: str(320 + place) for place, number in enumerate(DEAF)},
}
PLAIN = [n for n in NUMBERS if n not in {*FORWARDERS, *BOXES, *SENT_ON}]

CLICKS = (15.0, 25.0)
"""Seconds between two clicks of somebody: at least, at most."""

BEAT = 15.0
"""Seconds between two signs of life of an agent's page."""

PEOPLE = f"""
import json, random
from uuid import uuid4
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from agenda.models import Contact
from chat.models import Service
from desvios.models import ForwardingRules
from portal.models import Device, NumberPattern, ServiceClass, Subscriber
internal = ServiceClass.objects.create(name="Interna", code="internal")
NumberPattern.objects.create(service_class=internal, label="Internos", pattern="[23]XX")
names = "Ana Berta Carlos Diana Elena Félix Gloria Hugo Inés Jaime Lucía Mario Nerea".split()
families = "Núñez García López Ruiz Castro Ortega Serrano Iglesias Molina Vázquez".split()
boxes, sent_on = {BOXES!r}, {SENT_ON!r}
password, chance = make_password(str(uuid4())), random.Random(1)
rules = []
for place, number in enumerate({NUMBERS!r}):
    person = Subscriber.objects.create(
        user=User.objects.create(username="user" + number, password=password), number=number,
        display_name=f"{{names[place % 13]}} {{families[place // 13 % 10]}}",
        call_class=internal, forward_class=internal,
        mailbox=number + "@default" if number in boxes else "",
    )
    Device.objects.create(name=number, owner=person)
    if number in boxes:
        rules.append(ForwardingRules(subscriber=person, unconditional_to_voicemail=True))
    if to := sent_on.get(number):
        kind = {{"24": "busy", "25": "not_connected", "26": "no_answer"}}[number[:2]]
        given = {{f"{{kind}}_number": to, f"{{kind}}_number_enabled": True, "ring_seconds": 5}}
        rules.append(ForwardingRules(subscriber=person, **given))
ForwardingRules.objects.bulk_create(rules)
def contact(n, owner=None):
    first, last = chance.choice(names), chance.choice(families)
    return Contact(
        owner=owner, book=Contact.Book.PERSONAL if owner else Contact.Book.CORPORATE,
        first_name=first, last_name=last, display_name=f"{{first}} {{last}}",
        number=str(600_000_000 + n), number_type=Contact.NumberType.MOBILE,
    )
Contact.objects.bulk_create(contact(n) for n in range(2000))
Contact.objects.bulk_create(
    contact(n, owner) for owner in Subscriber.objects.all() for n in range(20)
)
Service.objects.create(queue="sales", title="Ventas")
"""

ENTER = f"""
import json
from datetime import timedelta
from uuid import uuid4
from django.test import Client
from django.utils import timezone
from chat import attending, starting
from chat.models import Agent, Service
from portal.models import Subscriber
now = timezone.now()
def cookies(person):
    client = Client()
    client.force_login(person.user)
    return {{name: cookie.value for name, cookie in client.cookies.items()}}
everybody = {{each.number: each for each in Subscriber.objects.select_related("user")}}
agent = Agent.objects.get(subscriber=everybody[{AGENT!r}])
agent.seen_at, agent.limit = now + timedelta(minutes=2), 99
agent.save()
talks = {{}}
for number in {TALKERS!r}:
    service = Service.objects.get()
    talk = starting.start(everybody[number], service, uuid4(), "Hola", now)
    attending.take(talk, agent, now)
    talks[number] = talk.pk
sessions = {{number: cookies(person) for number, person in everybody.items()}}
print("ROWS" + json.dumps([sessions, talks]))
"""
"""Everybody is logged in, without 200 passwords, which take half a second each; ten talk."""


class Person:
    """Somebody who clicks. What was said to be done is kept, to be held against what is there."""

    def __init__(self, number: str, browser: Browser, talks: Mapping[str, int]) -> None:
        self.number, self.browser, self.talks = number, browser, talks
        browser.hear = self.hear
        self.chance = random.Random(number)
        self.changes: list[Change] = []
        self.contacts = self.lines = 0
        self.removed: set[str] = set()  # one that a node refused is there again at the next look
        self.targets = itertools.cycle(TARGETS)
        self.wrong: list[str] = []
        self.open = ""

    async def click(self) -> None:
        """One thing of those that this person does."""
        steps: list[tuple[float, Callable[[], Awaitable[None]]]] = [
            (18, self.read),
            (2, self.search),
            (1, self.write_down),
        ]
        if self.number in FORWARDERS:
            steps.append((6, self.forward))
        if self.number in BOXES:
            steps.append((6, self.listen))
        if self.number in self.talks or self.number == AGENT:
            steps.append((6, self.talk))
        weights = [weight for weight, _step in steps]
        [(_weight, step)] = self.chance.choices(steps, weights)
        await step()

    async def read(self) -> None:
        """A tab, or a page behind one."""
        often = ["", "agenda/", "historial/", "buzon/", "desvios/"]
        seldom = ["desvios/calendario/", "ajustes/", "informacion/", "historial/resumen/", "ayuda/"]
        self.open = self.chance.choice(often * 3 + seldom)
        page = await self.browser.get(self.open)
        self._expect("Cerrar sesión" in page.text, page)

    async def search(self) -> None:
        """Typed letter by letter; a script fetches what it finds."""
        where, word = self.chance.choice([("agenda/", "garc"), ("historial/", "6200")])
        await self.browser.get(where)
        for length in (2, 4):
            page = await self.browser.part(f"{where}?buscar={word[:length]}")
            self._expect(page.status == 200, page)

    async def write_down(self) -> None:
        """A new contact."""
        form = (await self.browser.get("agenda/nuevo/")).form("agenda/nuevo/")
        name = f"Contacto {self.contacts:04}"
        number = f"9{self.number}{self.contacts:05}"
        page = await self.browser.post(
            "agenda/nuevo/", form | {"first_name": name, "number": number}
        )
        self._expect(f"«{name}» está en tu agenda" in page.notices, page)
        self.contacts += 1

    async def forward(self) -> None:
        """All calls to somebody else than before."""
        form = (await self.browser.get("desvios/")).form("desvios/")
        change = Change(self.number, next(self.targets), time.time())
        self.changes.append(change)
        form |= {"unconditional_number": change.target, "unconditional_number_enabled": "on"}
        page = await self.browser.post("desvios/", form)
        change.said = next((words for words in (ACTIVE, PENDING) if words in page.notices), "")
        if change.said == ACTIVE:
            change.sure_at = time.time()
        self._expect(bool(change.said), page)

    async def listen(self) -> None:
        """Hear the newest message, put all into the bin, and empty that."""
        page = await self.browser.get("buzon/")
        if ids := _ids(page):
            sound = await self.browser.part(f"buzon/mensaje/{ids[0]}/sonido.wav")
            self._expect(sound.text.startswith("RIFF"), sound)
            await self._order(page, ids, action="borrar")
        page = await self.browser.get("buzon/?carpeta=papelera")
        if ids := _ids(page):
            self.removed.update(ids)
            await self._order(page, ids, action="eliminar", sure="1")

    async def talk(self) -> None:
        """A line to the other side."""
        talk = self.talks.get(self.number) or self.chance.choice(list(self.talks.values()))
        self.open = f"chat/{talk}/"
        form = (await self.browser.get(self.open)).form("escribir/")
        text = f"{self.number} dice {self.lines}"
        line = form | {"client_id": str(uuid4()), "text": text}
        page = await self.browser.post(f"{self.open}escribir/", line, **HTMX)
        self._expect(text in page.text, page)
        self.lines += 1

    async def hear(self, topic: str) -> None:
        """What the scripts of an open page fetch when something is new."""
        parts = {"historial": "historial/pendientes/", "buzon": "buzon/nuevos/", "desvios": ""}
        parts |= {"chat": "chat/aviso/"}
        if topic in parts:
            await self.browser.part(parts[topic])
        if topic == "chat" and self.open.startswith("chat/"):
            await self.browser.part(f"{self.open}lineas/?desde={10**8}")
        elif topic in {"historial", "buzon", "desvios"} and self.open == f"{topic}/":
            await self.browser.part(self.open)

    async def beat(self) -> None:
        """As an agent's page does, for ever."""
        form = (await self.browser.get("chat/")).form("salir/")
        while True:
            await self.browser.post("chat/presente/", form, **HTMX)
            await asyncio.sleep(BEAT)

    async def _order(self, page: Page, ids: list[str], **fields: str) -> None:
        sent = page.form("buzon/ordenar/") | fields | {"ids": ids}
        done = await self.browser.post("buzon/ordenar/", sent)
        self._expect("borrado" in done.notices, done)

    def _expect(self, is_right: bool, page: Page) -> None:
        if not is_right:
            self.wrong.append(f"{self.number} at {page.address}: {page.status} {page.notices}")


def _ids(page: Page) -> list[str]:
    return re.findall(r'name="ids" value="([^"]+)"', page.text)
