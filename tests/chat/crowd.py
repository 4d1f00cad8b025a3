"""Many people who talk with one agent, and send their lines over HTTP to any process of the web."""

import http.client
import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.server import ROOT

TOKEN = "x" * 32
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
