"""The files of a results folder: made from the store alone, and made anew only where they are not as they should be."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from grader.core.errors import GraderError, suggest
from grader.core.files import write_atomically
from grader.core.worker_pool import Crash, run_parallel
from grader.formats import CLASS_FORMATS, STUDENT_FORMATS
from grader.grading.result_keys import view_key
from grader.grading.result_store import ResultStore, Stamp, cannot_write, unpack_report
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment, write_assignment
from grader.reports.report import Report

DEFAULT_FORMATS = ("json", "html", "csv", "class")
_ENOUGH_FOR_WORKERS = 100
Files = Mapping[str, bytes]
"""Paths below the results folder → contents."""


def choose_formats(wanted: Iterable[str] | None) -> tuple[str, ...]:
    """The formats asked for, or those that are usual.

    Raises:
        GraderError: a format is unknown.
    """
    formats = tuple(wanted or DEFAULT_FORMATS)
    known = {*STUDENT_FORMATS, *CLASS_FORMATS}
    if unknown := [name for name in formats if name not in known]:
        raise GraderError(f"There is no format '{unknown[0]}'; {suggest(unknown[0], known)}")
    return formats


def render_student(
    report: Report, formats: Sequence[str], sheet: PublishedAssignment = NO_ASSIGNMENT
) -> Files:
    """Every format that has a file for each student."""
    chosen = [format for name, format in STUDENT_FORMATS.items() if name in formats]
    return {format.locate(report.student): _bytes(format.render(report, sheet)) for format in chosen}


@dataclass(frozen=True, slots=True)
class Output:
    """Writes files into the folder of a store, and tells the store of what they were made.

    Args:
        sheet: as students may see it. view: the key of the code that makes files, and of the sheet.
        anew: whether to write what is fresh as well.
    """

    results: ResultStore
    formats: tuple[str, ...]
    sheet: PublishedAssignment
    view: str
    anew: bool = False

    @property
    def folder(self) -> Path:
        """The results folder."""
        return self.results.folder

    def places(self) -> list[Path]:
        """The files of the class and the folders of the students' files, each once."""
        files = [format.name for name, format in CLASS_FORMATS.items() if name in self.formats]
        folders = [format.folder for name, format in STUDENT_FORMATS.items() if name in self.formats]
        return [self.folder / place for place in (*sorted(files), *sorted(set(folders)))]

    def write(self, files: Files, key: str) -> None:
        """Write files that are made from the result of that key."""
        written = {path: self._write(path, data, key) for path, data in files.items()}
        if written:
            self.results.stamp(written)

    def refresh_students(self, jobs: int) -> int:
        """Write the students' files that are missing or not what the store's results give; how many students'."""
        stamps = self.results.stamps()
        chosen = [format for name, format in STUDENT_FORMATS.items() if name in self.formats]
        stale = [
            (key, student)
            for student, key in self.results.roster().items()
            if any(not self._is_fresh(format.locate(student), key, stamps) for format in chosen)
        ]
        tasks = ((key, self.results.packed_report(key)) for key, _ in stale)
        jobs = jobs if len(stale) >= _ENOUGH_FOR_WORKERS else 1
        for key, files in _render_all(tasks, self.formats, self.sheet, jobs):
            self.write(files, key)
        return len(stale)

    def write_class(self) -> None:
        """Write every format that has one file for the class, if any result in it is new."""
        roster = "\0".join(f"{student}\0{key}" for student, key in self.results.roster().items())
        key = hashlib.blake2b(roster.encode(), digest_size=20).hexdigest()
        stamps = self.results.stamps()
        for name, format in CLASS_FORMATS.items():
            if name in self.formats and not self._is_fresh(format.name, key, stamps):
                self.write({format.name: _bytes(format.render(self.results.summaries(), self.sheet))}, key)

    def _write(self, path: str, data: bytes, key: str) -> Stamp:
        try:
            write_atomically(self.folder / path, data)
            found = (self.folder / path).stat()
        except OSError as error:
            raise cannot_write((self.folder / path).parent, error) from None
        return Stamp(f"{key} {self.view}", found.st_size, found.st_mtime_ns)

    def _is_fresh(self, path: str, key: str, stamps: Mapping[str, Stamp]) -> bool:
        stamp = stamps.get(path)
        if self.anew or stamp is None or stamp.made_from != f"{key} {self.view}":
            return False
        try:
            found = (self.folder / path).stat()
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns) == (stamp.size, stamp.modified)


def make_output(
    results: ResultStore,
    formats: Sequence[str],
    sheet: PublishedAssignment = NO_ASSIGNMENT,
    anew: bool = False,
) -> Output:
    """An output for this version of grader.

    Args:
        sheet: as students may see it; with another one, files are written anew.
    """
    return Output(results, tuple(formats), sheet, view_key(write_assignment(sheet)), anew)


Task = tuple[str, bytes]
"""The key of a result and its report, compressed."""


def _render_all(
    tasks: Iterable[Task], formats: tuple[str, ...], sheet: PublishedAssignment, jobs: int
) -> Iterator[tuple[str, Files]]:
    if jobs == 1:
        with _open_renderer(formats, sheet) as render:
            yield from ((task[0], render(task)) for task in tasks)
        return
    for (key, _), files in run_parallel(partial(_open_renderer, formats, sheet), tasks, jobs):
        if isinstance(files, Crash):
            raise GraderError(f"A report could not be written out: {files.message}")
        yield key, files


@contextmanager
def _open_renderer(formats: tuple[str, ...], sheet: PublishedAssignment) -> Iterator[Callable[[Task], Files]]:
    yield lambda task: render_student(unpack_report(task[1]), formats, sheet)


def _bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "replace")
