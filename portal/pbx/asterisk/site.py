"""What an operator configures for one node."""

from dataclasses import dataclass
from pathlib import Path

from portal.pbx.asterisk.pool import Node


@dataclass(frozen=True, slots=True)
class Site:
    """A node, and where its files are seen from here: local or mounted; ``None`` if nowhere."""

    node: Node
    spool: Path | None = None
    cdr_csv: Path | None = None
