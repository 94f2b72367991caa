"""The results of a class, in `OUT/results.sqlite`: one transaction for each submission.

A result stands under the key of all that it depends on, and stays there. The roster lists the class of the latest run,
each student with the key of their result. Killed at any moment, a run leaves what it has committed.
"""

from __future__ import annotations

import os
import socket
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

try:
    import fcntl
except ImportError:  # where there is none, nothing is graded either
    fcntl = None  # type: ignore[assignment]

from grader.core.errors import GraderError, cannot_write
from grader.core.files import RESULTS_FILE, remove_unfinished
from grader.grading.packed_result import Result
from grader.grading.store_repair import drop_damaged_rows, is_damaged, salvage
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment
from grader.reports.class_list import NO_CLASS, ClassList
from grader.reports.report import Report
from grader.reports.serialize import read_assignment, read_exact, to_exact_json, write_assignment

LOCK = ".lock"
_APPLICATION = 0x46724772  # tells our files from other people's
_VERSION = 4
_BUSY_SECONDS = 10

_TABLES = """
CREATE TABLE run (assignment TEXT NOT NULL, title TEXT NOT NULL, seed INTEGER NOT NULL, sheet TEXT NOT NULL);
CREATE TABLE class_list (people TEXT NOT NULL);
CREATE TABLE seeds (assignment TEXT PRIMARY KEY, seed INTEGER NOT NULL);
CREATE TABLE roster (student TEXT PRIMARY KEY, key TEXT NOT NULL);
CREATE TABLE results (key TEXT PRIMARY KEY, done INTEGER NOT NULL, summary TEXT NOT NULL, report BLOB NOT NULL,
    digest TEXT NOT NULL DEFAULT '');
CREATE TABLE files (path TEXT PRIMARY KEY, stamp TEXT NOT NULL, size INTEGER NOT NULL, modified INTEGER NOT NULL);
"""
_MIGRATIONS = {
    1: "ALTER TABLE run ADD COLUMN sheet TEXT NOT NULL DEFAULT '';",
    2: "ALTER TABLE results ADD COLUMN digest TEXT NOT NULL DEFAULT '';",
    3: "CREATE TABLE IF NOT EXISTS class_list (people TEXT NOT NULL);",
}
"""Changes that make a store of a version one of the next."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The subject of the latest run.

    Args:
        published: the whole assignment, whether students may see its solutions or not.
        class_list: who is in the class, and who handed in what.
    """

    assignment: str
    title: str
    seed: int
    published: PublishedAssignment = NO_ASSIGNMENT
    class_list: ClassList = NO_CLASS


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as it was written.

    Args:
        made_from: key of its content.
        size, modified: bytes, and time in ns, which tell if it has changed since.
    """

    made_from: str
    size: int
    modified: int


class ResultStore:
    """An open store; see `open_results`.

    Args:
        repaired: what was lost of a damaged store, in words; empty if nothing was.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, repaired: str = "") -> None:
        self.folder = folder
        self.repaired = repaired
        self._connection = connection

    @property
    def run(self) -> RunRecord | None:
        """The latest run; None before the first."""
        row = self._connection.execute("SELECT assignment, title, seed, sheet FROM run").fetchone()
        if row is None:
            return None

        assignment, title, seed, published = row
        people = self._connection.execute("SELECT people FROM class_list").fetchone()
        try:
            class_list = read_exact(ClassList, people[0]) if people else NO_CLASS
            return RunRecord(assignment, title, seed, read_assignment(published), class_list)
        except ValueError as error:
            raise _damaged(self.folder / RESULTS_FILE, error) from None

    def seed(self, assignment: str) -> int | None:
        """The seed with which the assignment was graded last."""
        query = "SELECT seed FROM seeds WHERE assignment = ?"
        row = self._connection.execute(query, (assignment,)).fetchone()
        return row[0] if row else None

    def begin(self, run: RunRecord, keyed_students: Iterable[tuple[str, str]]) -> None:
        """Make these students, each with the key of their result, the class; results of others stay."""
        row = (run.assignment, run.title, run.seed, write_assignment(run.published))
        with self._connection as connection:
            connection.execute("DELETE FROM run")
            connection.execute("INSERT INTO run VALUES (?, ?, ?, ?)", row)
            connection.execute("INSERT OR REPLACE INTO seeds VALUES (?, ?)", (run.assignment, run.seed))

            connection.execute("DELETE FROM class_list")
            connection.execute("INSERT INTO class_list VALUES (?)", (to_exact_json(run.class_list),))

            connection.execute("DELETE FROM roster")
            connection.executemany("INSERT INTO roster VALUES (?, ?)", keyed_students)

    def keep_published(self, published: PublishedAssignment) -> None:
        """Replace the published assignment of the latest run."""
        with self._connection as connection:
            connection.execute("UPDATE run SET sheet = ?", (write_assignment(published),))

    def add(self, result: Result) -> None:
        """Keep a result, in a transaction of its own."""
        row = (result.key, result.done, result.summary, result.report, result.digest)
        with self._connection as connection:
            connection.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?)", row)

    def waiting(self) -> set[str]:
        """Students of the class without a result, or with one that the grader failed on."""
        query = "SELECT student FROM roster LEFT JOIN results USING (key) WHERE NOT ifnull(done, 0)"
        return {student for (student,) in self._connection.execute(query)}

    def graded_students(self) -> dict[str, str]:
        """Every student of the class who has a result, with its key, sorted."""
        query = "SELECT student, key FROM roster JOIN results USING (key) ORDER BY student"
        return dict(self._connection.execute(query))

    def content_keys(self) -> dict[str, str]:
        """Every student of the class who has a result, with what files made from it depend on, sorted."""
        query = "SELECT student, key || ' ' || digest FROM roster JOIN results USING (key) ORDER BY student"
        return dict(self._connection.execute(query))

    def summaries(self) -> Iterator[Report]:
        """The shortened reports of the class, one at a time, sorted by student."""
        query = "SELECT summary FROM roster JOIN results USING (key) ORDER BY student"
        for (summary,) in self._connection.execute(query):
            try:
                yield read_exact(Report, summary)
            except ValueError as error:
                raise _damaged(self.folder / RESULTS_FILE, error) from None

    def summary(self, key: str) -> str:
        """A shortened report as it is kept; there must be one."""
        query = "SELECT summary FROM results WHERE key = ?"
        (summary,) = self._connection.execute(query, (key,)).fetchone()
        return str(summary)

    def packed_report(self, key: str) -> bytes:
        """A report, compressed; there must be one.

        Raises:
            GraderError: it is damaged.
        """
        (packed,) = self._connection.execute("SELECT report FROM results WHERE key = ?", (key,)).fetchone()
        try:
            zlib.decompress(packed)
        except (TypeError, zlib.error) as error:
            raise _damaged(self.folder / RESULTS_FILE, error) from None
        return bytes(packed)

    def stamps(self) -> dict[str, Stamp]:
        """The files that were written, by their paths below the folder."""
        rows = self._connection.execute("SELECT path, stamp, size, modified FROM files")
        return {path: Stamp(made_from, size, modified) for path, made_from, size, modified in rows}

    def stamp(self, files: dict[str, Stamp]) -> None:
        """Remember files that were written."""
        rows = [(path, s.made_from, s.size, s.modified) for path, s in files.items()]
        with self._connection as connection:
            connection.executemany("INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)", rows)


