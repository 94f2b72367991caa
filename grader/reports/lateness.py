"""Due dates, how late a submission is, and what it loses for that."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

LatePolicy = Literal["last", "last_on_time", "both"]
"""Which of several submissions counts, if some are late: the last, the last in time, or each for itself."""

_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Penalty:
    """What a late submission loses; nothing by default.

    Args:
        percent: of the points reached, for each day that has begun. points: the same in points.
        steps: in rising order (seconds, percent): how late a submission must be to lose so much of the points reached.
    """

    percent: Fraction = Fraction(0)
    points: Fraction = Fraction(0)
    steps: tuple[tuple[float, Fraction], ...] = ()

    def deduct(self, score: Fraction, late: Lateness) -> Fraction:
        """The points that are left of a score; never below 0."""
        if not late.days:
            return score
        percent = self.percent * late.days
        for seconds, share in self.steps:
            if late.seconds > seconds:
                percent = share
        return max(Fraction(0), score * (1 - percent / 100) - self.points * late.days)


@dataclass(frozen=True, slots=True)
class Lateness:
    """When a submission was handed in, and how much too late.

    Args:
        submitted: in ISO 8601; empty if it is not known. source: who says so.
        due: the student's own due date, in ISO 8601; empty if there is none.
        seconds: after that date; days: those that have begun. 0 if it is in time, or within the grace.
    """

    submitted: str = ""
    source: str = ""
    due: str = ""
    seconds: float = 0.0
    days: int = 0


NO_PENALTY = Penalty()


def measure(submitted: str, source: str, due: str, grace: float, zone: datetime.tzinfo | None) -> Lateness:
    """Measure how late a submission is.

    Args:
        grace: seconds after the date that do not count.
        zone: of times that name none; that of this machine if None.
    """
    late = 0.0
    if submitted and due:
        late = (_with_zone(submitted, zone) - find_deadline(due, zone)).total_seconds()
    if late <= grace:
        return Lateness(submitted, source, due)
    # Who uses up the grace is late from the date itself.
    return Lateness(submitted, source, due, late, math.ceil(late / _DAY))


def find_deadline(due: str, zone: datetime.tzinfo | None) -> datetime.datetime:
    """The moment at which a date or a time in ISO 8601 is over: a day when it has ended."""
    if "T" in due:
        return _with_zone(due, zone)
    following = datetime.date.fromisoformat(due) + datetime.timedelta(days=1)
    return _with_zone(f"{following}T00:00", zone)


def _with_zone(moment: str, zone: datetime.tzinfo | None) -> datetime.datetime:
    time = datetime.datetime.fromisoformat(moment)
    if time.tzinfo is not None:
        return time
    return time.replace(tzinfo=zone) if zone else time.astimezone()


def say_late(late: Lateness) -> str:
    """Say how late a submission is; empty if it is in time."""
    if not late.days:
        return ""
    return "1 day late" if late.days == 1 else f"{late.days} days late"
