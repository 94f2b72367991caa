"""Read tables about a class as people and platforms write them: CSV of any separator and order of columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from grader.core.errors import GraderError, find_nearest

_SEPARATORS = ",;\t|"
_MOST_BYTES = 1 << 26
_MOST_TITLES = 8
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))

_NUMBER = re.compile(r"(\d{1,9}(?:[.,]\d{1,9})?)(?:/(\d{1,9}))?", re.ASCII)

Columns = Mapping[str, Sequence[str]]
"""Field → the titles that columns with it have, in small letters, words parted by one space."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table.

    Args:
        number: in the file, from 1.
        fields: field → text, without spaces around it; a field without a column is missing.
        others: of the columns that are several for one field, the texts of those after the first.
    """

    number: int
    fields: Mapping[str, str]
    others: tuple[str, ...] = ()

    def __getitem__(self, field: str) -> str:
        return self.fields.get(field, "")


def read_table(path: Path, columns: Columns, needed: Columns) -> list[Line]:
    """Read the rows below the head; empty ones are left out.

    Args:
        needed: what the rows must say, such as "students" → the fields of which one says it.

    Raises:
        GraderError: it cannot be read, none of its columns is known, or some that are needed are missing.
    """
    text = _read_text(path)
    if re.match(r"sep=.\r?\n", text):  # Excel's own first line
        text = "\n" + text.split("\n", 1)[1]

    readings = [_read_rows(text, separator) for separator in _SEPARATORS]
    rows = max(readings, key=lambda rows: len(_find_fields(rows, columns)))
    fields = _find_fields(rows, columns)

    fault = _explain_missing(columns, needed, {field for _, field in fields})
    if fault:
        head = rows[0][1] if rows else []
        titles = ", ".join(map(repr, head[:_MOST_TITLES])) or "nothing"
        raise GraderError(f"{path} has {fault} (found {titles})")

    return [_make_line(number, row, fields) for number, row in rows[1:]]


def _explain_missing(columns: Columns, needed: Columns, fields: Collection[str]) -> str:
    """Say which columns are missing, of all or of those that are needed; empty if none is."""
    if not fields:
        return f"no column that is known; allowed: {', '.join(columns)}"

    missing = [what for what, choices in needed.items() if not set(choices) & set(fields)]
    if not missing:
        return ""
    titles = [title for what in missing for title in needed[what]]
    return f"no column for {' and '.join(missing)}; add one of: {', '.join(titles)}"


def read_number(text: str) -> Fraction | None:
    """Read a number that is not negative, with a decimal point or comma or as a fraction; None for anything else."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        return None

    divisor = int(match[2] or 1)
    if divisor == 0:
        return None
    return Fraction(match[1].replace(",", ".")) / divisor


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES)
    except OSError as error:
        raise GraderError(f"Cannot read {path}: {error.strerror}{_suggest(path)}") from None

    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:  # as Excel writes in western Europe
        return data.decode("cp1252", "replace")


def _suggest(path: Path) -> str:
    """The table beside it that may be meant, where there is none of its name."""
    near = find_nearest(path.name, [other.name for other in path.parent.glob("*.csv")])
    if near is None or path.exists():
        return ""
    return f"; did you mean {path.with_name(near)}?"


def _read_rows(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """The rows that are not empty, each with its line; none where these separators make no table."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows = []

    try:
        for row in reader:
            cells = [cell.replace("\0", "").strip() for cell in row]
            if any(cells):
                rows.append((reader.line_num, cells))
    except csv.Error:  # a text in quotes that never ends, say
        return []
    return rows


def _find_fields(rows: list[tuple[int, list[str]]], columns: Columns) -> list[tuple[int, str]]:
    """The columns that are known: position and field, for a field the most usual title first."""
    if not rows:
        return []

    known = {}
    for field, titles in columns.items():
        for place, title in enumerate(titles):
            known[title] = place, field

    found = []
    for position, title in enumerate(rows[0][1]):
        words = " ".join(re.split(r"[\s_/-]+", title.casefold().strip()))
        if words in known:
            place, field = known[words]
            found.append((place, position, field))

    return [(position, field) for _, position, field in sorted(found)]


def _make_line(number: int, row: list[str], fields: list[tuple[int, str]]) -> Line:
    texts = dict(enumerate(row))
    values: dict[str, str] = {}
    others = []

    for position, field in fields:
        text = texts.get(position, "")  # a row may be shorter than the head
        if not values.get(field):
            values[field] = text
        elif text and text != values[field]:
            others.append(text)

    return Line(number, values, tuple(others))
