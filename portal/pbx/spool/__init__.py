"""Asterisk's voicemail spool: ``<root>/<context>/<box>/<folder>/msgNNNN.{txt,wav}``.

Asterisk writes, renumbers and removes these files at any time, so whatever is half-written,
vanishes while it is read or makes no sense is left out. Nothing outside the root is ever read.
Messages are never written here, only greetings, which stand in the mailbox's own folder.
"""

from portal.pbx.spool.places import is_mailbox
from portal.pbx.spool.reader import Place, Spool
from portal.pbx.spool.text import FOLDERS, NEW_FOLDERS

__all__ = ["FOLDERS", "NEW_FOLDERS", "Place", "Spool", "is_mailbox"]
