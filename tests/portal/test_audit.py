"""The log of changes: only ever added to, filtered, paged, taken away as a file."""

import csv
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.models import AuditEvent, LoginEvent, ServiceClass, Subscriber

pytestmark = pytest.mark.django_db(databases="__all__")

LOG = "admin/portal/auditevent/"
Action = AuditEvent.Action


@pytest.fixture
def boss(client, db):
    client.force_login(User.objects.create_superuser("jefa"))
    return client


@pytest.fixture
def note(db):
    def write(
        actor="ana", subscriber=None, day=23, action=Action.FORWARDING, before=None, after=None
    ):
        return AuditEvent.objects.create(
            at=datetime(2026, 11, day, 12, tzinfo=UTC),
            actor_name=actor,
            address="10.0.0.7",
            subscriber=subscriber,
            subscriber_number=subscriber.number if subscriber else "",
            action=action,
            before=before or {},
            after=after or {},
        )

    return write


def execute(statement, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def text(answer):
    return " ".join(answer.content.decode().split())


def shown(client, page, **asked):
    answer = client.get(page(LOG), asked)
    assert answer.status_code == 200
    return {row.actor_name for row in answer.context["cl"].result_list}


def test_an_entry_is_neither_changed_nor_removed_by_the_code(note):
    event = note()
    rows = AuditEvent.objects.all()
    event.actor_name = "otra"
    for forbidden in (
        event.save,
        event.delete,
        rows.delete,
        lambda: rows.update(actor_name="otra"),
        lambda: rows.bulk_update([event], ["actor_name"]),
    ):
        with pytest.raises(TypeError, match="only ever added to"):
            forbidden()


@pytest.mark.parametrize("name", ["actor_name", "before", "at", "subscriber_number", "address"])
def test_the_database_refuses_to_change_an_entry(note, name):
    note()
    value = {"address": "::1", "before": "[1]"}.get(name, "2020-01-01")
    with pytest.raises(DatabaseError, match="only ever added to"):
        execute(f"UPDATE portal_auditevent SET {name} = %s", value)


@pytest.mark.postgres
def test_postgresql_refuses_to_remove_one(note):
    note()
    with pytest.raises(DatabaseError, match="only ever added to"):
        execute("DELETE FROM portal_auditevent")


def test_an_entry_is_not_given_to_somebody_else(note, ana, bruno):
    note(subscriber=ana)
    with pytest.raises(DatabaseError, match="only ever added to"):
        execute("UPDATE portal_auditevent SET subscriber_id = %s", bruno.pk)


def test_entries_outlive_those_whom_they_name(boss, page, ana, note):
    note(subscriber=ana)
    user = ana.user
    answer = boss.post(page(f"admin/portal/subscriber/{ana.pk}/delete/"), {"post": "yes"})
    assert answer.status_code == 302
    user.delete()
    event = AuditEvent.objects.get(actor_name="ana")
    assert (event.subscriber, event.subscriber_number) == (None, "201")
    assert "201" in text(boss.get(page(LOG)))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"ana", "bruno", "jefa"}),
        ({"quien": "BRU"}, {"bruno"}),
        ({"usuario": "201"}, {"ana"}),
        ({"usuario": "an"}, {"ana"}),
        ({"desde": "2026-11-23"}, {"bruno", "jefa"}),
        ({"hasta": "2026-11-22"}, {"ana"}),
        ({"desde": "2026-11-23", "hasta": "2026-11-23"}, {"bruno"}),
        ({"desde": "ayer", "hasta": "9999-12-31"}, {"ana", "bruno", "jefa"}),
        ({"action__exact": "security"}, {"jefa"}),
        ({"q": "peña"}, {"bruno"}),
        ({"q": "peña 600"}, set()),
        ({"q": "600"}, {"ana"}),
        ({"q": "%"}, set()),
        ({"q": 'sin "comillas"'}, {"jefa"}),
    ],
)
def test_who_asks_sees_what_fits(boss, page, note, ana, asked, found):
    note(subscriber=ana, day=22, after={"busy_number": "600123123"})
    note("bruno", before={"display_name": "Peña"}, after={"display_name": "Peña Ibáñez"})
    note("jefa", day=24, action=Action.SECURITY, after={"object": 'sin "comillas"'})
    assert shown(boss, page, **asked) == found


def test_fifty_stand_on_a_page_and_a_filter_stays_on_the_next(boss, page, note):
    for _ in range(51):
        note()
    note("bruno")
    answer = boss.get(page(LOG), {"quien": "ana"})
    assert len(answer.context["cl"].result_list) == 50
    assert "?p=2&amp;quien=ana" in answer.content.decode()
    assert len(boss.get(page(LOG), {"quien": "ana", "p": 2}).context["cl"].result_list) == 1


