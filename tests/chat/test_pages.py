"""The pages of both sides, without JavaScript, and who may see what."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from chat import attending, own_data
from chat.models import Agent, CallbackTask, Conversation, OpenHours, State
from chat.talking import MOST_LINES, as_user
from portal.models import NewsItem
from tests.chat.conftest import fresh, keep_alive, said, say

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def there(elena):
    """Elena's pages show signs of life on the real clock, as views look at it."""
    keep_alive(elena, at=timezone.now())
    return elena


@pytest.fixture
def at(client, page):
    """A browser of somebody's: ``at(ana).get("")``, ``at(ana).post("empezar", text="Hola")``."""

    class Browser:
        def __init__(self, who):
            self.client = client.__class__()
            self.client.force_login(who.user)

        def get(self, path="", **query):
            return self.client.get(page(f"chat/{path}"), query)

        def post(self, path, follow=True, headers=None, **fields):
            return self.client.post(
                page(f"chat/{path}/"), fields, follow=follow, headers=headers or {}
            )

    return Browser


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def conversation_of(who):
    return Conversation.objects.filter(subscriber=who).latest("pk")


def test_the_whole_way_without_javascript(at, there, ana, service):
    user, agent = at(ana), at(there.subscriber)
    assert "1 agente libre" in text_of(user.get())
    answer = user.post("empezar", service=service.pk, text="No me llega el pedido")
    assert "Esperando: vas en el puesto 1" in text_of(answer)
    pk = conversation_of(ana).pk
    assert "No me llega el pedido" in text_of(agent.get())
    assert "Ana" in text_of(agent.post(f"{pk}/tomar"))
    agent.post(f"{pk}/escribir", text="Lo miro, un momento")
    answer = text_of(user.get())  # a redirect to the conversation
    answer = text_of(user.get(f"{pk}/"))
    assert "Te atiende Elena" in answer
    assert "Lo miro, un momento" in answer
    user.post(f"{pk}/escribir", text="Gracias")
    assert "Enviado" in text_of(user.get(f"{pk}/"))
    agent.get(f"{pk}/")
    assert "Leído" in text_of(user.get(f"{pk}/"))
    agent.post(f"{pk}/anotar", text="Pedido 1234")
    assert "Pedido 1234" in text_of(agent.get(f"{pk}/"))
    assert "Pedido 1234" not in text_of(user.get(f"{pk}/"))
    agent.post(f"{pk}/cerrar", reason="Resuelta")
    assert "¿Cómo te han atendido?" in text_of(user.get(f"{pk}/"))
    assert "Gracias por tu valoración" in text_of(user.post(f"{pk}/valorar", rating="5"))
    assert fresh(conversation_of(ana)).rating == 5
    transcript = user.get(f"{pk}/descargar/").content.decode()
    assert "Elena: Lo miro, un momento\r\n" in transcript
    assert "Pedido 1234" not in transcript


def test_the_button_leads_back_to_the_open_conversation_from_any_device(at, there, ana, ask):
    conversation = ask(ana, at=timezone.now())
    answer = at(ana).get()
    assert answer.url.endswith(f"/chat/{conversation.pk}/")


@pytest.mark.parametrize(
    "deed",
    [
        *("", "lineas/", "descargar/", "escribir", "escribiendo", "leido", "terminar", "valorar"),
        *("llamadme", "tomar", "rechazar", "anotar", "pasar", "cerrar"),
    ],
)
def test_anothers_conversation_is_not_found(at, there, ana, bruno, ask, deed):
    conversation = ask(ana, at=timezone.now())
    browser, path = at(bruno), f"{conversation.pk}/{deed}"
    gets = deed == "" or deed.endswith("/")
    answer = browser.get(path) if gets else browser.post(path, text="x", to="agente-1", rating=1)
    assert answer.status_code == 404
    assert fresh(conversation).state == State.WAITING
    assert len(said(conversation)) == 1


def test_agents_see_what_waits_in_their_queues_and_what_is_theirs(
    at, there, hire, fermin, ana, bruno, support, ask
):
    other = hire("303", "Gema", queue="soporte")
    keep_alive(there, fermin, other, at=timezone.now())
    mine, waits = ask(ana, at=timezone.now()), ask(bruno, at=timezone.now())
    attending.take(mine, there, timezone.now())
    assert at(there.subscriber).get(f"{mine.pk}/").status_code == 200
    assert at(fermin.subscriber).get(f"{waits.pk}/").status_code == 200
    assert at(fermin.subscriber).get(f"{mine.pk}/").status_code == 404
    assert at(other.subscriber).get(f"{waits.pk}/").status_code == 404
    assert at(other.subscriber).post(f"{waits.pk}/tomar").status_code == 404
    attending.close(mine, there, "Resuelta", timezone.now())
    assert at(there.subscriber).get(f"{mine.pk}/").status_code == 200


