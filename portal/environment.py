"""The environment, in which any variable may be given as the path of a file that holds it."""

from django.core.exceptions import ImproperlyConfigured
from environ import FileAwareEnv
from environ.fileaware_mapping import FileAwareMapping


class _Files(FileAwareMapping):
    """Without the line's end that most editors leave in a file."""

    def __getitem__(self, key: str) -> str:
        try:
            value: str = super().__getitem__(key)
        except OSError as error:
            raise ImproperlyConfigured(f"{key}_FILE: {error.filename}: {error.strerror}") from None
        return value.rstrip("\r\n")


class Environment(FileAwareEnv):
    """What settings read: ``NAME``, or the file that ``NAME_FILE`` names, which comes first."""

    ENVIRON = _Files()
