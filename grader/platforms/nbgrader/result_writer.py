"""Write results that are ready into the gradebook and `autograded/`, some at a time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection

from grader.grading.result_store import ResultStore, Stamp
from grader.platforms.nbgrader.cell_outputs import answer_comments, fill_test_cells, make_entry
from grader.platforms.nbgrader.course_directory import CourseDirectory
from grader.platforms.nbgrader.grading_context import GradingContext
from grader.platforms.nbgrader.kept_graders import add_refused
from grader.platforms.nbgrader.manual_cells import score_manual_cells
from grader.platforms.nbgrader.notebook_json import write_json
from grader.platforms.nbgrader.submitted_notebook import read_submitted
from grader.platforms.nbgrader.write_gradebook import GradebookEntry, Penalty, write_entries
from grader.reports.report import Report

_MOST = 64
MOST_SECONDS = 5.0
"""After so many submissions, or so long, they are written: a run that is killed loses no more."""
MOST_BYTES = 1 << 26
"""Or when notebooks take more, since pictures make some large."""


@dataclass(frozen=True, slots=True)
class GradedNotebook:
    """A graded submission as nbgrader keeps it.

    Args:
        folder: where it was handed in.
        key: of its result.
        notebook: for `autograded/`.
    """

    student: str
    folder: Path
    key: str
    entry: GradebookEntry
    notebook: bytes


def build_graded_notebook(
    context: GradingContext, folder: Path, key: str, report: Report
) -> GradedNotebook | str:
    """Build the graded notebook; return the reason instead if the submission has changed since.

    Args:
        folder: where it was handed in.
        key: of its result.
        report: as it is kept, without the problems that had to be refused.
    """
    submitted = read_submitted(context, report.student, folder)
    if isinstance(submitted, str) or submitted.key != key:
        return say_changed(report.student)

    released, notebook = context.released, submitted.notebook
    shown = add_refused(report, context, submitted.match)
    comments = answer_comments(shown, submitted.notices, submitted.match.assumed)
    fill_test_cells(notebook, shown, released, comments)

    entry = make_entry(shown, released, comments, submitted.timestamp)
    entry = score_manual_cells(entry, notebook, released)
    return GradedNotebook(submitted.student, folder, key, entry, write_json(notebook))


def say_changed(student: str) -> str:
    """The message for a submission that changed while it was being graded."""
    return f"{student} has submitted something else in the meantime; run this again"


@dataclass(slots=True, eq=False)
class ResultWriter:
    """Submissions whose results are kept, but not yet in nbgrader's places.

    Args:
        penalty: the course's rule for late submissions, if it has one.
        left_out: sentences about submissions that changed while they were graded.
    """

    course_directory: CourseDirectory
    gradebook: Connection
    context: GradingContext
    results: ResultStore
    penalty: Penalty | None
    left_out: list[str] = field(default_factory=list)
    _waiting: list[GradedNotebook] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _source: dict[str, Path] | None = None

    def add(self, graded: GradedNotebook | str) -> None:
        """Take one more, or the reason why it is left out, and write all there are if they are many, large or old."""
        if isinstance(graded, str):
            self.left_out.append(graded)
        else:
            self._waiting.append(graded)

        size = sum(len(waiting.notebook) for waiting in self._waiting)
        age = time.monotonic() - self._began
        if len(self._waiting) >= _MOST or size > MOST_BYTES or age > MOST_SECONDS:
            self.write()

    def write(self) -> None:
        """One transaction for the gradebook, then the folders.

        A folder that is missing is made by the next run, and one that is there means that the gradebook knows it.
        """
        waiting, self._waiting = self._waiting, []
        entries = [graded.entry for graded in waiting]
        write_entries(self.gradebook, self.context.released, entries, self.penalty)

        for graded in waiting:
            try:
                self._write_folder(graded)
            except OSError as error:  # one student's files; the next run tries again
                reason = f"{error.strerror or error}: {error.filename}" if error.filename else error
                self.left_out.append(
                    f"{graded.student}: the mark is kept, the folder cannot be written: {reason}"
                )
        self._began = time.monotonic()

    def _write_folder(self, graded: GradedNotebook) -> None:
        directory, released = self.course_directory, self.context.released
        if self._source is None:
            self._source = directory.source_files(released.assignment)

        files: dict[str, bytes | Path] = {
            **directory.submitted_files(graded.folder, self._source),
            **self._source,
            released.file_name: graded.notebook,
        }
        mode = directory.permissions("Autograde", 444)
        directory.write("autograded", graded.student, released.assignment, files, mode)

        # One that the grader failed on is tried again by the next run, so it gets no stamp.
        if graded.student not in self.results.waiting():
            folder = directory.path_of("autograded", graded.student, released.assignment)
            written = (folder / released.file_name).stat()
            self.results.stamp({graded.student: Stamp(graded.key, written.st_size, written.st_mtime_ns)})
