"""Contacts that may be the same person: found, made one, taken apart again."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agenda.exchange.duplicates import EMAIL, NAME, NUMBER, Known, groups
from agenda.models import Contact
from portal.models import AuditEvent

pytestmark = pytest.mark.django_db(databases="__all__")


def known(pk, name="", company="", email="", *numbers):
    return Known(pk, name, company, email, numbers)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (known(1, "a", "", "", "600"), known(2, "b", "", "", "911", "600"), NUMBER),
        (known(1, "a", "", "a@x.es"), known(2, "b", "", "a@x.es"), EMAIL),
        (known(1, "ana garcia", "acme"), known(2, "ana garcia lopez", "acme"), NAME),
        (known(1, "ana garcia", "acme"), known(2, "anna garcia", "acme"), NAME),
        (known(1, "ana garcia", ""), known(2, "garcia ana", ""), NAME),
    ],
)
def test_who_may_be_the_same(one, other, reason):
    (group,) = groups([one, other])
    assert (group.keys, group.reasons) == ([1, 2], {reason})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (known(1, "ana", ""), known(2, "ana", "")),
        (known(1, "ana garcia", "acme"), known(2, "ana garcia", "otra")),
        (known(1, "ana garcia", "acme"), known(2, "luis garcia", "acme")),
        (known(1, "a", "", "", "600"), known(2, "b", "", "", "601")),
    ],
)
def test_who_is_somebody_else(one, other):
    assert groups([one, other]) == []


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(*[st.sampled_from(["", "a b", "a b c", "x"])] * 4), max_size=12))
def test_everybody_is_in_one_group_at_most(rows):
    contacts = [known(pk, *row) for pk, row in enumerate(rows, start=1)]
    keys = [key for group in groups(contacts) for key in group.keys]
    assert len(keys) == len(set(keys))
    assert all(len(group.keys) > 1 for group in groups(contacts))


def test_those_who_are_one_are_merged_and_it_can_be_undone(as_ana, ana, contact, page):
    one = contact(ana, "Eva Gil", "600112233", company="Acme")
    two = contact(ana, "Eva", "912345678", "600112233", email="eva@x.es", company="Suya")
    html = as_ana.get(page("agenda/duplicados/")).content.decode()
    assert "Mismo número" in html
    form = {"contacto": [one.pk, two.pk], "queda": one.pk}
    as_ana.post(page("agenda/duplicados/unir/"), form)
    one.refresh_from_db()
    assert (one.email, one.company) == ("eva@x.es", "Acme")
    assert [row.number for row in one.more_numbers.all()] == ["912345678"]
    assert list(Contact.objects.in_bin_of(ana)) == [two]
    assert "No hay contactos repetidos" in as_ana.get(page("agenda/duplicados/")).content.decode()
    event = AuditEvent.objects.get()
    as_ana.post(page(f"agenda/deshacer/{event.pk}/"))
    one.refresh_from_db()
    assert (one.email, list(one.more_numbers.all())) == ("", [])
    assert Contact.objects.in_use().count() == 2


def test_different_people_are_not_shown_again_until_somebody_wants_it(
    as_ana, ana, bruno, contact, page
):
    father = contact(ana, "Eva Gil", "600112233")
    son = contact(ana, "Leo Gil", "912345678", "600112233")
    his = contact(bruno, "Leo Gil", "600112233")
    found, apart = page("agenda/duplicados/"), page("agenda/duplicados/distinguir/")
    as_ana.post(apart, {"contacto": [father.pk, his.pk]})  # of another person's there is none
    assert "Leo Gil" in as_ana.get(found).content.decode()
    html = as_ana.post(apart, {"contacto": [son.pk, father.pk]}, follow=True).content.decode()
    assert "Leo Gil" not in html
    assert "Volver a mirar" in html
    contact(ana, "Leo G.", "600112233")  # somebody else with that number is news
    assert "Eva Gil" in as_ana.get(found).content.decode()
    again = as_ana.post(page("agenda/duplicados/reconsiderar/"), follow=True).content.decode()
    assert "Leo Gil" in again
    assert "Volver a mirar" not in again


def test_more_numbers_than_fit_are_not_merged(as_ana, ana, contact, page):
    first = contact(ana, "Eva", *(f"60011220{n}" for n in range(8)))
    second = contact(ana, "Eva", *(f"60011220{n}" for n in (0, *range(5, 10))), "911111111")
    answer = as_ana.post(
        page("agenda/duplicados/unir/"), {"contacto": [first.pk, second.pk]}, follow=True
    )
    assert "más números de los que caben" in answer.content.decode()
    assert Contact.objects.in_use().count() == 2


@pytest.mark.parametrize("keys", [[], ["1"], ["x", "-1"], ["9" * 30, "²"]])
def test_nonsense_is_not_merged(as_ana, page, keys):
    answer = as_ana.post(page("agenda/duplicados/unir/"), {"contacto": keys}, follow=True)
    assert "Marca al menos dos" in answer.content.decode()
