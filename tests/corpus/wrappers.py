"""Ways to spoil a right function a little, or to mistake it: near misses, breaches and relations.

Each wrapper makes a wrong function from the reference. Whether it is wrong for a given problem (a float32 answer
may be exact, a scalar has no transpose) is found out by calling both; see `tests.corpus`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np

from grader.problems.problem import Problem
from tests.corpus.differences import value
from tests.corpus.variant import Array, Function, Kind

Condition = Callable[[Array], bool]


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A way to make a wrong function: `wrap(problem, reference)`, fresh for every use."""

    kind: Kind
    wrap: Callable[[Problem, Function], Function]
    truthful: frozenset[str] = frozenset()


def miss(wrap: Callable[[Problem, Function], Function], *truthful: str) -> Wrapper:
    """A near miss, as it stands in the table."""
    return Wrapper("near miss", wrap, frozenset(truthful))


def relation(wrap: Callable[[Problem, Function], Function], *truthful: str) -> Wrapper:
    """A wrong formula, as it stands in the table."""
    return Wrapper("wrong formula", wrap, frozenset(truthful))


def breach(wrap: Callable[[Problem, Function], Function], *truthful: str) -> Wrapper:
    """A breach of the contract, as it stands in the table."""
    return Wrapper("breach", wrap, frozenset(truthful))


def on_parts(change: Callable[[Array], Any]) -> Callable[[Problem, Function], Function]:
    """Every array of the answer, changed."""

    def wrap(problem: Problem, right: Function) -> Function:
        return lambda *arguments: _each(change, right(*arguments))

    return wrap


def on_first(change: Callable[[Array], Any]) -> Callable[[Problem, Function], Function]:
    """The first array of the answer, changed."""

    def wrap(problem: Problem, right: Function) -> Function:
        def answer(*arguments: Any) -> Any:
            result = right(*arguments)
            if isinstance(result, tuple):
                return (change(np.asarray(result[0])), *result[1:])
            return change(np.asarray(result))

        return answer

    return wrap


def on_inputs(change: Callable[[Array], Any]) -> Callable[[Problem, Function], Function]:
    """The right answer to other inputs; what is no array of floating point numbers is passed on."""

    def wrap(problem: Problem, right: Function) -> Function:
        return lambda *arguments: right(*(change(x) if _is_array(x) else x for x in arguments))

    return wrap


def with_determinant(change: Callable[[Array, Any], Any]) -> Callable[[Problem, Function], Function]:
    """The answer, changed by the determinant of the first square matrix."""

    def wrap(problem: Problem, right: Function) -> Function:
        def answer(*arguments: Any) -> Any:
            d = np.linalg.det(square(arguments))
            return _each(lambda x: change(x, d), right(*arguments))

        return answer

    return wrap


def only_where(
    condition: Condition, otherwise: Callable[[Array], Any]
) -> Callable[[Problem, Function], Function]:
    """Right where the first square matrix satisfies a condition."""

    def wrap(problem: Problem, right: Function) -> Function:
        def answer(*arguments: Any) -> Any:
            result = right(*arguments)
            return result if condition(square(arguments)) else _each(otherwise, result)

        return answer

    return wrap


def square(arguments: tuple[Any, ...]) -> Array:
    """The first argument that is a square matrix."""
    found = [x for x in arguments if _is_array(x) and x.ndim == 2 and x.shape[0] == x.shape[1]]
    return np.asarray(found[0])


def _each(change: Callable[[Array], Any], result: Any) -> Any:
    if isinstance(result, tuple):
        return tuple(change(np.asarray(part)) for part in result)
    return change(np.asarray(result))


