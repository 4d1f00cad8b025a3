"""Puts the Asterisk back end together; ``settings.PBX`` names ``build``."""

from collections.abc import Sequence
from pathlib import Path
from typing import NotRequired, TypedDict

from portal.pbx.asterisk.ami import Account
from portal.pbx.asterisk.devices import AsteriskDevices
from portal.pbx.asterisk.diagnostics import AsteriskDiagnostics
from portal.pbx.asterisk.dialer import AsteriskDialer
from portal.pbx.asterisk.forwarding import AstDBForwarding
from portal.pbx.asterisk.guard import ACTION_SECONDS
from portal.pbx.asterisk.monitor import AMIMonitor
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.queues import AsteriskQueues
from portal.pbx.asterisk.site import ACD_USER, CALLS_USER, VOICEMAIL_USER, Site, by_spool
from portal.pbx.asterisk.voicemail import AsteriskVoicemail
from portal.pbx.cdr import CallRecords
from portal.pbx.interface import PBX
from portal.pbx.spool import Spool


class NodeOptions(TypedDict):
    """One entry of ``nodes``. ``tls_ca``, ``spool`` and ``cdr_csv`` are paths; "" for none.

    ``user`` and ``secret`` are those for rules. Without the other secrets nothing is changed
    in mailboxes, no call begun, or nothing known of telephones and queues.
    """

    name: str
    host: str
    port: int
    user: str
    secret: str
    voicemail_secret: NotRequired[str]
    calls_secret: NotRequired[str]
    acd_secret: NotRequired[str]
    tls_ca: NotRequired[str]
    spool: NotRequired[str | Path]
    cdr_csv: NotRequired[str | Path]


def build(*, nodes: Sequence[NodeOptions], timeout: float = 1.0) -> PBX:
    """The back end on these nodes. ``timeout``: seconds that a page waits for one of them."""
    sites = [_site(options, timeout) for options in nodes]
    by_name = {site.node.name: site.node for site in sites}
    spools = [Spool(path) for path in by_spool(sites)]
    return PBX(
        nodes=tuple(by_name),
        forwarding=AstDBForwarding(by_name),
        call_log=CallRecords(),
        voicemail=AsteriskVoicemail(sites, spools),
        dialer=AsteriskDialer(sites, spools),
        devices=AsteriskDevices(sites),
        queues=AsteriskQueues(sites),
        monitor=AMIMonitor(
            by_name, {site.node.name: site.voicemail for site in sites if site.voicemail}
        ),
        diagnostics=AsteriskDiagnostics(sites),
    )


def _site(options: NodeOptions, timeout: float) -> Site:
    patience = max(timeout, ACTION_SECONDS)
    voicemail = options.get("voicemail_secret", "")
    calls = options.get("calls_secret", "")
    acd = options.get("acd_secret", "")
    return Site(
        _node(options, options["user"], options["secret"], timeout),
        _path(options.get("spool", "")),
        _path(options.get("cdr_csv", "")),
        _node(options, VOICEMAIL_USER, voicemail, patience) if voicemail else None,
        _node(options, CALLS_USER, calls, timeout) if calls else None,
        _node(options, ACD_USER, acd, timeout) if acd else None,
    )


def _node(options: NodeOptions, user: str, secret: str, seconds: float) -> Node:
    secret = secret.strip()  # a file that holds it often ends with a line break
    tls_ca = options.get("tls_ca", "")
    account = Account(options["host"], options["port"], user, secret, tls_ca)
    return Node(options["name"], account, seconds)


def _path(text: str | Path) -> Path | None:
    return Path(text) if text else None
