"""Many people who talk with one agent, and send their lines over HTTP to any process of the web."""

import http.client
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

from tests.server import ROOT

TOKEN = "x" * 32
AT_ONCE = 6
PATIENCE = 60
PEOPLE = """
import json
from uuid import uuid4
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from chat import attending, starting
from chat.models import Agent, Seat, Service
from portal.models import ServiceClass, Subscriber
now, people, first = timezone.now(), PEOPLE, FIRST
category, _ = ServiceClass.objects.get_or_create(name="c", code="c")
service, _ = Service.objects.get_or_create(
    queue="atencion", defaults={"title": "Atención", "offer_seconds": 9999}
)

def hire(number, name):
    return Subscriber.objects.create(
        user=User.objects.create(username=number), number=number, display_name=name,
        call_class=category, forward_class=category,
    )

def session(person):
    client = Client()
    client.force_login(person.user)
    return client.cookies["sessionid"].value

agents = []
for each in range(1 + people // 10):
    person = hire(str(3000 + first + each), f"Elena {each}")
    agent = Agent.objects.create(subscriber=person, name=person.display_name, seen_at=now, limit=99)
    Seat.objects.create(agent=agent, queue="atencion")
    agents.append((agent, session(person)))
rows = []
for each in range(people):
    user = hire(str(20000 + first + each), f"Persona {each}")
    agent, key = agents[each // 10]
    talk = starting.start(user, service, uuid4(), "Hola", now)
    attending.take(talk, agent, now)
    rows.append({"pk": talk.pk, "user": session(user), "agent": key})
print("ROWS" + json.dumps(rows))
"""


@dataclass(frozen=True)
class Side:
    """One side of one conversation, with its login."""

    pk: int
    session: str
    is_agent: bool = False

    def _headers(self) -> dict[str, str]:
        return {
            "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
            "HX-Request": "true",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    def ask(self, port, method, path, **fields):
        """Status and text; ``None`` where the process has gone."""
        link = http.client.HTTPConnection("localhost", port, timeout=20)
        try:
            body = urlencode(fields) if fields else None
            link.request(method, f"/webs/webfon3/chat/{path}", body, self._headers())
            answer = link.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            with suppress(OSError):
                link.close()

    def send(self, port, client_id, text, after=0):
        """A line."""
        fields = {"text": text, "client_id": client_id, "desde": after}
        return self.ask(port, "POST", f"{self.pk}/escribir/", **fields)


def invite(env, people, first=0):
    """So many conversations, made in the portal's database: both sides of each."""
    code = PEOPLE.replace("PEOPLE", str(people)).replace("FIRST", str(first))
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", code],
        cwd=ROOT,
        env={**os.environ, **env},
        check=True,
        capture_output=True,
        text=True,
    )
    rows = json.loads(done.stdout.split("ROWS")[1])
    return [
        (Side(row["pk"], row["user"]), Side(row["pk"], row["agent"], is_agent=True)) for row in rows
    ]


class Sender:
    """Sends what one side has to say, line by line, each until some process has stored it."""

    def __init__(self, side, webs, lines):
        self.side, self.webs = side, webs
        self.sent = [(str(uuid4()), f"{'a' if side.is_agent else 'u'}{n}") for n in range(lines)]
        self.tries = 0

    def run(self):
        for client_id, text in self.sent:
            deadline = time.monotonic() + PATIENCE
            while not self._stored(client_id, text):
                assert time.monotonic() < deadline, "no process stores it"

    def _stored(self, client_id, text):
        self.tries += 1
        web = self.webs[(self.side.pk + self.tries) % 2]
        answer = self.side.send(web.port, client_id, text)
        if answer and answer[0] == 200:
            return True
        assert answer is None or answer[0] >= 500, answer
        time.sleep(0.05)
        return False


def send_while_killing(pairs, webs, lines):
    """Let both sides of each conversation send so many; meanwhile kill each process once."""
    senders = [Sender(side, webs, lines) for pair in pairs for side in pair]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        work = [pool.submit(sender.run) for sender in senders]
        for each in webs:
            before = sum(done.done() for done in work)
            while sum(done.done() for done in work) < before + len(work) // 4:
                time.sleep(0.05)
            each.kill_web()
            each.start_web()
        for done in work:
            done.result()
    return senders
