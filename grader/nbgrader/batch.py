"""Results that are ready go into the gradebook and `autograded/` some at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from grader.nbgrader.cells import write_json
from grader.nbgrader.desk import Desk, add_refused
from grader.nbgrader.folder import CourseFolder
from grader.nbgrader.gradebook import Penalty, Record, write_records
from grader.nbgrader.others import score_others
from grader.nbgrader.outputs import answer_comments, fill_tests, make_record
from grader.nbgrader.reading import Given, read_given
from grader.results import Results, Stamp, unpack_report

MOST = 64
MOST_SECONDS = 5.0
"""After so many submissions, or so long, what there is gets written: a run that is killed loses no more."""


@dataclass(slots=True, eq=False)
class Batch:
    """Submissions whose results are kept, but not yet in nbgrader's places.

    Args:
        left_out: in words, what changed while it was graded.
    """

    place: CourseFolder
    gradebook: Connection
    desk: Desk
    results: Results
    penalty: Penalty | None
    left_out: list[str] = field(default_factory=list)
    _waiting: list[tuple[str, Path, str]] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _source: dict[str, Path] | None = None

    def add(self, student: str, folder: Path, key: str) -> None:
        """Take one more, and write all there are if they are many, or old."""
        self._waiting.append((student, folder, key))
        if len(self._waiting) >= MOST or time.monotonic() - self._began > MOST_SECONDS:
            self.write()

    def write(self) -> None:
        """One transaction for the gradebook, then the folders.

        A folder that is missing is made by the next run, and one that is there means that the gradebook knows it.
        """
        waiting, self._waiting = self._waiting, []
        made = [pair for item in waiting if (pair := self._make(*item)) is not None]
        write_records(self.gradebook, self.desk.master, [record for _, record, _ in made], self.penalty)
        for given, _, notebook in made:
            try:
                self._write_folder(given, notebook)
            except OSError as error:  # one student's files; the next run tries again
                what = f"{error.strerror or error}: {error.filename}" if error.filename else error
                self.left_out.append(
                    f"{given.student}: the mark is kept, the folder cannot be written: {what}"
                )
        self._began = time.monotonic()

    def _make(self, student: str, folder: Path, key: str) -> tuple[Given, Record, bytes] | None:
        given = read_given(self.place, self.desk, student, folder)
        if isinstance(given, str) or given.key != key:
            self.left_out.append(f"{student} has handed in something else meanwhile; run this again")
            return None
        master = self.desk.master
        kept = unpack_report(self.results.packed_report(key))
        report = add_refused(kept, self.desk, given.choice)
        comments = answer_comments(report, master, given.notes, given.choice.assumed)
        fill_tests(given.notebook, report, master, comments)
        record = make_record(report, master, comments, given.timestamp)
        return given, score_others(record, given.notebook, master), write_json(given.notebook)

    def _write_folder(self, given: Given, notebook: bytes) -> None:
        master = self.desk.master
        if self._source is None:
            self._source = self.place.source_files(master.assignment)
        name = f"{master.notebook}.ipynb"
        files: dict[str, bytes | Path] = {
            **self.place.submitted_files(given.folder, self._source),
            **self._source,
        }
        mode = self.place.permissions("Autograde", 444)
        self.place.write("autograded", given.student, master.assignment, files | {name: notebook}, mode)
        # One that the grader failed on is tried again by the next run, so it gets no stamp.
        if given.student not in self.results.waiting():
            found = (self.place.place("autograded", given.student, master.assignment) / name).stat()
            self.results.stamp({given.student: Stamp(given.key, found.st_size, found.st_mtime_ns)})
