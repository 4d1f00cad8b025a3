"""The adapter: the only part that knows there is a telephone system.

``get_pbx()`` gives the back end that ``settings.PBX`` names.
"""

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from portal.pbx.interface import PBX


@cache
def get_pbx() -> PBX:
    """The back end of this process, built once. Building opens no connection."""
    chosen: Any = settings.PBX
    pbx: PBX = import_string(chosen["BACKEND"])(**chosen["OPTIONS"])
    return pbx
