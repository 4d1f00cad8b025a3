"""Believable weeks of calls between the subscribers of a node and the world outside."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from portal.pbx.routing import Classes
from portal.pbx.simulated.route import Route, World, route
from portal.pbx.types import VOICEMAIL, ForwardingPlan, LineState

STATES = (LineState.IDLE, LineState.NO_ANSWER, LineState.BUSY, LineState.NOT_CONNECTED)
WEIGHTS = (70, 17, 7, 6)
HOURS = (8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
HOUR_WEIGHTS = (2, 8, 12, 12, 9, 6, 2, 3, 8, 7, 3)
CALLS_A_DAY = (2, 5)
"""Fewest and most calls that a subscriber makes or receives on a working day."""

FRIDAY = 4
FORWARD_CHANCE = 0.07
WITHHELD_CHANCE = 0.03
MADE_CHANCE = 0.4
VOICEMAIL_CHANCE = 0.6
WEEKEND_CHANCE = 0.08
INSIDE_CHANCE = 0.3


@dataclass(frozen=True, slots=True)
class Company:
    """Who may call whom."""

    plans: dict[str, ForwardingPlan]
    classes: Classes
    outside: Sequence[str] = ()
    friends: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def acquaintances(self, number: str) -> list[str]:
        """The numbers outside that the subscriber has to do with."""
        return [*self.outside, *self.friends.get(number, ())]


def calls(company: Company, now: datetime, days: int, chance: Random) -> Iterator[Route]:
    """The calls of the working days up to ``now``, which is aware and in local time, in order."""
    for ago in range(days, -1, -1):
        day = now - timedelta(days=ago)
        moments = [
            (_moment(day, chance), number)
            for number in company.plans
            for _call in range(_how_many(day, chance))
        ]
        for at, number in sorted(moments):
            if at < now - timedelta(minutes=5):
                yield _call_of(company, number, at, chance)


def _how_many(day: datetime, chance: Random) -> int:
    if day.weekday() > FRIDAY:
        return int(chance.random() < WEEKEND_CHANCE)
    return chance.randint(*CALLS_A_DAY)


def _moment(day: datetime, chance: Random) -> datetime:
    """Some moment of the working day."""
    hour = chance.choices(HOURS, HOUR_WEIGHTS)[0]
    return day.replace(
        hour=hour,
        minute=chance.randrange(60),
        second=chance.randrange(60),
        microsecond=chance.randrange(1_000_000),
    )


def _call_of(company: Company, number: str, at: datetime, chance: Random) -> Route:
    """A call that the subscriber makes or receives."""
    others = [other for other in company.plans if other != number]
    outside = company.acquaintances(number)
    inside = not outside or (bool(others) and chance.random() < INSIDE_CHANCE)
    other = chance.choice((others if inside else outside) or [number])
    if chance.random() < MADE_CHANCE:
        return _route(company, number, other, at, chance)
    withheld = not inside and chance.random() < WITHHELD_CHANCE
    return _route(company, "" if withheld else other, number, at, chance)


def _route(company: Company, caller: str, called: str, at: datetime, chance: Random) -> Route:
    states: dict[str, LineState] = {}

    def state(number: str) -> LineState:
        """What each telephone does in this call, thought up when the call gets there."""
        if number == caller:
            return LineState.BUSY
        return states.setdefault(number, chance.choices(STATES, WEIGHTS)[0])

    plans = _plans_then(company, chance)
    return route(caller, called, at, World(state, plans, company.classes))


def _plans_then(company: Company, chance: Random) -> Callable[[str], ForwardingPlan | None]:
    """The plans of back then: nobody was away for weeks, and voicemail was not always on."""
    away = chance.choice(list(company.plans)) if chance.random() < FORWARD_CHANCE else ""
    target = chance.choice([n for n in company.plans if n != away] or [""])

    has_default = chance.random() < VOICEMAIL_CHANCE

    def plan(number: str) -> ForwardingPlan | None:
        now = company.plans.get(number)
        if now is None:
            return None
        default = VOICEMAIL if now.mailbox and has_default else ""
        return replace(
            now,
            unconditional=target if number == away else "",
            do_not_disturb=False,
            no_answer=(now.no_answer if has_default else "") or default,
            not_connected=now.not_connected or default,
        )

    return plan
