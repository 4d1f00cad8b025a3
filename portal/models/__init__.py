"""Subscribers, what they may call, their devices, holidays, and who changed what."""

from portal.models.calls import BegunCall
from portal.models.classes import NumberPattern, PendingQuerySet, ServiceClass, check_fits
from portal.models.holidays import Holiday, HolidayCalendar
from portal.models.imports import SubscriberImport
from portal.models.logins import LoginEvent, PendingLogin
from portal.models.records import AuditEvent, Heartbeat, NewsItem
from portal.models.subscribers import (
    DIGITS,
    PRINTABLE,
    Device,
    Subscriber,
    check_digits_login,
    clean_display_name,
    company_zone,
    portal_languages,
    voicemail_languages,
    zone_choices,
)

__all__ = [
    "DIGITS",
    "PRINTABLE",
    "AuditEvent",
    "BegunCall",
    "Device",
    "Heartbeat",
    "Holiday",
    "HolidayCalendar",
    "LoginEvent",
    "NewsItem",
    "NumberPattern",
    "PendingLogin",
    "PendingQuerySet",
    "ServiceClass",
    "Subscriber",
    "SubscriberImport",
    "check_digits_login",
    "check_fits",
    "clean_display_name",
    "company_zone",
    "portal_languages",
    "voicemail_languages",
    "zone_choices",
]
