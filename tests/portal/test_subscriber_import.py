"""Subscribers from a table: seen beforehand, carried out whole or not at all, written down."""

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile

from desvios.apply import apply_pending
from portal.models import AuditEvent, Device, Subscriber, SubscriberImport
from portal.pbx import get_pbx

pytestmark = pytest.mark.django_db(databases="__all__")

IMPORTS = "admin/portal/subscriberimport/"
HEAD = "Número;Nombre;PIN de acceso;Categoría;Categoría para desvíos;Teléfonos;Usuario;Correo\n"
MANY = 2000
NEW = "210;Eva Gil;9210;Nacional;national;210 210-movil;eva.gil;eva@empresa.es\n"


@pytest.fixture
def boss(client, db):
    client.force_login(User.objects.create_superuser("jefa"))
    return client


@pytest.fixture
def send(boss, page, national):
    def upload(content, client=boss):
        content = content if isinstance(content, bytes) else content.encode()
        form = {"file": SimpleUploadedFile("gente.csv", content)}
        return client.post(page(f"{IMPORTS}add/"), form, follow=True)

    return upload


@pytest.fixture
def carry_out(boss, send):
    def upload_and_confirm(content):
        return confirm(boss, send(content))

    return upload_and_confirm


def confirm(client, preview, **form):
    address = preview.redirect_chain[-1][0]
    return client.post(address, {"seen": preview.context["seen"], **form}, follow=True)


def text(answer):
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def counts(answer):
    return {each["key"].value: each["count"] for each in answer.context["kinds"]}


def test_new_people_are_seen_imported_applied_and_written_down(send, boss):
    preview = send(HEAD + NEW)
    assert counts(preview) == {"nuevos": 1, "cambian": 0, "iguales": 0, "rechazados": 0}
    assert "Eva Gil" in text(preview)
    assert "9210" not in text(preview)
    assert not Subscriber.objects.exists()
    assert "1 persona nueva." in text(confirm(boss, preview))
    eva = Subscriber.objects.get()
    assert (eva.number, eva.display_name, eva.access_pin) == ("210", "Eva Gil", "9210")
    assert (eva.call_class.code, eva.forward_class.code) == ("national", "national")
    assert (eva.user.get_username(), eva.user.email) == ("eva.gil", "eva@empresa.es")
    assert not eva.user.has_usable_password()
    assert set(eva.devices.values_list("name", flat=True)) == {"210", "210-movil"}
    apply_pending()
    held = get_pbx().forwarding.read("centralita", ["210"])["210"]
    assert (held.display_name, set(held.devices)) == ("Eva Gil", {"210", "210-movil"})
    event = AuditEvent.objects.get()
    assert (event.actor_name, event.subscriber, event.action) == ("jefa", eva, "subscriber")
    assert event.after["access_pin"] is True
    assert event.after["call_class"] == "Nacional"
    assert SubscriberImport.objects.get().content == b""


def test_only_what_differs_is_changed_and_an_empty_cell_changes_nothing(carry_out, ana, bruno):
    done = carry_out("number,name,department,devices,pin\n201,Ana,Ventas,201m,\n202,,,,9202\n")
    assert "1 cambiada." in text(done)
    ana.refresh_from_db()
    assert (ana.department, ana.access_pin, ana.revision) == ("Ventas", "9201", 2)
    assert set(ana.devices.values_list("name", flat=True)) == {"201", "201m"}
    event = AuditEvent.objects.get()
    assert event.subscriber == ana
    assert (event.before["department"], event.after["department"]) == ("", "Ventas")
    bruno.refresh_from_db()
    assert bruno.revision == 1


