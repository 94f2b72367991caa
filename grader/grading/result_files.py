"""The files of a results folder: made from the store alone, and made anew only where they are not as they should be."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TypeVar

from grader.core.errors import GraderError, cannot_write, suggest
from grader.core.files import write_file
from grader.core.hashing import Digest, hash_text
from grader.core.memo import Memo
from grader.core.worker_pool import map_parallel
from grader.formats import (
    ARCHIVE_FORMATS,
    CLASS_FORMATS,
    PROBLEM_FORMATS,
    STUDENT_FORMATS,
)
from grader.grading.packed_result import unpack_report
from grader.grading.result_keys import view_key
from grader.grading.result_store import ResultStore, Stamp
from grader.reports.assignment import NO_ASSIGNMENT, PublishedAssignment, for_students
from grader.reports.class_list import NO_CLASS, UNKNOWN, ClassList
from grader.reports.overrides import blank_report
from grader.reports.report import Report
from grader.reports.serialize import shorten, to_exact_json, write_assignment

F = TypeVar("F")
DEFAULT_FORMATS = ("json", "html", "csv", "class", "problems")
_ENOUGH_FOR_WORKERS = 100

FileContents = Mapping[str, bytes]
"""Paths below the results folder → contents."""

PackedReport = tuple[str, bytes]
"""What a result's files depend on and its report, compressed."""


def choose_formats(wanted: Iterable[str] | None) -> tuple[str, ...]:
    """Return the formats asked for, or the usual ones.

    Raises:
        GraderError: a format is unknown.
    """
    formats = tuple(wanted or DEFAULT_FORMATS)
    for name in formats:
        _require_format(name, {*STUDENT_FORMATS, *CLASS_FORMATS, *PROBLEM_FORMATS, *ARCHIVE_FORMATS})
    return formats


def _require_format(name: str, known: Collection[str]) -> None:
    if name not in known:
        raise GraderError(f"There is no format '{name}'; {suggest(name, known)}")


def render(
    reports: Report | Iterable[Report], name: str, published: PublishedAssignment = NO_ASSIGNMENT
) -> str | bytes:
    """Render one report, or those of a class, in a format of `grader.formats`.

    Args:
        reports: a report, for formats such as `html` and `json`; or many, for formats such as `csv`.
        name: of the format.
        published: statements and worked solutions, for the pages that show them.

    Raises:
        GraderError: there is no such format for one report, or for many.
    """
    if isinstance(reports, Report):
        _require_format(name, STUDENT_FORMATS)
        return STUDENT_FORMATS[name].render(reports, published)

    _require_format(name, CLASS_FORMATS)
    return CLASS_FORMATS[name].render(reports, published)


def render_student(
    report: Report,
    formats: Sequence[str],
    published: PublishedAssignment = NO_ASSIGNMENT,
    memo: Memo | None = None,
) -> FileContents:
    """Render a report in every format that has a file for each student.

    Args:
        memo: of what reports of the same class and the same published assignment have in common.
    """
    return {
        file_format.locate(report.student): _encode(file_format.render(report, published, memo))
        for file_format in _named(STUDENT_FORMATS, formats)
    }