@contextmanager
def open_results(folder: Path, create: bool = True) -> Iterator[ResultStore]:
    """Open the store of a results folder, for this process alone; the folder is made if need be.

    Raises:
        GraderError: it is missing (unless `create`), in use, damaged, somebody else's, or cannot be written to.
    """
    path = folder / RESULTS_FILE
    if not create and not path.is_file():
        if folder.is_file():
            raise GraderError(f"{folder} is a file; give the folder that grader grade wrote: {folder.parent}")
        raise GraderError(f"There are no results in {folder}; write some with grader grade … -o {folder}")

    with _explaining(path), ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(_lock(folder))
            remove_unfinished(folder)
            connection, repaired = _connect(path)
            stack.enter_context(closing(connection))
        except OSError as error:
            raise cannot_write(folder, error) from None
        yield ResultStore(folder, connection, repaired)


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Keep other processes out for as long as this one lives, however it ends.

    The file names its holder. No library: filelock would save the call of `lockf`, and nothing of what is around it.
    """
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(folder / LOCK, flags, 0o644)
    try:
        if fcntl is not None:
            try:
                # Of the kinds of locks this is the one that forked processes do not inherit.
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):
                holder = os.read(descriptor, 100).decode("utf-8", "replace").strip()
                raise GraderError(
                    f"Another grader ({holder or 'just starting'}) is at work in {folder}; "
                    "wait until it is done, or choose another folder with -o"
                ) from None

        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield
    finally:
        os.close(descriptor)


def _connect(path: Path) -> tuple[sqlite3.Connection, str]:
    """Open a store, and say what was lost of it if it was damaged."""
    # SQLite would follow a link, and write a journal beside what it leads to.
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise GraderError(f"{path} is not a regular file; move it away, or choose another folder with -o")

    repaired = ""
    if is_damaged(path, _APPLICATION):
        repaired = salvage(path, _open)

    connection = _open(path)
    try:
        return connection, repaired or drop_damaged_rows(connection)
    except BaseException:
        connection.close()
        raise


def _open(path: Path) -> sqlite3.Connection:
    """Open a store of ours, of this version's format, or make an empty one."""
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS)
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables:
            _migrate(connection, path)

        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if not tables:
            pragmas = f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {_VERSION};"
            connection.executescript(f"BEGIN; {_TABLES} {pragmas} COMMIT;")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring a store of an older version up to this one's format."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    if application != _APPLICATION:
        raise GraderError(
            f"{path} belongs to another program; move it away, or choose another folder with -o"
        )

    (version,) = connection.execute("PRAGMA user_version").fetchone()
    while version in _MIGRATIONS:
        change = f"{_MIGRATIONS[version]} PRAGMA user_version = {version + 1};"
        connection.executescript(f"BEGIN; {change} COMMIT;")
        version += 1

    if version != _VERSION:
        raise GraderError(
            f"{path} was written by another version of grader; move it away, or choose another folder with -o"
        )


@contextmanager
def _explaining(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into faults that a user can fix."""
    try:
        yield
    except (sqlite3.OperationalError, sqlite3.IntegrityError) as error:
        raise GraderError(
            f"Cannot write to {path}: {error}; what is in it is safe. "
            "Fix that and run again, or choose another folder with -o"
        ) from None
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> GraderError:
    return GraderError(
        f"{path} is damaged, or not a file of results ({error}); move it away, or choose another folder with -o"
    )
