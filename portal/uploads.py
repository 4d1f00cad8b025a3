"""Large uploads: what is too much never reaches a disk, and the form still says so."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 10 * 1024 * 1024
"""The largest file that a form takes, where its view does not say otherwise."""

View = TypeVar("View", bound=Callable[..., Any])


def takes(most_bytes: int) -> Callable[[View], View]:
    """Decorate a view, from outside of all other decorators, whose form takes larger files."""

    def marked(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return marked


class Cut(FileUploadHandler):
    """Throws away what comes after the most that a view takes of a file, and a little.

    The file that the form gets is too large by that little, so that the form refuses it with words
    of its own.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """The chunk for the handlers that store it, or ``None`` for nobody."""
        view = getattr(self.request and self.request.resolver_match, "func", None)
        return raw_data if start <= getattr(view, "most_bytes", MOST_BYTES) else None

    def file_complete(self, file_size: int) -> Any:
        """Others make the file."""
        return None
