"""What ``pbx_check`` tries on each node: as little as possible is believed, the rest is done."""

import ipaddress
import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

from django.conf import settings

from portal.pbx.asterisk import kit
from portal.pbx.asterisk.ami import Account, Connection, Deadline, LoginRefused
from portal.pbx.asterisk.check_codes import check_codes
from portal.pbx.asterisk.check_files import Activity, check_cdr, check_spool
from portal.pbx.asterisk.check_logs import check_logs
from portal.pbx.asterisk.check_users import (
    DANGEROUS,
    DENIED,
    PATIENCE,
    check_mailboxes,
    check_users,
    unreached,
)
from portal.pbx.asterisk.forwarding import FAMILY
from portal.pbx.asterisk.site import Site
from portal.pbx.asterisk.wire import Message, Reply, action
from portal.pbx.errors import PBXUnavailable
from portal.pbx.types import CheckResult

UNWANTED = {
    "Originate": "start calls, and with them programs",
    "Command": "give commands of Asterisk's console",
}
"""Actions that the user must not be allowed. Sent without their arguments they do nothing."""


MODULES = [
    *("app_dial", "app_exec", "app_playback", "app_read", "app_record", "app_stack"),
    *("app_userevent", "app_verbose", "app_voicemail", "app_while", "cdr_custom"),
    *("chan_pjsip", "func_callerid", "func_cdr", "func_channel", "func_cut", "func_db"),
    *("func_devstate", "func_dialplan", "func_groupcount", "func_hangupcause", "func_json"),
    *("func_lock", "func_logic", "func_pjsip_aor", "func_pjsip_contact", "func_sha1"),
    *("func_strings", "res_pjsip_diversion", "res_pjsip_notify"),
]
"""What the kit and the page of telephones use. Where one is missing Asterisk reads on, and calls go
astray."""


class AsteriskDiagnostics:
    """Implements ``interface.Diagnostics``. One node's troubles do not keep it from the others."""

    def __init__(self, sites: Sequence[Site]) -> None:
        self._sites = sites

    def check(self) -> Iterator[CheckResult]:
        """See ``Diagnostics``. Takes some seconds for each node that does not answer."""
        if not self._sites:
            yield CheckResult(
                part="nodes",
                ok=False,
                message="no node is configured",
                remedy="Name them in WEBFON_NODES; docs/operating.md has an example.",
            )
        for site in self._sites:
            yield from _check_site(site)


def _check_site(site: Site) -> Iterator[CheckResult]:
    node = _Node(site)
    yield node.guard()
    try:
        yield from node.conversation()
        yield from _check_users(site)
    except LoginRefused as error:
        yield node.result("login", str(error), _LOGIN)
    except PBXUnavailable as error:
        yield node.result("connection", str(error), _CONNECTION)
    yield check_cdr(site, node.activity)
    yield check_spool(site)


def _check_users(site: Site) -> Iterator[CheckResult]:
    try:
        yield from check_users(site)
    except PBXUnavailable as error:
        yield unreached(site, error)


