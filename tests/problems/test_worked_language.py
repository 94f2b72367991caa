"""Problems as authors write them in the language: truths are decided, and the reference gets all points."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from grader.authoring.validate import ask_function
from grader.grading.judge import judge_answers
from grader.grading.prepare import prepare
from grader.problems.course import Assignment, load_course

pytestmark = pytest.mark.sampled

FILES = sorted((Path(__file__).parents[1] / "language").glob("*.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_problem_of_the_language_is_certified(file: Path, tmp_path: Path) -> None:
    fields = yaml.safe_load(file.read_text(encoding="utf-8"))
    exercise, solution = tmp_path / "exercises" / file.stem, tmp_path / "solutions" / file.stem
    exercise.mkdir(parents=True)
    solution.mkdir(parents=True)
    (solution / "reference.py").write_text(fields.pop("reference"), encoding="utf-8")
    (exercise / "problem.yaml").write_text(yaml.safe_dump(fields, sort_keys=False), encoding="utf-8")
    config = f"course: Test\nassignments: {{week1: {{problems: [{file.stem}]}}}}\n"
    (tmp_path / "config.yaml").write_text(config, encoding="utf-8")

    course = load_course(tmp_path)
    problem, reference = course.problem(file.stem), course.solution(file.stem)
    assert reference is not None
    prepared = prepare(course, Assignment("week1", "", None, {problem.id: problem.points}), 1).problems[0]
    assert {solved.cause for solved in prepared.cases if solved.truth is None} == set()
    assert judge_answers(prepared, ask_function(prepared, reference.reference)).verdict == "right"
