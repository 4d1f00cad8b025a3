"""What machines and operators are told: health, and figures for Prometheus."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from buzon.models import NoticedMessage
from desvios.apply import apply_pending
from portal import heartbeat, metrics
from portal.figures import Figures
from portal.link import _do
from portal.models import Heartbeat, Subscriber
from portal.pbx.models import ImportPosition
from tests.server import ROOT, free_port

TOKEN = "tok-0123456789"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

database = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def operator(settings, client, page):
    settings.OPERATOR_TOKEN = TOKEN
    return lambda path: client.get(page(path), headers=BEARER)


@database
def test_details_and_figures_are_for_the_bearer_of_the_token_alone(settings, client, page):
    for token, header in [
        ("", {}),
        ("", {"Authorization": "Bearer "}),
        (TOKEN, {}),
        (TOKEN, {"Authorization": "Bearer other"}),
        (TOKEN, {"Authorization": f"Basic {TOKEN}"}),
    ]:
        settings.OPERATOR_TOKEN = token
        assert client.get(page("metricas/"), headers=header).status_code == 404
        answer = client.get(page("salud/"), headers=header)
        assert answer.json() == {"default": True, "cdr": True}


@database
def test_the_operator_sees_what_works_and_since_when(operator, ana):
    state = operator("salud/").json()
    assert re.fullmatch(r"\d+\.\d+\.\d+", state["version"])
    assert (state["all_well"], state["link"]) == (False, {"alive": False})
    assert state["nodes"] == {"centralita": False}
    metrics.node_is_up("centralita", True)
    heartbeat.beat()
    apply_pending()
    now = timezone.now()
    ImportPosition.objects.create(node="centralita", inode=1, read_at=now)
    state = operator("salud/").json()
    assert state["all_well"]
    assert state["link"]["alive"]
    assert (state["nodes"], state["pending"]) == ({"centralita": True}, {"centralita": 0})
    assert state["calls_imported_at"]["centralita"][:19] == now.isoformat()[:19]


@database
def test_a_link_that_was_silent_for_long_is_gone_and_knows_of_no_node(operator, ana):
    metrics.node_is_up("centralita", True)
    heartbeat.beat()
    Heartbeat.objects.update(at=timezone.now() - heartbeat.DEAD_AFTER - timedelta(seconds=1))
    state = operator("salud/").json()
    assert (state["all_well"], state["link"]["alive"]) == (False, False)
    assert state["nodes"] == {"centralita": False}


@database
@pytest.mark.parametrize(("alias", "status"), [("default", 503), ("cdr", 200)])
def test_a_database_that_is_away_is_told_and_only_the_portals_own_stops_the_service(
    operator, ana, alias, status
):
    def away(*args):
        raise OperationalError

    with connections[alias].execute_wrapper(away):
        answer = operator("salud/")
    assert answer.status_code == status
    assert answer.json()[alias] is False
    assert answer.json()["all_well"] is False


@database
def test_pages_are_counted_by_view_and_status_and_timed(operator, as_ana, page):
    as_ana.get(page("desvios/"))
    text = operator("metricas/").content.decode()
    assert 'webfon_pages_total{status="200",view="desvios:desvios"}' in text
    assert 'webfon_page_seconds_count{view="desvios:desvios"}' in text
    assert "webfon_streams " in text


@database
def test_the_link_tells_what_is_left_to_do(ana):
    def told():
        return {
            (sample.name, sample.labels["node"]): sample.value
            for family in Figures().collect()
            for sample in family.samples
        }

    ImportPosition.objects.create(node="centralita", inode=1, read_at=timezone.now())
    NoticedMessage.objects.create(
        subscriber=ana, mailbox="x", found_at=timezone.now(), next_try=timezone.now()
    )
    before = told()
    assert before["webfon_pending_writes", "centralita"] == Subscriber.objects.count()
    assert before["webfon_notices_waiting", ""] == 1
    apply_pending()
    assert told()["webfon_pending_writes", "centralita"] == 0
    assert (
        abs(before["webfon_calls_imported_at_seconds", "centralita"] - timezone.now().timestamp())
        < 300
    )


def test_jobs_of_the_link_are_timed_and_their_failures_counted():
    assert not _do("tests.portal.test_monitoring.fail")
    text = metrics.exposition().decode()
    job = '{job="tests.portal.test_monitoring.fail"}'
    assert f"webfon_link_job_failures_total{job} 1.0" in text
    assert f"webfon_link_job_seconds_count{job} 1.0" in text


def fail():
    """A job whose store is away."""
    raise OSError("the disk is full")


COUNTING = """
from portal import metrics
metrics.PAGES.labels("inicio", 200).inc()
metrics.STREAMS.inc()
print(metrics.exposition().decode())
"""


def test_several_web_processes_add_up_and_the_dead_have_no_streams(tmp_path):
    env = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    command = [sys.executable, "-c", COUNTING]
    told = [subprocess.check_output(command, cwd=ROOT, env=env, text=True) for _ in range(2)]
    assert 'webfon_pages_total{status="200",view="inicio"} 2.0' in told[1]
    assert "webfon_streams 1.0" in told[1]


SERVING = """
import sys, urllib.request, django
django.setup()
from django.conf import settings
from portal import figures, metrics
settings.LINK_FIGURES = {"webfon_example": "portal.metrics.nodes_up"}
figures.serve(int(sys.argv[1]))
address = f"http://127.0.0.1:{sys.argv[1]}/metrics"
print(urllib.request.urlopen(address, timeout=30).read().decode())
"""


def test_the_link_answers_on_its_port():
    command = [sys.executable, "-c", SERVING, str(free_port())]
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    told = subprocess.check_output(command, cwd=ROOT, env=env, text=True)
    assert "# HELP webfon_example The nodes that this process watches" in told
    assert "webfon_ami_seconds" in told