def _is_array(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


def _single(x: Array) -> Array:
    return x.astype(np.complex64 if x.dtype.kind == "c" else np.float32)


def _significant(digits: int) -> Callable[[Array], Any]:
    def change(x: Array) -> Any:
        if x.dtype.kind == "c":
            return change(x.real) + 1j * change(x.imag)
        exponent = np.floor(np.log10(np.abs(np.where(x == 0, 1.0, x))))
        return np.round(x / 10.0**exponent, digits - 1) * 10.0**exponent

    return change


def _one_entry(change: Callable[[Any, float], Any]) -> Callable[[Array], Array]:
    """The last entry of an array changed; `change` sees the largest absolute value. A scalar has no entries."""

    def apply(x: Array) -> Array:
        y = np.array(x)
        last = (slice(-1, None),) * _need(y, 1).ndim
        y[last] = change(y[last], float(np.max(np.abs(x), initial=0.0)))
        return y

    return apply


def _last_row(change: Callable[[Array], Any]) -> Callable[[Array], Array]:
    """The last row of a matrix changed; that of a vector would be an entry."""

    def apply(x: Array) -> Array:
        y = np.array(_need(x, 2))
        y[-1:] = change(y[-1:])
        return y

    return apply


def _need(x: Array, sides: int) -> Array:
    """The array itself, if it has so many sides."""
    if x.ndim < sides:
        raise ValueError("the answer has too few sides for this")
    return x


def _rank_one(size: float) -> Callable[[Array], Array]:
    """Plus size·‖x‖·uvᵀ for fixed unit vectors u and v; a scalar has no rank-one error."""

    def apply(x: Array) -> Array:
        rows, columns = _need(x, 2).shape
        u, v = np.cos(1.0 + np.arange(rows)), np.sin(2.0 + 3.0 * np.arange(columns))
        error = np.outer(u / (np.linalg.norm(u) or 1.0), v / (np.linalg.norm(v) or 1.0))
        return np.asarray(x + size * np.linalg.norm(x) * error)

    return apply


def _some_nan(x: Array) -> Array:
    """The last entry becomes NaN."""
    y = np.array(x, dtype=np.result_type(x, float))
    y.ravel()[-1:] = np.nan
    return y


def remembering(spoil: Callable[[int, Any], Any]) -> Callable[[Problem, Function], Function]:
    """The answer, changed by the number of the call, counted from 1."""

    def wrap(problem: Problem, right: Function) -> Function:
        calls = count(1)
        return lambda *arguments: spoil(next(calls), right(*arguments))

    return wrap


def seventh(k: int, result: Any) -> Any:
    """Wrong on every seventh call."""
    return _each(lambda x: x * (1 + 1e-6), result) if k % 7 == 0 else result


def cached_by_shape(problem: Problem, right: Function) -> Function:
    """The answer to the first question of each shape."""
    cache: dict[Any, Any] = {}

    def answer(*arguments: Any) -> Any:
        key = tuple(np.shape(x) for x in arguments)
        if key not in cache:
            cache[key] = right(*arguments)
        return cache[key]

    return answer


def noisy(size: float) -> Callable[[Problem, Function], Function]:
    """Plus noise of a relative size, new at every call."""

    def wrap(problem: Problem, right: Function) -> Function:
        rng = np.random.default_rng(0)
        return lambda *arguments: _each(
            lambda x: x * (1 + size * rng.standard_normal(x.shape)), right(*arguments)
        )

    return wrap


def mutating(problem: Problem, right: Function) -> Function:
    """Right, but an argument is left changed."""

    def answer(*arguments: Any) -> Any:
        result = right(*arguments)
        A = square(arguments)
        A += 1.0
        return result

    return answer


def mutating_last_bit(problem: Problem, right: Function) -> Function:
    """Right, but one entry of an argument is left changed in its last bit."""

    def answer(*arguments: Any) -> Any:
        result = right(*arguments)
        A = square(arguments)
        A[-1:, -1:] = np.nextafter(A[-1:, -1:].real, 1e300)
        return result

    return answer


def returning_argument(problem: Problem, right: Function) -> Function:
    """Right, but the answer is written into an argument, and that is returned."""

    def answer(*arguments: Any) -> Any:
        result = right(*arguments)
        first, rest = (result[0], result[1:]) if isinstance(result, tuple) else (result, ())
        A = square(arguments)
        if A.shape != np.shape(first):
            raise ValueError("the answer does not fit into the argument")
        A[...] = first
        return (A, *rest) if rest else A

    return answer


def value_instead(problem: Problem, right: Function) -> Function:
    """f(A), where a derivative is asked for."""
    return lambda *arguments: value(problem, dict(zip(problem.arguments, arguments, strict=True)))


def _is_positive(A: Array) -> bool:
    """Whether det A > 0 beyond rounding; complex determinants are let through."""
    if A.dtype.kind == "c":
        return True
    return bool(np.linalg.slogdet(A)[0] > 0 and _is_regular(A))


def _is_regular(A: Array) -> bool:
    sigma = np.linalg.svd(A, compute_uv=False)
    return not sigma.size or bool(sigma[-1] > 1e-13 * sigma[0])


def _half_more(x: Array) -> Any:
    return x * 1.5


def _transpose(x: Array) -> Array:
    return np.array(_need(x, 2).T)


def _adjoint(x: Array) -> Array:
    return np.array(_need(x, 2).conj().T)


ROUNDED = ("rounded-digits",)

NEAR_MISSES: Mapping[str, Wrapper] = {
    "relative-1e-3": miss(on_parts(lambda x: x * (1 + 1e-3)), "constant-factor"),
    "relative-1e-6": miss(on_parts(lambda x: x * (1 + 1e-6)), "constant-factor"),
    "relative-1e-9": miss(on_parts(lambda x: x * (1 + 1e-9)), "constant-factor"),
    "first-part-1e-6": miss(on_first(lambda x: x * (1 + 1e-6)), "constant-factor"),
    "entry-1e-5": miss(on_first(_one_entry(lambda x, top: x + 1e-5 * top)), "one-entry"),
    "entry-1e-8": miss(on_first(_one_entry(lambda x, top: x + 1e-8 * top)), "one-entry"),
    "row-1e-7": miss(on_first(_last_row(lambda x: x * (1 + 1e-7))), "one-row"),
    "rank-one-1e-7": miss(on_first(_rank_one(1e-7))),
    "rank-one-1e-10": miss(on_first(_rank_one(1e-10))),
    "float32": miss(on_parts(_single), "single-precision", "not-finite"),
    "float32-inputs": miss(
        on_inputs(lambda x: _single(x).astype(x.dtype)), "single-precision", "not-finite", *ROUNDED
    ),
    "float32-throughout": miss(
        lambda problem, right: on_parts(_single)(problem, on_inputs(_single)(problem, right)),
        "single-precision", "not-finite",
    ),
    "digits-6": miss(on_parts(_significant(6)), *ROUNDED),
    "digits-10": miss(on_parts(_significant(10)), *ROUNDED),
    "decimals-6": miss(on_parts(lambda x: np.round(x, 6)), *ROUNDED),
    "inputs-to-8-digits": miss(on_inputs(_significant(8)), *ROUNDED),
    "only-up-to-2": miss(only_where(lambda A: len(A) <= 2, _half_more), "only-size"),
    "only-up-to-3": miss(only_where(lambda A: len(A) <= 3, _half_more), "only-size"),
    "only-beyond-1": miss(only_where(lambda A: len(A) > 1, _half_more), "only-size"),
    "only-positive-determinant": miss(
        only_where(_is_positive, np.negative),
        "only-positive-determinant", "determinant-factor", "other-product",
    ),
    "only-symmetric": miss(
        only_where(lambda A: bool(np.array_equal(A, A.T)), _half_more), "only-symmetric"
    ),
    "only-nearly-symmetric": miss(
        only_where(lambda A: bool(np.array_equal(A, A.T)), lambda x: x * (1 + 1e-7)), "only-symmetric"
    ),
    "only-real": miss(only_where(lambda A: A.dtype.kind != "c", np.conj), "only-real", "conjugate"),
    "only-nonsingular": miss(
        only_where(_is_regular, lambda x: x * np.nan), "only-nonsingular", "not-finite"
    ),
    "zero-if-singular": miss(only_where(_is_regular, lambda x: x * 0), "only-nonsingular"),
    "nan-if-large": miss(
        only_where(lambda A: bool(np.all(np.real(A[:1, :1]) < 1)), lambda x: x * np.nan), "not-finite"
    ),
    "nan-entry-at-3": miss(only_where(lambda A: len(A) != 3, _some_nan), "not-finite", "only-size"),
    "loses-at-ill-conditioned": miss(
        only_where(lambda A: not A.size or bool(np.linalg.cond(A) < 1e4), lambda x: x * (1 + 1e-5)), "loses-digits"
    ),
    "seventh-call": miss(remembering(seventh), "state"),
    "cached-by-shape": miss(cached_by_shape, "state", "constant"),
    "noise-1e-6": miss(noisy(1e-6), "noise", "state"),
    "noise-1e-11": miss(noisy(1e-11), "noise", "state"),
}  # fmt: skip
"""Wrong, and by how much: everything else about them is right."""

BREACHES: Mapping[str, Wrapper] = {
    "changes-its-argument": breach(mutating),
    "changes-a-last-bit": breach(mutating_last_bit),
    "returns-its-argument": breach(returning_argument),
}
"""The right numbers, from a function that does not keep the contract."""

# Right for k = 0 only: of Aᵏ that is true of whatever keeps 0 at 0.
RELATIONS: Mapping[str, Wrapper] = {
    "negated": relation(on_parts(np.negative), "constant-factor"),
    "twice": relation(on_parts(lambda x: 2 * x), "constant-factor"),
    "half-of-it": relation(on_parts(lambda x: x / 2), "constant-factor"),
    "third-of-it": relation(on_parts(lambda x: x / 3), "constant-factor"),
    "transpose-of-it": relation(
        on_first(_transpose), "transpose", "only-symmetric", "row-major", "transposed-factor"
    ),
    "conjugate-of-it": relation(on_parts(np.conj), "conjugate", "only-real"),
    "adjoint-of-it": relation(on_first(_adjoint), "conjugate-transpose", "only-symmetric"),
    "times-determinant": relation(with_determinant(lambda x, d: x * d), "determinant-factor"),
    "over-determinant": relation(with_determinant(lambda x, d: x / d), "determinant-factor"),
    "times-sign": relation(
        with_determinant(lambda x, d: x * d / abs(d)), "determinant-factor", "only-positive-determinant"
    ),
    "last-row-negated": relation(on_first(_last_row(np.negative)), "one-row", "only-parameter"),
    "last-row-missing": relation(on_first(_last_row(np.zeros_like)), "one-row", "only-parameter"),
    "entry-negated": relation(on_first(_one_entry(lambda x, top: -x)), "one-entry", "only-parameter"),
    "zero": relation(on_parts(np.zeros_like), "zero", "constant"),
    "always-the-same": relation(on_parts(lambda x: np.full(x.shape, 0.7)), "constant"),
    "value": relation(value_instead, "function-value"),
}
"""Wrong formulas that stand in one relation to the truth whatever the problem is."""
