"""What analytic functions satisfy: derivatives are bounded by values on a larger domain (Cauchy's estimate).

A function that is given as a program can be evaluated on complex balls, and the result contains all values there. So
neither its derivatives nor their formulas are needed. For that its operations must be analytic: transposes do not
conjugate, |x| is ±x by the sign of the real part, and roots and logarithms keep away from their cuts.

Source: L. Hörmander, An Introduction to Complex Analysis in Several Variables, 3rd ed., theorem 2.2.7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flint import acb, arb, arb_mat

from grader.truths.ball_arrays import reduction
from grader.truths.ball_matrices import entry_by_entry
from grader.truths.balls import Ball, NeverExactError, NotExactError, from_entries, from_scalar, whole_power

Function = Callable[..., Ball]
Operations = Mapping[str, Callable[..., Any]]

_ANALYTIC = frozenset(
    {
        *("+", "-", "*", "/", "@", "neg", ".T", "//", "%", "[]", "[]=", "slice", "copy"),
        *("det", "inv", "trace", "solve", "adj", "kron", "power", "inner", "dot", "outer"),
        *("vec", "vech", "unvech", "diag", "tril", "triu", "toeplitz", "eye", "zeros", "ones", "arange"),
        *("duplication", "elimination", "commutation", "stack", "concatenate", "row of blocks"),
        *("hstack", "vstack", "reshape", "ravel", "roll", "repeat", "tile", "swapaxes", "flip"),
        *("exp", "expm1", "sin", "cos", "tan", "sinh", "cosh", "tanh", "erf", "erfc", "square"),
        *("diff", "convolve", "cross"),
        *("sigmoid", "softmax", "sum", "mean", "einsum", "prod", "cumsum", "cumprod", "where"),
        *("expm", "logm", "sqrtm", "sylvester"),
    }
)
"""Operations that are analytic wherever they are finite on complex balls."""
POSITIVE = {"sqrt": 0, "log": 0, "gammaln": 0, "log1p": -1, "arccosh": 1}
"""Functions that are analytic where the real part of the argument is larger than this."""


def analytic(operations: Operations) -> dict[str, Callable[..., Any]]:
    """The operations continued from real to complex balls; those that cannot be raise NeverExactError."""
    continued: dict[str, Callable[..., Any]] = {
        "**": _power(operations["**"]),
        ".H": operations[".T"],
        "conj": lambda x: x,
        "real": lambda x: x,
        "abs": _entrywise(lambda entry: entry * _sign(entry)),
        "relu": _entrywise(lambda entry: entry if _sign(entry) > 0 else entry * 0),
        "sign": _entrywise(_sign),
        "⟨,⟩": lambda P, Q: from_scalar(_dot(P.entries(), Q.entries())),
        "norm": _norm,
        "softplus": _entrywise(lambda entry: _log(1 + entry.exp())),
        "logdet": lambda A: _entrywise(lambda entry: _log(entry * _sign(entry)))(operations["det"](A)),
        "hypot": entry_by_entry(lambda a, b: _sqrt(a * a + b * b)),
        "logaddexp": entry_by_entry(lambda a, b: _log(a.exp() + b.exp())),
        "logsumexp": reduction(lambda entries: _log(_total([entry.exp() for entry in entries]))),
        "var": reduction(_variance),
        "std": reduction(lambda entries: _sqrt(_variance(entries))),
        "arctan": _within(operations["arctan"], "imag"),
        "arcsinh": _within(operations["arcsinh"], "imag"),
        **{name: _within(operations[name], "real") for name in ("arcsin", "arccos", "arctanh")},
        **{name: _in_half_plane(operations[name], bound) for name, bound in POSITIVE.items()},
    }

    kept = {name: _kept(name, operation) for name, operation in operations.items()}
    return {**kept, **continued}


def _kept(name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
    """The operation itself, if it is analytic; on known real arrays, which do not vary, any is."""
    if name in _ANALYTIC:
        return operation

    def apply(*arguments: Any, **options: Any) -> Any:
        if not all(isinstance(item, Ball) and isinstance(item.mat, arb_mat) for item in arguments):
            raise NeverExactError(f"{name} inside a function that is solved for")
        return operation(*arguments, **options)

    return apply


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


def _sign(entry: Any) -> int:
    if entry.real > 0:
        return 1
    if entry.real < 0:
        return -1
    raise NotExactError("an absolute value or sign near 0")


def _dot(p: Sequence[Any], q: Sequence[Any]) -> Any:
    return sum((a * b for a, b in zip(p, q, strict=True)), arb(0))


def _norm(x: Ball, kind: str = "fro") -> Ball:
    if kind != "fro":
        raise NeverExactError(f"the norm {kind!r} inside a function that is solved for")
    return from_scalar(_sqrt(_dot(x.entries(), x.entries())))


def _total(entries: Sequence[Any]) -> Any:
    return sum(entries, arb(0))


def _variance(entries: Sequence[Any]) -> Any:
    mean = _total(entries) / len(entries)
    return _total([whole_power(entry - mean, 2) for entry in entries]) / len(entries)


def _sqrt(entry: Any) -> Any:
    _check_beyond(entry, 0)
    return entry.sqrt()


def _log(entry: Any) -> Any:
    _check_beyond(entry, 0)
    return entry.log()


def _check_beyond(entry: Any, bound: float) -> None:
    if not entry.real > bound:
        raise NotExactError("a root, power or logarithm near 0 or below")


def _in_half_plane(operation: Callable[..., Any], bound: float) -> Callable[[Ball], Any]:
    def apply(x: Ball) -> Any:
        for entry in x.entries():
            _check_beyond(entry, bound)
        return operation(x)

    return apply


def _within(operation: Callable[..., Any], part: str) -> Callable[[Ball], Any]:
    """A function whose cuts lie on an axis, beyond ±1 or ±i."""

    def apply(x: Ball) -> Any:
        for entry in x.entries():
            if not abs(getattr(entry, part)) < 1:
                raise NotExactError("an inverse of a trigonometric or hyperbolic function near its cuts")
        return operation(x)

    return apply


def _power(operation: Callable[..., Any]) -> Callable[[Ball, Ball], Any]:
    def apply(x: Ball, k: Ball) -> Any:
        if not all(map(_is_whole, k.entries())):
            for entry in x.entries():
                _check_beyond(entry, 0)
        return operation(x, k)

    return apply


def _is_whole(exponent: Any) -> bool:
    return isinstance(exponent, arb) and exponent.unique_fmpz() is not None
