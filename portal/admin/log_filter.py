"""Which entries of the log somebody asks for."""

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import ChoicesFieldListFilter, ListFilter
from django.db import connection
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from portal.models import AuditEvent

LONGEST = 100


class AskedFilter(ListFilter):
    """By who did it, whose it is, and from and to which day: one form with four fields."""

    title = _("quién y cuándo")
    template = "admin/portal/auditevent/asked.html"
    NAMES = ("quien", "usuario", "desde", "hasta")

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.NAMES:
            if name in params:
                self.used_parameters[name] = params.pop(name)[-1].strip()[:LONGEST]

    def has_output(self) -> bool:
        """Always: it is a form."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """The fields."""
        return list(self.NAMES)

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """One: the form as it was filled in, and what of the address stays as it is."""
        others = {n: v for n, v in changelist.params.items() if n not in (*self.NAMES, "p")}
        kept = {
            name: value[-1] if isinstance(value, list) else value for name, value in others.items()
        }
        if changelist.query:
            kept["q"] = changelist.query
        yield {"asked": self.used_parameters, "kept": kept}

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> Any:
        """The entries that fit; a day that is none is not looked at."""
        asked: dict[str, Any] = dict(self.used_parameters)
        if who := asked.get("quien"):
            queryset = queryset.filter(actor_name__icontains=who)
        if whose := asked.get("usuario"):
            queryset = queryset.filter(
                Q(subscriber_number=whose) | Q(subscriber__display_name__icontains=whose)
            )
        if first := day(asked.get("desde")):
            queryset = queryset.filter(at__gte=_midnight(first))
        if last := day(asked.get("hasta")):
            queryset = queryset.filter(at__lt=_midnight(last + timedelta(days=1)))
        return queryset


class KindFilter(ChoicesFieldListFilter):
    """By what was changed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("tipo de cambio")


def day(text: Any) -> date | None:
    """The day that a field holds, or ``None``; the last days of the calendar are too far away."""
    try:
        found = parse_date(str(text or ""))
    except ValueError:
        return None
    return found if found and found.year < 9000 else None


def _midnight(local: date) -> datetime:
    return timezone.make_aware(datetime.combine(local, time()))


def in_stored_text(word: str) -> str:
    """The word as it stands in the stored text: SQLite keeps what Django escaped."""
    if connection.vendor == "sqlite":
        return json.dumps(word)[1:-1]
    return json.dumps(word, ensure_ascii=False)[1:-1]
