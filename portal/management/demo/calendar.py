"""The calendars of the demonstration: what Ana planned, and the holidays of Madrid."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from desvios.calendar.series import Content
from portal.pbx.types import VOICEMAIL

MOBILE = "600000121"

HOLIDAYS = {
    "Festivos nacionales": (
        (date(2026, 1, 1), "Año Nuevo"),
        (date(2026, 1, 6), "Epifanía del Señor"),
        (date(2026, 4, 3), "Viernes Santo"),
        (date(2026, 5, 1), "Fiesta del Trabajo"),
        (date(2026, 8, 15), "Asunción de la Virgen"),
        (date(2026, 10, 12), "Fiesta Nacional de España"),
        (date(2026, 12, 8), "Inmaculada Concepción"),
        (date(2026, 12, 25), "Natividad del Señor"),
        (date(2027, 1, 1), "Año Nuevo"),
        (date(2027, 1, 6), "Epifanía del Señor"),
        (date(2027, 3, 26), "Viernes Santo"),
        (date(2027, 5, 1), "Fiesta del Trabajo"),
        (date(2027, 10, 12), "Fiesta Nacional de España"),
        (date(2027, 11, 1), "Todos los Santos"),
        (date(2027, 12, 6), "Día de la Constitución Española"),
        (date(2027, 12, 8), "Inmaculada Concepción"),
        (date(2027, 12, 25), "Natividad del Señor"),
    ),
    "Madrid": (
        (date(2026, 4, 2), "Jueves Santo"),
        (date(2026, 5, 2), "Fiesta de la Comunidad de Madrid"),
        (date(2026, 5, 15), "San Isidro"),
        (date(2026, 11, 2), "Traslado de Todos los Santos"),
        (date(2026, 11, 9), "Nuestra Señora de la Almudena"),
        (date(2026, 12, 7), "Traslado del Día de la Constitución"),
        (date(2027, 3, 25), "Jueves Santo"),
        (date(2027, 5, 15), "San Isidro"),
        (date(2027, 11, 9), "Nuestra Señora de la Almudena"),
    ),
}
"""Calendars of holidays by name; each day with its own."""


def events(today: date, zone: ZoneInfo) -> list[tuple[Content, bool]]:
    """What Ana planned, and whether it pauses on holidays. It began some weeks ago."""
    monday = today - timedelta(days=today.weekday() + 21)

    def at(day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), tzinfo=zone)

    def content(title: str, start: date, end: date, to: str, rule: str = "") -> Content:
        return Content(title=title, start=start, end=end, destination=to, rule=rule)

    tuesday, friday = monday + timedelta(days=1), monday + timedelta(days=4)
    away = monday + timedelta(days=44)
    workdays = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    return [
        (content("Pausa de la comida", at(monday, 14), at(monday, 15), VOICEMAIL, workdays), True),
        (
            content(
                "En el almacén",
                at(tuesday, 14, 30),
                at(tuesday, 19),
                MOBILE,
                "FREQ=WEEKLY;BYDAY=TU",
            ),
            True,
        ),
        (
            content(
                "Reunión de equipo",
                at(friday, 9, 30),
                at(friday, 10, 30),
                "203",
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
            ),
            False,
        ),
        (content("Vacaciones", away, away + timedelta(days=5), "203"), False),
    ]
