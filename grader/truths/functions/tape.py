"""A function of arrays of real balls as a list of operations on numbers: it is read once and run often.

Solvers call the same program thousands of times on few numbers. Reading it again takes ten times as long as computing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any, NoReturn

from grader.problems.language import ExpressionError
from grader.truths.balls import Ball, NotExactError, from_entries, from_scalar, whole_power
from grader.truths.functions.matrices import Mat

Numbers = Callable[[Sequence[Any], Any], list[Any]]
"""From the entries of y, and t, to those of g(y, t)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Tape:
    """What is done, in order.

    Args:
        values: a place for each number, which is None where it is not known; steps: the place of a result, the
            operation, and the places of its arguments.
    """

    values: list[Any] = field(default_factory=list)
    steps: list[tuple[int, Callable[..., Any], tuple[int, ...]]] = field(default_factory=list)

    def unknown(self) -> _Number:
        """A number that is given when the tape is run."""
        self.values.append(None)
        return _Number(self, len(self.values) - 1)

    def note(self, operation: Callable[..., Any], *arguments: Any) -> _Number:
        """The result of an operation."""
        places = tuple(self.place(argument) for argument in arguments)
        result = self.unknown()
        self.steps.append((result.place, operation, places))
        return result

    def place(self, argument: Any) -> int:
        """Where a number is, which may be a known one."""
        if isinstance(argument, _Number):
            return argument.place
        self.values.append(argument)
        return len(self.values) - 1


def _noted(operation: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *arguments: arguments[0].tape.note(operation, *arguments)


def _method(name: str) -> Callable[..., Any]:
    return _noted(methodcaller(name))


def _refuse(*arguments: Any) -> NoReturn:
    raise TypeError("what is done depends on a number that is not known yet")


class _Number:
    """A number that is not known yet; what is not noted here, such as comparisons, is a TypeError or AttributeError."""

    def __init__(self, tape: _Tape, place: int) -> None:
        self.tape, self.place = tape, place

    def __mul__(self, other: Any) -> Any:
        return _scaled(other, self) if hasattr(other, "nrows") else self.tape.note(operator.mul, self, other)

    def __pow__(self, exponent: Any) -> Any:
        operation = whole_power if isinstance(exponent, int) else operator.pow
        return _refuse() if isinstance(exponent, _Number) else self.tape.note(operation, self, exponent)

    def __radd__(self, other: Any) -> Any:
        return self.tape.note(operator.add, other, self)

    def __rsub__(self, other: Any) -> Any:
        return self.tape.note(operator.sub, other, self)

    def __rtruediv__(self, other: Any) -> Any:
        return self.tape.note(operator.truediv, other, self)

    @property
    def real(self) -> _Number:
        """All are real."""
        return self

    __rmul__ = __mul__
    __add__, __sub__, __truediv__ = map(_noted, (operator.add, operator.sub, operator.truediv))
    __neg__, __abs__ = _noted(operator.neg), _noted(abs)
    sqrt, log, exp = _method("sqrt"), _method("log"), _method("exp")
    log1p, expm1, erf, erfc = _method("log1p"), _method("expm1"), _method("erf"), _method("erfc")
    sin, cos, tan = _method("sin"), _method("cos"), _method("tan")
    asin, acos, atan = _method("asin"), _method("acos"), _method("atan")
    sinh, cosh, tanh = _method("sinh"), _method("cosh"), _method("tanh")
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse

    @staticmethod
    def matrix(rows: int, columns: int, entries: list[Any]) -> _Matrix:
        """What `from_entries` makes of such numbers."""
        return _Matrix(rows, columns, entries)


@dataclass(frozen=True, slots=True, eq=False)
class _Matrix:
    """A matrix with such numbers among its entries, as FLINT's are used."""

    rows: int
    columns: int
    items: list[Any]

    def nrows(self) -> int:
        return self.rows

    def ncols(self) -> int:
        return self.columns

    def entries(self) -> list[Any]:
        return list(self.items)

    def __getitem__(self, at: tuple[int, int]) -> Any:
        return self.items[at[0] * self.columns + at[1]]

    def transpose(self) -> _Matrix:
        turned = [self[i, j] for j in range(self.columns) for i in range(self.rows)]
        return _Matrix(self.columns, self.rows, turned)

    def trace(self) -> Any:
        return sum((self[i, i] for i in range(1, self.rows)), self[0, 0])

    def __add__(self, other: Mat) -> _Matrix:
        return _entrywise(operator.add, self, other)

    def __radd__(self, other: Mat) -> _Matrix:
        return _entrywise(operator.add, other, self)

    def __sub__(self, other: Mat) -> _Matrix:
        return _entrywise(operator.sub, self, other)

    def __rsub__(self, other: Mat) -> _Matrix:
        return _entrywise(operator.sub, other, self)

    def __neg__(self) -> _Matrix:
        return _Matrix(self.rows, self.columns, [-item for item in self.items])

    def __mul__(self, other: Any) -> _Matrix:
        return _product(self, other) if hasattr(other, "nrows") else _scaled(self, other)

    def __rmul__(self, other: Any) -> _Matrix:
        return _product(other, self) if hasattr(other, "nrows") else _scaled(self, other)


def _entrywise(operation: Callable[..., Any], A: Mat, B: Mat) -> _Matrix:
    items = [operation(a, b) for a, b in zip(A.entries(), B.entries(), strict=True)]
    return _Matrix(A.nrows(), A.ncols(), items)


def _scaled(A: Mat, factor: Any) -> _Matrix:
    return _Matrix(A.nrows(), A.ncols(), [item * factor for item in A.entries()])


def _product(A: Mat, B: Mat) -> _Matrix:
    """AB, with at least one column in A."""
    inner = range(1, A.ncols())
    items = [
        sum((A[i, k] * B[k, j] for k in inner), A[i, 0] * B[0, j])
        for i in range(A.nrows())
        for j in range(B.ncols())
    ]
    return _Matrix(A.nrows(), B.ncols(), items)


def by_entries(g: Callable[[Ball, Ball], Ball], shape: tuple[int, ...]) -> Numbers:
    """g(y, t), for y of a shape, on numbers."""
    return lambda y, t: g(from_entries(list(y), shape), from_scalar(t)).entries()


def record(g: Callable[[Ball, Ball], Ball], shape: tuple[int, ...], count: int) -> Numbers | None:
    """g(y, t) on numbers as a tape; None where what is done depends on them, as with comparisons.

    Args:
        shape, count: of y, and the number of its entries.
    """
    tape = _Tape()
    unknowns = [tape.unknown() for _ in range(count + 1)]
    try:
        result = by_entries(g, shape)(unknowns[:-1], unknowns[-1])
    except (NotExactError, ExpressionError, TypeError, AttributeError, IndexError):
        return None
    places = [tape.place(entry) for entry in result]

    def run(y: Sequence[Any], t: Any) -> list[Any]:
        values = [*y, t, *tape.values[count + 1 :]]
        for place, operation, arguments in tape.steps:
            values[place] = operation(*[values[argument] for argument in arguments])
        return [values[place] for place in places]

    return run
