"""What the corpus consists of: functions that a student might hand in, and what is true of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

Array = NDArray[Any]
Function = Callable[..., Any]
Kind = Literal["right", "wrong formula", "near miss", "breach"]


@dataclass(frozen=True, slots=True)
class Variant:
    """One function for one problem, and what should be found out about it.

    Args:
        kind: right, wrong by formula, nearly right, or right with a breach of the contract (see `breaches`).
        make: a fresh function; some remember their calls.
        truthful: the diagnoses that are true of it; any other is a false one.
    """

    problem: str
    id: str
    kind: Kind
    make: Callable[[], Function]
    truthful: frozenset[str] = frozenset()

    @property
    def is_right(self) -> bool:
        """Whether it must get all points."""
        return self.kind == "right"

    @property
    def name(self) -> str:
        """`det-gradient/transposed`."""
        return f"{self.problem}/{self.id}"


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong formula with the diagnoses that are true of it."""

    function: Function
    truthful: frozenset[str]


def wrong(function: Function, *truthful: str) -> Wrong:
    """A wrong formula, as it stands in the tables."""
    return Wrong(function, frozenset(truthful))


PRODUCT = ("product-order", "other-product")
"""Factors in another order or other factors: the words of the second spell out what was returned."""
TRANSPOSED = ("product-order", "other-product", "transposed-factor")
"""The right factors, some of them transposed."""
