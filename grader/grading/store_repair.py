"""Keep what can be read of a damaged store: a row, or a file, that cannot be read costs nobody else a result."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from grader.core.seeds import is_seed
from grader.core.text import count, list_first
from grader.grading.packed_result import digest_of, unpack_report
from grader.reports.class_list import ClassList
from grader.reports.report import Report
from grader.reports.serialize import read_assignment, read_exact

_Row = tuple[Any, ...]

_COLUMNS: Mapping[str, tuple[type, ...]] = {
    "run": (str, str, int, str),
    "class_list": (str,),
    "seeds": (str, int),
    "roster": (str, str),
    "results": (str, int, str, bytes, str),
    "files": (str, str, int, int),
}
"""Table → the types of its columns."""
UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError)
"""Raised by reading what SQLite did not write; a name that is no text is none of its own errors."""
_MOST_NAMED = 5


def is_damaged(path: Path, application: int) -> bool:
    """Is this a file of that application in which SQLite does not find everything in order?

    Source: https://www.sqlite.org/fileformat.html, for the header.
    """
    if not path.exists():
        return False
    with path.open("rb") as file:
        header = file.read(100)
    is_sqlite = header.startswith(b"SQLite format 3\x00")
    if not is_sqlite or header[68:72] != application.to_bytes(4, "big"):
        return False

    with closing(sqlite3.connect(path)) as connection:
        try:
            (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        except sqlite3.OperationalError:  # in use, or no place to write: told when it is opened
            return False
        except UNREADABLE:
            return True
    return bool(answer != "ok")


def drop_damaged_rows(connection: sqlite3.Connection) -> str:
    """Drop the rows that hold something else than was written, and say what was lost; empty if nothing was."""
    found = {table: list(_find_damaged(connection, table)) for table in _COLUMNS}
    dropped = {table: rows for table, rows in found.items() if rows}
    if not dropped:
        return ""

    keys = {row[0] for _, row in dropped.get("results", ())}
    roster = [row for row in _read(connection, "roster").values() if _is_valid("roster", row)]
    students = [student for student, key in roster if key in keys]
    with connection:
        for table, rows in dropped.items():
            connection.executemany(f"DELETE FROM {table} WHERE rowid = ?", [(number,) for number, _ in rows])
    return _say_dropped(dropped, sorted(map(str, students)))


def salvage(path: Path, create: Callable[[Path], sqlite3.Connection]) -> str:
    """Copy the rows that can be read into a new file, put the damaged one aside, and say so.

    Args:
        create: makes an empty store.
    """
    with closing(sqlite3.connect(path)) as damaged:
        tables = {table: _read(damaged, table).values() for table in _COLUMNS}

    aside = _put_aside(path)
    kept = 0
    with closing(create(path)) as new, new:
        for table, rows in tables.items():
            values = [row for row in rows if _is_valid(table, row)]
            places = ", ".join("?" * len(_COLUMNS[table]))
            new.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", values)
            if table == "results":
                kept = len(values)
    return (
        f"{path} was damaged: {count(kept, 'result')} could be read and are kept. Run grader grade again for the "
        f"others. The damaged file is {aside.name}."
    )


def _read(connection: sqlite3.Connection, table: str) -> dict[int, _Row]:
    """Read the rows by their numbers, from both ends if some in the middle cannot be read."""
    connection.text_factory = _decode
    rows: dict[int, _Row] = {}
    for order in ("ASC", "DESC"):
        query = f"SELECT rowid, * FROM {table} NOT INDEXED ORDER BY rowid {order}"
        with suppress(*UNREADABLE):
            for number, *row in connection.execute(query):
                rows[number] = tuple(row)
            break
    connection.text_factory = str
    return rows


def _find_damaged(connection: sqlite3.Connection, table: str) -> Iterator[tuple[int, _Row]]:
    for number, row in _read(connection, table).items():
        if not _is_valid(table, row):
            yield number, row


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _is_valid(table: str, row: _Row) -> bool:
    kinds = _COLUMNS[table]
    if len(row) != len(kinds) or not all(map(isinstance, row, kinds)):
        return False
    try:
        for value in row:
            if isinstance(value, str):
                value.encode()
        return _holds(table, row)
    except ValueError:
        return False


def _holds(table: str, row: _Row) -> bool:
    """Is the row's content what was written? May raise ValueError instead."""
    if table == "run":
        read_assignment(row[3])
        return is_seed(row[2])
    if table == "class_list":
        read_exact(ClassList, row[0])
    if table == "seeds":
        return is_seed(row[1])

    if table == "results":
        _, _, summary, report, digest = row
        if digest:
            return bool(digest == digest_of(summary, report))
        # Of an earlier version, which kept no digests.
        unpack_report(report)
        read_exact(Report, summary)
    return True


def _say_dropped(dropped: Mapping[str, list[tuple[int, _Row]]], students: list[str]) -> str:
    parts = []
    if results := dropped.get("results"):
        names = list_first(students, _MOST_NAMED) or "nobody of this class"
        parts.append(f"{count(len(results), 'result')} ({names})")
    if "run" in dropped:
        parts.append("the record of the latest run")
    if not dropped.keys().isdisjoint(("roster", "seeds", "class_list")):
        parts.append("entries of the class list")

    if not parts:
        return ""
    lost = ", ".join(parts)
    return (
        f"The store was damaged, and lost {lost}; everything else is kept. Run grader grade again for these."
    )


def _put_aside(path: Path) -> Path:
    """Rename the file and what SQLite keeps beside it."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return aside
