"""The catalogues of translations: what is taken from the sources, and what the check finds."""

import pytest
from babel.messages.catalog import Catalog
from django.utils import translation
from django.utils.translation import ngettext

from scripts import translations
from scripts.compile_translations import compile_changed

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
HELLO = 'msgid "Hola, <b>%(name)s</b>"\nmsgstr "{}"\n\n'
TIMES = 'msgid "%(n)d vez"\nmsgid_plural "%(n)d veces"\nmsgstr[0] "{}"\nmsgstr[1] "{}"\n\n'
GOOD_HELLO = HELLO.format("Kaixo, <b>%(name)s</b>")
GOOD_TIMES = TIMES.format("behin", "%(n)d aldiz")
TODAY = 'msgctxt "día"\nmsgid "hoy"\nmsgstr "gaur"\n\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project with one catalogue, in Basque, that the test writes."""
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    path = translations.path_of("eu")
    path.parent.mkdir(parents=True)

    def write(*entries):
        path.write_text(HEADER + "".join(entries))

    return write


@pytest.fixture
def texts():
    """What the sources say."""
    catalog = Catalog()
    catalog.add("Hola, <b>%(name)s</b>")
    catalog.add(("%(n)d vez", "%(n)d veces"))
    catalog.add("hoy", context="día")
    return catalog


def test_a_complete_catalogue_has_no_fault(folder, texts):
    folder(GOOD_HELLO, GOOD_TIMES, TODAY)
    assert list(translations.faults("eu", texts)) == []


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ([HELLO.format(""), GOOD_TIMES, TODAY], "not translated"),
        (["#, fuzzy\n" + GOOD_HELLO, GOOD_TIMES, TODAY], "unsure (fuzzy)"),
        ([HELLO.format("Kaixo, <b>%(nombre)s</b>"), GOOD_TIMES, TODAY], "other placeholders"),
        ([HELLO.format("Kaixo, %(name)s"), GOOD_TIMES, TODAY], "other placeholders"),
        ([HELLO.format(" Kaixo, <b>%(name)s</b>"), GOOD_TIMES, TODAY], "other blanks"),
        ([GOOD_HELLO, TIMES.format("", "%(n)d aldiz"), TODAY], "not translated"),
        ([GOOD_HELLO, TIMES.format("behin", "askotan"), TODAY], "other placeholders"),
        ([GOOD_HELLO, GOOD_TIMES], "new in the sources: 'hoy'"),
        ([GOOD_HELLO, GOOD_TIMES, TODAY.replace('msgctxt "día"\n', "")], "new in the sources"),
        ([GOOD_HELLO, GOOD_TIMES, TODAY, 'msgid "Ayer"\nmsgstr "Atzo"\n'], "gone from the sour"),
    ],
)
def test_the_check_says_what_is_wrong(folder, texts, entries, fault):
    folder(*entries)
    assert any(each.startswith(fault) for each in translations.faults("eu", texts))


def test_a_language_without_catalogue_lacks_everything(folder, texts):
    assert len(list(translations.faults("ca", texts))) == 3


def test_bringing_up_to_date_keeps_what_is_known_and_drops_what_is_gone(folder, texts):
    folder(GOOD_HELLO, TODAY, 'msgid "Ayer"\nmsgstr "Atzo"\n')
    fresh = translations.updated("eu", texts).decode()
    assert "Kaixo" in fresh
    assert "gaur" in fresh
    assert 'msgid_plural "%(n)d veces"\nmsgstr[0] ""' in fresh
    assert "Atzo" not in fresh


def test_texts_come_from_templates_code_and_packages_with_context_and_plural():
    found = translations.template()
    known = {
        (None, "Cambiar idioma"): "templates/_language.html",
        (None, "Elige uno de los idiomas de la lista."): "portal/views.py",
        ("día", "ayer"): "portal/templatetags/portal.py",
        (None, "Skip to main content"): translations.OF_PACKAGES,
    }
    for (context, text), file in known.items():
        assert file in [place for place, _line in found.get(text, context).locations]
    assert found.get("Cada día").id == ("Cada día", "Cada %(n)d días")


def test_what_is_unsure_or_missing_is_not_compiled(tmp_path, folder):
    folder("#, fuzzy\n" + GOOD_HELLO, 'msgid "mañana"\nmsgstr ""\n\n', TODAY)
    compile_changed(tmp_path)
    compiled = translations.path_of("eu").with_suffix(".mo").read_bytes()
    assert b"gaur" in compiled
    assert b"Kaixo" not in compiled
    assert "mañana".encode() not in compiled


@pytest.mark.parametrize("language", translations.LANGUAGES)
def test_each_language_tells_one_from_many(language):
    with translation.override(language):
        words = [ngettext("Cada día", "Cada %(n)d días", n) for n in (1, 2)]
    assert "%(n)d" not in words[0]
    assert "%(n)d" in words[1]
    assert "Cada" not in words[0] + words[1] or language in ("ca", "gl")
