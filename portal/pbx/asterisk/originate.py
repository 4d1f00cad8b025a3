"""Starting the kit's own channels, and hearing what the kit says of them.

Whoever may originate can run programs (``Variable: SHELL(...)``), so callers look at all that they
put into an action.
"""

from contextlib import closing

from portal.pbx.asterisk.ami import Connection, Deadline, TimedOut
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.wire import Action, Message
from portal.pbx.errors import PBXRejected


def originate(node: Node, action: Action, linkedid: str) -> Message:
    """Start it; the first event of its own that the kit sends. Raises ``PBXRejected`` without."""
    deadline = Deadline(node.timeout)
    with closing(Connection.open(node.account, deadline, events=True)) as connection:
        reply = connection.request([action], deadline)[0]
        if not reply.ok:
            raise PBXRejected(f"node {node.name} refused: {reply.message}")
        has_failed = False
        while True:
            try:
                event = connection.next_event(deadline)
            except TimedOut:
                if has_failed:
                    raise PBXRejected(f"node {node.name}: has it the kit in force?") from None
                raise
            if event.get("Uniqueid") == linkedid and event.get("Response") == "Failure":
                has_failed = True
            if event["Event"] == "UserEvent" and event.get("Linkedid") == linkedid:
                return event
