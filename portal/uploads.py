"""Large uploads: what is too much never reaches a disk, and the form still says so."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import FileUploadHandler
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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


class UploadField(forms.FileField):
    """A file that is neither empty nor larger than so many bytes.

    ``accept`` is what a browser offers to choose from, ``missing`` what to say without a file.
    """

    def __init__(self, *, accept: str, missing: Any, most_bytes: int, **kwargs: Any) -> None:
        super().__init__(
            allow_empty_file=True,
            max_length=500,
            widget=forms.FileInput(attrs={"accept": accept}),
            error_messages={
                "required": missing,
                "max_length": gettext_lazy("El nombre del archivo es demasiado largo."),
            },
            **kwargs,
        )
        self.most_bytes = most_bytes

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The file."""
        file = super().clean(data, initial)
        if file and not file.size:
            raise ValidationError(_("El archivo está vacío."))
        if file and file.size > self.most_bytes:
            raise ValidationError(_("El archivo pasa de %d MB.") % (self.most_bytes // 1024**2))
        return file
