"""Students who share rare wrong numbers in several problems: a reason to look, never a proof of anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

PROBLEMS = 2
"""In so many problems, at least, must the same rare numbers be found."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Students, and the problems in which they have the same rare wrong numbers."""

    students: tuple[str, ...]
    problems: tuple[str, ...]


def most_for_rare(students: int) -> int:
    """How many students of a class may have the same wrong numbers for that to be rare; below 2 nothing is."""
    return min(max(3, min(6, students // 50)), students // 4)


def find_alike(rare: Mapping[tuple[str, str], Sequence[str]]) -> tuple[Alike, ...]:
    """Groups of students, each linked by pairs who share at least two.

    Args:
        rare: (problem, numbers) → the few students who have them.
    """
    shared: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (problem, _), students in rare.items():
        for pair in combinations(sorted(students), 2):
            shared[pair].append(problem)
    pairs = {pair: problems for pair, problems in shared.items() if len(problems) >= PROBLEMS}
    groups = [
        Alike(tuple(sorted(group)), _in_order(p for pair in pairs if pair[0] in group for p in pairs[pair]))
        for group in _connect(pairs)
    ]
    return tuple(sorted(groups, key=lambda group: (-len(group.problems), group.students)))


def _connect(pairs: Iterable[tuple[str, str]]) -> list[set[str]]:
    """The students that pairs connect, in groups."""
    group_of: dict[str, set[str]] = {}
    for pair in pairs:
        merged = set().union(*(group_of.get(student, {student}) for student in pair))
        group_of.update(dict.fromkeys(merged, merged))
    return list({id(group): group for group in group_of.values()}.values())


def _in_order(problems: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(problems))