def test_when_nobody_is_there_what_was_written_stays_and_becomes_a_message(
    at, there, ana, service, fermin
):
    user = at(ana)
    keep_alive(there, fermin, at=None)
    assert "No hay ningún agente ahora" in text_of(user.get())
    answer = user.post("empezar", service=service.pk, text="¿Hay alguien?", number="600 12 31 23")
    assert answer.status_code == 422
    assert "¿Hay alguien?</textarea>" in answer.content.decode()
    assert not Conversation.objects.exists()
    answer = user.post("mensaje", service=service.pk, text="¿Hay alguien?", number="600 12 31 23")
    assert "Un agente te llamará al 600 12 31 23" in text_of(answer)
    task = CallbackTask.objects.get()
    assert task.number == "600123123"
    keep_alive(there, at=timezone.now())
    agent = at(there.subscriber)
    assert "¿Hay alguien?" in text_of(agent.get())
    assert "dada por hecha" in text_of(agent.post(f"devolver/{task.pk}"))
    assert "Otro agente" in text_of(agent.post(f"devolver/{task.pk}"))
    assert "ya te ha llamado" in text_of(user.get(f"{task.conversation_id}/"))
    assert at(ana).post(f"devolver/{task.pk}").status_code == 404


def test_a_service_that_is_closed_says_when_it_opens(at, there, ana, service):
    day = (timezone.localtime().weekday() - 2) % 7
    OpenHours.objects.create(service=service, weekday=day, opens="09:00", closes="10:00")
    assert re.search(r"Cerrado\. Abre: .*09:00", text_of(at(ana).get()))


def test_whoever_waits_may_be_called_instead(at, there, ana, ask):
    conversation, user = ask(ana, at=timezone.now()), at(ana)
    assert "no existe" in text_of(user.post(f"{conversation.pk}/llamadme", number="12345678"))
    answer = user.post(f"{conversation.pk}/llamadme", number="600123123")
    assert "Un agente te llamará al 600 12 31 23" in text_of(answer)
    assert fresh(conversation).state == State.CALLBACK


def test_what_cannot_be_sent_stays_in_the_field_with_the_reason(at, there, ana, bruno, ask):
    conversation, user = ask(ana, at=timezone.now()), at(ana)
    for _ in range(MOST_LINES - 1):
        say(conversation, "y otra", at=timezone.now())
    answer = user.post(f"{conversation.pk}/escribir", text="sigo")
    assert answer.status_code == 429
    assert "Escribes muy deprisa" in text_of(answer)
    assert "sigo</textarea>" in answer.content.decode()
    attending.end(over := ask(bruno, at=timezone.now()), as_user(over), timezone.now())
    answer = at(bruno).post(f"{over.pk}/escribir", text="¿y ahora?")
    assert answer.status_code == 409
    assert "¿y ahora?" in text_of(answer)


def test_a_script_gets_what_is_new_and_reasons_as_plain_text(at, there, ana, ask):
    conversation, user, once = ask(ana, at=timezone.now()), at(ana), str(uuid4())
    path, script = f"{conversation.pk}/escribir", {"HX-Request": "true"}
    for _ in range(2):
        answer = user.post(path, headers=script, text="Dos veces", client_id=once, desde="1")
        assert answer.content.decode().count("<li") == 1
    assert len(said(conversation)) == 2
    answer = user.post(path, headers=script, text="x" * 1_000_000, client_id=str(uuid4()))
    assert (answer.status_code, answer["Content-Type"]) == (422, "text/plain")
    found = user.get(f"{conversation.pk}/lineas/", desde="1").content.decode()
    assert "Dos veces" in found
    assert "no me funciona" not in found
    assert "no me funciona" in user.get(f"{conversation.pk}/lineas/", desde="x").content.decode()


def test_hostile_text_is_shown_as_text(at, there, ana, ask):
    conversation = ask(ana, text="<img src=x onerror=alert(1)>\u202egnp.exe", at=timezone.now())
    for who in (ana, there.subscriber):
        html = at(who).get(f"{conversation.pk}/").content.decode()
        assert "&lt;img src=x onerror=alert(1)&gt;\ufffdgnp.exe" in html
        assert "<img" not in html
    html = at(there.subscriber).get().content.decode()
    assert "&lt;img" in html
    assert "\u202e" not in html


def test_earlier_conversations_are_found_by_what_was_said_and_only_ones_own(
    at, there, ana, bruno, ask
):
    for who, text in ((ana, "La IMPRESORA no imprime"), (bruno, "Mi impresora es secreta")):
        attending.end(
            found := ask(who, text=text, at=timezone.now()), as_user(found), timezone.now()
        )
    user = at(ana)
    assert text_of(user.get("anteriores/", buscar="impresora imprime")).count("Terminada") == 1
    assert "En ninguna conversación" in text_of(user.get("anteriores/", buscar="secreta"))
    assert "En ninguna conversación" in text_of(user.get("anteriores/", buscar="<b>"))


