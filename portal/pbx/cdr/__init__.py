"""The call records: legs as the telephone system writes them, and calls as subscribers see them."""

from portal.pbx.cdr.log import CallRecords

__all__ = ["CallRecords"]
