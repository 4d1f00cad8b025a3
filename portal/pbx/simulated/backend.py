"""Builds the embedded telephone system; ``settings.PBX`` names ``build``."""

from collections.abc import Sequence
from pathlib import Path

from portal.pbx.cdr import CallRecords
from portal.pbx.interface import PBX
from portal.pbx.simulated.dialer import SimulatedDialer
from portal.pbx.simulated.forwarding import SimulatedForwarding
from portal.pbx.simulated.monitor import SimulatedDiagnostics, SimulatedMonitor
from portal.pbx.simulated.node import Node
from portal.pbx.simulated.presence import SimulatedDevices, SimulatedQueues
from portal.pbx.simulated.switch import Switch
from portal.pbx.simulated.voicemail import SimulatedVoicemail
from portal.pbx.spool import Spool

NODES = ("centralita",)
TIMEOUT = 1.0


def build(path: Path | str, nodes: Sequence[str] = NODES, timeout: float = TIMEOUT) -> PBX:
    """The back end whose state stands in the folder; ``timeout`` is each answer's, in seconds."""
    all_nodes = build_nodes(path, nodes, timeout)
    spool = Spool(spool_of(path))
    return PBX(
        nodes=tuple(all_nodes),
        forwarding=SimulatedForwarding(all_nodes),
        call_log=CallRecords(),
        voicemail=SimulatedVoicemail(all_nodes, spool),
        dialer=SimulatedDialer(all_nodes, spool),
        devices=SimulatedDevices(all_nodes),
        queues=SimulatedQueues(all_nodes),
        monitor=SimulatedMonitor(all_nodes, spool.root),
        diagnostics=SimulatedDiagnostics(all_nodes, spool.root),
    )


def build_nodes(
    path: Path | str, nodes: Sequence[str] = NODES, timeout: float = TIMEOUT
) -> dict[str, Node]:
    """The nodes by name, to make them fail."""
    return {name: Node(Path(path), name, timeout) for name in nodes}


def build_switch(
    path: Path | str, nodes: Sequence[str] = NODES, timeout: float = TIMEOUT
) -> Switch:
    """The first node's switch, to place calls."""
    return Switch(next(iter(build_nodes(path, nodes, timeout).values())), spool_of(path))


def spool_of(path: Path | str) -> Path:
    """The voicemail folder, which all nodes share."""
    spool = Path(path) / "spool" / "voicemail"
    spool.mkdir(parents=True, exist_ok=True)
    return spool
