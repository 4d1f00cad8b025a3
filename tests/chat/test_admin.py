"""The supervisor's side: live view, service level, history, export, retention."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.utils import timezone

from chat import attending, starting
from chat.figures import figures, service_level
from chat.keeping import forget_old
from chat.models import Conversation, Line
from chat.talking import as_user
from portal.models import AuditEvent
from tests.chat.conftest import NOW, fresh, keep_alive, later, say

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def boss(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def talked(ask, elena):
    """Somebody asked, and was answered after so many seconds."""

    def talk(who, after=10, at=NOW, **fields):
        conversation = ask(who, at=at)
        moment = at + timedelta(seconds=after)
        attending.take(conversation, elena, moment)
        say(conversation, "Hola", agent=elena, at=moment)
        attending.close(conversation, elena, "Resuelta", moment)
        Conversation.objects.filter(pk=conversation.pk).update(**fields)
        return conversation

    return talk


def test_the_service_level_counts_whoever_waited(talked, ask, ana, bruno, carla, elena, service):
    talked(ana, after=60, rating=4)
    talked(bruno, after=61, rating=5)
    gave_up = ask(carla)
    attending.end(gave_up, as_user(gave_up), later(5))
    starting.leave_message(carla, service, gave_up.lines.get(number=1).client_id, "x", "203", NOW)
    assert service_level(service, NOW) == 33
    waits = ask(ana, at=later(9))
    found = figures(service, later(10), NOW)
    assert (found.waiting, found.waiting_since, found.active) == (1, waits.opened_at, 0)
    assert (found.asked, found.answered, found.abandoned, found.rating) == (4, 2, 1, 4.5)
    assert [(seat.agent, seat.is_present, seat.busy_with) for seat in found.seats] == [
        (elena, True, 0)
    ]
    assert service_level(service, later(100)) is None


def test_the_live_page_shows_it_to_whom_it_is_allowed(boss, page, talked, ana, elena, client):
    keep_alive(elena, at=timezone.now())
    talked(ana, at=timezone.now())
    text = boss.get(page("admin/chat/ahora/")).content.decode()
    assert "Nivel de servicio: 100 % en 60 s" in text
    assert "0 de 3 a la vez" in text
    staff = User.objects.create_user("staff", is_staff=True)
    client.force_login(staff)
    for path in ("ahora/", "conversation/", "conversation/exportar/"):
        assert client.get(page(f"admin/chat/{path}")).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_conversation"))
    client.force_login(User.objects.get(pk=staff.pk))
    assert client.get(page("admin/chat/ahora/")).status_code == 200


def test_the_history_is_read_and_nothing_in_it_is_changed(boss, page, talked, ana, elena):
    conversation = talked(ana)
    attending.note(conversation, elena, "Una nota", NOW)
    assert "Resuelta" in boss.get(page("admin/chat/conversation/")).content.decode()
    path = page(f"admin/chat/conversation/{conversation.pk}/change/")
    text = boss.get(path).content.decode()
    assert "no me funciona el teléfono" in text
    assert "Una nota" in text
    assert boss.post(path, {"state": "waiting"}).status_code == 403
    assert boss.get(page("admin/chat/")).status_code == 200


def test_the_export_is_of_what_is_shown_and_harmless(boss, page, talked, ana, bruno):
    talked(ana, rating=1, rating_comment="=HYPERLINK(1)")
    talked(bruno)
    answer = boss.get(page("admin/chat/conversation/exportar/?q=201"))
    assert answer.streaming
    text = b"".join(answer.streaming_content).decode()
    head, row = text.strip().split("\r\n")
    assert head.startswith("\ufeffEmpezada;Servicio;Número")
    assert ";201;Ana;Elena;Terminada;" in row
    assert row.endswith(";1;'=HYPERLINK(1)")


def test_a_change_of_a_service_is_written_down(boss, page, service, elena):
    fields = {"title": "Atención", "queue": "atencion", "position": 0, "answer_within": 20}
    fields |= {"offer_seconds": 30, "patience_seconds": 600, "description": ""}
    fields |= {f"hours-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    path = page(f"admin/chat/service/{service.pk}/change/")
    assert boss.post(path, fields).status_code == 302
    assert AuditEvent.objects.get().after["answer_within"] == 20
    path = page(f"admin/chat/agent/{elena.pk}/change/")
    assert boss.post(path, {"limit": 5, "name": "Otra"}).status_code == 302
    elena.refresh_from_db()
    assert (elena.limit, elena.name) == (5, "Elena")


def test_old_conversations_go_for_good_and_calls_to_return_stay(
    talked, ana, bruno, carla, service, settings, ask
):
    settings.CHAT_DAYS = 30
    old, new = talked(ana), talked(bruno, at=later(1))
    due = starting.call_back(waits := ask(carla), "203", NOW)
    assert due
    Conversation.objects.filter(pk=new.pk).update(closed_at=later(86400))
    forget_old(later(86400 * 30 + 60))
    assert set(Conversation.objects.all()) == {fresh(new), fresh(waits)}
    assert not Line.objects.filter(conversation_id=old.pk).exists()
    settings.CHAT_DAYS = 0
    forget_old(later(86400 * 9999))
    assert Conversation.objects.count() == 2
