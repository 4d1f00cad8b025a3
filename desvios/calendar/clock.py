"""Times that a change of the clocks skips or repeats, and what they then mean."""

from datetime import UTC, datetime

from django.utils.translation import gettext as _

from desvios.calendar.wording import day_and_year, hour_in_words


def clock_note(moment: datetime) -> str:
    """What to say of an aware local time that does not exist or exists twice; else ``""``.

    A skipped time counts as long after midnight as if nothing were skipped, so it means one that
    is later on the clock; of a repeated one the first is meant (PEP 495, ``fold=0``).
    """
    moment = moment.replace(fold=0)
    meant = moment.astimezone(UTC).astimezone(moment.tzinfo)
    words = {"day": day_and_year(moment.date()), "hour": hour_in_words(moment)}
    if meant.replace(tzinfo=None) != moment.replace(tzinfo=None):
        return _(
            "El %(day)s el reloj se adelanta y salta %(hour)s: en su lugar vale %(meant)s."
        ) % {**words, "meant": hour_in_words(meant)}
    if moment.utcoffset() != moment.replace(fold=1).utcoffset():
        return (
            _("El %(day)s el reloj se atrasa y pasa dos veces por %(hour)s: vale la primera.")
            % words
        )
    return ""
