"""What ``pbx_check`` says about the users beside the one for rules, and what they work with."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from portal.pbx.asterisk.ami import Connection, Deadline, LoginRefused, NotBooted
from portal.pbx.asterisk.pool import Node
from portal.pbx.asterisk.site import ACD_USER, CALLS_USER, VOICEMAIL_USER, Site
from portal.pbx.asterisk.wire import Message, action
from portal.pbx.errors import PBXUnavailable
from portal.pbx.types import CheckResult

PATIENCE = 5.0
"""Seconds for each step. Asterisk takes one to refuse a login."""

DENIED = "Permission denied"
UNKNOWN = "Invalid/unknown command"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a user must be granted and must not; sent without arguments they do nothing."""

    user: str
    write: str
    missing: str
    granted: tuple[str, ...]
    refused: tuple[str, ...]
    modules: str = ""
    """What has to be loaded for the actions that are granted."""


VOICEMAIL = Rights(
    VOICEMAIL_USER,
    "user,reporting",
    "messages can be heard, but not changed",
    ("VoicemailMove", "VoicemailRemove", "VoicemailForward", "CoreShowChannels"),
    ("DBPut", "Originate", "Command"),
    "app_voicemail.so, and neither app_voicemail_odbc.so nor app_voicemail_imap.so, which take its "
    "actions along with them where they fail to load",
)
CALLS = Rights(
    CALLS_USER, "originate", "no call can be begun", ("Originate",), ("DBPut", "Command", "Setvar")
)
ACD = Rights(
    ACD_USER,
    "reporting,agent",
    "nobody sees telephones and queues",
    ("DBGet", "Getvar", "QueuePause", "QueueAdd", "QueueRemove"),
    ("DBPut", "Originate", "Command", "Setvar"),
    "app_queue.so",
)

DANGEROUS = ("func_env", "func_shell")
"""Modules with which whoever may start calls can write files or run programs."""


def check_users(site: Site) -> Iterator[CheckResult]:
    """Each of them: whether it is there, is told of a boot, and may do its part and no more."""
    for node, rights in (site.voicemail, VOICEMAIL), (site.calls, CALLS), (site.acd, ACD):
        name = f"{site.node.name}: {rights.user}"
        problem, remedy = _problem(node, rights)
        message = problem or f"may {rights.write} and nothing stronger"
        yield CheckResult(part=name, ok=not problem, message=message, remedy=remedy)


def check_mailboxes(name: str, general: Message) -> CheckResult:
    """The section ``general`` of voicemail.conf, as the action ``GetConfig`` gives it."""
    lines = [value for key, value in general.items() if key.startswith("Line-")]
    options = dict(reversed([line.partition("=")[::2] for line in lines]))
    formats = options.get("format", "").replace(",", "|").split("|")
    part = f"{name}: voicemail.conf"
    if "wav" not in [each.strip() for each in formats]:
        message = "messages are not kept as wav, which is played as it is"
        return CheckResult(part=part, ok=False, message=message, remedy=_INCLUDE)
    if options.get("passwordlocation") != "spooldir":
        message = "changed PINs are not looked for beside the messages"
        return CheckResult(part=part, ok=False, message=message, remedy=_INCLUDE)
    return CheckResult(part=part, ok=True, message="messages are wav, PINs stand beside them")


def _problem(node: Node | None, rights: Rights) -> tuple[str, str]:
    """What is wrong, and the remedy; both empty when nothing is."""
    if node is None:
        return f"no secret is configured: {rights.missing}", _UNNAMED
    try:
        connection = Connection.open(node.account, Deadline(PATIENCE))
    except LoginRefused as error:
        return str(error), _LOGIN
    except NotBooted as error:
        return str(error), _BOOTED
    with closing(connection):
        names = [*rights.granted, *rights.refused]
        replies = connection.request([action(each) for each in names], Deadline(PATIENCE))
    told = {name: reply.message for name, reply in zip(names, replies, strict=True)}
    is_denied = {name: message == DENIED for name, message in told.items()}
    unknown = [each for each in rights.granted if told[each].startswith(UNKNOWN)]
    too_few = [each for each in rights.granted if is_denied[each]]
    too_many = [each for each in rights.refused if not is_denied[each]]
    if unknown:
        remedy = _UNKNOWN.format(modules=rights.modules)
        return f"the node does not know {', '.join(unknown)}", remedy
    if too_few:
        return f"may not {', '.join(too_few)}", _WRITE.format(write=rights.write)
    if too_many:
        return f"may {', '.join(too_many)}", _WRITE.format(write=rights.write)
    return "", ""


def unreached(site: Site, error: PBXUnavailable) -> CheckResult:
    """The connection broke while the users were tried."""
    part = f"{site.node.name}: other users"
    return CheckResult(part=part, ok=False, message=str(error), remedy=_LOGIN)


_UNNAMED = (
    "pbx_config writes one for each user; name its file in WEBFON_<NODE>_VOICEMAIL_SECRET_FILE, "
    "WEBFON_<NODE>_CALLS_SECRET_FILE or WEBFON_<NODE>_ACD_SECRET_FILE."
)
_LOGIN = (
    "Compare the secret with the user's section in manager.conf that pbx_config wrote, then: "
    "asterisk -rx 'manager reload'."
)
_BOOTED = "The user needs read = system; see manager_webfon.conf as pbx_config writes it."
_WRITE = "Let the user's line be write = {write} in manager.conf, as pbx_config writes it."
_UNKNOWN = "Let modules.conf load {modules}; then restart Asterisk."
_INCLUDE = (
    "Include voicemail_webfon.conf in [general] of voicemail.conf as pbx_config says, then: "
    "asterisk -rx 'module reload app_voicemail.so'."
)
