"""The shape of what einsum returns, and how much it computes."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from grader.problems.axes import contractions, read_subscripts
from grader.problems.language import ExcessError, ShapeError
from grader.problems.sides import Dimension, Shape, show_shape

MOST_PRODUCTS = 2 * 10**5
"""That are added up at once."""


def einsum_shape(*arrays: Shape, subscripts: str) -> Shape:
    """The shape of a sum over indices.

    Raises:
        ShapeError: the arrays do not fit, or too much would be computed.
    """
    try:
        inputs, output = read_subscripts(subscripts, len(arrays))
    except ValueError as error:
        raise ShapeError(str(error)) from None

    sides: dict[str, Dimension] = {}
    for letters, array in zip(inputs, arrays, strict=True):
        if len(letters) != len(array):
            found = f"{show_shape(array)} {len(array)}"
            raise ShapeError(f"'{letters}' of einsum has {len(letters)} axes, and {found}")
        for letter, side in zip(letters, array, strict=True):
            first = sides.setdefault(letter, side)
            if first != side:
                raise ShapeError(f"'{letter}' of einsum is {show_shape((first,))} and {show_shape((side,))}")

    for left, right, _ in contractions(inputs, output):
        check_products(sides[letter] for letter in {*left, *right})
    return tuple(sides[letter] for letter in output)


def check_products(sides: Iterable[Dimension]) -> None:
    """Refuse to add up too many products; letters count as 1."""
    products = prod(side for side in sides if isinstance(side, int))
    if products > MOST_PRODUCTS:
        words = f"einsum would add up {products} products, and {MOST_PRODUCTS} are the most"
        raise ExcessError(f"{words}; take in fewer arrays, or those first that share an index")
