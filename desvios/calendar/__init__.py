"""Forwarding by calendar: from events and series to the windows that calls obey."""
