"""Logging in and out at simulated telephones, as the kit does it and with the kit's keys."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.pbx.logins import Deed, TelephoneLogin, matches
from portal.pbx.simulated.keys import NodeKeys
from portal.pbx.simulated.telephones import address_of

TRIES, LOCK_SECONDS = 5, 300
"""The kit's defaults."""


class Logins:
    """Who is at which telephone of a node, and how that changes."""

    def __init__(self, keys: NodeKeys, path: Path) -> None:
        self.keys = keys
        self.path = path

    def log_in(self, device: str, pin: str, code: str) -> Deed:
        """Key in PIN and clave at the telephone: ``IN``, or why not."""
        with self._held():
            subscriber = self._of_pin(pin)
            wrong = [
                f"wrong/device/{device}",
                *([f"wrong/subscriber/{subscriber}"] * bool(subscriber)),
            ]
            tries = max(self._count(key) for key in wrong)
            if tries > TRIES or not (subscriber and self._fits(pin, code)):
                deed = Deed.WRONG if tries < TRIES else Deed.LOCKED
                self._tell(deed, device, subscriber)
                return deed
            self.keys.delete(wrong)
            self._enter(subscriber, device, address_of(device))
            return Deed.IN

    def log_out(self, device: str) -> None:
        """Dial the code for it there."""
        with self._held():
            if there := self._get(f"who/{device}"):
                self._leave(there, device, address_of(device))

    def leave(self, subscriber: str, device: str) -> None:
        """The portal's way: only where it is the subscriber who is there."""
        with self._held():
            self._leave(subscriber, device, "")

    def enter(self, subscriber: str, device: str) -> None:
        """The portal's way, for a login at another node."""
        with self._held():
            if self._get(f"who/{device}") != subscriber:
                self._enter(subscriber, device, "")

    def told(self, after: int) -> tuple[list[TelephoneLogin], int]:
        """What happened since, and the place from which to ask the next time."""
        try:
            with self._log.open() as file:
                file.seek(after)
                lines = file.read().splitlines(keepends=True)
        except FileNotFoundError:
            return [], after
        whole = [line for line in lines if line.endswith("\n")]
        events = [_read(line.rstrip("\n")) for line in whole]
        return events, after + sum(map(len, whole))

    def end(self) -> int:
        """The place after all that has happened until now."""
        return self._log.stat().st_size if self._log.exists() else 0

    @property
    def _log(self) -> Path:
        return self.path / "logins.tsv"

    def _get(self, key: str) -> str:
        return self.keys.get([key]).get(key, "")

    def _of_pin(self, pin: str) -> str:
        """Whose PIN it is, if the node has the plan."""
        number = self._get(f"code/{pin}").partition(":")[0] if pin.isdigit() else ""
        return number if number and self._get(f"plan/{number}") else ""

    def _fits(self, pin: str, code: str) -> bool:
        return matches(code, self._get(f"code/{pin}").partition(":")[2])

    def _count(self, key: str) -> int:
        """One more try, unless there were too many; how many that makes."""
        now = int(self.keys.clock())
        count, _dash, last = self._get(key).partition("-")
        tries = 1 + (int(count) if last and int(last) + LOCK_SECONDS > now else 0)
        if tries <= TRIES:
            self.keys.put({key: f"{tries}-{now}"})
        return tries

    def _enter(self, subscriber: str, device: str, address: str) -> None:
        before = self._get(f"who/{device}")
        for number in {before, subscriber} - {""}:
            self._part(number, device)
        self._settle(subscriber, device)
        if before not in ("", subscriber):
            self._tell(Deed.DISPLACED, device, before, address)
        self._tell(Deed.IN, device, subscriber, address)

    def _settle(self, subscriber: str, device: str) -> None:
        """An owner who is nowhere else is simply back."""
        at = self._get(f"at/{subscriber}")
        if not at and (self._get(f"owner/{device}") or device) == subscriber:
            self.keys.delete([f"who/{device}", f"since/{device}"])
            return
        self.keys.put(
            {
                f"at/{subscriber}": f"{at}&{device}" if at else device,
                f"who/{device}": subscriber,
                f"since/{device}": str(int(self.keys.clock())),
            }
        )

    def _leave(self, subscriber: str, device: str, address: str) -> None:
        self._part(subscriber, device)
        if self._get(f"who/{device}") == subscriber:
            self.keys.delete([f"who/{device}", f"since/{device}"])
            self._tell(Deed.OUT, device, subscriber, address)

    def _part(self, subscriber: str, device: str) -> None:
        key = f"at/{subscriber}"
        rest = [name for name in self._get(key).split("&") if name not in ("", device)]
        if rest:
            self.keys.put({key: "&".join(rest)})
        else:
            self.keys.delete([key])

    def _tell(self, deed: Deed, device: str, subscriber: str, address: str | None = None) -> None:
        address = address_of(device) if address is None else address
        with self._log.open("a") as file:
            file.write("\t".join([deed, device, subscriber, address]) + "\n")

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Nobody else logs in or out meanwhile, in any process."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "logins.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _read(line: str) -> TelephoneLogin:
    deed, device, subscriber, address = line.split("\t")
    return TelephoneLogin(deed=Deed(deed), device=device, subscriber=subscriber, address=address)
