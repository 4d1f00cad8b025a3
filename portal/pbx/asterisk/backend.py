"""Puts the Asterisk back end together; ``settings.PBX`` names ``build``."""

from collections.abc import Sequence
from pathlib import Path
from typing import NotRequired, TypedDict

from portal.pbx.asterisk.ami import Account
from portal.pbx.asterisk.diagnostics import AsteriskDiagnostics
from portal.pbx.asterisk.forwarding import AstDBForwarding
from portal.pbx.asterisk.monitor import AMIMonitor
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.site import Site
from portal.pbx.asterisk.voicemail import Spools
from portal.pbx.cdr import CallRecords
from portal.pbx.interface import PBX
from portal.pbx.spool import Spool


class NodeOptions(TypedDict):
    """One entry of ``nodes``. ``tls_ca``, ``spool`` and ``cdr_csv`` are paths; "" for none."""

    name: str
    host: str
    port: int
    user: str
    secret: str
    tls_ca: NotRequired[str]
    spool: NotRequired[str | Path]
    cdr_csv: NotRequired[str | Path]


def build(*, nodes: Sequence[NodeOptions], timeout: float = 1.0) -> PBX:
    """The back end on these nodes. ``timeout``: seconds that a page waits for one of them."""
    sites = [_site(options, timeout) for options in nodes]
    by_name = {site.node.name: site.node for site in sites}
    spools = dict.fromkeys(site.spool for site in sites if site.spool)
    return PBX(
        nodes=tuple(by_name),
        forwarding=AstDBForwarding(by_name),
        call_log=CallRecords(),
        voicemail=Spools([Spool(path) for path in spools]),
        monitor=AMIMonitor(by_name),
        diagnostics=AsteriskDiagnostics(sites),
    )


def _site(options: NodeOptions, timeout: float) -> Site:
    account = Account(
        options["host"],
        options["port"],
        options["user"],
        options["secret"].strip(),  # a file that holds it often ends with a line break
        options.get("tls_ca", ""),
    )
    return Site(
        Node(options["name"], account, timeout),
        _path(options.get("spool", "")),
        _path(options.get("cdr_csv", "")),
    )


def _path(text: str | Path) -> Path | None:
    return Path(text) if text else None
