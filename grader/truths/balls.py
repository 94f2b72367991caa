"""Scalars, vectors and matrices of balls (python-flint).

A ball is a midpoint with a radius; every operation returns a ball that contains the exact result, so the
radius bounds the rounding error. A vector is kept as one column, a scalar as a 1×1 matrix.

Source: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
IEEE Transactions on Computers 66 (2017).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from flint import acb, acb_mat, arb, arb_mat

from grader.problems.language import ShapeError


class NotExactError(ArithmeticError):
    """The enclosure fell apart: a singular matrix, a repeated singular value, a logarithm at zero."""


class NeverExactError(NotExactError):
    """The same, with however many bits: an equation without a solution, or what cannot be bounded at all."""


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """An array of balls: a flint matrix and the array's shape; beyond two axes, a row holds all but the first."""

    mat: Any
    shape: tuple[int, ...]

    @property
    def is_complex(self) -> bool:
        """True if the entries are complex balls."""
        return isinstance(self.mat, acb_mat)

    def __add__(self, other: Ball) -> Ball:
        return Ball(self.mat + other.mat, same_shape(self, other, "+"))

    def __sub__(self, other: Ball) -> Ball:
        return Ball(self.mat - other.mat, same_shape(self, other, "-"))

    def __neg__(self) -> Ball:
        return Ball(-self.mat, self.shape)

    def __mul__(self, factor: Any) -> Ball:
        """The product with a scalar: a number or an `arb` or `acb`."""
        return Ball(self.mat * factor, self.shape)

    def __truediv__(self, divisor: arb) -> Ball:
        return Ball(self.mat * (1 / divisor), self.shape)

    def entries(self) -> list[Any]:
        """All entries, row by row."""
        return self.mat.entries()  # type: ignore[no-any-return]

    def scalar(self) -> Any:
        """The only entry of a scalar."""
        return self.mat[0, 0]

    def moved(self, places: Iterable[tuple[int, complex]], h: Any) -> Ball:
        """A copy in which the entries at these places, counted row by row, are larger by h times the number there."""
        entries = self.entries()
        for place, factor in places:
            entries[place] = entries[place] + h * as_ball(factor)
        return from_entries(entries, self.shape)


def as_ball(factor: complex) -> Any:
    """A Python number as a factor of balls, which do not multiply with Python's complex ones."""
    return acb(factor.real, factor.imag) if isinstance(factor, complex) else factor


def from_array(x: Any) -> Ball:
    """The exact ball array of doubles (or Python numbers): each entry is a point."""
    if isinstance(x, Ball):
        return x
    if hasattr(x, "dtype"):
        shape, entries, is_complex = x.shape, x.ravel().tolist(), x.dtype.kind == "c"
    else:
        shape = _shape_of(x)
        entries = _flatten(x)
        is_complex = any(isinstance(entry, complex) for entry in entries)
    mat = acb_mat if is_complex else arb_mat
    return Ball(mat(*_sides(shape), entries), shape)


def _shape_of(x: Any) -> tuple[int, ...]:
    if not isinstance(x, list | tuple):
        return ()
    return (len(x), *_shape_of(x[0])) if x else (0,)


def _flatten(x: Any) -> list[Any]:
    if hasattr(x, "tolist"):  # a row of numpy's, or one of its numbers
        x = x.tolist()
    if not isinstance(x, list | tuple):
        return [x]
    return [entry for part in x for entry in _flatten(part)]


def from_entries(entries: Sequence[Any], shape: tuple[int, ...]) -> Ball:
    """Balls row by row, as an array of the given shape; numbers of another kind bring their own kind of matrix."""
    kinds = set(map(type, entries))
    mat = acb_mat if acb in kinds else arb_mat
    for kind in kinds - {acb, arb}:
        mat = getattr(kind, "matrix", mat)
    return Ball(mat(*_sides(shape), list(entries)), shape)


def entries_in(A: Ball, places: Iterable[int], shape: tuple[int, ...]) -> Ball:
    """The entries at these places, counted row by row, as an array of a shape."""
    entries = A.entries()
    return from_entries([entries[place] for place in places], shape)


def from_scalar(x: Any) -> Ball:
    """A single `arb` or `acb` as a scalar."""
    return from_entries([x], ())


def inner(P: Ball, Q: Ball) -> Any:
    """⟨P, Q⟩ = Re tr(PᴴQ) as a real ball."""
    H = P.mat.transpose()
    if P.is_complex:
        H = H.conjugate()
    product = (H * Q.mat).trace()
    return product.real if isinstance(product, acb) else product


def longest_side(arrays: Iterable[Ball]) -> int:
    """The longest side of some arrays; 1 if all of them are numbers."""
    return max(chain.from_iterable(x.shape for x in arrays), default=1)


def magnitude(x: Ball) -> float:
    """‖x‖_F of the midpoints, in double precision; NaN or inf where the enclosure fell apart."""
    if not x.is_complex:
        return math.hypot(*map(float, x.entries()))
    return math.hypot(*(float(part) for entry in x.entries() for part in (entry.real, entry.imag)))


def largest_entry(x: Ball) -> float:
    """The largest |xᵢⱼ| of the midpoints, in double precision; 0 if there is none."""
    numbers = map(abs, x.entries()) if x.is_complex else x.entries()
    return max(map(abs, map(float, numbers)), default=0.0)


def radius(x: Ball) -> float:
    """The largest radius of any entry, rounded up a little; inf where the enclosure fell apart."""
    radii = [float(part.rad()) for entry in x.entries() for part in _parts(entry)]
    largest = max(radii, default=0.0)
    return largest * (1 + 1e-9) if largest == largest else float("inf")


def whole_power(a: Any, k: int) -> Any:
    """The power aᵏ. That of FLINT is not finite where the midpoint of a real ball is 0 and its radius is not."""
    if k > 0 and isinstance(a, arb) and a.mid() == 0:
        return arb(0, (abs(a).upper() ** k).upper())
    return a**k


def same_shape(A: Ball, B: Ball, name: str) -> tuple[int, ...]:
    """The shape of two operands; raises ShapeError where they have two."""
    if A.shape != B.shape:
        raise ShapeError(f"'{name}' needs equal shapes, found {A.shape} and {B.shape}")
    return A.shape


def _parts(entry: Any) -> tuple[Any, ...]:
    return (entry.real, entry.imag) if isinstance(entry, acb) else (entry,)


def _sides(shape: tuple[int, ...]) -> tuple[int, int]:
    rows = shape[0] if shape else 1
    columns = math.prod(shape[1:])
    if rows < 0 or columns < 0:  # FLINT would end the process
        raise ShapeError(f"an array has no negative number of entries, found {' × '.join(map(str, shape))}")
    return rows, columns
