"""What analytic functions satisfy: derivatives are bounded by values on a larger domain (Cauchy's estimate).

A function that is given as a program can be evaluated on complex balls, and the result contains all values there. So
neither its derivatives nor their formulas are needed. For that its operations must be analytic: transposes do not
conjugate, |x| is ±x by the sign of the real part, and roots and logarithms keep away from their cuts.

Source: L. Hörmander, An Introduction to Complex Analysis in Several Variables, 3rd ed., theorem 2.2.7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flint import acb, arb

from grader.truths.balls import Ball, NotExactError, from_entries, from_scalar

Function = Callable[..., Ball]
Operations = Mapping[str, Callable[..., Any]]

REAL = frozenset({"sqrt", "log", "**", "gammaln", "logdet"})
"""Operations whose argument must have a positive real part, or a determinant that is not 0; whole powers need none."""
CONJUGATING = frozenset(
    {
        "cholesky",
        "qr",
        "eigh",
        "eigvalsh",
        "eig",
        "eigvals",
        "svd",
        "svdvals",
        "pinv",
        "lstsq",
        "null_space",
        "lu",
    }
)
"""Operations that conjugate, or choose by size."""


def analytic(operations: Operations) -> dict[str, Callable[..., Any]]:
    """The operations on balls, continued from real to complex arguments; those that cannot be raise NotExactError."""
    continued = {
        ".H": operations[".T"],
        "conj": lambda x: x,
        "real": lambda x: x,
        "abs": _entrywise(_signed),
        "⟨,⟩": lambda P, Q: from_scalar(_dot(P.entries(), Q.entries())),
        "norm": _norm,
        **{name: _away_from_cuts(name, operations[name]) for name in REAL if name in operations},
        **{name: _refuse(name) for name in CONJUGATING},
    }
    return {**operations, **{name: continued[name] for name in continued if name in operations}}


def box(centre: Ball, radius: arb) -> Ball:
    """All complex arrays whose entries are at most so far from those of a real one."""
    around = arb(0, radius.upper())
    return from_entries([acb(entry + around, around) for entry in centre.entries()], centre.shape)


def largest(x: Ball) -> arb:
    """An upper bound of the modulus of any entry.

    Raises:
        NotExactError: there is none.
    """
    most = arb(0)
    for entry in x.entries():
        if not entry.is_finite():
            raise NotExactError("a function is not bounded near a point where it is needed")
        most = most.max(abs(entry).upper())
    return most


def _entrywise(function: Callable[[Any], Any]) -> Callable[[Ball], Ball]:
    return lambda x: from_entries([function(entry) for entry in x.entries()], x.shape)


def _signed(entry: Any) -> Any:
    real = entry.real
    if real > 0:
        return entry
    if real < 0:
        return -entry
    raise NotExactError("an absolute value near 0")


def _dot(p: Sequence[Any], q: Sequence[Any]) -> Any:
    return sum((a * b for a, b in zip(p, q, strict=True)), arb(0))


def _norm(x: Ball, kind: str = "fro") -> Ball:
    if kind != "fro":
        raise NotExactError(f"the norm {kind!r} inside a function that is solved for")
    square = _dot(x.entries(), x.entries())
    _check_positive(square)
    return from_scalar(square.sqrt())


def _check_positive(entry: Any) -> None:
    if not entry.real > 0:
        raise NotExactError("a root, power or logarithm near 0 or below")


def _away_from_cuts(name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
    def apply(x: Ball, *arguments: Any) -> Any:
        is_whole = name == "**" and all(_is_whole(k) for k in arguments[0].entries())
        if not is_whole and name != "logdet":
            for entry in x.entries():
                _check_positive(entry)
        return operation(x, *arguments)

    return apply


def _is_whole(exponent: Any) -> bool:
    return isinstance(exponent, arb) and exponent.unique_fmpz() is not None


def _refuse(name: str) -> Callable[..., Any]:
    def refuse(*arguments: Any, **options: Any) -> Any:
        raise NotExactError(f"{name} inside a function that is solved for")

    return refuse
