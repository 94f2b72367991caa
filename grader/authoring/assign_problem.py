"""Add a problem to an assignment in config.yaml, and leave all else in the file as its author wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from grader.core.errors import GraderError, suggest
from grader.core.files import write_file
from grader.problems.yaml_reader import read_yaml


def assign_problem(config: Path, problem_id: str, assignment: str | None = None) -> str | None:
    """Add a problem to an assignment, by default the last one in the file.

    Returns:
        The assignment; None if one has the problem already.

    Raises:
        GraderError: there is no such assignment, or its list cannot be found; nothing is written.
    """
    text, chosen = with_problem(config, problem_id, assignment)
    if chosen is not None:
        write_file(config, text)
    return chosen


def with_problem(config: Path, problem_id: str, assignment: str | None = None) -> tuple[str, str | None]:
    """What config.yaml is when a problem is added, and the assignment; None if one has the problem already.

    Raises:
        GraderError: there is no such assignment, or its list cannot be found.
    """
    read_yaml(config)  # which says what is wrong with a file that is not YAML
    text = config.read_text(encoding="utf-8")
    lists = dict(_lists(text))
    if not lists:
        example = f"assignments: {{week1: {{problems: [{problem_id}]}}}}"
        raise GraderError(f"{config} has no assignment with a list of problems; write one, as in `{example}`")
    if assignment is not None and assignment not in lists:
        raise GraderError(f"{config} has no assignment '{assignment}'; {suggest(assignment, lists)}")
    if any(problem_id in _ids(problems) for problems in lists.values()):
        return text, None

    chosen = assignment or [*lists][-1]
    return _insert(text, lists[chosen], problem_id), chosen


def _lists(text: str) -> Iterator[tuple[str, yaml.SequenceNode]]:
    """Assignment → the list of its problems, in the order of the file."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    for name, assignment in _entries(_value(root, "assignments")):
        problems = _value(assignment, "problems")
        if isinstance(problems, yaml.SequenceNode) and problems.value:
            yield name, problems


def _entries(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, value) for key, value in node.value)


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    return dict(_entries(node)).get(key)


def _ids(problems: yaml.SequenceNode) -> Iterator[str]:
    """Ids of the problems; with points of their own they stand in a mapping."""
    for entry in problems.value:
        named = _value(entry, "id") if isinstance(entry, yaml.MappingNode) else entry
        if isinstance(named, yaml.ScalarNode):
            yield named.value


def _insert(text: str, problems: yaml.SequenceNode, problem_id: str) -> str:
    """The text with one more entry in a list, written as the others are."""
    first, last = problems.value[0], problems.value[-1]
    end = last.end_mark.index
    if problems.flow_style:
        return f"{text[:end]}, {problem_id}{text[end:]}"

    # Behind a block there may be comments and empty lines, which belong to what follows.
    end = len(text[:end].rstrip())
    line_end = text.find("\n", end)
    end = len(text) if line_end < 0 else line_end
    dash = text.rindex("-", 0, first.start_mark.index)
    indent = text[text.rfind("\n", 0, dash) + 1 : dash]
    return f"{text[:end]}\n{indent}- {problem_id}{text[end:]}"
