"""Numbers for people, from the plain values of a report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any, TypeAlias

from grader.core.text import one_line
from grader.reports.report import Counterexample, Plain

# A scalar (float, complex, or text that is not a number) or a list of these.
Value: TypeAlias = Any

Point = tuple[float, float]

_NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_DENOMINATOR, _NUMERATOR = 1000, 10**6
_LAST_BITS = 2.0**-49


def format_number(value: Value, digits: int = 6) -> str:
    """Format a number in up to `digits` significant digits: `3`, `-1.5`, `1e-7`, `1+2i`, `nan`."""
    if isinstance(value, complex):
        return _format_complex(value, digits)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return one_line(str(value), 60)

    number = float(value)
    if not math.isfinite(number):
        return str(number)
    if number.is_integer() and abs(number) < 1e9:
        return str(int(number))

    text = repr(number) if digits >= 17 else f"{number:.{digits}g}"
    mantissa, e, exponent = text.partition("e")
    if not e:
        return text
    return f"{mantissa}e{int(exponent)}"


def _format_complex(value: complex, digits: int) -> str:
    real, imaginary = format_number(value.real, digits), format_number(value.imag, digits)
    if imaginary == "0":
        return real

    term = _format_imaginary(imaginary)
    if real == "0":
        return term
    plus = "" if term.startswith("-") else "+"
    return f"{real}{plus}{term}"


def _format_imaginary(factor: str) -> str:
    """`i`, `-2i`, `inf·i`: a dot keeps the unit apart from a letter."""
    if factor in ("1", "-1"):
        return factor.replace("1", "i")
    dot = "·" if factor[-1].isalpha() else ""
    return f"{factor}{dot}i"


@lru_cache(4096)  # a fifth of the time of a page, as a class shares the right answers
def find_fraction(value: Value) -> Fraction | None:
    """Find the fraction that a number is but for its last four bits; None for whole numbers and where there is none.

    A number at random is that close to some p/q with q ≤ 1000 once in 10⁹ times.
    """
    if not isinstance(value, float) or not math.isfinite(value) or value.is_integer():
        return None

    near = Fraction(value).limit_denominator(_DENOMINATOR)
    if near.denominator == 1 or abs(near.numerator) >= _NUMERATOR:
        return None
    is_equal = abs(value - near) <= _LAST_BITS * abs(near)
    return near if is_equal else None


def read_value(value: Plain) -> Value:
    """Read a value from its JSON form: `{"real", "imag"}` becomes complex, `"nan"` a float."""
    match value:
        case {"real": real, "imag": imaginary, **others} if not others:
            return _join(read_value(real), read_value(imaginary))
        case dict():
            return one_line(str(value), 40)
        case list() | tuple():
            return [read_value(item) for item in value]
        case str():
            return _NON_FINITE.get(value, value)
        case bool():
            return value
        case int():
            return _to_float(value)
    return value


def _to_float(number: int) -> float:
    """The nearest double; infinite for an integer that is too large for one."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _join(real: Value, imaginary: Value) -> Value:
    match real, imaginary:
        case list(), list() if len(real) == len(imaginary):
            return list(map(_join, real, imaginary))
        case float(), float():
            return complex(real, imaginary)
    return one_line(f"({real}, {imaginary})", 40)


def find_shape(value: Value) -> tuple[int, ...] | None:
    """Find the shape of a nested list; None when its rows do not match, as in a tuple of different arrays."""
    if not isinstance(value, list):
        return ()
    if not value:
        return (0,)

    shapes = {find_shape(item) for item in value}
    inner = shapes.pop()
    if shapes or inner is None:
        return None
    return (len(value), *inner)


def entries_of(values: Iterable[Plain]) -> list[Value]:
    """List all numbers of some plain values."""
    return [leaf for value in values for leaf in leaves_of(read_value(value))]


def are_whole(entries: Iterable[Value]) -> bool:
    """True if all entries are whole numbers."""
    return all(isinstance(entry, float) and entry.is_integer() for entry in entries)


def format_inline(value: Plain) -> str:
    """Format a value on one line, as Python writes it: `[[1, 2], [3, 4]]`."""
    return _format_inline(read_value(value))


def _format_inline(value: Value) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_format_inline, value))}]"
    if value is None:
        return "no answer"
    return format_number(value, 4)


def say_error(case: Counterexample) -> str:
    """Say how far an answer is off; empty if it is right or there is none."""
    if case.error is None or case.tolerance is None or case.error <= case.tolerance:
        return ""
    error, allowed = format_number(case.error, 3), format_number(case.tolerance, 2)
    return f"The error is {error}, and {allowed} is allowed."


def say_cut(case: Counterexample) -> str:
    """Say of an answer that is shown in part how large it is; empty if it is shown whole."""
    for name, shape in case.cut.items():
        if name.startswith("answer"):
            entries = " × ".join(map(str, shape))
            return f"Your answer has {entries} entries; the first of them are shown."
    return ""


def leaves_of(value: Value) -> Iterator[Value]:
    """The entries of nested lists, one after the other."""
    if not isinstance(value, list):
        yield value
        return
    for item in value:
        yield from leaves_of(item)


def log_points(x: Sequence[float], y: Sequence[float]) -> list[Point]:
    """The points of a curve that a log–log plot can show, as logarithms, from left to right; `y` may be empty."""
    points = []
    for a, b in zip(x, y, strict=False):
        if a > 0 and 0 < b < math.inf:
            points.append((math.log10(a), math.log10(b)))
    return sorted(points)
