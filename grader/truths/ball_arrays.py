"""Arrays of balls: broadcasting, indexing, comparison and reduction, as numpy does them and without it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import chain, product
from math import prod
from typing import Any

from flint import arb

from grader.problems.axes import (
    Axes,
    axes_of,
    common_shape,
    contractions,
    lines_along,
    nested,
    read_subscripts,
    reduced_sides,
    strides_of,
    take,
)
from grader.problems.axes import transpose as transposed_places
from grader.problems.einsum_sides import check_products
from grader.problems.language import ShapeError
from grader.truths.ball_matrices import entry_by_entry, spread_to
from grader.truths.balls import Ball, NotExactError, entries_in, from_entries


def constant(x: Ball | None) -> Any:
    """The number of a size or parameter, or labels in nested lists; None where there is none."""
    if x is None:
        return None
    numbers = [_number(entry) for entry in x.entries()]
    return nested(numbers, x.shape) if x.shape else numbers[0]


def _number(entry: Any) -> float | int:
    whole = entry.unique_fmpz() if isinstance(entry, arb) else None
    return float(entry) if whole is None else int(whole)


def entries_at(A: Ball, parts: tuple[Any, ...]) -> Ball:
    """A[parts]."""
    return entries_in(A, *take(A.shape, parts))


def _with_entries(A: Ball, value: Ball, parts: tuple[Any, ...]) -> Ball:
    """A copy of A in which some entries are those of a value."""
    places, shape = take(A.shape, parts)
    entries = A.entries()
    for place, entry in zip(places, spread_to(value, shape).entries(), strict=True):
        entries[place] = entry
    return from_entries(entries, A.shape)


def _compare(
    holds: Callable[[Any, Any], Any], fails: Callable[[Any, Any], Any]
) -> Callable[[Ball, Ball], Ball]:
    """A comparison of entries, 1 where it holds and 0 where it fails; a ball may do neither."""

    def decide(a: Any, b: Any) -> arb:
        if holds(a, b):
            return arb(1)
        if fails(a, b):
            return arb(0)
        raise NotExactError("a comparison cannot be decided")

    return entry_by_entry(decide)


def reduction(function: Callable[[list[Any]], Any]) -> Callable[..., Ball]:
    """A function of all entries, or of those along an axis."""

    def reduced(A: Ball, axis: Axes = None, keepdims: bool = False) -> Ball:
        axes = [one % len(A.shape) for one in axes_of(axis, len(A.shape))]
        entries = A.entries()
        results = [function([entries[place] for place in line]) for line in lines_along(A.shape, axes)]
        return from_entries(results, reduced_sides(A.shape, axes, keepdims))

    return reduced


def _einsum(*arrays: Ball, subscripts: str) -> Ball:
    inputs, output = read_subscripts(subscripts, len(arrays))
    result = from_entries([arb(1)], ())
    for array, (left, right, kept) in zip(arrays, contractions(inputs, output), strict=True):
        result = _contract((left, right), (result, array), kept)
    return result


def _contract(inputs: Sequence[str], arrays: Sequence[Ball], output: str) -> Ball:
    """The sums of products of entries over all letters that are not in the result."""
    sides = {
        letter: side
        for letters, array in zip(inputs, arrays, strict=True)
        for letter, side in zip(letters, array.shape, strict=True)
    }
    check_products(sides.values())
    letters = [*output, *(letter for letter in sides if letter not in output)]
    shape = tuple(sides[letter] for letter in output)

    in_order = {letter: sides[letter] for letter in letters}
    factors = [_over_letters(array, given, in_order) for given, array in zip(inputs, arrays, strict=True)]
    products = [reduce(operator.mul, numbers) for numbers in zip(*factors, strict=True)]

    length = prod(sides[letter] for letter in letters[len(output) :])
    sums = [sum(products[k * length : (k + 1) * length], arb(0)) for k in range(prod(shape))]
    return from_entries(sums, shape)


def _over_letters(array: Ball, axes: str, sides: Mapping[str, int]) -> list[Any]:
    """The entry of an array at each combination of letters, of which some stand for its axes."""
    strides = dict.fromkeys(sides, 0)
    for letter, stride in zip(axes, strides_of(array.shape), strict=True):
        strides[letter] += stride

    entries = array.entries()
    steps = [[k * strides[letter] for k in range(side)] for letter, side in sides.items()]
    return [entries[sum(at)] for at in product(*steps)]


def along_axis(function: Callable[[list[Any]], list[Any]]) -> Callable[..., Ball]:
    """A function that makes as many entries of those along an axis; without one, of all in a row."""

    def applied(A: Ball, axis: int | None = None) -> Ball:
        entries = A.entries()
        if axis is None:
            return from_entries(function(entries), (len(entries),))

        results: list[Any] = [None] * len(entries)
        for line in lines_along(A.shape, [axis % len(A.shape)]):
            for place, result in zip(line, function([entries[place] for place in line]), strict=True):
                results[place] = result
        return from_entries(results, A.shape)

    return applied


def largest(values: list[Any]) -> Any:
    """The largest of some real balls."""
    return _chosen("max", values)


def smallest(values: list[Any]) -> Any:
    """The smallest of some real balls."""
    return _chosen("min", values)


def _chosen(which: str, values: list[Any]) -> Any:
    if not values:
        raise NotExactError(f"{which} of no entries")
    if not all(isinstance(value, arb) for value in values):
        raise NotExactError(f"{which} of complex numbers")
    return reduce(lambda p, q: getattr(p, which)(q), values)


def matmul_stacks(matmul: Callable[[Ball, Ball], Ball], A: Ball, B: Ball) -> Ball:
    """The products of the matrices in two stacks, which are broadcast against each other."""
    outer = common_shape([A.shape[:-2], B.shape[:-2]])
    if outer is None:
        raise ShapeError(f"'@' does not fit {A.shape} and {B.shape}")

    lefts, rights = _matrices(A, outer), _matrices(B, outer)
    products = list(map(matmul, lefts, rights))
    entries = [entry for matrix in products for entry in matrix.entries()]
    return from_entries(entries, outer + products[0].shape)


def _matrices(x: Ball, outer: tuple[int, ...]) -> list[Ball]:
    """The matrices of a stack that is repeated to a shape; the same vector again and again."""
    if len(x.shape) < 2:
        return [x] * prod(outer)
    stacked = spread_to(x, outer + x.shape[-2:])
    return [entries_at(stacked, at) for at in product(*map(range, outer))]


def vec(A: Ball) -> Ball:
    """The columns of A, one after the other."""
    places, _ = transposed_places(A.shape, range(len(A.shape))[::-1])
    return entries_in(A, places, (len(places),))


def from_columns(entries: Sequence[Any], shape: tuple[int, ...]) -> Ball:
    """The array whose columns, one after the other, are these entries."""
    places, _ = transposed_places(shape[::-1], range(len(shape))[::-1])
    return from_entries([entries[place] for place in places], shape)


def concatenate(*arrays: Ball, axis: int = 0) -> Ball:
    """Arrays one after the other along an axis; a scalar counts as a vector."""
    given = [A if A.shape else Ball(A.mat, (1,)) for A in arrays]
    first = given[0].shape
    axis = range(len(first))[axis]
    length = sum(A.shape[axis] for A in given)
    rows = [_rows(A, axis) for A in given]
    together = chain.from_iterable(zip(*rows, strict=True))
    entries = list(chain.from_iterable(together))
    return from_entries(entries, (*first[:axis], length, *first[axis + 1 :]))


def _rows(A: Ball, axis: int) -> list[list[Any]]:
    """The entries that stand together before those of the next array, for each place before an axis."""
    length, entries = prod(A.shape[axis:]), A.entries()
    return [entries[k * length : (k + 1) * length] for k in range(prod(A.shape[:axis]))]


def stack(*arrays: Ball, axis: int = 0) -> Ball:
    """Arrays of one shape side by side along a new axis."""
    axis = range(len(arrays[0].shape) + 1)[axis]
    widened = [entries_at(A, (*(slice(None),) * axis, None)) for A in arrays]
    return concatenate(*widened, axis=axis)


def _eye(n: Ball, m: Ball | None = None, k: Ball | None = None) -> Ball:
    rows, offset = constant(n), constant(k) or 0
    columns = rows if m is None else constant(m)
    ones = [float(j - i == offset) for i in range(rows) for j in range(columns)]
    return from_entries([arb(x) for x in ones], (rows, columns))


def _filled(value: int) -> Callable[..., Ball]:
    def filled(*sizes: Ball) -> Ball:
        shape = tuple(map(constant, sizes))
        return from_entries([arb(value)] * prod(shape), shape)

    return filled


def _whole(operation: Callable[[Any, Any], Any]) -> Callable[[Ball, Ball], Ball]:
    return entry_by_entry(lambda a, b: arb(operation(_number(a), _number(b))))


ARRAYS: Mapping[str, Callable[..., Ball]] = {
    "<": _compare(operator.lt, operator.ge),
    "<=": _compare(operator.le, operator.gt),
    ">": _compare(operator.gt, operator.le),
    ">=": _compare(operator.ge, operator.lt),
    "==": _compare(operator.eq, operator.ne),
    "!=": _compare(operator.ne, operator.eq),
    "where": entry_by_entry(lambda holds, x, y: x if holds != 0 else y),
    "//": _whole(operator.floordiv),
    "%": _whole(operator.mod),
    "[]": entries_at,
    "[]=": _with_entries,
    "copy": lambda A: A,
    "einsum": _einsum,
    "max": reduction(largest),
    "min": reduction(smallest),
    "sum": reduction(lambda values: sum(values, arb(0))),
    "vec": vec,
    "concatenate": concatenate,
    "stack": stack,
    "eye": _eye,
    "zeros": _filled(0),
    "ones": _filled(1),
}
"""Name → operation."""
