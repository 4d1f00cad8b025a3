"""What was said, held against what is: in the database, on the nodes, in history and chat."""

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.drill.company import Company, wait_for
from tests.drill.journeys import enter, value
from tests.drill.load import Caller, Change, Collector, Forwarder, Talker
from tests.drill.visitor import Visitor

RECOVERY_SECONDS = 60


@dataclass
class Lost:
    """What may not be, each with where it was seen."""

    changes: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {
            "changes said to be saved and not there": len(self.changes),
            "calls that went elsewhere": len(self.calls),
            "call records missing, or there twice": len(self.records),
            "chat lines lost, doubled or out of order": len(self.lines),
        }

    def all(self) -> list[str]:
        return [*self.changes, *self.calls, *self.records, *self.lines]


@dataclass
class Books:
    """Everything that was done, and what of it was found wrong."""

    company: Company
    forwarders: Sequence[Forwarder]
    callers: Sequence[Caller]
    lost: Lost = field(default_factory=Lost)
    excused: int = 0
    """Calls by rules of up to a second before a crash, until the link repaired the node."""

    def settle(self) -> None:
        """With everybody at rest: wait until database and nodes hold what was saved last.

        What is not there in time is lost.
        """
        for forwarder in self.forwarders:
            change = self._stored(forwarder)
            if change is None:
                continue
            for caller in self._one_at_each_node():
                self._expect_on(caller, forwarder, change)
            change.sure_at = time.time()

    def try_calls(self) -> None:
        """A call to each subscriber at each node goes where the last saved change says."""
        for caller in self._one_at_each_node():
            for forwarder in self.forwarders:
                call = caller.place(forwarder.number)
                if call.code != 200:
                    self.lost.calls.append(f"{call} was not answered after the recovery")

    def judge(self) -> None:
        """All that is known only in the end."""
        self._judge_changes()
        for caller in self.callers:
            self._judge_calls(caller)
        self._judge_records()

    def _one_at_each_node(self) -> list[Caller]:
        return list({caller.line.name: caller for caller in self.callers}.values())

    def _stored(self, forwarder: Forwarder) -> Change | None:
        """The change that the database holds; the later ones were not taken."""
        sql = """SELECT s.display_name, r.unconditional_number FROM portal_subscriber s
                 JOIN desvios_forwardingrules r ON r.subscriber_id = s.id WHERE s.number = %s"""
        [(name, target)] = rows(self.company, "webfon", sql, forwarder.number)
        found = next((each for each in forwarder.changes if each.name == name), None)
        last = next((each for each in reversed(forwarder.changes) if each.said), None)
        if last and (not found or found.sent < last.sent or found.target != target):
            self.lost.changes.append(f"{last}, but the database has {name} → {target}")
        return found

    def _expect_on(self, caller: Caller, forwarder: Forwarder, change: Change) -> None:
        ami = caller.line.node.admin()

        def is_there() -> bool:
            plan = json.loads(value(ami, f"plan/{forwarder.number}") or "{}")
            name = value(ami, f"name/{forwarder.number}")
            return (name, plan.get("u")) == (change.name, change.target)

        try:
            wait_for("the change", is_there, RECOVERY_SECONDS)
        except AssertionError:
            self.lost.changes.append(f"{change} is not on {caller.line.name}")
        finally:
            ami.close()

    def _judge_changes(self) -> None:
        """Each change that a page confirmed stands in the log of changes, once."""
        sql = """SELECT after->>'display_name' FROM portal_auditevent
                 WHERE after->>'display_name' IS NOT NULL"""
        logged = Counter(name for (name,) in rows(self.company, "webfon", sql))
        for forwarder in self.forwarders:
            for change in forwarder.changes:
                if logged[change.name] > 1 or (change.said and not logged[change.name]):
                    self.lost.changes.append(f"{change} is logged {logged[change.name]} times")

    def _judge_calls(self, caller: Caller) -> None:
        known = {each.number: each for each in self.forwarders}
        for call in caller.calls:
            reached = caller.line.reached(call.number)
            if call.called not in known:
                continue
            forwarder, line = known[call.called], caller.line
            right = forwarder.allowed(call.began, call.ended)
            then = forwarder.allowed(line.knew_at(call.began), call.ended)
            if call.code == 200 and len(reached) != 1:
                right = set()
            elif call.code != 200 and not line.was_away(call.began, call.ended):
                right = {"somebody: it was not put through"}
            elif set(reached) <= right:
                continue
            elif set(reached) <= then:
                self.excused += 1
                continue
            self.lost.calls.append(f"{call} on {line.name} reached {reached}, not {right}")

    def _judge_records(self) -> None:
        """Each call that ended while its node lived stands once in the history of the called."""
        for number in {call.called for caller in self.callers for call in caller.calls}:
            held = Counter(_history(self.company, number))
            for caller in self.callers:
                for call in caller.calls:
                    if call.called != number:
                        continue
                    is_due = call.code and not caller.line.may_have_lost(call.ended)
                    if held[call.number] > 1 or (is_due and not held[call.number]):
                        self.lost.records.append(f"{call}: {held[call.number]} records")

    def expect_records(self) -> float:
        """Wait until the link has read what there is to read."""
        wanted = {
            call.number
            for caller in self.callers
            for call in caller.calls
            if call.code and not caller.line.may_have_lost(call.ended)
        }

        def are_there() -> bool:
            found = rows(self.company, "webfon_calls", "SELECT DISTINCT src FROM pbx_callrecord")
            return wanted <= {src for (src,) in found}

        try:
            return wait_for("the call records", are_there, RECOVERY_SECONDS)
        except AssertionError:
            return RECOVERY_SECONDS  # those that are missing are counted

    def judge_talk(self, sides: Iterable[Talker], reader: Visitor, conversation: str) -> None:
        """Every line that was taken, once and in its order, on the page as in the database."""
        page = reader.insist(f"{conversation}?todo").words
        sql = "SELECT text FROM chat_line ORDER BY number"
        stored = [text for (text,) in rows(self.company, "webfon", sql)]
        for side in sides:
            wanted = [side.text(n) for n in range(side.taken)]
            mine = [text for text in stored if text.startswith(f"{side.name} dice ")]
            if mine[: len(wanted)] != wanted or len(mine) > len(wanted) + 1:
                self.lost.lines.append(f"{side.name}: {len(wanted)} taken, {len(mine)} stored")
            wrong = [text for text in wanted if page.count(text) != 1]
            self.lost.lines += [f"{text}: {page.count(text)} times on the page" for text in wrong]

    def judge_contacts(self, collector: Collector) -> None:
        """Each contact that a page confirmed is there, once."""
        sql = "SELECT display_name FROM agenda_contact WHERE display_name LIKE 'Contacto %%'"
        held = Counter(name for (name,) in rows(self.company, "webfon", sql))
        for name in collector.tried:
            if held[name] > 1 or (name in collector.said and not held[name]):
                self.lost.changes.append(f"{name} is there {held[name]} times")


def rows(company: Company, database: str, sql: str, *values: str) -> list[tuple[str, ...]]:
    """Read the database behind the portal's back."""
    with company.database.connect(database) as connection:
        return connection.execute(sql.encode(), values or None).fetchall()


def _history(company: Company, number: str) -> list[str]:
    """Numbers of the callers in this subscriber's history, as its page exports it."""
    text = enter(company, number).insist("historial/exportar/?periodo=todo").text
    table = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), delimiter=";")
    return [row["Número"].replace(" ", "") for row in table]
