"""Where no course is found the bundled one is used, and a fault says what of a course is near."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.core.errors import GraderError
from grader.problems.course import bundled_course, open_course
from grader.problems.misplaced_course import find_misplaced


@pytest.mark.parametrize(
    ("files", "start", "advice"),
    [
        ([], "here", ""),
        (["exercises/config.yaml"], ".", "move {0}/exercises/config.yaml up to {0}"),
        (
            ["exercises/config.yaml"],
            "exercises",
            "move {0}/exercises/config.yaml up to {0}",
        ),
        (["exercises/cay/problem.yaml"], "here", "{0}/exercises has no config.yaml beside it"),
        (["config.yaml"], "here", "{0}/config.yaml has no folder exercises beside it"),
        (["c/config.yaml", "c/exercises/cay/problem.yaml"], ".", "{0}/c is a course"),
        (["c/config.yaml"], ".", ""),
    ],
)
def test_parts_of_a_course_that_are_near_are_found(
    files: list[str], start: str, advice: str, tmp_path: Path
) -> None:
    (tmp_path / start).mkdir(exist_ok=True)
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")

    found = find_misplaced([(tmp_path / start).resolve()])

    assert found.startswith(advice.format(tmp_path))
    assert bool(found) == bool(advice)


def test_a_problem_that_the_bundled_course_lacks_is_told_with_where_a_course_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "config.yaml").write_text("course: Mine\n")

    course = open_course(near=tmp_path / "c.py")

    assert course.folder == bundled_course() and course.searched == (tmp_path,)
    for look_up in (course.problem, course.find_assignment):
        with pytest.raises(GraderError) as raised:
            look_up("cay")
        assert f"was found in {tmp_path} or above" in str(raised.value)
        assert f"move {tmp_path / 'exercises' / 'config.yaml'} up to {tmp_path}" in str(raised.value)
    with pytest.raises(GraderError, match="in " + str(bundled_course())):
        open_course(bundled_course()).problem("cay")
