"""What an assignment says about late submissions: `late`, `grace` and `penalty` in `config.yaml`."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from pydantic import Field, field_validator

from grader.problems.yaml_model import StrictModel
from grader.reports.lateness import LatePolicy, Penalty

_UNITS = {"min": 60, "minute": 60, "h": 3600, "hour": 3600, "day": 86400, "week": 604800}
_LENGTH = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]+)")
_PER_DAY = re.compile(r"(\d+(?:\.\d+)?) ?(%|points?) ?(?:per|a|each|/) ?day")


def read_length(text: object) -> float:
    """Read a length of time, such as `15 min`, `1 h 30 min` or `2 days`, in seconds.

    Raises:
        ValueError: it is none.
    """
    words = " ".join(text.split()) if isinstance(text, str) else ""
    parts = _LENGTH.findall(words)
    units = [_UNITS.get(unit, _UNITS.get(unit.removesuffix("s"))) for _, unit in parts]
    rest = _LENGTH.sub("", words).strip()
    is_length = parts and not rest and None not in units
    if not is_length:
        found = "is empty, and" if text is None else repr(text)
        raise ValueError(
            f"{found} must be a length of time with its unit, such as '15 min', '2 h' or '1 day'"
        )
    return sum(float(number) * unit for (number, _), unit in zip(parts, units, strict=True) if unit)


class PenaltyStep(StrictModel):
    """What is lost after some time."""

    after: str = Field(description="how late, such as '1 h'")
    percent: Decimal = Field(ge=0, le=100, description="of the points reached")

    @field_validator("after", mode="before")
    @classmethod
    def _require_length(cls, after: object) -> object:
        read_length(after)
        return after


class LateFields(StrictModel):
    """The keys of an assignment about late submissions."""

    late: LatePolicy = Field(
        default="last", description="which submission counts if a student has one on time and a late one"
    )
    grace: str = Field(default="", description="how late a submission may be at no cost, such as '15 min'")
    penalty: str | list[PenaltyStep] = Field(
        default="", description="what a late submission loses: '10% per day', '2 points per day', or steps"
    )

    @field_validator("grace", mode="before")
    @classmethod
    def _require_length(cls, grace: object) -> object:
        if grace != "":
            read_length(grace)
        return grace

    @field_validator("penalty", mode="before")
    @classmethod
    def _require_rate(cls, penalty: object) -> object:
        is_rate = isinstance(penalty, str) and (not penalty or _PER_DAY.fullmatch(penalty.strip()))
        if is_rate or isinstance(penalty, list):
            return penalty
        raise ValueError(
            f"{penalty!r} must say what is lost per day, such as '10% per day' or '2 points per day', or be a list "
            "of steps, such as [{after: 1 h, percent: 10}]"
        )

    @property
    def grace_seconds(self) -> float:
        """The time of grace."""
        return read_length(self.grace) if self.grace else 0.0

    def make_penalty(self) -> Penalty:
        """What a late submission loses."""
        if isinstance(self.penalty, list):
            steps = sorted((read_length(step.after), Fraction(step.percent)) for step in self.penalty)
            return Penalty(steps=tuple(steps))
        match = _PER_DAY.fullmatch(self.penalty.strip())
        if match is None:
            return Penalty()
        amount = Fraction(match[1])
        return Penalty(percent=amount) if match[2] == "%" else Penalty(points=amount)
