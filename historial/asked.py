"""What the address of the history asks for. Whatever stands there, something sensible is shown."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Self

from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal import dates
from portal.pbx.types import CallKind

KINDS: dict[str, tuple[CallKind, str | Promise]] = {
    "": (CallKind.ALL, gettext_lazy("Todas")),
    "perdidas": (CallKind.MISSED, gettext_lazy("Perdidas")),
    "recibidas": (CallKind.RECEIVED, gettext_lazy("Recibidas")),
    "hechas": (CallKind.MADE, gettext_lazy("Hechas")),
    "desviadas": (CallKind.FORWARDED, gettext_lazy("Desviadas")),
}
"""The filters by their words in the address."""

USUAL, EVERYTHING = "90", "todo"
PERIODS: dict[str, str | Promise] = {
    "7": gettext_lazy("Últimos 7 días"),
    "30": gettext_lazy("Últimos 30 días"),
    USUAL: gettext_lazy("Últimos 90 días"),
    "365": gettext_lazy("Último año"),
    EVERYTHING: gettext_lazy("Todo"),
}
"""The periods by their words in the address; numbers are days, today included."""

LONGEST_TEXT = 60
LONGEST_KEY = 80
FIRST_DAY, LAST_DAY = date(1970, 1, 2), date(2199, 12, 31)
"""Days beyond which no telephone call was or will be recorded here."""

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
NUMBER = re.compile(r"\+?[0-9\s.\-()/]*[0-9][0-9\s.\-()/]*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search of the history. ``first`` and ``last`` are days of the person's own zone.

    ``before`` is the key after which the page begins. ``remarks`` say what was not understood.
    """

    kind: str = ""
    period: str = USUAL
    first: date | None = None
    last: date | None = None
    text: str = ""
    before: str = ""
    remarks: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Self:
        """What the query asks for; what makes no sense is left out, with a remark."""
        remarks: list[str] = []
        kind, period = query.get("ver", ""), query.get("periodo", USUAL)
        if kind not in KINDS:
            remarks.append(_("Ese filtro no existe: se ven todas las llamadas."))
        if period not in PERIODS:
            remarks.append(_("Ese periodo no existe: se ven los últimos 90 días."))
        first, last = _day(query, "desde", remarks), _day(query, "hasta", remarks)
        if first and last and first > last:
            first, last = last, first
            remarks.append(_("Las fechas estaban al revés y se han puesto en orden."))
        return cls(
            kind=kind if kind in KINDS else "",
            period=period if period in PERIODS else USUAL,
            first=first,
            last=last,
            text=_plain(query.get("buscar", "")),
            before=_plain(query.get("antes", ""))[:LONGEST_KEY],
            remarks=tuple(remarks),
        )

    @property
    def has_days(self) -> bool:
        """Whether days were asked for, so that the period does not count."""
        return bool(self.first or self.last)

    @property
    def is_number(self) -> bool:
        """Whether the text is the beginning of a number, rather than a name."""
        return NUMBER.fullmatch(self.text) is not None

    @property
    def is_filtered(self) -> bool:
        """Whether anything was asked for that leaves calls out."""
        return bool(self.kind or self.text or self.has_days or self.period != USUAL)

    def limits(self, today: date, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
        """From which moment on, and before which one; ``None`` for no limit."""
        if self.has_days:
            until = self.last + timedelta(days=1) if self.last else None
            return _midnight(self.first, zone), _midnight(until, zone)
        if self.period == EVERYTHING:
            return None, None
        return _midnight(today - timedelta(days=int(self.period) - 1), zone), None

    def in_words(self) -> str:
        """``Últimos 90 días``, ``Del 3 nov 2026 al 9 nov 2026``."""
        if not self.has_days:
            return str(PERIODS[self.period])
        days = {"first": _short(self.first), "last": _short(self.last)}
        if self.first and self.last:
            return (
                _("Del %(first)s al %(last)s") % days
                if self.first != self.last
                else _("El %(first)s") % days
            )
        return (_("Desde el %(first)s") if self.first else _("Hasta el %(last)s")) % days

    def address(self, **other: object) -> str:
        """The query that asks for this, with some fields changed; without what is usual.

        Another page is begun only by naming ``before``.
        """
        it = replace(self, **{"before": "", **other})  # type: ignore[arg-type]
        parts = {
            "ver": it.kind,
            "periodo": "" if it.has_days or it.period == USUAL else it.period,
            "desde": it.first.isoformat() if it.first else "",
            "hasta": it.last.isoformat() if it.last else "",
            "buscar": it.text,
            "antes": it.before,
        }
        return f"?{urlencode({name: value for name, value in parts.items() if value})}"


def _day(query: Mapping[str, str], name: str, remarks: list[str]) -> date | None:
    """The day under this name, at most as far away as any call."""
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        words = _("«%(text)s» no es una fecha y no se ha tenido en cuenta.")
        remarks.append(words % {"text": _plain(text)[:20]})
        return None
    return min(max(day, FIRST_DAY), LAST_DAY)


def _plain(text: str) -> str:
    """The text without what cannot be seen, no longer than a name is."""
    seen = "".join(c for c in text[: 10 * LONGEST_TEXT] if unicodedata.category(c)[0] != "C")
    return " ".join(seen.split())[:LONGEST_TEXT]


def _midnight(day: date | None, zone: tzinfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None


def _short(day: date | None) -> str:
    return dates.written(day, dates.SHORT_WITH_YEAR) if day else ""
