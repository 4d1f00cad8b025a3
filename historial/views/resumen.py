"""The calls of the last weeks at a glance."""

from datetime import datetime, time, timedelta

from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from historial import charts
from historial.reach import CALL_RECORDS
from portal.access import SubscriberRequest, subscriber_required
from portal.pbx import get_pbx

WEEKS = 4


@subscriber_required
@require_GET
def resumen(request: SubscriberRequest) -> HttpResponse:
    """Calls received by day and by hour, answered and missed, drawn and as tables."""
    zone = request.subscriber.zone
    last = timezone.localdate(timezone=zone)
    first = last - timedelta(days=7 * WEEKS - 1)
    since = datetime.combine(first, time(), zone)
    try:
        with CALL_RECORDS.asked():
            summary = get_pbx().call_log.summary(
                request.subscriber.number, since, timezone.now(), zone
            )
    except DatabaseError:
        return render(request, "historial/resumen.html", {"problem": True, "weeks": WEEKS})
    days, hours = charts.by_day(summary, first, last), charts.by_hour(summary)
    total = charts.total(days)
    context = {
        "weeks": WEEKS,
        "total": total,
        "received": total.answered + total.missed,
        "share": round(100 * total.missed / max(1, total.answered + total.missed)),
        "worst_hour": max(hours, key=lambda slot: slot.count.missed),
        "charts": [
            (_("Por día"), _("Llamadas recibidas cada día"), charts.draw(days)),
            (_("Por hora"), _("Llamadas recibidas a cada hora"), charts.draw(hours)),
        ],
    }
    return render(request, "historial/resumen.html", context)
