"""What the dialplan adds to a call: from the INVITE to the called telephone"""

from collections.abc import Iterator
from time import perf_counter

from desvios.apply import apply
from desvios.models import ForwardingRules
from portal.models import Subscriber
from portal.pbx import get_pbx
from portal.pbx.types import ForwardingPlan
from tests.asterisk.instance import Instance
from tests.asterisk.phone import Phone
from tests.bench.company import in_milliseconds

ROUNDS = 200
BARE = "990"


class Timed(Phone):
    """A telephone that notes when a call arrived."""

    arrived = 0.0

    def _take_call(self, invite) -> None:  # type: ignore[no-untyped-def]
        self.arrived = perf_counter()
        super()._take_call(invite)


def run(instance: Instance) -> Iterator[tuple[str, str]]:
    """Bare Dial, no plan, an empty plan and four rules, in turn, to one telephone that is busy."""
    admin = instance.admin()
    admin.act(
        "DialplanExtensionAdd",
        Context="test-users",
        Extension=BARE,
        Priority="1",
        Application="Dial",
        ApplicationData="PJSIP/202,20,i",
    )
    admin.close()  # it is sent every step of every call, which no session of the portal is
    caller = Phone("201", instance.sip).register()
    called = Timed("202", instance.sip, behaviour=486).register()
    variants = {
        "baseline: a bare Dial": (BARE, _nothing),
        "no plan": ("202", _forget),
        "an empty plan": ("202", _empty),
        "four rules": ("202", _four_rules),
    }
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(ROUNDS):
        for name, (number, prepare) in variants.items():
            prepare()
            begin = perf_counter()
            caller.call(number)
            times[name].append(called.arrived - begin)
    for name, seconds in times.items():
        yield name, in_milliseconds(seconds)
    caller.close()
    called.close()


def _nothing() -> None:
    pass


def _forget() -> None:
    get_pbx().forwarding.remove("centralita", [ForwardingPlan(subscriber="202")])


def _empty() -> None:
    _rules()


def _four_rules() -> None:
    on = {"number": "203", "number_enabled": True}
    kinds = ("not_connected", "no_answer")
    _rules(**{f"{kind}_{name}": value for kind in kinds for name, value in on.items()})


def _rules(**fields: object) -> None:
    subscriber = Subscriber.objects.get(number="202")
    ForwardingRules.objects.filter(subscriber=subscriber).delete()
    ForwardingRules.objects.create(subscriber=subscriber, **fields)
    Subscriber.objects.filter(pk=subscriber.pk).bump()
    assert apply(Subscriber.objects.get(pk=subscriber.pk))
