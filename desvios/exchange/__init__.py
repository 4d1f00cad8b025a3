"""Calendars from elsewhere, imported or subscribed to, and the own calendar for others."""
