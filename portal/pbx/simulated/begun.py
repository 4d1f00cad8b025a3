"""Calls that the portal begins, here: a course of states, which the clock alone moves on.

One file a call in the node's folder, so that whoever begins it, follows it or ends it may be
different processes.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from portal.pbx.simulated.route import GREETING_SECONDS, Ending, Leg, Route
from portal.pbx.types import GOING_ON, CallState

ENDINGS = {
    Ending.ANSWERED: CallState.OVER,
    Ending.VOICEMAIL: CallState.OVER,
    Ending.BUSY: CallState.BUSY,
    Ending.UNANSWERED: CallState.NO_ANSWER,
    Ending.NOT_CONNECTED: CallState.OFFLINE,
    Ending.REFUSED: CallState.REFUSED,
    Ending.LOOP: CallState.FAILED,
}

Course = list[tuple[float, str]]
"""From which second on the call is in which state."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One call. Moments in epoch seconds; ``pace`` is how long one of its seconds takes."""

    linkedid: str
    subscriber: str
    number: str
    at: float
    answered_after: float
    course: Course
    pace: float = 1.0
    hung_up: float | None = None

    def seconds(self, now: float) -> float:
        """How old the call is, in its own seconds; it ages no more once somebody hung up."""
        return ((now if self.hung_up is None else self.hung_up) - self.at) / self.pace

    def states(self, now: float) -> list[CallState]:
        """All states that it has reached."""
        age = self.seconds(now)
        reached = [CallState(state) for second, state in self.course if second <= age]
        if self.hung_up is None or reached[-1] not in GOING_ON:
            return reached
        return [*reached, _cut_short(reached[-1])]


class BegunCalls:
    """The calls of one node that are not over, and what has been told of them."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.clock = clock

    def begin(self, call: Begun) -> None:
        """From now on its course is run."""
        self.path.mkdir(parents=True, exist_ok=True)
        beside = self.path / f"{call.linkedid}.new"
        beside.write_text(json.dumps(asdict(call)))
        beside.replace(self._file(call.linkedid))

    def hang_up(self, linkedid: str) -> None:
        """Nothing happens to a call that is over."""
        if call := self._read(self._file(linkedid)):
            self.begin(replace(call, hung_up=self.clock()))

    def all(self) -> Iterator[Begun]:
        """Each call."""
        for file in sorted(self.path.glob("*.json")):
            if call := self._read(file):
                yield call

    def end(self, linkedid: str) -> bool:
        """Forget a call. Whether it was there, which one process alone hears."""
        with suppress(FileNotFoundError):
            self._file(linkedid).unlink()
            return True
        return False

    def _file(self, linkedid: str) -> Path:
        return self.path / f"{linkedid}.json"

    def _read(self, file: Path) -> Begun | None:
        try:
            return Begun(**json.loads(file.read_text()))
        except FileNotFoundError:
            return None


def course_of(route: Route, answered_after: float) -> Course:
    """What happens after whose telephone took it ``answered_after`` seconds."""
    course: Course = [(0, CallState.OWN), (answered_after, CallState.CALLING)]
    for leg in route.legs:
        began = answered_after + leg.begins
        if leg.app == "Dial" and leg.disposition != "FAILED":
            course.append((began, CallState.RINGING))
        if leg.talked:
            answer = CallState.VOICEMAIL if leg.app == "VoiceMail" else CallState.ANSWERED
            course.append((began + leg.lasts - leg.talked, answer))
    last = route.legs[-1]
    return [*course, (answered_after + last.begins + last.lasts, ENDINGS[route.ending])]


def cut(route: Route, seconds: float) -> Route:
    """The call as it was when the caller hung up after so many seconds."""
    legs = tuple(
        _shortened(leg, seconds - leg.begins) for leg in route.legs if leg.begins < seconds
    )
    heard = legs[-1].lasts - GREETING_SECONDS if legs and legs[-1].app == "VoiceMail" else 0
    left = max(0, min(int(heard), route.message_seconds))
    return replace(route, legs=legs, mailbox=route.mailbox if left else "", message_seconds=left)


def began_at(call: Begun) -> datetime:
    """When it was taken at the subscriber's telephone."""
    return datetime.fromtimestamp(call.at + call.answered_after * call.pace, UTC)


def _shortened(leg: Leg, seconds: float) -> Leg:
    if leg.lasts <= seconds:
        return leg
    talked = max(0.0, leg.talked - (leg.lasts - seconds))
    disposition = leg.disposition if talked else "NO ANSWER"
    return replace(leg, lasts=seconds, talked=talked, disposition=disposition)


def _cut_short(state: CallState) -> CallState:
    if state is CallState.OWN:
        return CallState.OWN_UNANSWERED
    if state in {CallState.ANSWERED, CallState.VOICEMAIL}:
        return CallState.OVER
    return CallState.CANCELLED
