"""The administrator's side: subscribers and service classes."""

import pytest
from django.contrib.auth.models import User

from desvios.apply import apply_pending
from portal.models import ServiceClass, Subscriber
from portal.pbx import get_pbx

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def admin(client, db):
    client.force_login(User.objects.create_superuser("jefa"))
    return client


def class_form(national, **fields):
    rows = list(national.patterns.all())
    data = {
        "name": "Nacional",
        "patterns-TOTAL_FORMS": len(rows) + 1,
        "patterns-INITIAL_FORMS": len(rows),
        f"patterns-{len(rows)}-service_class": national.pk,
    }
    for number, row in enumerate(rows):
        data |= {
            f"patterns-{number}-id": row.pk,
            f"patterns-{number}-service_class": national.pk,
            f"patterns-{number}-label": row.label,
            f"patterns-{number}-pattern": row.pattern,
        }
    return data | fields


def test_an_edit_of_a_class_holds_on_the_telephone_system_without_a_reload(admin, page, national):
    apply_pending()
    extra = {"patterns-3-label": "Gratuitos", "patterns-3-pattern": "900XXXXXX"}
    url = page(f"admin/portal/serviceclass/{national.pk}/change/")
    assert admin.post(url, class_form(national, **extra)).status_code == 302
    apply_pending()
    held = get_pbx().forwarding.read_classes("centralita", ["national"])["national"]
    assert "900[0-9]{6}" in held
    assert ServiceClass.objects.get().allows("900123456")


@pytest.mark.parametrize("pattern", ["6*", "(6)", "abc", "X$", ".6"])
def test_a_pattern_nobody_could_read_is_refused(admin, page, national, pattern):
    extra = {"patterns-3-label": "?", "patterns-3-pattern": pattern}
    url = page(f"admin/portal/serviceclass/{national.pk}/change/")
    answer = admin.post(url, class_form(national, **extra))
    assert "El patrón no es válido" in answer.content.decode()


def test_patterns_that_a_node_could_not_hold_are_refused(admin, page, national):
    extra = {"patterns-TOTAL_FORMS": 63}
    for number in range(3, 63):
        extra |= {
            f"patterns-{number}-service_class": national.pk,
            f"patterns-{number}-label": "muchos",
            f"patterns-{number}-pattern": f"9{number:02}[1-8]X[1-8]XXX",
        }
    url = page(f"admin/portal/serviceclass/{national.pk}/change/")
    assert "demasiados patrones" in admin.post(url, class_form(national, **extra)).content.decode()


@pytest.mark.parametrize(
    ("number", "answer"), [("+34 600 12 31 23", "permitido"), ("0044123456789", "no permitido")]
)
def test_which_numbers_would_this_allow_is_answered(admin, page, national, number, answer):
    url = page(f"admin/portal/serviceclass/{national.pk}/change/")
    assert f": {answer}" in admin.get(url, {"probar": number}).content.decode()


def test_an_edited_subscriber_is_pending_until_applied(admin, page, ana):
    apply_pending()
    data = {
        "number": "201",
        "display_name": "Ana María",
        "mailbox": "201@default",
        "call_class": ana.call_class_id,
        "forward_class": ana.forward_class_id,
        "time_zone": ana.time_zone,
        "devices-TOTAL_FORMS": 1,
        "devices-INITIAL_FORMS": 1,
        "devices-0-id": ana.devices.get().pk,
        "devices-0-owner": ana.pk,
        "devices-0-name": "201m",
    }
    assert admin.post(page(f"admin/portal/subscriber/{ana.pk}/change/"), data).status_code == 302
    assert Subscriber.objects.pending().get() == ana
    apply_pending()
    held = get_pbx().forwarding.read("centralita", ["201"])["201"]
    assert (held.display_name, held.devices) == ("Ana María", ("201m",))


def test_a_user_name_of_digits_must_be_that_persons_number(admin, page, ana, bruno):
    data = {"username": "202", "date_joined_0": "2026-11-23", "date_joined_1": "12:00"}
    answer = admin.post(page(f"admin/auth/user/{ana.user.pk}/change/"), data)
    assert "tiene que ser el número de esa persona" in answer.content.decode()


@pytest.mark.parametrize("number", ["901", "20", "2011", "2a1", "٢٠١"])
def test_a_number_that_is_not_of_this_telephone_system_is_refused(ana, number):
    ana.number = number
    with pytest.raises(Exception, match="number"):
        ana.full_clean()


def test_the_log_of_changes_can_only_be_read(admin, page, db):
    assert admin.get(page("admin/portal/auditevent/")).status_code == 200
    assert admin.get(page("admin/portal/auditevent/add/")).status_code == 403


@pytest.mark.parametrize(
    ("pin", "why"),
    [
        ("9202", "Ese PIN de acceso ya es de otra persona."),
        ("clave", "Escribe solo cifras."),
        ("٤٢٠١", "Escribe solo cifras."),
        ("1" * 13, "12 caracteres"),
    ],
)
def test_a_pin_of_another_or_of_no_digits_is_refused(admin, page, ana, bruno, pin, why):
    form = {"number": "201", "display_name": "Otra", "access_pin": pin, "time_zone": ana.time_zone}
    form |= {"call_class": ana.call_class_id, "forward_class": ana.forward_class_id}
    form |= {"devices-TOTAL_FORMS": 0, "devices-INITIAL_FORMS": 0}
    answer = admin.post(page(f"admin/portal/subscriber/{ana.pk}/change/"), form)
    assert why in str(answer.context["adminform"].form.errors["access_pin"])
    ana.refresh_from_db()
    assert (ana.display_name, ana.access_pin) == ("Ana", "9201")


def test_an_address_that_would_add_a_header_to_letters_is_refused(admin, page, ana):
    form = {"username": "ana", "email": "ana@empresa.es\nBcc: todos@empresa.es", "is_active": "on"}
    form |= {"date_joined_0": "2026-11-23", "date_joined_1": "12:00"}
    answer = admin.post(page(f"admin/auth/user/{ana.user.pk}/change/"), form)
    assert "email" in answer.context["adminform"].form.errors
    ana.user.refresh_from_db()
    assert ana.user.email == ""


@pytest.mark.parametrize("nonsense", ["x", "¿'\"(", "-1", "1.0", "\x00", "9" * 40])
@pytest.mark.parametrize(
    ("path", "field"), [("ajustes/queuerights", "agents"), ("portal/subscriber", "user")]
)
def test_nonsense_in_place_of_a_row_is_refused_at_its_field(admin, page, path, field, nonsense):
    answer = admin.post(page(f"admin/{path}/add/"), {field: nonsense})
    assert answer.status_code == 200
    assert field in answer.context["adminform"].form.errors
