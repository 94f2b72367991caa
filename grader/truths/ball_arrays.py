"""Arrays of balls: broadcasting, indexing, rearrangement, comparison and reduction, as numpy does them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from math import prod
from typing import Any

import numpy as np
from flint import arb

from grader.core.norms import Array
from grader.problems.arrangements import ARRANGEMENTS, arrange, positions
from grader.problems.entrywise import CONSTRUCTORS, Axes, axes_of, read_subscripts
from grader.problems.language import FUNCTIONS
from grader.truths.ball_matrices import entry_by_entry, spread_to
from grader.truths.balls import Ball, NotExactError, from_array, from_entries


def rearrange(A: Ball, places: Array) -> Ball:
    """The array of the entries of A at these places."""
    entries = A.entries()
    return from_entries([entries[place] for place in places.ravel().tolist()], places.shape)


def constant(x: Ball | None) -> Any:
    """The number of a size or parameter, or an array of labels; None where there is none."""
    if x is None:
        return None
    if x.shape:
        return np.array([int(entry.unique_fmpz()) for entry in x.entries()]).reshape(x.shape)
    value = x.scalar()
    whole = value.unique_fmpz() if isinstance(value, arb) else None
    return float(value) if whole is None else int(whole)


def entries_at(A: Ball, parts: tuple[Any, ...]) -> Ball:
    """A[parts]."""
    return rearrange(A, np.asarray(positions(A.shape)[parts]))


def with_entries(A: Ball, value: Ball, parts: tuple[Any, ...]) -> Ball:
    """A copy of A in which some entries are those of a value."""
    places = np.asarray(positions(A.shape)[parts])
    entries = A.entries()
    for place, entry in zip(places.ravel().tolist(), spread_to(value, places.shape).entries(), strict=True):
        entries[place] = entry
    return from_entries(entries, A.shape)


def _arranged(name: str) -> Callable[..., Ball]:
    takes = FUNCTIONS.get(name)

    def arranged(*arguments: Any, **options: Any) -> Ball:
        is_whole = takes.tell_whole(len(arguments)) if takes is not None else [False] * len(arguments)
        arrays = [argument for argument, whole in zip(arguments, is_whole, strict=True) if not whole]
        numbers = [constant(argument) for argument, whole in zip(arguments, is_whole, strict=True) if whole]
        places = arrange(name, [array.shape for array in arrays], numbers, options)

        entries = [arb(0)]
        for array in arrays:
            entries += array.entries()
        return from_entries([entries[place] for place in places.ravel().tolist()], places.shape)

    return arranged


def _constructed(name: str) -> Callable[..., Ball]:
    return lambda *sizes: from_array(CONSTRUCTORS[name](*map(constant, sizes)))


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
        others = [one for one in range(len(A.shape)) if one not in axes]
        lines = positions(A.shape).transpose(others + axes)
        outer = lines.shape[: len(others)]

        entries = A.entries()
        length = prod(A.shape[one] for one in axes)
        results = [
            function([entries[place] for place in line])
            for line in lines.reshape(prod(outer), length).tolist()
        ]
        kept = tuple(1 if one in axes else side for one, side in enumerate(A.shape))
        return from_entries(results, kept if keepdims else outer)

    return reduced


def _einsum(*arrays: Ball, subscripts: str) -> Ball:
    inputs, output = read_subscripts(subscripts, len(arrays))
    sides = {
        letter: side
        for letters, array in zip(inputs, arrays, strict=True)
        for letter, side in zip(letters, array.shape, strict=True)
    }
    letters = [*output, *(sides.keys() - {*output})]
    shape = tuple(sides[letter] for letter in output)
    places = dict(zip(letters, np.indices([sides[letter] for letter in letters]), strict=True))

    factors = []
    for given, array in zip(inputs, arrays, strict=True):
        entries = array.entries()
        terms = positions(array.shape)[tuple(places[letter] for letter in given)]
        terms = np.broadcast_to(terms, [sides[letter] for letter in letters])
        factors.append([entries[place] for place in terms.ravel().tolist()])
    products = [reduce(operator.mul, numbers) for numbers in zip(*factors, strict=True)]

    length = prod(sides[letter] for letter in letters[len(output) :])
    sums = [sum(products[k * length : (k + 1) * length], arb(0)) for k in range(prod(shape))]
    return from_entries(sums, shape)


def along_axis(function: Callable[[list[Any]], list[Any]]) -> Callable[..., Ball]:
    """A function that makes as many entries of those along an axis; without one, of all in a row."""

    def applied(A: Ball, axis: int | None = None) -> Ball:
        if axis is None:
            return from_entries(function(A.entries()), (len(A.entries()),))
        lines = np.moveaxis(positions(A.shape), axis, -1)
        entries = A.entries()
        results: list[Any] = [None] * len(entries)
        for line in lines.reshape(-1, A.shape[axis]).tolist():
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
    left, right = (x.shape if len(x.shape) > 1 else () for x in (A, B))
    outer = np.broadcast_shapes(left[:-2], right[:-2])
    stacked = [spread_to(x, outer + x.shape[-2:]) if shape else x for x, shape in ((A, left), (B, right))]
    products = [
        matmul(*(entries_at(x, at) if shape else x for x, shape in zip(stacked, (left, right), strict=True)))
        for at in np.ndindex(*outer)
    ]
    entries = [entry for product in products for entry in product.entries()]
    return from_entries(entries, outer + products[0].shape)


ARRAYS: Mapping[str, Callable[..., Ball]] = {
    "<": _compare(operator.lt, operator.ge),
    "<=": _compare(operator.le, operator.gt),
    ">": _compare(operator.gt, operator.le),
    ">=": _compare(operator.ge, operator.lt),
    "==": _compare(operator.eq, operator.ne),
    "!=": _compare(operator.ne, operator.eq),
    "where": entry_by_entry(lambda holds, x, y: x if holds != 0 else y),
    "//": lambda a, b: from_array(constant(a) // constant(b)),
    "%": lambda a, b: from_array(constant(a) % constant(b)),
    "[]": entries_at,
    "[]=": with_entries,
    "copy": lambda A: A,
    "einsum": _einsum,
    **{name: _arranged(name) for name in ARRANGEMENTS},
    **{name: _constructed(name) for name in CONSTRUCTORS},
    "max": reduction(largest),
    "min": reduction(smallest),
    "sum": reduction(lambda values: sum(values, arb(0))),
}
"""Name → operation."""
