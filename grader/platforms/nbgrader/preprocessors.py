"""Steps that nbgrader's own `autograde` runs for notebooks of ours, instead of starting a kernel.

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
from grader.platforms.nbgrader.cell_outputs import answer_comments, fill_test_cells, make_entry
from grader.platforms.nbgrader.grading_context import open_context
from grader.platforms.nbgrader.kept_graders import open_pool
from grader.platforms.nbgrader.notebook_json import read_file
from grader.platforms.nbgrader.read_gradebook import open_gradebook, read_released
from grader.platforms.nbgrader.released_notebook import ReleasedNotebook, empty_notebook
from grader.platforms.nbgrader.restore_cells import restore
from grader.platforms.nbgrader.settings import FrechetGrader
from grader.platforms.nbgrader.submitted_notebook import code_to_run, read_notices, store_notices
from grader.platforms.nbgrader.write_gradebook import write_entries
from grader.reports.report import Failure

_REPORT = "frechet_grader_report"


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """First of the sanitising steps: put the released cells back, each of them once."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook, of which nothing will stop the steps that follow."""
        released = _find_released(self, resources)
        if not released.points:
            return nb, resources

        fault: Failure | None = resources.get(METADATA)
        restored, notices = restore(nb, released)
        store_notices(restored, notices, fault)
        return nbformat.from_dict(restored), resources


class GradeAnswers(NbGraderPreprocessor):  # type: ignore[misc]
    """First of the grading steps: run the student's code in the sandbox, and fill the test cells."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook with outputs, and the report among the resources."""
        released = _find_released(self, resources)
        if not released.points:
            return nb, resources

        settings, course = FrechetGrader(config=self.config), _course(self)
        steps = (course.source_directory, course.release_directory)
        folders = [Path(course.format_path(step, ".", released.assignment)) for step in steps]
        context = open_context(Path(course.root), released, folders, settings)
        match = context.match(nb)

        code = code_to_run(nb, released, resources["nbgrader"]["student"])
        report = open_pool().grade(context, match, code, settings.trust_submissions)
        comments = answer_comments(report, read_notices(nb)[0], match.assumed)
        fill_test_cells(nb, report, released, comments)

        resources[_REPORT] = (report, comments)
        return nbformat.from_dict(nb), resources


class ExecuteOthers(Execute):  # type: ignore[misc]
    """Run notebooks that are not ours in a kernel, as nbgrader does."""

    def preprocess(self, nb: Any, resources: Any = None, retries: Any = None) -> Any:
        """Return the notebook as it is if it was graded already."""
        if resources is not None and _REPORT in resources:
            return nb, resources
        return super().preprocess(nb, resources, retries)


class SaveComments(NbGraderPreprocessor):  # type: ignore[misc]
    """After `SaveAutoGrades`: save the comments, and which marks a person has to give."""

    def preprocess(self, nb: Any, resources: Any) -> Any:
        """Return the notebook as it is."""
        if _REPORT not in resources:
            return nb, resources

        report, comments = resources[_REPORT]
        released = _find_released(self, resources)
        entry = make_entry(report, released, comments)
        with open_gradebook(resources["nbgrader"]["db_url"]) as gradebook:
            write_entries(gradebook, released, [entry], None)
        return nb, resources


class AnyNotebook(NotebookExporter):
    """Read what students hand in as our own command does; a file that is no notebook is graded as an empty one."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Any:
        """Return the notebook in a file after all steps."""
        released = _find_released(self, resources) if resources is not None else None
        if released is None or not released.points:
            return super().from_filename(filename, resources, **kw)

        path = Path(filename)
        notebook = read_file(path)
        if isinstance(notebook, Failure):
            resources[METADATA] = notebook
            notebook = empty_notebook(released)

        resources.setdefault("metadata", {}).update(name=path.stem, path=str(path.parent))
        node = nbformat.from_dict(notebook)
        return self.from_notebook_node(node, resources, **kw)  # type: ignore[no-untyped-call]


def _course(step: Any) -> Any:
    """Find nbgrader's `CourseDirectory`: steps belong to an exporter, which belongs to a converter that has it."""
    while not hasattr(step, "coursedir"):
        step = step.parent
    return step.coursedir


def _find_released(step: Any, resources: Any) -> ReleasedNotebook:
    names, course = resources["nbgrader"], _course(step)
    assignment, notebook = names["assignment"], names["notebook"]
    folder = Path(course.format_path(course.release_directory, ".", assignment))
    with open_gradebook(names["db_url"]) as gradebook:
        return read_released(gradebook, assignment, notebook, folder / f"{notebook}.ipynb")
