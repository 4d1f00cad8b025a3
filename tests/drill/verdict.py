"""Whether a working day went as it should: what was seen, held against what was meant."""

from collections import Counter
from contextlib import suppress

from tests.drill.company import wait_for
from tests.drill.load import ACTIVE, PENDING, Change, Placed, allowed
from tests.drill.office import BOXES, FORWARDERS, SENT_ON
from tests.drill.switchboard import Outcome
from tests.drill.tally import rows
from tests.drill.workday import Workday

RECEIVED, VOICEMAIL, FORWARDED = 1, 3, 4
"""``CallEntry.Kind``"""

RECORDS_SECONDS = 60

LEAVE_SECONDS = 30
"""In which the web notices that a page is gone."""


def faults(day: Workday) -> dict[str, list[str]]:
    """Everything that was not as it should be, by kind, each with its words; after the day."""
    return {
        "answers that nobody expected": day.tally.strange,
        "pages that did not say what they should": [w for each in day.people for w in each.wrong],
        "changes that a node did not take at once": [
            str(change) for each in day.people for change in each.changes if change.said == PENDING
        ],
        "calls that ended otherwise": [*day.traffic.faults, *_wrong_calls(day)],
        "calls not in the history as they were": _wrong_records(day),
        "messages lost": _lost_messages(day),
        "contacts and lines lost": _lost_rows(day),
        "faults in the logs": day.company.faults(),
        "streams that stayed open": _left_behind(day),
    }


def _wrong_calls(day: Workday) -> list[str]:
    found = []
    for each in day.traffic.placed:
        right = _allowed(day, each.call)
        is_right = len(each.reached) == 1 and set(each.reached) <= right
        if each.call.code != 200 or not (is_right if right else not each.reached):
            found.append(f"{each.call} at {each.side.name} reached {each.reached}, not {right}")
    return found


def _allowed(day: Workday, call: Placed) -> set[str]:
    """Whose telephone may have rung; nobody's where voicemail answers."""
    if call.called in BOXES:
        return set()
    if call.called in FORWARDERS:
        person = next(each for each in day.people if each.number == call.called)
        before = Change(call.called, call.called, 0.0, ACTIVE, 0.0, 0.0)
        return allowed([before, *person.changes], call.began, call.ended)
    return {SENT_ON.get(call.called, call.called)}


def _wrong_records(day: Workday) -> list[str]:
    """Each call stands once in the history of everybody whom it was for, as what it was."""
    wanted = Counter(entry for each in day.traffic.placed for entry in _entries(each))
    sql = "SELECT subscriber, other, kind FROM pbx_callentry"

    def held() -> Counter[tuple[str, ...]]:
        return Counter(rows(day.company, "webfon_calls", sql))

    with suppress(AssertionError):
        wait_for("the records", lambda: held() == wanted, RECORDS_SECONDS)
        return []
    found = held()
    return [f"missing: {each}" for each in (wanted - found).elements()] + [
        f"too many: {each}" for each in (found - wanted).elements()
    ]


def _entries(each: Outcome) -> list[tuple[str, str, int]]:
    called, number = each.call.called, each.call.number
    if called in BOXES:
        return [(called, number, VOICEMAIL)]
    if called in each.reached:
        return [(called, number, RECEIVED)]
    return [(called, number, FORWARDED), *((reached, number, RECEIVED) for reached in each.reached)]


def _lost_messages(day: Workday) -> list[str]:
    """Each message that was left was deleted by its owner or is there."""
    calls = [each.call for each in day.traffic.placed]
    left = sum(call.called in BOXES and call.code == 200 for call in calls)
    spools = [side.node.spool for side in day.sides]
    there = sum(1 for spool in spools for _ in spool.glob("default/23?/*/msg*.txt"))
    removed = sum(len(each.removed) for each in day.people)
    return [] if left == there + removed else [f"{left} left, {removed} deleted, {there} there"]


def _lost_rows(day: Workday) -> list[str]:
    wanted = {
        "SELECT count(*) FROM agenda_contact WHERE display_name LIKE 'Contacto %'": sum(
            each.contacts for each in day.people
        ),
        "SELECT count(*) FROM chat_line WHERE text LIKE '% dice %'": sum(
            each.lines for each in day.people
        ),
    }
    found = []
    for sql, number in wanted.items():
        [(held,)] = rows(day.company, "webfon", sql)
        if int(held) != number:
            found.append(f"{sql}: {held}, not {number}")
    return found


def _left_behind(day: Workday) -> list[str]:
    """Streams of pages that nobody has open any more end within a heartbeat."""
    with suppress(AssertionError):
        wait_for("the streams", lambda: not day.meter.read().counts["streams"], LEAVE_SECONDS)
        return []
    return [f"{day.meter.read().counts['streams']} streams"]
