"""Codes that an operator has already, and those of the kit: what ``pbx_check`` says in words."""

import pytest
from django.conf import settings

from portal.pbx.asterisk import kit
from portal.pbx.asterisk.check_codes import _regex, check_codes
from portal.pbx.phone_rules import FIELDS

CODES = settings.FEATURE_CODES


def kits(codes=CODES):
    """What ShowDialPlan lists of the kit."""
    options = kit.Options(forwarding_codes={name: codes.get(name, "") for name in FIELDS})
    text = kit.files(options)["extensions_codes_webfon.conf"].partition("[webfon-code]")[0]
    found = [line[9:].partition(",")[0] for line in text.splitlines() if line[:8] == "exten =>"]
    assert found
    return [
        {"Context": "webfon-users", "Extension": "*97", "Priority": "1"},
        {"Context": "webfon-users", "Extension": "_X!", "Priority": "1"},
        {"Context": "webfon-users", "IncludeContext": "webfon-codes"},
        *({"Context": "webfon-codes", "Extension": each, "Priority": "1"} for each in found),
    ]


def said(*own, features=(), codes=CODES, steps=None):
    """The message, with what the operator has in front of the kit; "" where all is well."""
    read = {f"Line-000000-{n:06}": line for n, line in enumerate(features)}
    (result,) = check_codes("madrid", [*own, *(steps or kits())], lambda _name: read, codes)
    assert result.ok == (not result.remedy)
    return "" if result.ok else result.message


def exten(context, extension):
    return {"Context": context, "Extension": extension, "Priority": "1"}


def include(context, included):
    return {"Context": context, "IncludeContext": included}


IN = include("from-telephones", "webfon-users")


def test_without_anything_of_the_operators_all_reach_the_kit():
    assert said() == ""
    assert said(IN, exten("from-telephones", "_9XX"), exten("elsewhere", "*21")) == ""


@pytest.mark.parametrize(
    ("extension", "code"),
    [
        ("*21#", "*21#"),
        ("_*X.", "*21"),
        ("_[*#]21!", "#21"),
        ("_*67*.", "*67**"),
        ("_*67*6.", "*67*600123123#"),
    ],
)
def test_an_extension_of_the_telephones_own_context_comes_first(extension, code):
    message = said(IN, exten("from-telephones", extension))
    assert f"{code} never reaches the kit: {extension} in [from-telephones] comes first" in message


def test_of_contexts_that_are_included_the_first_one_wins():
    park = exten("features", "*26#")
    before = said(include("from-telephones", "features"), IN, park)
    assert "*26# never reaches the kit: *26# in [features] comes first" in before
    after = said(IN, include("from-telephones", "features"), park)
    assert "*26# of the kit hides *26# in [features]" in after


def test_contexts_that_include_one_another_are_followed_and_no_circle_is():
    steps = [
        include("outer", "inner"),
        include("inner", "outer"),
        include("inner", "webfon-users"),
        exten("outer", "*#62#"),
    ]
    assert "*#62# never reaches the kit: *#62# in [outer] comes first" in said(*steps)


def test_the_code_for_picking_up_calls_is_looked_at_too():
    features = ["transferdigittimeout=3", "pickupexten=*67"]
    assert "*67 picks up calls (pickupexten in features.conf)" in said(features=features)
    assert said(features=["pickupexten=*8"]) == ""


def test_a_node_with_other_codes_than_the_portal_shows():
    others = {**CODES, "busy": "90"}
    assert said(codes=others) == "the node has other codes than the portal shows"
    assert said(codes=others, steps=kits(others)) == ""


@pytest.mark.parametrize(
    ("extension", "matches", "others"),
    [
        ("*21", ["*21"], ["*21#", "x21"]),
        ("_*XZN", ["*019"[:1] + "012", "*192"], ["*002", "*190"]),
        ("_*2[1-3].", ["*21#", "*239"], ["*24#", "*21"]),
        ("_#.", ["#21"], ["#"]),
        ("_*21!", ["*21", "*21#"], ["*2"]),
        ("*21/201", ["*21"], ["*21/201"]),
    ],
)
def test_extensions_are_read_as_asterisk_reads_them(extension, matches, others):
    regex = _regex(extension)
    assert all(regex.fullmatch(each) for each in matches)
    assert not any(regex.fullmatch(each) for each in others)
