"""What nbgrader's own `autograde` runs for notebooks of ours, in the place of a kernel.

The sanitising steps stay as they are, but for cells that would stop them; then the answers are graded in the sandbox,
and nbgrader's own steps read the scores from the outputs, save them and assign penalties. Notebooks that are not ours
go through as ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import Execute, NbGraderPreprocessor

from grader.authoring.question_notebook import METADATA
from grader.platforms.nbgrader.cell_outputs import answer_comments, fill_tests, make_record
from grader.platforms.nbgrader.context import open_bench, open_desk
from grader.platforms.nbgrader.gradebook import open_gradebook, read_master, write_records
from grader.platforms.nbgrader.restore_cells import ReleasedNotebook, empty_notebook, restore
from grader.platforms.nbgrader.settings import FrechetGrader
from grader.platforms.nbgrader.submitted_notebook import hand_in, mark, read_file, read_mark
from grader.reports.report import Failure

_REPORT = "frechet_grader_report"


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """First of the sanitising steps: the instructor's cells as they were released, each of them once."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """The notebook, of which nothing will stop the steps that follow."""
        master = _find_master(self, resources)
        if not master.points:
            return nb, resources
        fault: Failure | None = resources.get(METADATA)
        restored, notes = restore(nb, master)
        mark(restored, notes, fault)
        return nbformat.from_dict(restored), resources


class GradeAnswers(NbGraderPreprocessor):  # type: ignore[misc]
    """First of the grading steps: runs the student's code in the sandbox, and fills the test cells."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """The notebook with outputs, and the report among the resources."""
        master = _find_master(self, resources)
        if not master.points:
            return nb, resources
        settings, course = FrechetGrader(config=self.config), _course(self)
        steps = (course.source_directory, course.release_directory)
        places = [Path(course.format_path(step, ".", master.assignment)) for step in steps]
        desk = open_desk(Path(course.root), master, places, settings.problems, settings.seed)
        choice = desk.choose(nb)
        handin = hand_in(nb, master, resources["nbgrader"]["student"])
        report = open_bench().grade(desk, choice, handin, settings.trust_submissions)
        comments = answer_comments(report, master, read_mark(nb)[0], choice.assumed)
        fill_tests(nb, report, master, comments)
        resources[_REPORT] = (report, comments)
        return nbformat.from_dict(nb), resources


class ExecuteOthers(Execute):  # type: ignore[misc]
    """Runs notebooks that are not ours in a kernel, as nbgrader does."""

    def preprocess(self, nb: Any, resources: Any = None, retries: Any = None) -> Any:
        """The notebook as it is if it was graded already."""
        if resources is not None and _REPORT in resources:
            return nb, resources
        return super().preprocess(nb, resources, retries)


class SaveComments(NbGraderPreprocessor):  # type: ignore[misc]
    """After `SaveAutoGrades`: the comments, and marks that a person has to give."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """The notebook as it is."""
        if _REPORT not in resources:
            return nb, resources
        report, comments = resources[_REPORT]
        master = _find_master(self, resources)
        record = make_record(report, master, comments)
        with open_gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            write_records(gradebook, master, [record], None)
        return nb, resources


class AnyNotebook(NotebookExporter):
    """Reads what students hand in as our own command does; a file that is no notebook is graded as an empty one."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """The notebook in a file after all steps."""
        master = _find_master(self, resources) if resources is not None else None
        if master is None or not master.points:
            return super().from_filename(filename, resources, **kw)
        path = Path(filename)
        found = read_file(path)
        if isinstance(found, Failure):
            resources[METADATA] = found
            found = empty_notebook(master)
        resources.setdefault("metadata", {}).update(name=path.stem, path=str(path.parent))
        given = nbformat.from_dict(found)
        return self.from_notebook_node(given, resources, **kw)  # type: ignore[no-untyped-call]


def _course(step: Any) -> Any:
    """Nbgrader's `CourseDirectory`; steps belong to an exporter, which belongs to a converter that has it."""
    while not hasattr(step, "coursedir"):
        step = step.parent
    return step.coursedir


def _find_master(step: Any, resources: Any) -> ReleasedNotebook:
    names, course = resources["nbgrader"], _course(step)
    assignment, notebook = names["assignment"], names["notebook"]
    released = Path(course.format_path(course.release_directory, ".", assignment)) / f"{notebook}.ipynb"
    with open_gradebook(names["db_url"]) as gradebook:
        return read_master(gradebook, assignment, notebook, released)
