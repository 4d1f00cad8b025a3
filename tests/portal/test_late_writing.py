"""What is written later, by the link, bears the id of the request that saved it."""

import io
import json
import logging

import pytest
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from desvios.apply import reconcile
from portal import logs
from portal.audit import requests_that_saved
from portal.link import _do
from portal.models import AuditEvent, Subscriber
from portal.pbx import get_pbx
from portal.pbx.asterisk.ami import Account
from portal.pbx.asterisk.forwarding import AstDBForwarding
from portal.pbx.asterisk.pool import Breaker, Node
from portal.pbx.simulated.faults import Mode
from portal.pbx.types import ForwardingPlan
from tests.pbx.fake_ami import fake_ami

ID, OTHER = "0123456789abcdef-ours", "fedcba9876543210-other"

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def written():
    """The lines of ``desvios.apply`` so far, as JSON."""
    stream, logger = io.StringIO(), logging.getLogger("desvios.apply")
    handler = logging.StreamHandler(stream)
    handler.addFilter(logs.identify)
    handler.setFormatter(logs.JSONLines())
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.fixture
def save(client, page):
    """Somebody saves a ring time from the page, in a request of this id."""

    def post(who, request_id, seconds):
        client.force_login(who.user)
        who.refresh_from_db()
        fields = {"display_name": who.display_name, "calendar_enabled": "on"}
        fields |= {"ring_seconds": seconds, "revision": who.revision}
        answer = client.post(page("desvios/"), fields, headers={"X-Request-ID": request_id})
        assert answer.status_code == 302

    return post


def late(lines):
    return [line for line in lines if "written later" in line["message"]]


def test_what_a_node_missed_bears_the_ids_of_those_who_saved_it(
    two_nodes, node, save, ana, bruno, carla, written
):
    node("reserva").faults.set(Mode.AWAY)
    save(ana, ID, 31)
    save(bruno, OTHER, 32)
    refused = [line for line in written() if "did not take" in line["message"]]
    assert [line["request_id"] for line in refused] == [ID, OTHER]
    assert late(written()) == []  # madrid has them by the requests themselves
    node("reserva").faults.set(Mode.NORMAL)
    assert _do("desvios.apply.apply_pending")
    assert get_pbx().forwarding.read("reserva", ["201"])["201"].ring_seconds == 31
    lines = late(written())
    assert {line["request_id"] for line in lines} == {ID, OTHER}
    assert all("node reserva: 1 plans of this request" in line["message"] for line in lines)
    assert all(", by link-" in line["message"] for line in lines)
    assert _do("desvios.apply.apply_pending")
    assert late(written()) == lines


def test_the_latest_request_counts_and_a_repair_bears_none(two_nodes, node, save, ana, written):
    node("reserva").faults.set(Mode.AWAY)
    save(ana, OTHER, 31)
    save(ana, ID, 32)
    node("reserva").faults.set(Mode.NORMAL)
    with logs.bearing("link-0123456789abcdef"):
        assert reconcile("reserva") == 1
    assert [line["request_id"] for line in late(written())] == [ID]
    held = get_pbx().forwarding.read("reserva", ["201"])["201"]
    get_pbx().forwarding.remove("reserva", [held])
    with logs.bearing("link-fedcba9876543210"):
        assert reconcile("reserva") == 1
    assert len(late(written())) == 1
    repaired = [line["request_id"] for line in written() if "repaired" in line["message"]]
    assert repaired == ["link-0123456789abcdef", "link-fedcba9876543210"]


def test_what_the_administration_changes_is_known_by_its_revision_too(client, page, ana):
    client.force_login(ana.user.__class__.objects.create_superuser("boss"))
    path = page(f"admin/portal/subscriber/{ana.pk}/change/")
    form = client.get(path).context["adminform"].form
    fields = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
    fields |= {"display_name": "Otra", "devices-TOTAL_FORMS": 0, "devices-INITIAL_FORMS": 0}
    fields = {name: "" if value is None else value for name, value in fields.items()}
    assert client.post(path, fields, headers={"X-Request-ID": ID}).status_code == 302
    assert requests_that_saved(["201"]) == {"201": ID}
    event = AuditEvent.objects.get()
    assert event.revision == Subscriber.objects.get(pk=ana.pk).revision
    assert ID in client.get(page(f"admin/portal/auditevent/{event.pk}/change/")).content.decode()
    file = b"".join(client.get(page("admin/portal/auditevent/exportar/")).streaming_content)
    assert file.decode().rstrip().endswith(f";{ID}")
    with pytest.raises(DatabaseError), transaction.atomic():
        QuerySet(AuditEvent).update(request_id=OTHER)


def test_actions_bear_it_and_what_is_only_asked_bears_the_job():
    asked = []

    def script(session):
        session.log_in()
        while True:
            asked.append(session.receive())
            missing = asked[-1]["Action"] == "DBGet"
            words = ["Message: Database entry not found"] if missing else []
            session.reply(asked[-1], *words, response="Error" if missing else "Success")

    plans = [ForwardingPlan(subscriber="201", request_id=ID), ForwardingPlan(subscriber="202")]
    with fake_ami(script) as server, logs.bearing("link-00ff"):
        account = Account("127.0.0.1", server.port, "webfon-rules", "s3cret")
        node = Node("madrid", account, 5.0, Breaker(pause=3))
        AstDBForwarding({"madrid": node}).write("madrid", plans)
    puts = {each["Key"]: each["ActionID"].rpartition("-")[0] for each in asked if "Val" in each}
    assert puts == {"name/201": ID, "plan/201": ID} | dict.fromkeys(
        ("name/202", "plan/202"), "link-00ff"
    )
    gets = {each["ActionID"].rpartition("-")[0] for each in asked if each["Action"] == "DBGet"}
    assert gets == {"link-00ff"}
