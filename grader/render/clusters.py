"""Same wrong numbers on the same cases: which fingerprints of answers belong to one mistake.

Two fingerprints (see `grader.residual`) agree if they do in every case: the same word, or numbers x and y with

    |x − y| ≤ 3 % of the larger + 0.1 % of the largest number in the fingerprint,

where a right answer counts as 0. A hash could not do this: wherever numbers are rounded, some stand on the edge.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

RELATIVE, ABSOLUTE = 0.03, 0.001
"""Numbers are kept to three digits, and rounding in a wrong formula may take some of those."""
WIDTH = 0.16
"""Of a bucket, in natural logarithms: twice what the sizes of two that agree can differ by, and some more."""
TELLING = 4
"""Cases with wrong numbers, from which on the same ones in all of them are no coincidence."""
_RIGHT, _DELICATE = "=", "~"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A fingerprint, taken apart.

    Args:
        marks: its words that are not numbers; numbers: the residuals, 0 where the answer is right.
    """

    marks: str
    numbers: tuple[float, ...]
    largest: float

    def agrees(self, other: Fingerprint) -> bool:
        """Whether the two can be of one mistake."""
        if self.marks != other.marks or len(self.numbers) != len(other.numbers):
            return False
        floor = ABSOLUTE * max(self.largest, other.largest)
        return all(
            abs(x - y) <= RELATIVE * max(abs(x), abs(y)) + floor
            for x, y in zip(self.numbers, other.numbers, strict=True)
        )

    def buckets(self) -> Iterator[tuple[str, int, int]]:
        """Keys of which two that agree share at least one: sizes on two grids each, half a step apart."""
        sizes = (self.largest, math.hypot(*self.numbers))
        steps = [math.log(size) / WIDTH if size > 0 else 0.0 for size in sizes]
        for offsets in product((0.0, 0.5), repeat=2):
            large, length = (math.floor(step + offset) for step, offset in zip(steps, offsets, strict=True))
            yield f"{self.marks} {offsets}", large, length


def read_fingerprint(text: str) -> Fingerprint:
    """Take a fingerprint apart; words that no version of the grader writes are taken as they are."""
    marks, numbers = [], []
    for word in text.split():
        number = 0.0 if word == _RIGHT else _number(word)
        numbers.append(number or 0.0)
        # Where only delicate inputs tell anything, which of them it is must do.
        marks.append("" if number is not None or word == _DELICATE else word)
    largest = max(map(abs, numbers), default=0.0)
    return Fingerprint(" ".join(marks) if largest or any(marks) else text, tuple(numbers), largest)


def gather_alike(counts: Mapping[str, int]) -> dict[str, str]:
    """For each fingerprint the commonest one that it agrees with, itself if there is none.

    Args:
        counts: how many students have it.
    """
    leaders: dict[tuple[str, int, int], list[tuple[str, Fingerprint]]] = defaultdict(list)
    found: dict[str, str] = {}
    for text in sorted(counts, key=lambda text: (-counts[text], text)):
        fingerprint = read_fingerprint(text)
        keys = tuple(fingerprint.buckets())
        nearby = _nearby(leaders[key] for key in keys)
        leader = next((name for name, other in nearby if other.agrees(fingerprint)), None)
        found[text] = leader or text
        if leader is None:
            for key in keys:
                leaders[key].append((text, fingerprint))
    return found


def tells_much(text: str) -> bool:
    """Whether so many cases have numbers of their own that agreeing in all is no coincidence."""
    return sum(number != 0 for number in read_fingerprint(text).numbers) >= TELLING


def _nearby(buckets: Iterable[list[tuple[str, Fingerprint]]]) -> Iterator[tuple[str, Fingerprint]]:
    seen: set[str] = set()
    for bucket in buckets:
        for name, fingerprint in bucket:
            if name not in seen:
                seen.add(name)
                yield name, fingerprint


def _number(word: str) -> float | None:
    try:
        value = float(word)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
