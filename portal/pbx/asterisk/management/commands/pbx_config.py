"""``manage.py pbx_config``: what an operator adds to an existing Asterisk, and where."""

import os
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.pbx.asterisk import dry_run, kit
from portal.pbx.phone_rules import FIELDS

STEPS = """\
The files are in {out}. On every node of the telephone system:

 1. Copy *_webfon.conf to /etc/asterisk, readable for Asterisk alone:
      install -o asterisk -g asterisk -m 640 {out}/*_webfon.conf /etc/asterisk/
    manager_webfon.conf holds secrets that are worth as much as root's password there.

 2. extensions.conf, at its end:
      #include extensions_webfon.conf
    which itself includes the other extensions_*_webfon.conf.
    A context [{outbound}] must be there, which takes permitted calls to other numbers to the
    trunk. Subscribers hear their messages at {code}, and log in and out at a telephone with
    {login} and {logout}. A number from outside goes on with
      Goto(webfon-trunk,NUMBER OF THE SUBSCRIBER,1)
    and a queue calls a subscriber with
      member => Local/NUMBER@webfon-queue/n

 3. pjsip.conf, before the endpoints:
      #include pjsip_webfon.conf
    and each telephone of a subscriber then begins
      [201](webfon-endpoint)      and      [201](webfon-aor)
    or has context = {users} of its own, which is or includes webfon-users.

 4. manager.conf, in [general]:
      enabled = yes
      bindaddr = 127.0.0.1
    and at its end:
      #include manager_webfon.conf
    Where the portal runs on another machine: tlsenable = yes, tlsbindaddr, tlscertfile and
    tlsprivatekey in [general], that machine's address in --permit of this command, and the
    CA's file in the portal's setting of step 10.

 5. cdr_custom.conf, under [mappings]:
      #include cdr_webfon.conf
    and cdr.conf, in [general]:
      enable = yes
      unanswered = yes
      endbeforehexten = yes
    The records come in /var/log/asterisk/cdr-custom/webfon.csv.

 6. voicemail.conf, in [general]:
      #include voicemail_webfon.conf

 7. modules.conf, in [modules]:
      noload = func_env.so
      noload = func_shell.so
      noload = app_voicemail_odbc.so
      noload = app_voicemail_imap.so
    By the first two, which few dialplans use, whoever may start calls could run any program.
    The others take VoiceMail along with them where they fail to load.

 8. The portal's user must be able to read what Asterisk writes, and to write in the voicemail's
    folder what Asterisk can read: "Files of the nodes" in docs/operating.md.

 9. Load them:
      asterisk -rx 'core reload'
    What modules.conf leaves out is gone when Asterisk is started again, which ends all calls:
      systemctl restart asterisk

10. In the portal's environment, for a node that shall be called madrid:
      WEBFON_NODES=madrid
      WEBFON_MADRID_HOST=127.0.0.1            WEBFON_MADRID_PORT=5038
      WEBFON_MADRID_USER=webfon-rules         WEBFON_MADRID_SECRET_FILE={out}/ami.secret
      WEBFON_MADRID_VOICEMAIL_SECRET_FILE={out}/voicemail.secret
      WEBFON_MADRID_CALLS_SECRET_FILE={out}/calls.secret
      WEBFON_MADRID_ACD_SECRET_FILE={out}/acd.secret
      WEBFON_MADRID_TLS_CA=                   (the CA's file, with TLS)
      WEBFON_MADRID_SPOOL=/var/spool/asterisk/voicemail
      WEBFON_MADRID_CDR_CSV=/var/log/asterisk/cdr-custom/webfon.csv
    The portal's user must be able to read all of these files. Then:
      systemctl restart webfon-web webfon-link

11. See whether all of it works:
      manage.py pbx_check
"""


