"""The adapter: the only part that knows there is a telephone system.

``get_pbx()`` gives the back end that ``settings.PBX`` names.
"""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from portal.pbx.interface import PBX


@cache
def get_pbx() -> PBX:
    """The back end of this process, built once. Building opens no connection."""
    build = import_string(settings.PBX["BACKEND"])
    pbx: PBX = build(**settings.PBX["OPTIONS"])
    return pbx
