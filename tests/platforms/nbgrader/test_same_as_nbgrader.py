"""What is said here again of nbgrader, so that it need not be imported, is what nbgrader says."""

from __future__ import annotations

import pytest

from grader.platforms.nbgrader import gradebook_tables as tables
from grader.platforms.nbgrader.course_directory import CourseDirectory
from grader.platforms.nbgrader.released_notebook import ReleasedCell

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.nbgrader]


def test_the_gradebooks_tables_and_columns_are_those_of_nbgrader() -> None:
    from nbgrader.api import Base

    for name, table in tables.METADATA.tables.items():
        theirs = Base.metadata.tables[name]
        for column in table.columns:
            assert column.name in theirs.columns, f"{name}.{column.name}"
            ours, real = column.type.python_type, theirs.columns[column.name].type.python_type
            assert ours is real, f"{name}.{column.name}"


def test_all_columns_that_must_be_filled_are_filled() -> None:
    from nbgrader.api import Base

    for name in ("student", "submitted_assignment", "submitted_notebook", "grade", "comment"):
        needed = {column.name for column in Base.metadata.tables[name].columns if not column.nullable}
        assert needed <= {column.name for column in tables.METADATA.tables[name].columns}, name


def test_the_places_in_a_course_are_those_of_nbgrader() -> None:
    from nbgrader.coursedir import CourseDirectory as Theirs

    for name in CourseDirectory.class_own_traits():
        if name != "db_url":  # which nbgrader derives from the course's folder
            assert getattr(CourseDirectory(), name) == getattr(Theirs(), name), name


@pytest.mark.parametrize("points", [None, 3.5])
def test_the_metadata_of_a_cell_passes_nbgraders_schema(points: float | None) -> None:
    import nbformat
    from nbgrader.nbgraderformat import MetadataValidator

    cell = ReleasedCell("a", "code", "", "", "c" * 32, points is None, points is not None, False, points)
    made = nbformat.v4.new_code_cell("", metadata={"nbgrader": cell.metadata})
    MetadataValidator().validate_cell(made)