def test_earlier_conversations_come_page_by_page(at, ana, service):
    now = timezone.now()
    Conversation.objects.bulk_create(
        Conversation(
            subscriber=ana, service=service, state=State.CLOSED, opened_at=now, queued_at=now,
            closed_at=now, last_line_at=now,
        )
        for _ in range(45)
    )  # fmt: skip
    user = at(ana)
    assert text_of(user.get("anteriores/")).count("Terminada") == 20
    assert text_of(user.get("anteriores/", pagina="3")).count("Terminada") == 5
    assert text_of(user.get("anteriores/", pagina="zz")).count("Terminada") == 20


def test_the_button_counts_what_is_new_for_either_side(at, there, ana, ask):
    conversation = ask(ana, at=timezone.now())
    attending.take(conversation, there, timezone.now())
    say(conversation, "Hola, Ana", agent=there, at=timezone.now())
    assert 'data-chats="1"' in at(ana).get("aviso/").content.decode()
    at(ana).post(f"{conversation.pk}/leido", hasta="3")
    assert 'data-chats="0"' in at(ana).get("aviso/").content.decode()
    say(conversation, "Hola", at=timezone.now())
    assert 'data-chats="1"' in at(there.subscriber).get("aviso/").content.decode()
    say(conversation, "Lo he mandado", agent=there, at=timezone.now())
    attending.close(conversation, there, "Resuelta", timezone.now())
    assert 'data-chats="1"' in at(ana).get("aviso/").content.decode()  # also if nobody looked
    assert "Sin leer" in text_of(at(ana).get())
    at(ana).get(f"{conversation.pk}/")
    assert 'data-chats="0"' in at(ana).get("aviso/").content.decode()


def test_a_page_of_an_agent_shows_life_and_others_do_not(at, there, ana, fermin):
    keep_alive(there, fermin, at=None)
    at(there.subscriber).post("presente")
    at(ana).post("presente")
    assert Agent.objects.filter(seen_at__isnull=False).get() == there


def test_writing_is_seen_by_the_other_side_for_a_moment(at, there, ana, ask):
    conversation = ask(ana, at=timezone.now())
    attending.take(conversation, there, timezone.now())
    at(there.subscriber).post(f"{conversation.pk}/escribiendo")
    path = f"{conversation.pk}/lineas/"
    assert "Elena está escribiendo" in at(ana).get(path).content.decode()
    assert "escribiendo" not in at(there.subscriber).get(path).content.decode()


def test_a_mark_that_comes_too_soon_is_to_be_said_again_and_nobody_is_told(at, there, ana, ask):
    conversation = ask(ana, at=timezone.now())
    attending.take(conversation, there, timezone.now())
    for each in range(4):
        say(conversation, f"línea {each}", at=timezone.now())
    agent = at(there.subscriber)
    soon = timezone.now() + timedelta(hours=1)  # however long the requests take
    Conversation.objects.update(agent_marked_at=soon)
    assert agent.post(f"{conversation.pk}/leido", hasta="3").status_code == 429
    assert agent.post(f"{conversation.pk}/leido", hasta="6").status_code == 204
    assert fresh(conversation).read_by_agent == 6


def test_handing_over_with_a_note_from_the_page(at, there, fermin, ana, ask):
    keep_alive(there, fermin, at=timezone.now())
    conversation = ask(ana, at=timezone.now())
    attending.take(conversation, there, timezone.now())
    agent, path = at(there.subscriber), f"{conversation.pk}/pasar"
    for wrong in ("", "agente-", "agente-x", "servicio-²", "nadie-1", "agente-" + "9" * 30):
        assert "Elige a quién" in text_of(agent.post(path, to=wrong))
    NewsItem.objects.all().delete()
    answer = agent.post(path, to=f"agente-{fermin.pk}", text="Quiere el albarán")
    assert "Conversación pasada a Fermin" in text_of(answer)
    told = set(NewsItem.objects.values_list("subscriber_number", flat=True))
    assert {"201", "301", "302"} <= told
    answer = text_of(at(fermin.subscriber).post(f"{conversation.pk}/tomar"))
    assert "Quiere el albarán" in answer
    assert "Elena pasa la conversación a Fermin" in text_of(at(ana).get(f"{conversation.pk}/"))


def test_the_pause_of_the_console_is_that_of_the_queue(at, there, page, queues):
    agent = at(there.subscriber)
    fields = {"queue": "atencion", "reason": "Comida", "next": page("chat/")}
    answer = agent.client.post(page("informacion/colas/pausar/"), fields)
    assert answer.url == page("chat/")
    assert queues.member("atencion", "301").reason == "Comida"
    assert "En pausa : Comida" in text_of(agent.get()).replace("pausa:", "pausa :")


def test_what_somebody_said_is_among_their_own_data_without_the_agents_notes(there, ana, ask):
    conversation = ask(ana, at=timezone.now())
    attending.take(conversation, there, timezone.now())
    attending.note(conversation, there, "Un secreto", timezone.now())
    ((name, pieces),) = own_data.export(ana)
    text = b"".join(pieces).decode()
    (entry,) = json.loads(text)
    assert name == "conversaciones.json"
    assert "no me funciona el teléfono" in entry["lines"][0]
    assert "secreto" not in text
