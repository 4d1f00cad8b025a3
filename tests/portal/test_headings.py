"""Tables whose headings are in the reader's language, as the pages name the columns."""

import pytest
from django.conf import settings
from django.utils import translation

from agenda.exchange import csv_write
from agenda.exchange.headings import columns
from portal.importing import headings

LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_export_of_contacts_calls_its_columns_is_understood(language):
    with translation.override(language):
        kinds = [column.kind for column in columns(csv_write.headings())]
    names = ["first_name", "last_name", "second_last_name", "display_name"]
    place = ["company", "address", "postcode", "city", "province"]
    assert kinds == [*names, *place, *["number"] * csv_write.NUMBERS, "email"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_import_of_subscribers_calls_its_columns_is_understood(language):
    with translation.override(language):
        assert headings.kinds([str(label) for label in headings.LABELS.values()]) == [
            *headings.LABELS
        ]
