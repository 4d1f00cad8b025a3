"""The PIN of a mailbox stands in its spool (``passwordlocation = spooldir``).

Asterisk reads it when app_voicemail is loaded, and a reload is the only way to make it look anew.
docs/operating.md says what that costs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.site import Site
from portal.pbx.asterisk.wire import action
from portal.pbx.errors import PBXRejected, PBXUnavailable

RELOAD = action("Reload", Module="app_voicemail.so")

RELOAD_SECONDS = 10.0
"""A node needs about a tenth of a second for each thousand mailboxes."""


@contextmanager
def reloaded(sites: Sequence[Site]) -> Iterator[None]:
    """PINs that the block writes are in force afterwards on all nodes that run.

    Raises ``PBXUnavailable`` before the block where one does not answer, or none runs.
    """
    running = [site.node for site in sites if _runs(site.node)]
    if not running:
        raise PBXUnavailable("no node with voicemail is running")
    yield
    for node in running:
        reply = node.request([RELOAD], RELOAD_SECONDS)[0]
        if not reply.ok:
            raise PBXRejected(f"node {node.name} refused: {reply.message}")


def _runs(node: Node) -> bool:
    try:
        node.request([action("Ping")])
    except PBXUnavailable:
        if node.is_stopped():
            return False
        raise
    return True