@pytest.mark.parametrize(
    "content",
    [
        "Extensión;NOMBRE;Categoria;Categoría de desvíos\n211;Íñigo Peña;NACIONAL;nacional\n",
        "number,display name,call class,forward class\n211,Íñigo Peña,national,national\n",
        "\ufeffnum\tnombre\tcategoria\tcategoria de desvios\n211\tÍñigo Peña\tNacional\tNacional\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_headings_separators_and_encodings(carry_out, content, encoding):
    carry_out(content.removeprefix("\ufeff" if encoding == "cp1252" else "").encode(encoding))
    assert Subscriber.objects.get().display_name == "Íñigo Peña"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("201;Otra;;;;;;", "Tiene el mismo número que la línea 2."),
        ("212;B;9299;Nacional;Nacional;;;", "Tiene el mismo PIN de acceso que la línea 2."),
        ("212;B;;Nacional;Nacional;201x;;", "un teléfono que también está en la línea 2"),
        ("212;B;;Nacional;Nacional;;nueva;", "Tiene el mismo usuario que la línea 2."),
        ("212;B;9202;Nacional;Nacional;;;", "El PIN de acceso ya es de 202."),
        ("212;B;;Nacional;Nacional;202;;", "El teléfono 202 ya es de 202."),
        ("212;B;;Nacional;Nacional;;bruno;", "El usuario bruno ya es de 202."),
        ("212;B;;Nacional;Nacional;;jefa;", "Ese usuario administra el portal"),
        ("212;B;;Nacional;Nacional;;201;", "tiene que ser el número de esa persona"),
        ("212;B;clave;Nacional;Nacional;;;", "PIN de acceso: Escribe solo cifras."),
        ("212;B;1234567890123;Nacional;Nacional;;;", "PIN de acceso: "),
        ("901;B;;Nacional;Nacional;;;", "no es de los de esta centralita"),
        (";B;;Nacional;Nacional;;;", "Falta el número."),
        ("212;;;Nacional;Nacional;;;", "Falta el nombre."),
        ("212;B;;;Nacional;;;", "Falta la categoría."),
        ("212;B;;Marte;Nacional;;;", "No hay ninguna categoría «Marte»."),
        (f"212;{'B' * 41};;Nacional;Nacional;;;", "40 caracteres como mucho"),
        ("212;B;;Nacional;Nacional;a/b;;", "Usa solo letras sin acento"),
        ('212;B;;Nacional;Nacional;;b;"b@empresa.es\nBcc: x@y.es"', "Correo: "),
        ("212;B;;Nacional;Nacional;;;b@empresa.es", "No tiene usuario del portal"),
    ],
)
def test_one_bad_line_keeps_all_of_the_file_out(send, boss, ana, bruno, row, why):
    first = "201;Ana María;9299;;;201x;nueva;\n"
    preview = send(HEAD + first + row + "\n")
    assert counts(preview)["rechazados"] == 1
    assert why in text(preview).replace("&amp;", "&")
    assert "Importar todo" not in text(preview)
    assert "no se ha importado nada" in text(confirm(boss, preview))
    ana.refresh_from_db()
    assert (ana.display_name, ana.access_pin) == ("Ana", "9201")
    assert Subscriber.objects.count() == 2
    assert not AuditEvent.objects.exists()
    assert not User.objects.filter(username__in=["nueva", "b"]).exists()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "El archivo está vacío."),
        (b"PK\x03\x04" + bytes(50), "no es un archivo de texto"),
        ("Nombre;Usuario\nAna;ana\n", "Falta la columna «Número»."),
        ("Número;Extensión\n201;201\n", "Hay dos columnas para lo mismo: Número."),
        (HEAD, "no hay ninguna persona"),
        ('Número;Nombre\n201;"Ana\n202;Bruno\n', "quizá falta cerrar unas comillas"),
        ("Número\n" + "201\n" * 100_000, "El archivo trae más de 10000 personas."),
        (b"n" * (10 * 1024 * 1024 + 1), "El archivo pasa de 10 MB."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_as_a_whole(send, content, why):
    answer = send(content)
    assert answer.status_code == 422
    assert why in text(answer).replace("\u202f", "")
    assert not SubscriberImport.objects.exists()


def test_thousands_fit(send, boss, national, settings):
    settings.SUBSCRIBER_PATTERN = "XXXXX"
    rows = (
        f"{each};Persona {each};;Nacional;Nacional;{each};;\n"
        for each in range(10_000, 10_000 + MANY)
    )
    preview = send(HEAD + "".join(rows))
    assert counts(preview)["nuevos"] == MANY
    assert len(preview.context["rows"]) == 50
    confirm(boss, preview)
    assert Subscriber.objects.count() == Device.objects.count() == MANY
    assert AuditEvent.objects.count() == MANY


def test_what_changed_since_the_preview_is_shown_first(send, boss, ana):
    preview = send("Número;Nombre\n201;Ana María\n")
    Subscriber.objects.update(display_name="Anita")
    answer = confirm(boss, preview)
    assert "Mientras tanto cambió algo" in text(answer)
    ana.refresh_from_db()
    assert ana.display_name == "Anita"
    confirm(boss, answer)
    ana.refresh_from_db()
    assert ana.display_name == "Ana María"


def test_nothing_is_half_done_when_the_database_gives_up(send, boss, ana, monkeypatch):
    preview = send(HEAD + NEW + "201;Ana María;;;;;;\n")

    def fail(*args, **kwargs):
        raise RuntimeError("no more space")

    monkeypatch.setattr(AuditEvent.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        confirm(boss, preview)
    ana.refresh_from_db()
    assert ana.display_name == "Ana"
    assert Subscriber.objects.count() == 1
    assert not User.objects.filter(username="eva.gil").exists()
    assert SubscriberImport.objects.get().stored_at is None


def test_an_import_is_done_once_and_one_that_waits_makes_room(send, boss, ana):
    first = send("Número;Departamento\n201;Ventas\n")
    send("Número;Departamento\n201;Compras\n")
    assert SubscriberImport.objects.count() == 1
    again = send("Número;Departamento\n201;Compras\n")
    assert boss.get(first.redirect_chain[-1][0]).status_code == 404
    for _ in range(2):
        confirm(boss, again)
    assert AuditEvent.objects.count() == 1


def test_a_file_is_thrown_away(send, boss, page, ana):
    address = send("Número;Departamento;Color\n201;Ventas;rojo\n").redirect_chain[-1][0]
    assert "Columnas que no se miran: Color." in text(boss.get(address))
    boss.post(f"{address}?paso=descartar")
    assert not SubscriberImport.objects.exists()
    ana.refresh_from_db()
    assert ana.department == ""


def test_whoever_may_not_add_people_does_not_import_them(client, page, groups):
    for group, status in (("Soporte", 403), ("Agenda corporativa", 403), ("Administración", 200)):
        user = User.objects.create_user(group.split()[0], is_staff=True)
        user.groups.add(groups[group])
        client.force_login(user)
        assert client.get(page(f"{IMPORTS}add/")).status_code == status
        assert client.get(page(IMPORTS)).status_code == status
    user.groups.clear()
    user.user_permissions.add(Permission.objects.get(codename="add_subscriber"))
    assert client.get(page(f"{IMPORTS}add/")).status_code == 403
