"""A dictionary of terms: look an answer up as a multiple of one term, or as a sum of multiples of two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from grader.core.norms import Array
from grader.findings.diagnosis.candidates.evaluated import Evaluated
from grader.findings.diagnosis.candidates.terms import Term

_ALIGNED = 1e-12
"""The largest squared sine between an answer and a term that it is a multiple of."""
SIMPLE = 12
"""The largest numerator and denominator of a factor."""
PARALLEL = 1e-6
"""Two terms with a smaller squared sine are not tried together."""
MOST_PAIRS = 200
"""The most pairs that are tried, of those that seem to explain an answer."""

Multiple = tuple[float, Term]
"""A term with its factor."""


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """Terms and their values in the pilot cases, one row each, of length 1.

    Args:
        scales: what each pilot case's values are divided by.
        sizes: the rows' former lengths.
    """

    scales: tuple[float, ...]
    terms: tuple[Term, ...]
    rows: Array
    sizes: Array

    def stack(self, values: Sequence[Array]) -> Array:
        """The values in the pilot cases as one vector."""
        pairs = zip(values, self.scales, strict=True)
        return np.concatenate([np.ravel(value) / scale for value, scale in pairs])

    def find(self, y: Array, aligned: float = _ALIGNED) -> list[Multiple]:
        """Find the terms that y is a multiple of, the simplest first.

        Args:
            y: values as `stack` makes them.
            aligned: the largest squared sine between y and such a term.
        """
        size = float(np.linalg.norm(y))
        if size == 0 or not len(self.terms):
            return []

        direction = y / size
        cosines = self.rows @ direction
        likely = np.flatnonzero(np.abs(cosines) > 1 - 1e-3)
        # The squared sine as the length of what is left of y: 1 − cos² would cancel.
        left = direction - cosines[likely, None] * self.rows[likely]
        near = likely[np.sum(left * left, axis=1) < aligned]

        multiples = [self.multiple(int(k), size * cosines[k]) for k in near]
        return sorted(multiples, key=lambda multiple: multiple[1].cost)

    def multiple(self, place: int, length: float) -> Multiple:
        """The multiple of a term that has a given length."""
        return float(length) / float(self.sizes[place]), self.terms[place]


def simple_fraction(factor: float, largest: int = SIMPLE) -> Fraction | None:
    """The factor as a fraction of small numbers, if it is one."""
    if not np.isfinite(factor):
        return None
    fraction = Fraction(factor).limit_denominator(largest)
    is_near = abs(float(fraction) - factor) <= 1e-9 * abs(factor)
    return fraction if is_near and 0 < abs(fraction.numerator) <= largest else None


def make_dictionary(tables: Iterable[Evaluated[Term]], scales: Sequence[float]) -> Dictionary:
    """Join tables of terms, without those that vanish or are not finite."""
    terms: list[Term] = []
    arrays: list[Array] = []
    with np.errstate(all="ignore"):
        for table in tables:
            pairs = zip(table.values, scales, strict=True)
            rows = np.concatenate([x.reshape(len(table), -1) / scale for x, scale in pairs], axis=1)
            lengths = np.linalg.norm(rows, axis=1)
            usable = np.flatnonzero(np.isfinite(lengths) & (lengths > 1e-9))
            terms += [table.items[k] for k in usable]
            arrays.append(rows[usable])

        rows = np.concatenate(arrays) if arrays else np.zeros((0, 1))
        sizes = np.linalg.norm(rows, axis=1)
        return Dictionary(tuple(scales), tuple(terms), rows / sizes[:, None], sizes)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """All pairs of some terms of a dictionary that do not point the same way.

    Args:
        places: the terms' places in the dictionary.
        first, second: of each pair, as places in `places`.
        cosines: between the two of each pair.
    """

    dictionary: Dictionary
    places: tuple[int, ...]
    first: Array
    second: Array
    cosines: Array

    def find(self, y: Array, aligned: float = _ALIGNED) -> list[tuple[Multiple, Multiple]]:
        """Find the pairs that y is a sum of multiples of.

        Args:
            y: values as `Dictionary.stack` makes them.
            aligned: the largest squared sine between y and the plane of such a pair.
        """
        size = float(np.linalg.norm(y))
        if size == 0 or not len(self.first):
            return []

        direction = y / size
        rows = self.dictionary.rows[list(self.places)]
        along = rows @ direction
        p, q, g = along[self.first], along[self.second], self.cosines
        explained = (p * p + q * q - 2 * p * q * g) / (1 - g * g)
        likely = np.flatnonzero(np.abs(1 - explained) < max(1e-8, aligned))

        pairs = []
        for k in likely[:MOST_PAIRS]:
            chosen = [int(self.first[k]), int(self.second[k])]
            basis = rows[chosen].T
            factors, *_ = np.linalg.lstsq(basis, direction, rcond=None)
            left = basis @ factors - direction
            if left @ left < aligned:
                one, other = (
                    self.dictionary.multiple(self.places[place], size * factor)
                    for place, factor in zip(chosen, factors, strict=True)
                )
                pairs.append((one, other))
        return pairs


def make_pairs(dictionary: Dictionary, places: Sequence[int]) -> Pairs:
    """Pair the terms at some places of a dictionary."""
    rows = dictionary.rows[list(places)]
    first, second = np.tril_indices(len(rows), -1)
    cosines = (rows @ rows.T)[first, second]
    apart = 1 - cosines**2 > PARALLEL
    return Pairs(dictionary, tuple(places), first[apart], second[apart], cosines[apart])
