"""Results that are ready go into the gradebook and `autograded/` some at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from grader.grading.result_store import ResultStore, Stamp
from grader.platforms.nbgrader.cell_outputs import answer_comments, fill_tests, make_record
from grader.platforms.nbgrader.context import GradingContext, add_refused
from grader.platforms.nbgrader.course_directory import CourseFolder
from grader.platforms.nbgrader.gradebook import GradebookEntry, Penalty, write_records
from grader.platforms.nbgrader.manual_cells import score_others
from grader.platforms.nbgrader.restore_cells import write_json
from grader.platforms.nbgrader.submitted_notebook import read_given
from grader.reports.report import Report

MOST = 64
MOST_SECONDS = 5.0
"""After so many submissions, or so long, what there is gets written: a run that is killed loses no more."""
MOST_BYTES = 1 << 26
"""Or when notebooks take more, since pictures make some large."""


@dataclass(frozen=True, slots=True)
class GradedNotebook:
    """A graded submission as nbgrader keeps it.

    Args:
        folder: where it was handed in. key: of its result. notebook: for `autograded/`.
    """

    student: str
    folder: Path
    key: str
    record: GradebookEntry
    notebook: bytes


def build_graded_notebook(
    place: CourseFolder, desk: GradingContext, folder: Path, key: str, report: Report
) -> GradedNotebook | str:
    """What nbgrader is to get; in words why there is nothing, when what was graded is not there any more.

    Args:
        report: as it is kept.
    """
    given = read_given(place, desk, report.student, folder)
    if isinstance(given, str) or given.key != key:
        return say_changed(report.student)
    shown = add_refused(report, desk, given.choice)
    comments = answer_comments(shown, desk.master, given.notes, given.choice.assumed)
    fill_tests(given.notebook, shown, desk.master, comments)
    record = make_record(shown, desk.master, comments, given.timestamp)
    record = score_others(record, given.notebook, desk.master)
    return GradedNotebook(given.student, folder, key, record, write_json(given.notebook))


def say_changed(student: str) -> str:
    """Why there is nothing when it is not what was planned that was graded, or is there now."""
    return f"{student} has handed in something else meanwhile; run this again"


@dataclass(slots=True, eq=False)
class ResultWriter:
    """Submissions whose results are kept, but not yet in nbgrader's places.

    Args:
        left_out: in words, what changed while it was graded.
    """

    place: CourseFolder
    gradebook: Connection
    desk: GradingContext
    results: ResultStore
    penalty: Penalty | None
    left_out: list[str] = field(default_factory=list)
    _waiting: list[GradedNotebook] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _source: dict[str, Path] | None = None

    def add(self, made: GradedNotebook | str) -> None:
        """Take one more, or why it is left out, and write all there are if they are many, large or old."""
        if isinstance(made, str):
            self.left_out.append(made)
        else:
            self._waiting.append(made)
        is_much = len(self._waiting) >= MOST or sum(len(m.notebook) for m in self._waiting) > MOST_BYTES
        if is_much or time.monotonic() - self._began > MOST_SECONDS:
            self.write()

    def write(self) -> None:
        """One transaction for the gradebook, then the folders.

        A folder that is missing is made by the next run, and one that is there means that the gradebook knows it.
        """
        waiting, self._waiting = self._waiting, []
        write_records(self.gradebook, self.desk.master, [made.record for made in waiting], self.penalty)
        for made in waiting:
            try:
                self._write_folder(made)
            except OSError as error:  # one student's files; the next run tries again
                what = f"{error.strerror or error}: {error.filename}" if error.filename else error
                self.left_out.append(
                    f"{made.student}: the mark is kept, the folder cannot be written: {what}"
                )
        self._began = time.monotonic()

    def _write_folder(self, made: GradedNotebook) -> None:
        master = self.desk.master
        if self._source is None:
            self._source = self.place.source_files(master.assignment)
        name = f"{master.notebook}.ipynb"
        files: dict[str, bytes | Path] = {
            **self.place.submitted_files(made.folder, self._source),
            **self._source,
        }
        mode = self.place.permissions("Autograde", 444)
        self.place.write("autograded", made.student, master.assignment, files | {name: made.notebook}, mode)
        # One that the grader failed on is tried again by the next run, so it gets no stamp.
        if made.student not in self.results.waiting():
            found = (self.place.place("autograded", made.student, master.assignment) / name).stat()
            self.results.stamp({made.student: Stamp(made.key, found.st_size, found.st_mtime_ns)})
