"""When a submission was made, as nbgrader keeps it beside the notebook."""

from __future__ import annotations

import datetime
from pathlib import Path

_LONGEST = 100
"""Characters of a time; nbgrader's parser takes minutes for a megabyte of digits."""


def read_timestamp(folder: Path) -> datetime.datetime | None:
    """Read from `timestamp.txt` when a submission was made, in UTC.

    Raises:
        ValueError: that is no time.
        OSError: it cannot be read.
    """
    path = folder / "timestamp.txt"
    if not path.is_file() or path.is_symlink():
        return None

    with path.open(encoding="utf-8") as file:
        text = file.read(_LONGEST + 1).strip()
    if len(text) > _LONGEST:
        raise ValueError("longer than any time")

    try:
        return _parse(text) if text else None
    except ArithmeticError as error:  # numbers that are too large
        raise ValueError(str(error)) from None


def _parse(text: str) -> datetime.datetime:
    if text.endswith(" UTC"):  # as nbgrader itself writes it
        time = datetime.datetime.fromisoformat(text.removesuffix(" UTC"))
        # A place on the clock of another zone as well: nbgrader cannot read that, and compares without zones.
        return time.astimezone(datetime.UTC).replace(tzinfo=None) if time.tzinfo else time

    from nbgrader.utils import parse_utc

    parsed: datetime.datetime = parse_utc(text)
    return parsed
