from pathlib import Path

import pytest
import yaml

from grader.authoring.assign_problem import assign_problem
from grader.core.errors import GraderError

CONFIGS = [
    "assignments:\n  w1:\n    problems: [a]\n  w2:\n    problems: [b, c]  # two\n",
    "assignments:\n  w1:\n    problems: [a]\n"
    "  w2:\n    problems:\n      - b # one\n      - {id: c, points: 3} # two\n\n# end\n",
    "assignments:\n  w1: {problems: [a]}\n  w2:\n    problems:\n    - b\n    - c",
    "assignments: {w1: {problems: [a]}, w2: {problems: [b,\n  c,\n ]}}\ncourse: x\n",
    "assignments:\n  w1:\n    problems: [a]\n"
    "  w2:\n    problems:\n    - id: b\n      points: 2\n    - id: c\n      points: 3\n",
]


def write(folder: Path, text: str) -> Path:
    config = folder / "config.yaml"
    config.write_text(text, encoding="utf-8")
    return config


def ids(config: Path, assignment: str) -> list[str]:
    problems = yaml.safe_load(config.read_text(encoding="utf-8"))["assignments"][assignment]["problems"]
    return [problem if isinstance(problem, str) else problem["id"] for problem in problems]


@pytest.mark.parametrize("text", CONFIGS)
def test_a_problem_is_added_behind_the_last_one_of_the_last_assignment(text: str, tmp_path: Path) -> None:
    config = write(tmp_path, text)

    assert assign_problem(config, "new-one") == "w2"

    assert ids(config, "w2") == ["b", "c", "new-one"]
    assert ids(config, "w1") == ["a"]


@pytest.mark.parametrize("text", CONFIGS)
def test_nothing_else_in_the_file_changes(text: str, tmp_path: Path) -> None:
    config = write(tmp_path, text)

    assign_problem(config, "new-one")

    after = config.read_text(encoding="utf-8")
    assert any(
        after.replace(entry, "", 1) == text for entry in (", new-one", "\n      - new-one", "\n    - new-one")
    )


@pytest.mark.parametrize("text", CONFIGS)
def test_a_problem_goes_to_the_assignment_that_is_named(text: str, tmp_path: Path) -> None:
    config = write(tmp_path, text)

    assert assign_problem(config, "new-one", "w1") == "w1"

    assert ids(config, "w1") == ["a", "new-one"]


@pytest.mark.parametrize("text", CONFIGS)
def test_a_problem_that_is_assigned_is_not_assigned_again(text: str, tmp_path: Path) -> None:
    config = write(tmp_path, text)

    assert assign_problem(config, "c") is None

    assert config.read_text(encoding="utf-8") == text


def test_an_unknown_assignment_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    config = write(tmp_path, CONFIGS[0])

    with pytest.raises(GraderError, match="w1"):
        assign_problem(config, "new-one", "w11")

    assert config.read_text(encoding="utf-8") == CONFIGS[0]
