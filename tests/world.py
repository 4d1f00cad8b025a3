"""The little world that tests live in: a simulated PBX, Ana, Bruno and Carla."""

from importlib import import_module

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group, Permission, User

from portal.models import Device, NumberPattern, ServiceClass, Subscriber
from portal.pbx import get_pbx
from portal.pbx.simulated.backend import build_nodes

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def pbx(settings, tmp_path):
    """A fresh simulated PBX with one node."""
    yield from simulated_pbx(settings, tmp_path, ("centralita",))


@pytest.fixture
def two_nodes(settings, tmp_path):
    """A fresh simulated PBX with two nodes."""
    yield from simulated_pbx(settings, tmp_path, ("madrid", "reserva"))


def simulated_pbx(settings, tmp_path, nodes):
    settings.DATA_DIR = tmp_path
    settings.PBX = {
        "BACKEND": "portal.pbx.simulated.backend.build",
        "OPTIONS": {"path": tmp_path / "pbx", "nodes": nodes},
    }
    get_pbx.cache_clear()
    yield
    get_pbx.cache_clear()


@pytest.fixture
def node(settings):
    """A simulated node by name, to make it fail: ``node().faults.set(Mode.AWAY)``."""

    def find(name="centralita"):
        return build_nodes(**settings.PBX["OPTIONS"])[name]

    return find


@pytest.fixture
def national(db):
    """A service class for numbers inside the company and inside the country."""
    row = ServiceClass.objects.create(name="Nacional", code="national")
    for label, pattern in [
        ("Internos", "2XX"),
        ("Móviles", "[67]XXXXXXXX"),
        ("Fijos", "9XXXXXXXX"),
    ]:
        NumberPattern.objects.create(service_class=row, label=label, pattern=pattern)
    return row


def make_subscriber(number, name, national):
    """A person who can log in, with a mailbox and a telephone."""
    user = User.objects.create_user(name.lower(), password=PASSWORD)
    subscriber = Subscriber.objects.create(
        user=user,
        number=number,
        display_name=name,
        access_pin=f"9{number}",
        mailbox=f"{number}@default",
        call_class=national,
        forward_class=national,
    )
    Device.objects.create(name=number, owner=subscriber)
    return subscriber


@pytest.fixture
def ana(national):
    """201."""
    return make_subscriber("201", "Ana", national)


@pytest.fixture
def bruno(national):
    """202."""
    return make_subscriber("202", "Bruno", national)


@pytest.fixture
def carla(national):
    """203."""
    return make_subscriber("203", "Carla", national)


@pytest.fixture
def groups(db):
    """The groups of rights by name, also after a test that emptied the database."""
    migration = import_module("portal.migrations.0012_groups_of_rights")
    migration.give(Group, Permission, "default")
    chat = import_module("chat.migrations.0003_rights_of_administrators").RIGHTS
    rights = Permission.objects.filter(content_type__app_label="chat", codename__in=chat)
    Group.objects.get(name="Administración").permissions.add(*rights)
    unlock = Permission.objects.get(codename="unlock_access_code")
    for name in import_module("portal.migrations.0020_unlocking_claves").GROUPS:
        Group.objects.get(name=name).permissions.add(unlock)
    return {group.name: group for group in Group.objects.all()}


@pytest.fixture
def as_ana(client, ana):
    """A browser in which Ana is logged in."""
    client.force_login(ana.user)
    return client


@pytest.fixture
def page():
    """The address of a page below the prefix."""
    return lambda path="": f"/{django_settings.PREFIX}{path}"
