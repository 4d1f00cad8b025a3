"""Large uploads: what is too much never reaches a disk, and the form still says so."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 10 * 1024 * 1024
"""The largest file that any form takes."""


class Cut(FileUploadHandler):
    """Throws away what comes after ``MOST_BYTES`` of a file, and a little.

    The file that the form gets is too large by that little, so that the form refuses it with words
    of its own.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The chunk for the handlers that store it, or ``None`` for nobody."""
        return raw_data if start <= MOST_BYTES else None

    def file_complete(self, file_size: int) -> Any:
        """Others make the file."""
        return None
