"""What each group of rights may do, as a migration makes them, and what nobody gives away."""

import pytest
from django.contrib.auth.models import Group, Permission, User

from portal.models import AuditEvent

pytestmark = pytest.mark.django_db(databases="__all__")

FORBIDDEN = {
    "portal.add_auditevent",
    "portal.change_auditevent",
    "portal.delete_auditevent",
    "portal.change_loginevent",
    "portal.delete_loginevent",
    "auth.change_group",
    "auth.change_permission",
    "sessions.view_session",
    "mfa.view_authenticator",
}
"""What no group may do."""


@pytest.fixture
def member(client, groups):
    """Somebody of a group, logged in."""

    def enter(group):
        user = User.objects.create_user(group.lower().replace(" ", "."), is_staff=True)
        user.groups.add(groups[group])
        client.force_login(user)
        return User.objects.get(pk=user.pk)

    return enter


@pytest.mark.parametrize("group", ["Soporte", "Administración", "Agenda corporativa"])
def test_no_group_may_touch_the_log_or_the_rights(member, group):
    assert not member(group).get_all_permissions() & FORBIDDEN


def test_support_looks_and_unlocks_and_changes_nothing(member):
    rights = member("Soporte").get_all_permissions()
    unlocking = {"portal.unlock_login", "portal.unlock_access_code"}
    assert {each for each in rights if ".view_" not in each} == unlocking
    assert not {each for each in rights if "voicemail" in each or "message" in each} - {
        "buzon.view_noticedmessage"
    }


def test_the_companys_book_is_all_that_its_group_keeps(member):
    rights = member("Agenda corporativa").get_all_permissions()
    assert {each.partition("_")[2] for each in rights} == {"contact", "contactnumber"}


def test_the_sections_are_those_that_somebody_may_look_at(member, client, page):
    for group, sections in {
        "Soporte": ["Personas", "Centralita", "Registro de cambios"],
        "Agenda corporativa": ["Agenda corporativa"],
        "Administración": [
            "Personas",
            "Centralita",
            "Chat",
            "Agenda corporativa",
            "Calendarios de festivos",
            "Registro de cambios",
        ],
    }.items():
        member(group)
        answer = client.get(page("admin/"))
        assert [each["name"] for each in answer.context["app_list"]] == sections


def edited(user, **fields):
    form = {"username": user.username, "date_joined_0": "2026-11-23", "date_joined_1": "12:00"}
    return form | {"is_active": "on"} | fields


def test_nobody_gives_rights_that_they_do_not_have(member, client, page, ana, groups):
    member("Administración")
    strong = Group.objects.create(name="Todo")
    strong.permissions.set(Permission.objects.all())
    address = page(f"admin/auth/user/{ana.user.pk}/change/")
    answer = client.post(address, edited(ana.user, groups=[strong.pk]))
    assert answer.status_code == 200
    assert "groups" in answer.context["adminform"].form.errors
    everything = edited(ana.user, is_superuser="on", user_permissions=[1, 2, 3])
    assert client.post(address, everything).status_code == 302
    ana.user.refresh_from_db()
    assert not ana.user.is_superuser
    assert not ana.user.user_permissions.exists()
    support = groups["Soporte"]
    assert client.post(address, edited(ana.user, groups=[support.pk])).status_code == 302
    assert ana.user.groups.get() == support
    assert AuditEvent.objects.first().after["groups"] == ["Soporte"]


def test_nobody_changes_somebody_who_may_do_more(member, client, page):
    member("Administración")
    boss = User.objects.create_superuser("jefa", password="unchanged")
    stronger = User.objects.create_user("fuerte", is_staff=True)
    stronger.user_permissions.add(Permission.objects.get(codename="add_group"))
    for user in (boss, stronger):
        address = page(f"admin/auth/user/{user.pk}/")
        assert client.post(f"{address}change/", edited(user)).status_code == 403
        assert client.post(f"{address}delete/", {"post": "yes"}).status_code == 403
        form = {"password1": "a-Very-long-one", "password2": "a-Very-long-one"}
        assert client.post(f"{address}password/", form).status_code == 403
        chosen = {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"}
        client.post(page("admin/auth/user/"), chosen)
    assert User.objects.filter(username__in=["jefa", "fuerte"]).count() == 2


def test_only_a_superuser_makes_groups(member, client, page):
    member("Administración")
    assert client.get(page("admin/auth/group/")).status_code == 200
    assert client.get(page("admin/auth/group/add/")).status_code == 403
    client.force_login(User.objects.create_superuser("jefa"))
    assert client.post(page("admin/auth/group/add/"), {"name": "Otra"}).status_code == 302
    assert AuditEvent.objects.get().action == "security"


def test_who_may_only_look_does_not_see_the_pin(member, client, page, ana):
    address = page(f"admin/portal/subscriber/{ana.pk}/change/")
    member("Soporte")
    assert "9201" not in client.get(address).content.decode()
    assert "9201" not in client.get(page("admin/portal/subscriber/")).content.decode()
    member("Administración")
    assert "9201" in client.get(address).content.decode()


def test_the_administrations_own_password_page_leads_to_everybodys(member, client, page):
    member("Soporte")
    assert client.get(page("admin/password_change/")).url == page("ajustes/contrasena/")


def test_who_has_no_password_is_told_whom_to_ask_for_one(client, page, ana):
    ana.user.set_unusable_password()
    ana.user.save()
    client.force_login(ana.user)
    answer = client.get(page("ajustes/contrasena/"), follow=True)
    assert answer.redirect_chain[-1][0] == page("ajustes/seguridad/")
    assert "No tienes contraseña. Pídela" in answer.content.decode()
