"""The messages of all nodes: each keeps its own spool, or all mount the same one."""

import logging
from collections.abc import Sequence

from portal.pbx.errors import PBXUnavailable
from portal.pbx.spool import Spool
from portal.pbx.types import VoicemailMessage

logger = logging.getLogger(__name__)


class Spools:
    """Reads every spool that can be read; the same id in two of them is one message."""

    def __init__(self, spools: Sequence[Spool]) -> None:
        self._spools = spools

    def messages(self, mailbox: str) -> tuple[VoicemailMessage, ...]:
        """See ``Voicemail``. Raises ``PBXUnavailable`` when no spool can be read."""
        found: list[VoicemailMessage] = []
        failures: list[PBXUnavailable] = []
        for spool in self._spools:
            known = {each.msg_id for each in found}
            try:
                found += [each for each in spool.messages(mailbox) if each.msg_id not in known]
            except PBXUnavailable as error:
                logger.warning("%s", error)
                failures.append(error)
        if len(failures) == len(self._spools):
            raise failures[0] if failures else PBXUnavailable("no voicemail folder is configured")
        found.sort(key=lambda each: (each.is_new, each.received_at), reverse=True)
        return tuple(found)
