"""Everything that a person has here, as one file: each app adds its part.

``settings.OWN_DATA`` names for each folder of the file a function that takes a subscriber and gives
the files of its part: a name, and the content in pieces.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from portal.models import Subscriber
from portal.pbx.errors import PBXError

File = tuple[str, Iterable[bytes]]
Export = Callable[[Subscriber], Iterator[File]]

SOUND = ".wav"
"""Not compressed: it would take long and save little."""


class TooMuch(Exception):
    """The file would become larger than ``settings.OWN_DATA_BYTES``."""


class _Package:
    """The file being written."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.left = settings.OWN_DATA_BYTES
        self.now = timezone.localtime().timetuple()[:6]

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write one file. Raises ``TooMuch`` when there is no more room."""
        about = zipfile.ZipInfo(name, self.now)
        about.compress_type = zipfile.ZIP_STORED if name.endswith(SOUND) else zipfile.ZIP_DEFLATED
        about.external_attr = 0o600 << 16
        with self.archive.open(about, "w", force_zip64=True) as file:
            for piece in pieces:
                self.left -= len(piece)
                if self.left < 0:
                    raise TooMuch
                file.write(piece)


def pack(subscriber: Subscriber, target: IO[bytes]) -> list[str]:
    """Write the ZIP file. Returns the folders that are not complete, which it also says itself."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        package = _Package(archive)
        parts = settings.OWN_DATA.items()
        missing = [name for name, path in parts if not _part(package, subscriber, name, path)]
        archive.writestr(_("LEEME.txt"), _about(subscriber, missing))
    return missing


def _part(package: _Package, subscriber: Subscriber, folder: str, path: str) -> bool:
    """Add the files of one app. Returns whether all of them are there."""
    export: Export = import_string(path)
    try:
        for name, pieces in export(subscriber):
            package.add(f"{folder}/{name}", pieces)
    except (PBXError, DatabaseError, TooMuch):
        return False
    return True


def _about(subscriber: Subscriber, missing: list[str]) -> str:
    lines = [
        _("Datos de %(name)s, número %(number)s, en webfon a %(when)s.")
        % {
            "name": subscriber.display_name,
            "number": subscriber.number,
            "when": timezone.localtime().strftime("%Y-%m-%d %H:%M"),
        }
    ]
    if missing:
        text = _("No está completo: %s. Era demasiado, o no se pudo leer; prueba otra vez.")
        lines.append(text % ", ".join(missing))
    return "\r\n".join(lines) + "\r\n"
