"""Debian's Asterisk 22 with the configuration that it comes with, on a machine of the drill.

Debian 12 has none of its own. The program is the one that all tests use, from Debian sid with the
libraries of there; folders, user, rights and unit are those of its package.
"""

from tests.asterisk.instance import tree
from tests.drill.debian import Debian
from tests.drill.machine import run

PROGRAM = "/opt/asterisk-22"
FOLDERS = ("etc", "var/lib", "var/spool", "var/log", "var/cache", "usr/share")
"""Of each its folder ``asterisk``."""

START = f"""#!/bin/sh
exec {PROGRAM}/usr/lib64/ld-linux-x86-64.so.2 --library-path {PROGRAM}/usr/lib/x86_64-linux-gnu \\
    {PROGRAM}/usr/sbin/asterisk "$@"
"""

AS_THE_PACKAGE_DOES = f"""
    adduser --system --group --home /var/lib/asterisk --no-create-home asterisk
    chown -R asterisk: /etc/asterisk /var/lib/asterisk /var/log/asterisk
    find /var/spool/asterisk /var/cache/asterisk -type d -exec chown asterisk: {{}} + \\
        -exec chmod 750 {{}} +
    ln -s {PROGRAM}/usr/lib/x86_64-linux-gnu/asterisk /usr/lib/x86_64-linux-gnu/
    update-alternatives --install /usr/share/asterisk/sounds/en asterisk-prompt-en \\
        /usr/share/asterisk/sounds/en_US_f_Allison 1
    chmod 755 /usr/sbin/asterisk
    systemctl daemon-reload
    systemctl enable --now asterisk
    asterisk -rx 'core waitfullybooted'
"""


def install(machine: Debian) -> None:
    """As ``apt-get install asterisk`` leaves it: it runs, and knows nobody."""
    source, root = tree(), machine.root
    (root / PROGRAM[1:]).mkdir()
    run("cp", "-a", "--no-preserve=ownership", source / "usr", root / PROGRAM[1:])
    for folder in FOLDERS:
        target = root / folder
        run("cp", "-a", "--no-preserve=ownership", source / folder / "asterisk", target)
    unit = "usr/lib/systemd/system/asterisk.service"
    run("cp", source / unit, root / unit)
    (root / "usr/sbin/asterisk").write_text(START)
    machine.ask(AS_THE_PACKAGE_DOES)
