"""Every page of the demonstration, in another language: nothing on it stayed in Spanish."""

import re
from collections import Counter, deque
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import resolve

from agenda.models import Contact
from desvios.models import CalendarEvent
from portal.models import Subscriber

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.any_database]

ROOT = Path(__file__).parent.parent.parent
ONCE, SEVERAL = 1, {"desvios:calendario": 8, "buzon:buzon": 3, "agenda:agenda": 3}
"""How often a view is looked at, in whichever of its states; some have more of them."""

TITLE = re.compile(r"^SUMMARY:(.*?)\r?$", re.MULTILINE)
LONG = 18
"""Letters from which a text is looked for within others, too: it cannot be there by chance."""

MARKED = re.compile(r'(data-[\w-]+)="\{% (?:block)?translate')
SPOKEN = {"alt", "aria-label", "label", "placeholder", "title"} | {
    name
    for path in (ROOT / "templates").rglob("*.html")
    for name in MARKED.findall(path.read_text())
}
"""Attributes that people hear or see."""


class Page(HTMLParser):
    """What a person sees or hears of a page, and where it leads."""

    def __init__(self, html):
        super().__init__()
        self.texts, self.links, self.hidden = [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("script", "style")
        self.texts += [value for name, value in attrs if value and name in SPOKEN]
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.hidden and data.strip():
            self.texts.append(data)


def spanish(language):
    """The originals that this language says in another way, and that no translation equals."""
    path = ROOT / f"locale/{language}/LC_MESSAGES/django.po"
    with path.open("rb") as lines:
        rows = [row for row in read_po(lines, locale=language) if row.id]
    pairs = [
        pair
        for row in rows
        for pair in (
            zip(row.id, row.string, strict=False)
            if isinstance(row.id, tuple)
            else [(row.id, row.string)]
        )
    ]
    said = {string for _original, string in pairs}
    return {original for original, string in pairs if string and original not in said}


def in_sight(texts, originals):
    """Those of the originals that stand in these texts, whole, or within one if they are long."""
    lines = {" ".join(text.split()) for text in texts}
    everything = "\n".join(lines)
    plain = {each for each in originals if "%" not in each and "{" not in each}
    within = {each for each in plain if len(each) >= LONG and " ".join(each.split()) in everything}
    return (plain & lines) | within


@pytest.fixture
def demo():
    """The demonstration; returns what people wrote into it."""
    call_command("demo_data")
    names = Contact.objects.values_list("first_name", "last_name", "company")
    events = " ".join(CalendarEvent.objects.values_list("ical", flat=True))
    written = {word for row in names for word in row} | set(TITLE.findall(events))
    return written | {group.name for group in Group.objects.all()}


def visited(client, start, language):
    """All pages that links lead to from there, each view once: its name, status and texts."""
    ways, seen, times = deque([start]), set(), Counter()
    while ways:
        path = ways.popleft().split("#")[0]
        if path in seen or not path.startswith(f"/{settings.PREFIX}") or "/static/" in path:
            continue
        seen.add(path)
        name = resolve(path.partition("?")[0]).view_name
        times[name] += 1
        if times[name] > SEVERAL.get(name, ONCE):
            continue
        answer = client.get(path)
        if "Location" in answer:
            ways.append(urljoin(path, answer["Location"]))
        if answer.streaming or not answer["Content-Type"].startswith("text/html"):
            continue
        html = answer.content.decode()
        page = Page(html)
        ways.extend(urljoin(path, way) for way in page.links if not way.startswith("tel:"))
        spoken = [] if "Location" in answer or f'lang="{language}"' in html[:300] else ["LANG"]
        yield name, answer.status_code, spoken + page.texts


def faults(login, language, start, written):
    """What stayed in Spanish, by page; and how many pages there were."""
    user = User.objects.get(username=login)
    Subscriber.objects.filter(user=user).update(language=language)
    client = Client()
    client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    originals = spanish(language) - written
    found, count = {}, 0
    for name, status, texts in visited(client, start, language):
        count += 1
        wrong = in_sight(texts, originals) | ({"LANG"} & set(texts))
        if wrong or status >= 400:
            found.setdefault(name, set()).update(wrong | ({status} if status >= 400 else set()))
    return found, count


@pytest.mark.parametrize(
    ("login", "way", "least"),
    [("ana.lopez", "", 35), ("elena.gil", "chat/", 35), ("admin", "admin/", 60)],
)
def test_no_page_in_basque_has_a_text_that_stayed_in_spanish(demo, page, login, way, least):
    found, count = faults(login, "eu", page(way), demo)
    assert found == {}
    assert count >= least


@pytest.mark.parametrize("language", ["en", "ca", "gl"])
def test_nor_has_a_main_page_in_another_language(demo, page, language):
    ana = Subscriber.objects.get(number="201")
    ana.language = language
    ana.save()
    client, originals = Client(), spanish(language) - demo
    client.force_login(ana.user)
    found = {}
    for path in ("", "agenda/", "historial/", "buzon/", "desvios/", "ajustes/", "informacion/"):
        texts = Page(client.get(page(path)).content.decode()).texts
        if wrong := in_sight(texts, originals):
            found[path] = wrong
    assert found == {}


def test_a_text_that_stayed_in_spanish_is_noticed():
    originals = spanish("eu")
    assert in_sight(Page("<p>Ajustes</p><p>Agenda</p>").texts, originals) == {"Ajustes"}
    assert in_sight(Page('<a aria-label="Cambiar idioma">x</a>').texts, originals)
    within = "<p>Hola. Elige uno de los idiomas de la lista. Adiós.</p>"
    assert in_sight(Page(within).texts, originals) == {"Elige uno de los idiomas de la lista."}
