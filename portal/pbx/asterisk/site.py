"""What an operator configures for one node."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from portal.pbx.asterisk.pool import Node
from portal.pbx.errors import PBXRejected

VOICEMAIL_USER = "webfon-voicemail"
CALLS_USER = "webfon-calls"
ACD_USER = "webfon-acd"
"""The users of the kit's ``manager_webfon.conf``, beside the one for rules."""


@dataclass(frozen=True, slots=True)
class Site:
    """A node, and where its files are seen from here: local or mounted; ``None`` if nowhere.

    ``node`` is asked as the user for rules; the others as theirs, ``None`` without a secret.
    """

    node: Node
    spool: Path | None = None
    cdr_csv: Path | None = None
    voicemail: Node | None = None
    calls: Node | None = None
    acd: Node | None = None

    @property
    def for_voicemail(self) -> Node:
        """The node as who may change messages. Raises ``PBXRejected`` where nobody is named."""
        return _configured(self.voicemail, VOICEMAIL_USER, self.node.name)

    @property
    def for_calls(self) -> Node:
        """The node as who may begin calls. Raises ``PBXRejected`` where nobody is named."""
        return _configured(self.calls, CALLS_USER, self.node.name)

    @property
    def for_acd(self) -> Node:
        """The node as who sees telephones and queues. ``PBXRejected`` where nobody is named."""
        return _configured(self.acd, ACD_USER, self.node.name)


def by_spool(sites: Iterable[Site]) -> dict[Path, tuple[Site, ...]]:
    """The nodes that share each spool, in the order of the configuration."""
    shared: dict[Path, tuple[Site, ...]] = {}
    for site in sites:
        if site.spool:
            shared[site.spool] = (*shared.get(site.spool, ()), site)
    return shared


def _configured(node: Node | None, user: str, name: str) -> Node:
    if node is None:
        raise PBXRejected(f"node {name}: no secret of the user {user} is configured")
    return node
