"""50,000 corporate contacts: the list and the search as somebody types; time on the server"""

import random
from collections.abc import Iterator
from time import perf_counter

from django.db import connection
from django.test import Client
from django.urls import reverse

from agenda.lookup import completions
from agenda.models import Contact
from portal.models import Subscriber
from tests.asterisk.instance import Instance
from tests.bench.company import in_milliseconds

CORPORATE, PERSONAL, TIMES = 50_000, 300, 40
FIRST = """
    María Carmen Ana Isabel Laura Cristina Marta Lucía Antonio José Manuel Francisco David
    Juan Javier Daniel Carlos Jesús Alejandro Miguel Rafael Pedro Pablo Ángel Sergio Fernando
    Jorge Luis Alberto Álvaro Óscar Nerea Iker Xoán Jordi Montserrat Zoe Noelia Íñigo Begoña
"""
LAST = """
    García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz
    Hernández Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez
    Vázquez Ramos Gil Ramírez Serrano Blanco Molina Morales Suárez Ortega Delgado Castro Ortiz
    Rubio Marín Sanz Núñez Iglesias Medina Garrido Cortés Castillo Santos Lozano Guerrero Cano
    Prieto
"""
TRADES = """
    Talleres Imprenta Transportes Clínica Gestoría Seguros Limpiezas Conservas
"""
TYPED = {
    "a letter, half of the book": "m",
    "two letters": "ma",
    "a common name": "maria",
    "a rare name": "zoe gu",
    "two words, the last first": "garc mar",
    "a company": "talleres ort",
    "the beginning of many numbers": "91",
    "a whole number": "600 00 01 23",
    "nobody": "xyz",
}
VIEWS = {
    "the first page": "",
    "page 1000": "?pagina=1000",
    "the last page": "?pagina=2012",
    "sorted by company": "?orden=empresa",
    "sorted by number, backwards": "?orden=-telefono",
    "only mobiles": "?tipo=movil",
    "only those with M": "?letra=m",
}


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """Beside the company's contacts, everybody measured has some of their own."""
    begin = perf_counter()
    _write(None, CORPORATE)
    yield "writing 50,000 contacts with their words", f"{perf_counter() - begin:8.1f} s"
    ana = Subscriber.objects.get(number="201")
    for subscriber in (ana, *Subscriber.objects.exclude(pk=ana.pk)[:20]):
        _write(subscriber, PERSONAL)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    client = Client(headers={"host": "localhost"})
    client.force_login(ana.user)
    yield "baseline: salud", _measured(client, reverse("salud"))
    yield "baseline: papelera, empty", _measured(client, reverse("agenda:papelera"))
    address = reverse("agenda:agenda")
    for name, query in VIEWS.items():
        yield name, _measured(client, address + query)
    for name, typed in TYPED.items():
        asked = f"{address}?buscar={typed.replace(' ', '+')}"
        yield f"typed: {name}", _measured(client, asked, HTTP_HX_REQUEST="true")
    seconds = []
    for _ in range(TIMES):
        begin = perf_counter()
        assert completions(ana, "mar")
        seconds.append(perf_counter() - begin)
    yield "completing a number's field", in_milliseconds(seconds)


def _measured(client: Client, address: str, **headers: str) -> str:
    client.get(address, **headers)
    seconds = []
    for _ in range(TIMES):
        begin = perf_counter()
        assert client.get(address, **headers).status_code == 200
        seconds.append(perf_counter() - begin)
    return in_milliseconds(seconds)


def _write(owner: Subscriber | None, count: int) -> None:
    chance = random.Random(count)
    Contact.objects.bulk_create(_contact(owner, n, chance) for n in range(count))


def _contact(owner: Subscriber | None, n: int, chance: random.Random) -> Contact:
    first = chance.choice(FIRST.split())
    last, second = (chance.choice(LAST.split()) for _ in range(2))
    company = (
        f"{chance.choice(TRADES.split())} {chance.choice(LAST.split())}"
        if chance.random() < 0.7
        else ""
    )
    is_mobile = n % 2 == 0
    return Contact(
        owner=owner,
        book=Contact.Book.PERSONAL if owner else Contact.Book.CORPORATE,
        first_name=first,
        last_name=last,
        second_last_name=second,
        display_name=f"{first} {last} {second}",
        company=company,
        number=str((600_000_000 if is_mobile else 910_000_000) + n),
        number_type=Contact.NumberType.MOBILE if is_mobile else Contact.NumberType.LANDLINE,
        email=f"persona{n}@example.com",
    )
