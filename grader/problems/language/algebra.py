"""Algebras: what an expression is evaluated in, such as numpy arrays, balls or shapes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from grader.problems.language.entries import MOST_ENTRIES
from grader.problems.language.nodes import Operation

T = TypeVar("T")


class Several(tuple[Any, ...]):
    """The values of a function or program that returns several."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Algebra(Generic[T]):
    """A way to evaluate expressions: it makes numbers, and has operations by name.

    Args:
        watch: is told each operation with its arguments.
        constant: the number that an element is, for loops, branches and indices; raises ShapeError if it is data.
        most_entries: arrays have no more entries than this.
    """

    number: Callable[[float | complex], T]
    operations: Mapping[str, Callable[..., T]]
    constant: Callable[[Any], Any] = operator.index
    watch: Callable[[Operation, Sequence[Any]], None] | None = None
    most_entries: int = MOST_ENTRIES
