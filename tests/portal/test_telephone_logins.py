"""What the link writes down when somebody logs in at a telephone."""

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.module_loading import import_string

from portal.accounts.telephones import note
from portal.models import LoginEvent, NewsItem, PendingLogin
from portal.news import Topic
from portal.pbx import get_pbx
from portal.pbx.logins import Deed, TelephoneLogin, stretched
from portal.pbx.simulated.backend import build_nodes
from portal.pbx.simulated.faults import Mode
from portal.pbx.simulated.seen import Seen
from portal.pbx.types import News
from portal.presence import make_up, on_login

pytestmark = pytest.mark.django_db(databases="__all__")

Outcome = LoginEvent.Outcome


def hear(deed, subscriber="201", address="10.20.0.7"):
    event = TelephoneLogin(deed=deed, device="203", subscriber=subscriber, address=address).event()
    note(event.subject, event.state)
    on_login(event.subject, event.state)
    return LoginEvent.objects.first()


@pytest.mark.parametrize(
    ("deed", "outcome"),
    [
        (Deed.IN, Outcome.IN),
        (Deed.OUT, Outcome.OUT),
        (Deed.DISPLACED, Outcome.DISPLACED),
        (Deed.WRONG, Outcome.FAILED),
        (Deed.LOCKED, Outcome.LOCKED),
    ],
)
def test_every_login_at_a_telephone_is_in_the_history(as_ana, ana, page, deed, outcome):
    event = hear(deed)
    assert (event.user, event.device, event.address) == (ana.user, "203", "10.20.0.7")
    assert (event.method, event.outcome) == (LoginEvent.Method.TELEPHONE, outcome)
    text = as_ana.get(page("ajustes/seguridad/entradas/")).content.decode()
    assert "teléfono 203" in text
    assert str(outcome.label) in text


def test_whoever_has_no_login_stands_there_by_the_number(bruno):
    bruno.user = None
    bruno.save()
    event = hear(Deed.IN, "202")
    assert (event.user, event.username) == (None, "202")


def test_a_pin_of_nobodys_is_written_down_without_it(db):
    event = hear(Deed.WRONG, "", "")
    assert (event.user, event.username, event.address, event.device) == (None, "", None, "203")


def test_open_pages_of_the_guest_and_the_owner_look_again(ana, bruno):
    hear(Deed.WRONG)
    assert told() == set()
    hear(Deed.IN)
    assert told() == {"201", "203"}


def told():
    rows = NewsItem.objects.filter(topic=Topic.PRESENCE)
    return set(rows.values_list("subscriber_number", flat=True))


def test_the_pin_of_another_is_refused_in_words(ana, bruno):
    bruno.access_pin = ana.access_pin
    with pytest.raises(ValidationError, match="ya es de otra persona"):
        bruno.full_clean()


@pytest.fixture
def two_nodes(settings, tmp_path):
    """A telephone system of two, of which the first takes the calls."""
    settings.PBX = {**settings.PBX, "OPTIONS": {"path": tmp_path, "nodes": ("a", "b")}}
    get_pbx.cache_clear()
    nodes = build_nodes(tmp_path, ("a", "b"))
    for node in nodes.values():
        code = f"202:00ff:20:{stretched('00ff', '864202', 20)}"
        node.keys.put({"plan/202": "{}", "code/9202": code})
    yield nodes
    get_pbx.cache_clear()


@pytest.fixture
def follow(two_nodes):
    """What the link does with what the nodes told since the last time."""
    seen = [Seen(node) for node in two_nodes.values()]

    def hear_all():
        for event in [event for each in [*seen, seen[1]] for event in each.next()]:
            if event.news is News.LOGIN:
                for path in settings.LINK_NEWS["login"]:
                    import_string(path)(event.subject, event.state)

    return hear_all


def test_every_node_knows_of_a_login_that_is_written_down_once(ana, bruno, two_nodes, follow):
    first, second = two_nodes.values()
    first.logins.log_in("201", "9202", "864202")
    follow()
    follow()
    assert second.keys.get(["who/201", "at/202"]) == {"who/201": "202", "at/202": "201"}
    first.logins.log_out("201")
    follow()
    follow()
    assert second.keys.get(["who/201", "at/202"]) == {}
    get_pbx().devices.log_in("202", "201")
    get_pbx().devices.log_out("202", "201")  # from the portal, at both
    follow()
    outcomes = [event.outcome for event in LoginEvent.objects.order_by("pk")]
    assert outcomes == [Outcome.IN, Outcome.OUT]


WHO = ["who/201", "at/202"]


def test_a_node_that_was_away_hears_later_who_came_and_who_left(ana, bruno, two_nodes, follow):
    first, second = two_nodes.values()
    second.faults.set(Mode.AWAY)
    first.logins.log_in("201", "9202", "864202")
    follow()
    make_up()
    assert PendingLogin.objects.get().node == "b"
    second.faults.set(Mode.NORMAL)
    assert second.keys.get(WHO) == {}
    make_up()
    assert second.keys.get(WHO) == {"who/201": "202", "at/202": "201"}
    assert not PendingLogin.objects.exists()
    second.faults.set(Mode.AWAY)
    first.logins.log_out("201")
    follow()
    second.faults.set(Mode.NORMAL)
    make_up()
    assert second.keys.get(WHO) == {}
    follow()
    outcomes = [event.outcome for event in LoginEvent.objects.order_by("pk")]
    assert outcomes == [Outcome.IN, Outcome.OUT]


def test_only_the_last_of_what_it_missed_is_brought(ana, bruno, two_nodes, follow):
    first, second = two_nodes.values()
    second.faults.set(Mode.AWAY)
    first.logins.log_in("201", "9202", "864202")
    follow()
    first.logins.log_out("201")
    follow()
    assert not PendingLogin.objects.get().is_in
    first.logins.log_in("201", "9202", "864202")
    follow()
    second.faults.set(Mode.NORMAL)
    first.logins.log_out("201")
    follow()  # which both hear
    assert not PendingLogin.objects.exists()
    make_up()
    assert second.keys.get(WHO) == {}


def test_whoever_logged_in_there_later_stays_and_who_is_gone_comes_nowhere(
    ana, bruno, two_nodes, follow
):
    first, second = two_nodes.values()
    second.faults.set(Mode.AWAY)
    first.logins.log_in("201", "9202", "864202")
    follow()
    later = int(timezone.now().timestamp()) + 60
    second.keys.put({"who/201": "203", "at/203": "201", "since/201": str(later)})
    second.faults.set(Mode.NORMAL)
    make_up()
    assert second.keys.get(WHO) == {"who/201": "203"}
    assert not PendingLogin.objects.exists()
    second.faults.set(Mode.AWAY)
    first.logins.log_in("204", "9202", "864202")
    follow()
    bruno.delete()
    second.faults.set(Mode.NORMAL)
    make_up()
    assert second.keys.get(["who/204"]) == {}
    assert not PendingLogin.objects.exists()


def test_a_logout_from_the_page_reaches_a_node_that_was_away(client, bruno, two_nodes, page):
    second = two_nodes["b"]
    get_pbx().devices.log_in("202", "201")
    second.faults.set(Mode.AWAY)
    client.force_login(bruno.user)
    client.post(page("informacion/telefonos/salir/"), {"device": "201"})
    second.faults.set(Mode.NORMAL)
    assert second.keys.get(WHO) == {"who/201": "202", "at/202": "201"}
    make_up()
    assert second.keys.get(WHO) == {}
