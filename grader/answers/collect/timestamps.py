"""Times as files and platforms write them."""

from __future__ import annotations

import datetime
import zoneinfo


def read_time(text: str) -> str:
    """Read a time in ISO 8601, or as nbgrader writes it, `2026-10-01 17:59:00.000000 UTC`.

    Returns:
        The time in ISO 8601, with a zone if it has one; empty for anything else.
    """
    words = text.split()[:3]
    for zoned in (words, words[:2]):
        try:
            return _parse(zoned).isoformat()
        except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
            continue
    return ""


def _parse(words: list[str]) -> datetime.datetime:
    if len(words) < 3:
        return datetime.datetime.fromisoformat("T".join(words))
    date, time, zone = words
    if zone[0] in "+-":
        return datetime.datetime.fromisoformat(f"{date}T{time}{zone}")
    return datetime.datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=zoneinfo.ZoneInfo(zone))
