"""Implements ``interface.Monitor`` and ``interface.Diagnostics`` on simulated nodes."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Event

from django.utils.translation import gettext as _

from portal.pbx.errors import PBXError
from portal.pbx.simulated.faults import Mode
from portal.pbx.simulated.node import Node
from portal.pbx.types import CheckResult, NodeEvent

POLL_SECONDS = 0.2
REACHABLE = frozenset({Mode.NORMAL, Mode.REJECTING})


class SimulatedMonitor:
    """Looks at the control file again and again."""

    def __init__(self, nodes: Mapping[str, Node]) -> None:
        self.nodes = nodes

    def watch(self, node: str, stop: Event) -> Iterator[NodeEvent]:
        """``UP`` and ``DOWN`` as the node comes and goes, until ``stop``."""
        boots: int | None = None
        while not stop.is_set():
            control = self.nodes[node].faults.read()
            now = control.boots if control.mode in REACHABLE else None
            if boots is not None and now != boots:
                yield NodeEvent.DOWN
            if now is not None and now != boots:
                yield NodeEvent.UP
            boots = now
            stop.wait(POLL_SECONDS)


class SimulatedDiagnostics:
    """Tries each node and the voicemail folder."""

    def __init__(self, nodes: Mapping[str, Node], spool: Path) -> None:
        self.nodes = nodes
        self.spool = spool

    def check(self) -> Iterator[CheckResult]:
        """Each part in turn."""
        for name, node in self.nodes.items():
            yield _connection(name, node)
        yield CheckResult(
            part=_("Buzón de voz"),
            ok=self.spool.is_dir(),
            message=_("La carpeta de mensajes es %s.") % self.spool
            if self.spool.is_dir()
            else _("No existe la carpeta de mensajes %s.") % self.spool,
            remedy="" if self.spool.is_dir() else _("Vuelve a cargar los datos de demostración."),
        )


def _connection(name: str, node: Node) -> CheckResult:
    part = _("Conexión con %s") % name
    try:
        count = len(node.ask(node.subscribers))
    except PBXError as error:
        return CheckResult(
            part=part,
            ok=False,
            message=_("La centralita simulada no responde: %s.") % error,
            remedy=_("Quita el fallo puesto en %s.") % node.faults.path,
        )
    message = _("La centralita simulada responde y conoce %d números.") % count
    return CheckResult(part=part, ok=True, message=message)
