"""What a form proposes."""

import pytest

from agenda import proposals


@pytest.mark.parametrize(
    ("postcode", "province"),
    [
        ("28012", "Madrid"),
        (" 01001 ", "Álava"),
        ("52001", "Melilla"),
        ("00100", ""),
        ("53000", ""),
        ("2801", ""),
        ("SW1A 1AA", ""),
        ("٢٨٠١٢", ""),
        ("", ""),
    ],
)
def test_the_first_two_digits_of_a_postcode_say_the_province(postcode, province):
    assert proposals.province(postcode) == province


def test_there_are_52_provinces():
    assert sorted(proposals.PROVINCES) == list(range(1, 53))
    assert len(set(proposals.PROVINCES.values())) == 52


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("600 12 31 23", "mobile"),
        ("+34 722 123 123", "mobile"),
        ("910 00 01 11", "landline"),
        ("900 100 200", "landline"),
        ("203", "landline"),
        ("+33 6 12 34 56 78", "mobile"),
        ("+33 1 40 00 00 12", "landline"),
        ("no", ""),
        ("", ""),
    ],
)
def test_a_number_says_what_kind_of_telephone_it_is(number, kind):
    assert proposals.number_type(number) == kind


def test_the_screen_name_is_the_names_one_after_the_other():
    assert proposals.display_name("Óscar", "", "Peña  Gil ") == "Óscar Peña Gil"
