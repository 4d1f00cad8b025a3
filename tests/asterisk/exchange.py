"""What the tests put into a running Asterisk, and read out of it."""

import csv
import time
from collections.abc import Callable, Iterable, Mapping

from portal.pbx.day_keys import lacking
from portal.pbx.projection import to_keys
from portal.pbx.types import ForwardingPlan
from tests.asterisk.ami import AMI, Message
from tests.asterisk.instance import Instance

FAMILY = "webfon"
CLASSES = {"all": "^[0-9]{3,15}$", "internal": "^[23][0-9]{2}$"}
COLUMNS = [
    "uniqueid", "sequence", "linkedid", "start", "answer", "end", "clid", "src", "dst", "dialed",
    "diverter", "divreason", "channel", "dstchannel", "lastapp", "duration", "billsec",
    "disposition", "accountcode",
]  # fmt: skip


def wait_until(condition: Callable[[], object], seconds: float = 8.0) -> None:
    """Ask for it a hundred times a second."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


class Exchange:
    """AstDB and the call records of one instance; remembers what it wrote, to remove it."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._ami: AMI = instance.admin()
        self._written: set[str] = set()
        self._began = 0.0

    @property
    def ami(self) -> AMI:
        """A connection that works: a test that waited in vain spoils its own alone."""
        if self._ami.has_timed_out:
            self._ami.close()
            self._ami = self.instance.admin()
        return self._ami

    def begin(self) -> None:
        self.put({f"class/{code}": pattern for code, pattern in CLASSES.items()})
        self._wait_until_quiet()
        self.ami.events.clear()
        self._began = time.time()

    def _wait_until_quiet(self, seconds: float = 1.0) -> None:
        """Let the calls of the test before end, whose events are not about this one."""
        deadline = time.monotonic() + seconds
        while self.ami.act("CoreStatus")["CoreCurrentCalls"] != "0":
            if time.monotonic() > deadline:
                return
            time.sleep(0.01)

    def clear(self) -> None:
        """Forget every key that was written, one by one."""
        keys = sorted(self._written)
        self.ami.pipeline([("DBDel", {"Family": FAMILY, "Key": key}) for key in keys])
        self._written.clear()

    def put(self, keys: Mapping[str, str]) -> None:
        """Write keys below the family, in their order."""
        actions = [("DBPut", {"Family": FAMILY, "Key": k, "Val": v}) for k, v in keys.items()]
        for response in self.ami.pipeline(actions):
            assert response["Response"] == "Success", response
        self._written |= keys.keys()

    def forget_later(self, key: str) -> None:
        """A key that Asterisk wrote itself goes with those of the test."""
        self._written.add(key)

    def plan(self, subscriber: str, **fields: object) -> ForwardingPlan:
        """Put a plan in force: everything is allowed and there is a mailbox, unless said."""
        fields = {
            "display_name": "",
            "devices": (subscriber,),
            "mailbox": f"{subscriber}@default",
            "call_class": "all",
            "forward_class": "all",
        } | fields
        plan = ForwardingPlan(subscriber=subscriber, **fields)  # type: ignore[arg-type]
        self.put(lacking(None, plan) | to_keys(plan))
        return plan

    def records(self, count: int = 1, seconds: float = 8.0) -> list[dict[str, str]]:
        """The legs of this test's calls, once there are so many, in the order of their ends."""
        wait_until(lambda: len(self._rows()) >= count, seconds)
        return self._rows()

    def wait_until_talking(self) -> None:
        """Two telephones hear each other."""
        self.ami.wait(
            lambda event: event["Event"] == "BridgeEnter" and event["BridgeNumChannels"] == "2"
        )

    def hand_on(self, prefix: str, number: str) -> None:
        """The one whose channel begins with the prefix hands whom he talks with to a number."""
        self.ami.act("CoreShowChannels")
        shown = self.ami.wait(
            lambda event: (
                event["Event"] == "CoreShowChannel" and event["Channel"].startswith(prefix)
            )
        )
        headers = {"Channel": shown["Channel"], "Context": "test-users", "Exten": number}
        assert self.ami.act("BlindTransfer", **headers)["Response"] == "Success"

    def channels(self) -> list[tuple[str, str, str]]:
        """Context, extension and application of each channel."""
        return [(c["Context"], c["Exten"], c["Application"]) for c in self.channels_in_full()]

    def hang_up_all(self) -> None:
        """End every call."""
        for channel in self.channels_in_full():
            self.ami.act("Hangup", Channel=channel["Channel"])
        wait_until(lambda: not self.channels_in_full())

    def channels_in_full(self) -> list[Message]:
        """Each channel as CoreShowChannels has it."""
        self.ami.events.clear()
        self.ami.act("CoreShowChannels")
        found: list[Message] = []

        def is_last(event: Message) -> bool:
            if event["Event"] == "CoreShowChannel":
                found.append(event)
            return event["Event"] == "CoreShowChannelsComplete"

        self.ami.wait(is_last)
        return found

    def wait_until_unreachable(self, endpoint: str) -> None:
        """Ask the telephone whether it is there, and wait until it is known that it is not."""
        self.ami.act("PJSIPQualify", Endpoint=endpoint)
        self.ami.wait(
            lambda event: (
                event["Event"] == "ContactStatus"
                and (event["AOR"], event["ContactStatus"]) == (endpoint, "Unreachable")
            )
        )

    def decide(self, cases: Iterable[tuple[str, int, str]]) -> list[str]:
        """What the kit's ``decide`` says to each (subscriber, instant, state)."""
        cases = list(cases)
        self.put({f"case/{n}": "|".join(map(str, case)) for n, case in enumerate(cases)})
        self.ami.act(
            "Originate",
            Channel=f"Local/1{len(cases)}@test-decide/n",
            Async="true",
            Application="Wait",
            Data="60",
        )
        results: dict[int, str] = {}

        def is_last(event: Message) -> bool:
            if event.get("UserEvent") == "Decided":
                results[int(event["Case"])] = event["Result"]
            return len(results) == len(cases)

        self.ami.wait(is_last, 60)
        return [results[number] for number in range(len(cases))]

    def close(self) -> None:
        self.ami.close()

    def _rows(self) -> list[dict[str, str]]:
        if not self.instance.cdr.exists():
            return []
        with self.instance.cdr.open(newline="") as file:
            rows = list(csv.DictReader(file, COLUMNS))
        return [row for row in rows if float(row["start"]) >= self._began]