class Command(BaseCommand):
    """Writes the dialplan kit; the same options give the same files, and secrets are kept."""

    help = "Writes the files that an Asterisk includes, and says step by step where."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option for each of the kit's."""
        parser.add_argument("--out", type=Path, default=settings.DATA_DIR / "asterisk")
        parser.add_argument(
            "--dry-run", action="store_true", help="write nothing, list what would change in --etc"
        )
        parser.add_argument("--etc", type=Path, default=Path("/etc/asterisk"))
        parser.add_argument(
            "--new-secrets", action="store_true", help="in place of those of an earlier run"
        )
        parser.add_argument("--subscribers", nargs="+", default=[settings.SUBSCRIBER_PATTERN])
        parser.add_argument("--outbound", default="outbound", help="context for other numbers")
        parser.add_argument("--users", default="webfon-users", help="context of the telephones")
        parser.add_argument("--emergency", nargs="+", default=["112"])
        parser.add_argument("--international-prefix", default="00")
        parser.add_argument("--voicemail-code", default=settings.FEATURE_CODES["voicemail"])
        parser.add_argument("--login-code", default=settings.FEATURE_CODES["login"])
        parser.add_argument("--logout-code", default=settings.FEATURE_CODES["logout"])
        parser.add_argument("--login-tries", type=int, default=settings.TELEPHONE_LOGIN_TRIES)
        parser.add_argument(
            "--login-lock-seconds", type=int, default=settings.TELEPHONE_LOCK_SECONDS
        )
        parser.add_argument("--ring-seconds", type=int, default=20)
        parser.add_argument("--loop-limit", type=int, default=5)
        parser.add_argument(
            "--permit", nargs="+", default=["127.0.0.1"], help="whence the portal asks"
        )

    def handle(self, *, out: Path, new_secrets: bool, **given: Any) -> None:
        """Write, and tell what to do."""
        options = _options(given)
        if given["dry_run"]:
            self.compare(given["etc"], out, options)
            return
        try:
            out.mkdir(parents=True, exist_ok=True)
            _write_all(out, options, new_secrets)
        except OSError as error:
            raise CommandError(f"not written: {error}") from error
        self.stdout.write(
            STEPS.format(
                out=out,
                outbound=options.outbound_context,
                users=options.users_context,
                code=options.voicemail_code,
                login=options.login_code or "(no code)",
                logout=options.logout_code or "(no code)",
            )
        )

    def compare(self, etc: Path, out: Path, options: kit.Options) -> None:
        """List what would change in that folder."""
        if not etc.is_dir():
            raise CommandError(f"{etc} is not there: name Asterisk's folder with --etc.")
        paths = {mark: out / f"{name}.secret" for name, mark in kit.SECRETS.items()}
        held = {mark: _held(path) for mark, path in paths.items()}
        files = {name: kit.fill(text, held) for name, text in kit.files(options).items()}
        try:
            lines = list(dry_run.compare(etc, files, options.outbound_context))
        except OSError as error:
            raise CommandError(f"not read: {error}. Is this user in Asterisk's group?") from error
        self.stdout.write(f"Nothing is written. What would change in {etc}:")
        self.stdout.write("\n".join(lines or ["Nothing is to be done."]))


def _options(given: dict[str, Any]) -> kit.Options:
    try:
        return kit.Options(
            subscribers=tuple(given["subscribers"]),
            outbound_context=given["outbound"],
            users_context=given["users"],
            emergency=tuple(given["emergency"]),
            international_prefix=given["international_prefix"],
            voicemail_code=given["voicemail_code"],
            forwarding_codes={name: settings.FEATURE_CODES[name] for name in FIELDS},
            login_code=given["login_code"],
            logout_code=given["logout_code"],
            login_tries=given["login_tries"],
            login_lock_seconds=given["login_lock_seconds"],
            ring_seconds=given["ring_seconds"],
            loop_limit=given["loop_limit"],
            permit=tuple(given["permit"]),
        )
    except ValueError as error:
        raise CommandError(str(error)) from error


def _write_all(out: Path, options: kit.Options, new_secrets: bool) -> None:
    paths = {mark: out / f"{name}.secret" for name, mark in kit.SECRETS.items()}
    secrets_of = {mark: _kept(path, new_secrets) for mark, path in paths.items()}
    for name, text in kit.files(options).items():
        _write_private(out / name, kit.fill(text, secrets_of))


def _kept(path: Path, anew: bool) -> str:
    """The secret of an earlier run, or a new one."""
    if anew or not path.exists():
        _write_private(path, secrets.token_urlsafe(32))
    return path.read_text().strip()


def _held(path: Path) -> str:
    """The secret of an earlier run, if there was one."""
    return path.read_text().strip() if path.exists() else "(a new secret)"


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, in one step."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)