def rows_of(answer):
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(body.splitlines(keepends=True), delimiter=";"))


def test_the_file_holds_what_is_shown_and_no_formula(boss, page, note, ana):
    note(subscriber=ana, after={"busy_number": "600123123", "busy_number_enabled": True})
    note("=2+5", before={"display_name": "@SUM(A1)"})
    note("bruno")
    heading, *rows = rows_of(boss.get(page(f"{LOG}exportar/")))
    assert heading[0] == "Cuándo"
    assert len(rows) == 3
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert {row[1] for row in rows} == {"ana", "'=2+5", "bruno"}
    assert "Desvío ocupado a un número: Sí" in next(row[7] for row in rows if row[1] == "ana")
    assert [row[1] for row in rows_of(boss.get(page(f"{LOG}exportar/?quien=bruno")))[1:]] == [
        "bruno"
    ]


def test_the_file_is_read_from_the_database_piece_by_piece(
    boss, page, note, django_assert_max_num_queries
):
    AuditEvent.objects.bulk_create(
        AuditEvent(at=timezone.now(), actor_name="ana", action=Action.QUEUE) for _ in range(1200)
    )
    answer = boss.get(page(f"{LOG}exportar/"))
    with django_assert_max_num_queries(3):
        parts = list(answer.streaming_content)
    assert len(parts) == 4


def test_what_administrators_change_is_written_down(boss, page, national):
    data = {"name": "Solo España", "patterns-TOTAL_FORMS": 1, "patterns-INITIAL_FORMS": 0}
    data |= {"patterns-0-label": "Fijos", "patterns-0-pattern": "9XXXXXXXX", "code": "spain"}
    assert boss.post(page("admin/portal/serviceclass/add/"), data).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.actor_name, event.action, event.address) == ("jefa", "admin", "127.0.0.1")
    assert event.after["name"] == "Solo España"
    assert event.after["numberpatterns"] == ["Fijos (9XXXXXXXX)"]
    row = ServiceClass.objects.get(code="spain")
    data |= {"name": "España", "patterns-INITIAL_FORMS": 1, "patterns-0-DELETE": "on"}
    data |= {"patterns-0-id": row.patterns.get().pk, "patterns-0-service_class": row.pk}
    assert boss.post(page(f"admin/portal/serviceclass/{row.pk}/change/"), data).status_code == 302
    event = AuditEvent.objects.first()
    assert event.before == {"name": "Solo España", "numberpatterns": ["Fijos (9XXXXXXXX)"]}
    assert event.after["name"] == "España"
    boss.post(page(f"admin/portal/serviceclass/{row.pk}/delete/"), {"post": "yes"})
    assert AuditEvent.objects.first().after == {"object": "categoría «España»", "deleted": True}


def test_a_password_and_rights_given_are_written_down_without_the_password(boss, page, ana, groups):
    address = page(f"admin/auth/user/{ana.user.pk}/")
    form = {"password1": "a-Very-long-one", "password2": "a-Very-long-one"}
    form["usable_password"] = "true"
    assert boss.post(f"{address}password/", form).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.subscriber, event.action) == (ana, "security")
    assert event.after["password"] is True
    assert "Very" not in str(event.after)
    assert "contraseña: cambio que no se muestra" in text(boss.get(page(LOG)))
    group = groups["Soporte"]
    form = {"username": "ana", "groups": [group.pk], "is_active": "on", "is_staff": "on"}
    form |= {"date_joined_0": "2026-11-23", "date_joined_1": "12:00"}
    assert boss.post(f"{address}change/", form).status_code == 302
    event = AuditEvent.objects.first()
    assert (event.before["groups"], event.after["groups"]) == ([], ["Soporte"])
    assert event.after["is_staff"] is True


def test_the_log_is_read_in_words_by_whoever_may(client, page, note, ana, groups):
    event = note(subscriber=ana, before={"busy_number": ""}, after={"busy_number": "600123123"})
    client.force_login(User.objects.create_user("soporte", is_staff=True))
    assert client.get(page(LOG)).status_code == 403
    assert client.get(page(f"{LOG}exportar/")).status_code == 403
    User.objects.get(username="soporte").groups.add(groups["Soporte"])
    found = text(client.get(page(f"{LOG}{event.pk}/change/")))
    for words in ("201 Ana", "600123123", "10.0.0.7", "Desvíos"):
        assert words in found
    assert Subscriber.objects.count() == 1
    assert not LoginEvent.objects.exists()
