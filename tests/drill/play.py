"""Everybody at work, and one loss after the other."""

import json
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tests.drill import journeys
from tests.drill.company import Company, wait_for
from tests.drill.load import Caller, Collector, Forwarder, Line, Reader, Talker, Worker, at_rest
from tests.drill.tally import Books
from tests.drill.visitor import NO_ANSWER, REFUSALS, Visitor

AWAY_SECONDS, FROZEN_SECONDS = 4.0, 6.0
"""Seconds that a process is away, or answers nothing."""

CALLERS = 3
"""Who call at the same time, at each node."""

FEW_SECONDS = 3.0
"""Seconds from when nginx is led past a web until that is restarted."""

CALM = 2.0
"""Seconds of clicks and calls before the next loss."""

KILLED, FROZEN = "killed", "frozen"

FINE = {200, 204, 301, 302}
MEANT = {409, 429}
"""Somebody else was first, or wrote too fast: the page says so and nothing is done."""


@contextmanager
def running(company: Company) -> Iterator[Company]:
    """Installed, started and well; stopped in the end."""
    try:
        company.install(journeys.PEOPLE)
        company.start()
        wait_for("a company in which all is well", lambda: is_well(company), 120)
        yield company
    finally:
        company.stop()


def is_well(company: Company) -> bool:
    """Whether each web tells an operator that all works and nothing is pending."""
    return all(_is_well(health(company, port)) for port in company.webs)


def health(company: Company, port: int) -> dict[str, object]:
    """What the web at that port tells an operator; nothing where it does not answer."""
    headers = {"Authorization": f"Bearer {company.secret['operator_token']}"}
    address = f"http://127.0.0.1:{port}/webs/webfon3/salud/"
    try:
        asked = urllib.request.Request(address, headers=headers)
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return dict(json.load(answer))
    except OSError:
        return {}


def _is_well(told: dict[str, object]) -> bool:
    pending = told.get("pending")
    return bool(told.get("all_well")) and isinstance(pending, dict) and not any(pending.values())


def of(statuses: set[int], answers: Counter[int]) -> int:
    """How many of the answers are of these."""
    return sum(answers[status] for status in statuses)


def strange(answers: Counter[int]) -> set[int]:
    """Statuses that no answer should have had."""
    return set(answers) - FINE - MEANT - REFUSALS - {NO_ANSWER}


