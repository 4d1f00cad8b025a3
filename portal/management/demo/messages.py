"""The messages of the demonstration that are like no other; calls of every day leave the rest."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Left:
    """A message that somebody left; ``caller`` is digits, or ``hidden``."""

    caller: str
    called: str
    days_ago: int
    at: time
    seconds: int
    folder: str = "INBOX"
    sound: str = "wav"

    def moment(self, now: datetime) -> datetime:
        """When it came; ``now`` is in local time."""
        day = (now - timedelta(days=self.days_ago)).date()
        return datetime.combine(day, self.at, tzinfo=now.tzinfo)


# At hours at which no calendar of the demonstration sends calls elsewhere.
MESSAGES = (
    Left("910000302", "201", 1, time(13, 12, 10), 41),  # the school
    Left("hidden", "201", 1, time(12, 20, 44), 9),
    Left("600000777", "201", 2, time(11, 8, 31), 27),  # nobody knows this number
    Left("203", "201", 3, time(12, 40, 5), 16, "Old"),
    Left("981000132", "201", 6, time(10, 47, 52), 187, "Work"),  # directions to a warehouse
    Left("600000301", "201", 9, time(13, 25, 27), 22, "Family"),
    Left("983000110", "201", 13, time(11, 31, 9), 33, "Old", "wav49"),
    Left("hidden", "203", 1, time(12, 5, 50), 7),
    Left("921000321", "203", 4, time(17, 33, 12), 64, "Family"),
)

GREETED = "201"
"""Who speaks to callers herself."""