@dataclass(frozen=True, slots=True)
class StudentFiles:
    """What makes students' files of their reports, in any process.

    Args:
        published: the assignment as those see it who have no due date of their own; whole: with its solutions.
        now: None if nobody's own date matters.
    """

    formats: tuple[str, ...]
    published: PublishedAssignment
    class_list: ClassList
    whole: PublishedAssignment = NO_ASSIGNMENT
    now: datetime.datetime | None = None

    def render(self, report: Report, memo: Memo | None = None) -> FileContents:
        """Render a report as it came from grading; see `render_student`."""
        published = self.seen_by(report.student)
        # What a class shares is about what most of it sees.
        shared = memo if published is self.published else None
        return render_student(self.class_list.complete(report), self.formats, published, shared)

    def seen_by(self, student: str) -> PublishedAssignment:
        """The assignment as this student may see it, by their own due date."""
        due = self.class_list.of(student).due
        if not due or self.now is None:
            return self.published
        own = for_students(replace(self.whole, due=due), self.now)
        return self.published if own.problems == self.published.problems else own


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """The files in the folder of a store, which remembers what each was made from.

    Args:
        published: the assignment as students may see it.
        view: key of `published` and of the code that makes files.
        rewrite: write what is fresh as well.
        class_list: what is known of the students besides their reports.
        whole, now: see `StudentFiles`.
    """

    results: ResultStore
    formats: tuple[str, ...]
    published: PublishedAssignment
    view: str
    rewrite: bool = False
    class_list: ClassList = NO_CLASS
    whole: PublishedAssignment = NO_ASSIGNMENT
    now: datetime.datetime | None = None

    @property
    def folder(self) -> Path:
        """The results folder."""
        return self.results.folder

    def places(self) -> list[Path]:
        """List the files of the class and the folders of the students' files, each once."""
        files = [file_format.name for file_format in _named(CLASS_FORMATS, self.formats)]
        files += [file_format.name for file_format in _named(ARCHIVE_FORMATS, self.formats)]
        folders = {file_format.folder for file_format in _named(STUDENT_FORMATS, self.formats)}
        folders |= {file_format.folder for file_format in _named(PROBLEM_FORMATS, self.formats)}
        return [self.folder / place for place in (*sorted(files), *sorted(folders))]

    def reports(self) -> Iterator[Report]:
        """The shortened reports of the class, with all that is known of each student."""
        if not self.class_list.overrides:
            return map(self.class_list.complete, self.results.summaries())
        # Points of a check are decided on where all checks are.
        return map(shorten, chain(self.whole_reports(), map(self.class_list.complete, self._without_file())))

    def whole_reports(self) -> Iterator[Report]:
        """The reports of the class, each as its student has it."""
        packed = map(self.results.packed_report, self.results.graded_students().values())
        return (self.class_list.complete(unpack_report(one)) for one in packed)

    def _without_file(self) -> Iterator[Report]:
        """The reports, before any decision, of those who submitted nothing and have decisions of their own."""
        submitted = self.results.graded_students()
        alone = [student for student in self.class_list.graded if student not in submitted]
        for pattern in islice(self.results.summaries(), 1 if alone else 0):
            yield from (blank_report(pattern, student) for student in alone)

    @property
    def student_files(self) -> StudentFiles:
        """How students' files are made, without the store."""
        return StudentFiles(self.formats, self.published, self.class_list, self.whole, self.now)

    def file_key(self, student: str, content_key: str) -> str:
        """The key of all that a student's files depend on, besides the view."""
        submitter = self.class_list.of(student)
        decided = self.class_list.overrides_of(student)
        if submitter == UNKNOWN and not decided:
            return content_key

        seen = self.student_files.seen_by(student)
        differs = "" if seen is self.published else write_assignment(seen)
        known = (
            to_exact_json(submitter),
            to_exact_json(self.class_list.penalty),
            *map(to_exact_json, decided),
            differs,
        )
        return f"{content_key} {hash_text(' '.join(known))}"

    def write(self, contents: FileContents, key: str) -> None:
        """Write files, and remember what they are made from."""
        stamps = {path: self._write(path, content, key) for path, content in contents.items()}
        if stamps:
            self.results.stamp(stamps)

    def refresh_students(self, jobs: int) -> None:
        """Write the students' files that are missing, or not what the store's results give."""
        stamps = self.results.stamps()
        formats = _named(STUDENT_FORMATS, self.formats)
        content_keys = self.results.content_keys()
        stale = []
        for student, key in self.results.graded_students().items():
            content = self.file_key(student, content_keys[student])
            if not all(
                self._is_fresh(file_format.locate(student), content, stamps) for file_format in formats
            ):
                stale.append((content, key))

        student_files = self.student_files

        def render(packed: PackedReport) -> FileContents:
            return student_files.render(unpack_report(packed[1]))

        reports = ((content, self.results.packed_report(key)) for content, key in stale)
        jobs = jobs if len(stale) >= _ENOUGH_FOR_WORKERS else 1
        for (content, _), contents in map_parallel(render, reports, jobs):
            self.write(contents, content)

    def _write_without_file(self) -> None:
        """Write the files of those who submitted nothing and have decisions of their own."""
        stamps = self.results.stamps()
        for report in self._without_file():
            content = self.file_key(report.student, to_exact_json(report))
            places = [one.locate(report.student) for one in _named(STUDENT_FORMATS, self.formats)]
            if not all(self._is_fresh(place, content, stamps) for place in places):
                self.write(self.student_files.render(report), content)

    def write_class(self) -> None:
        """Write what needs all results: files of the class and of each problem, and of those who submitted nothing."""
        self._write_without_file()
        digest = Digest()
        digest.add(to_exact_json(self.class_list))
        for student, content_key in self.results.content_keys().items():
            digest.add(student, content_key)
        key = digest.text()

        stamps = self.results.stamps()
        for file_format in _named(CLASS_FORMATS, self.formats):
            if not self._is_fresh(file_format.name, key, stamps):
                content = file_format.render(self.reports(), self.published, self.class_list)
                self.write({file_format.name: _encode(content)}, key)

        problems = self._problems() if _named(PROBLEM_FORMATS, self.formats) else ()
        for pages in _named(PROBLEM_FORMATS, self.formats):
            if not all(self._is_fresh(pages.locate(problem), key, stamps) for problem in problems):
                made = pages.render(self.whole_reports(), self.published)
                self.write({pages.locate(id): _encode(content) for id, content in made.items()}, key)

        # Last, as there may be nothing to send back.
        for archive in _named(ARCHIVE_FORMATS, self.formats):
            if not self._is_fresh(archive.name, key, stamps):
                packed = archive.render(self.whole_reports(), self.class_list, self.student_files.seen_by)
                self.write({archive.name: packed}, key)

    def _problems(self) -> list[str]:
        """The ids of all problems that reports are about."""
        return list({problem.id: None for report in self.results.summaries() for problem in report.problems})

    def _write(self, path: str, content: bytes, key: str) -> Stamp:
        file = self.folder / path
        try:
            write_file(file, content)
            status = file.stat()
        except OSError as error:
            raise cannot_write(file.parent, error) from None
        return Stamp(f"{key} {self.view}", status.st_size, status.st_mtime_ns)

    def _is_fresh(self, path: str, key: str, stamps: Mapping[str, Stamp]) -> bool:
        stamp = stamps.get(path)
        if self.rewrite or stamp is None or stamp.made_from != f"{key} {self.view}":
            return False

        try:
            status = (self.folder / path).stat()
        except OSError:
            return False
        return (status.st_size, status.st_mtime_ns) == (stamp.size, stamp.modified)


def make_result_files(
    results: ResultStore,
    formats: Sequence[str],
    published: PublishedAssignment = NO_ASSIGNMENT,
    rewrite: bool = False,
    class_list: ClassList = NO_CLASS,
    now: datetime.datetime | None = None,
) -> ResultFiles:
    """The files that this version of grader makes of a store.

    Args:
        published: the assignment as students may see it; with another one, files are written anew.
        rewrite: write what is fresh as well.
        class_list: what is known of the students besides their reports.
        now: if given, `published` has all solutions, and each student sees them after their own due date.
    """
    whole = published
    if now is not None:
        published = for_students(whole, now)
    view = view_key(write_assignment(published))
    return ResultFiles(results, tuple(formats), published, view, rewrite, class_list, whole, now)


def _named(formats: Mapping[str, F], names: Sequence[str]) -> list[F]:
    return [file_format for name, file_format in formats.items() if name in names]


def _encode(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode("utf-8", "replace")