class _Node:
    """The checks of one node that talk to it."""

    def __init__(self, site: Site) -> None:
        self._name = site.node.name
        self._account = site.node.account
        self.activity: Activity | None = None

    def result(self, part: str, message: str, remedy: str = "") -> CheckResult:
        """A line about this node; it is a problem when it has a remedy."""
        part = f"{self._name}: {part}"
        return CheckResult(part=part, ok=not remedy, message=message, remedy=remedy)

    def guard(self) -> CheckResult:
        """Whether anybody on the way could read or change what is said to the node."""
        if self._account.tls_ca:
            return self.result("way", "over TLS, the node's certificate is checked")
        if _is_loopback(self._account):
            return self.result("way", "on this machine")
        return self.result("way", f"to {self._account.host} without TLS", _TLS)

    def conversation(self) -> Iterator[CheckResult]:
        """Everything that needs a connection. Raises ``PBXUnavailable`` when it breaks."""
        connection = Connection.open(self._account, Deadline(PATIENCE), booted=False)
        with closing(connection):
            yield self.result("login", f"as {self._account.user}")
            yield self._booted(connection)
            yield self._database(connection)
            for name, power in UNWANTED.items():
                yield self._unwanted(connection, name, power)
            yield self._modules(connection)
            yield self._dangerous(connection)
            yield self._voicemail(connection)
            yield from check_logs(self._name, partial(_config, connection))
            loaded = self._kit(connection)
            yield loaded
            if loaded.ok:
                yield self._outbound(connection)
                steps = _ask(connection, "ShowDialPlan").events
                read, codes = partial(_config, connection), settings.FEATURE_CODES
                yield from check_codes(self._name, steps, read, codes)

    def _booted(self, connection: Connection) -> CheckResult:
        deadline = Deadline(PATIENCE)
        try:
            while (event := connection.next_event(deadline))["Event"] != "FullyBooted":
                pass
        except PBXUnavailable:
            return self.result("FullyBooted", "the node did not say that it is up", _BOOTED)
        self.activity = _activity(event, _ask(connection, "CoreStatus"))
        return self.result("FullyBooted", f"up for {event.get('Uptime', '?')} seconds")

    def _database(self, connection: Connection) -> CheckResult:
        key, value = f"check/{secrets.token_hex(8)}", secrets.token_hex(8)
        put = _ask(connection, "DBPut", Family=FAMILY, Key=key, Val=value)
        got = _ask(connection, "DBGet", Family=FAMILY, Key=key)
        gone = _ask(connection, "DBDel", Family=FAMILY, Key=key)
        for name, reply in ("DBPut", put), ("DBGet", got), ("DBDel", gone):
            if not reply.ok:
                return self.result("AstDB", f"{name} was refused: {reply.message}", _DATABASE)
        if [event.get("Val") for event in got.events] != [value]:
            return self.result("AstDB", "a key was written and read back as another", _DATABASE)
        return self.result("AstDB", "a key was written, read and removed")

    def _unwanted(self, connection: Connection, name: str, power: str) -> CheckResult:
        if _ask(connection, name).message == DENIED:
            return self.result(f"no {name}", "refused, as it should be")
        return self.result(f"no {name}", f"the user may {power}", _UNWANTED)

    def _modules(self, connection: Connection) -> CheckResult:
        actions = [action("ModuleCheck", Module=name) for name in MODULES]
        replies = connection.request(actions, Deadline(PATIENCE))
        missing = [name for name, reply in zip(MODULES, replies, strict=True) if not reply.ok]
        if missing:
            return self.result("modules", f"not loaded: {', '.join(missing)}", _MODULES)
        return self.result("modules", "all that the kit uses are loaded")

    def _dangerous(self, connection: Connection) -> CheckResult:
        actions = [action("ModuleCheck", Module=name) for name in DANGEROUS]
        replies = connection.request(actions, Deadline(PATIENCE))
        loaded = [name for name, reply in zip(DANGEROUS, replies, strict=True) if reply.ok]
        if loaded:
            message = f"loaded: {', '.join(loaded)}: whoever may start calls has a shell"
            return self.result("no shell", message, _DANGEROUS)
        return self.result("no shell", f"{', '.join(DANGEROUS)} are not loaded")

    def _voicemail(self, connection: Connection) -> CheckResult:
        reply = _ask(connection, "GetConfig", Filename="voicemail.conf", Category="general")
        return check_mailboxes(self._name, reply.response)

    def _kit(self, connection: Connection) -> CheckResult:
        reply = _ask(connection, "Getvar", Variable=kit.VERSION_VARIABLE)
        if reply.message == DENIED:
            return self.result("dialplan", "its version may not be asked for", _REPORTING)
        found = reply.response.get("Value", "")
        if not found:
            return self.result("dialplan", "the kit is not loaded", _KIT_MISSING)
        if found != kit.VERSION_VALUE:
            message = f"the kit answers {found}, not {kit.VERSION_VALUE}: another version"
            return self.result("dialplan", message, _KIT_OTHER)
        return self.result("dialplan", f"the kit is loaded, version {kit.VERSION}")

    def _outbound(self, connection: Connection) -> CheckResult:
        """Whether the operator's context exists to which the kit sends calls that go out."""
        steps = _ask(connection, "ShowDialPlan", Context="webfon-emergency").events
        goto = [step["AppData"] for step in steps if step.get("Application") == "Goto"]
        context = goto[-1].partition(",")[0] if goto else ""
        if context and _ask(connection, "ShowDialPlan", Context=context).ok:
            return self.result("outbound", f"the context {context} is there")
        return self.result("outbound", f"there is no context {context!r}", _OUTBOUND)


def _ask(connection: Connection, name: str, **headers: str) -> Reply:
    return connection.request([action(name, **headers)], Deadline(PATIENCE))[0]


def _config(connection: Connection, name: str) -> Message:
    return _ask(connection, "GetConfig", Filename=name).response


def _activity(booted: Message, status: Reply) -> Activity | None:
    try:
        carried = int(status.response["CoreProcessedCalls"])
        current = int(status.response["CoreCurrentCalls"])
        return Activity(seconds_up=int(booted["Uptime"]), calls_ended=carried - current)
    except (KeyError, ValueError):
        return None


def _is_loopback(account: Account) -> bool:
    try:
        return ipaddress.ip_address(account.host).is_loopback
    except ValueError:
        return account.host == "localhost"


_CONNECTION = (
    "See that Asterisk runs, that manager.conf has enabled = yes, that host and port are those of "
    "bindaddr and port (with a CA: of tlsbindaddr), and that no firewall is in between."
)
_LOGIN = (
    "Compare user and secret with the section in manager.conf that pbx_config wrote, see that its "
    "permit lines hold this machine's address, then: asterisk -rx 'manager reload'."
)
_TLS = (
    "The user can do anything on that machine: set tlsenable, tlsbindaddr and a certificate in "
    "manager.conf, and the node's TLS_CA here; or run the portal on the same machine."
)
_BOOTED = (
    "If it is not just starting: the user needs read = system, and an eventfilter, where there is "
    "one, must let FullyBooted through."
)
_DATABASE = "The user needs write = system; see that astdb.sqlite3 is writable for Asterisk."
_UNWANTED = "Take everything but system,reporting out of the user's write = line."
_MODULES = (
    "Install the packages that hold them, take them out of the noload lines of modules.conf, or "
    "with autoload = no add a load line for each; then restart Asterisk."
)
_DANGEROUS = (
    "Add noload = func_env.so and noload = func_shell.so to modules.conf unless the dialplan uses "
    "them, then restart Asterisk."
)
_REPORTING = "The user needs write = system,reporting."
_KIT_MISSING = (
    "Write the kit with manage.py pbx_config, include extensions_webfon.conf as it says, then: "
    "asterisk -rx 'dialplan reload'."
)
_KIT_OTHER = (
    "Write the kit anew with manage.py pbx_config, copy it to the node, then: "
    "asterisk -rx 'core reload'."
)
_OUTBOUND = (
    "Write a context that takes calls to other numbers to the trunk, and give its name to "
    "pbx_config with --outbound."
)