class Play:
    """Everybody who clicks and calls, and one loss after the other."""

    def __init__(self, company: Company, lines: Sequence[Line]) -> None:
        self.company, self.lines = company, lines
        elena, berta, self.conversation = journeys.chat(company, [])
        self.elena = elena
        self.talkers = [
            Talker(elena, self.conversation, "usuaria"),
            Talker(berta, self.conversation, "agente"),
        ]
        targets = ["202", "204"]
        self.forwarders = [
            Forwarder(journeys.enter(company, number), number, targets) for number in ("201", "203")
        ]
        self.callers = [
            Caller(line, 620_000_000 + 10_000 * n, ["201", "203"])
            for n, line in enumerate(list(lines) * CALLERS)
        ]
        self.collector = Collector(journeys.enter(company, "207"))
        readers = [Reader(journeys.enter(company, number)) for number in ("206", "208")]
        clicking = [*self.forwarders, *self.talkers, self.collector, *readers]
        self.visitors: list[Visitor] = [each.visitor for each in clicking]
        self.workers: list[Worker] = [*clicking, *self.callers]
        self.books = Books(company, self.forwarders, self.callers)
        self.report: list[str] = []

    def begin(self) -> None:
        for forwarder in self.forwarders:
            forwarder.once()
        for worker in self.workers:
            worker.start()

    def end(self) -> None:
        for worker in self.workers:
            worker.ended.set()
        for worker in self.workers:
            if worker.ident:
                worker.join(60)

    def lose(self, name: str, how: str) -> None:
        """One process, for some seconds; then see what became of what was said meanwhile."""
        self.during(f"{name} {how}", lambda: self._away(name, how))

    def lose_link(self, how: str) -> None:
        """The active link, until the one that stands by is active in its place."""
        self.during(f"active link {how}", lambda: self._taken_over(how))

    def during(self, what: str, happens: Callable[[], float | None]) -> None:
        """Let it happen, and then see that all is well, and what was saved is everywhere.

        What gives a number tells in how many seconds somebody else took over.
        """
        time.sleep(CALM)
        before, calls = self.answers(), self._calls()
        taken_over = happens()
        returned = time.monotonic()
        wait_for(f"a company in which all is well after {what}", lambda: is_well(self.company), 90)
        with at_rest(self.workers):
            self.books.settle()
            seconds = time.monotonic() - returned
            for line in self.lines:
                line.repaired = min(line.repaired, time.time())
            self.books.try_calls()
            answers, placed = self.answers() - before, self._calls() - calls
        self.report.append(
            f"{what:<24} {of(FINE, answers):>6} {of(REFUSALS, answers):>9}"
            f" {answers[NO_ANSWER]:>10} {placed[True]:>6} {placed[False]:>7} {seconds:>9.1f}"
            f" {'-' if taken_over is None else f'{taken_over:.1f}':>12}"
        )
        print(self.report[-1])

    def restart(self, name: str, port: int) -> None:
        """One web as install.md says: nginx is led past it meanwhile."""
        time.sleep(CALM)
        self.company.lead_past(port)
        time.sleep(FEW_SECONDS)
        self.company.services[name].stop()
        self.company.services[name].start()
        wait_for(f"{name} to come back", lambda: is_well(self.company), 90)
        self.company.lead_past(0)
        time.sleep(CALM)

    def _taken_over(self, how: str) -> float:
        [active] = self.company.active_links()
        service, others = self.company.services[active], {"link", "link 2"} - {active}
        service.freeze() if how == FROZEN else service.kill()
        seconds = wait_for(
            "the other link to be active", lambda: others == set(self.company.active_links()), 90
        )
        service.thaw() if how == FROZEN else service.start()
        return seconds

    def _away(self, name: str, how: str) -> None:
        service, began = self.company.services[name], time.time()
        line = next((each for each in self.lines if each.name in name), None)
        if line and how == KILLED:
            line.died, line.repaired = began, float("inf")
        if how == FROZEN:
            service.freeze()
            time.sleep(FROZEN_SECONDS)
            service.thaw()
        else:
            service.kill()
            time.sleep(AWAY_SECONDS)
            service.start()
        if line:
            line.register()
            line.away.append((began, time.time()))

    def answers(self) -> Counter[int]:
        """What everybody was answered so far, by status."""
        held = [Counter(dict(each.answers)) for each in self.visitors]
        return sum(held, Counter())

    def _calls(self) -> Counter[bool]:
        return Counter(bool(call.code) for caller in self.callers for call in caller.calls)

    def close_the_books(self) -> str:
        """Judge all of it; the report."""
        late = self.books.expect_records()
        self.books.judge()
        self.books.judge_talk(self.talkers, self.elena, self.conversation)
        self.books.judge_contacts(self.collector)
        answers = self.answers()
        said = sum(bool(change.said) for each in self.forwarders for change in each.changes)
        counts = {
            "answers of the portal, all": sum(answers.values()),
            "refused while something was away (502, 503, 504)": of(REFUSALS, answers),
            "not answered in time": answers[NO_ANSWER],
            "faults of ours, and what nobody understands": len(strange(answers)),
            "changes of rules said to be saved": said,
            "contacts said to be saved": len(self.collector.said),
            "chat lines taken": sum(each.taken for each in self.talkers),
            "calls placed": sum(self._calls().values()),
            "of them with a node that was away": self._calls()[False],
            "calls by rules of a second before a crash": self.books.excused,
            "seconds until the last call record was read": round(late, 1),
            **{f"LOST: {what}": count for what, count in self.books.lost.counts().items()},
        }
        head = (
            f"{'lost':<24} {'good':>6} {'refused':>9} {'no answer':>10} {'calls':>6} {'no line':>7}"
        )
        table = "\n".join([head + f" {'recovery s':>9} {'taken over s':>12}", *self.report])
        return table + "\n\n" + "\n".join(f"{n:>8}  {what}" for what, n in counts.items())
