"""How static files are named: by their content, those too that a module of ours imports."""

from typing import ClassVar

from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = r"""(?P<matched>import (?P<names>\{[^}]*\}) from "(?P<url>\./[^"]+)";)"""


class NamedByContent(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """So that after an upgrade no browser joins a new module to an old one that it still holds.

    Django can do this for every script there is; others' scripts name files that are not delivered.
    """

    patterns: ClassVar = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("js/*.js", ((IMPORT, 'import %(names)s from "%(url)s";'),)),
    )
