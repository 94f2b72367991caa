"""Same wrong numbers on the same cases: which fingerprints of answers belong to one mistake.

Two fingerprints (see `grader.findings.error_fingerprint`) agree if they do in every case: numbers within 3 % of each
other, or both as small as rounding, as a right answer is, or both absurdly large, as what is divided by nearly 0 is:
whether such a program raises, returns NaN or some huge number is up to its rounding. A hash could not do this:
wherever numbers are rounded, some stand on the edge.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

_CLOSE = 0.03
"""Numbers are kept to three digits, and rounding in a wrong formula may take some of those."""
_ROUNDING = 1e-12
"""Residuals up to this may be rounding, and are as good as none."""
ABSURD = 1e6
"""From here on residuals are no numbers to compare."""
WIDTH = 0.08
"""The width of a bucket, in natural logarithms: more than twice the difference that sizes that agree can have."""
TELLING = 4
"""Cases with wrong numbers, from which on the same ones in all of them are no coincidence."""
_RIGHT, _DELICATE, _BROKEN = "=", "~", ("!", "?")
_LEAST, _MOST = math.log(_ROUNDING), math.log(ABSURD)


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A fingerprint, taken apart.

    Args:
        marks: the words that are no sizes, empty for those that are; logs: logarithms of sizes, within the bounds.
        delicate: the cases that are known to be wrong, no more. Only where no other is wrong do they count.
    """

    marks: tuple[str, ...]
    logs: tuple[float, ...]
    delicate: frozenset[int]

    @property
    def wrong_numbers(self) -> int:
        """In how many cases there is a wrong number to compare."""
        return sum(_LEAST < log < _MOST for log in self.logs)

    def agrees(self, other: Fingerprint) -> bool:
        """True if both can come from one mistake."""
        if self.marks != other.marks:
            return False

        if max(*self.logs, *other.logs, _LEAST) == _LEAST and not any(self.marks):
            return 2 * len(self.delicate & other.delicate) >= len(self.delicate | other.delicate)
        return all(abs(x - y) <= _CLOSE for x, y in zip(self.logs, other.logs, strict=True))

    def buckets(self) -> Iterator[tuple[object, ...]]:
        """Keys of which two that agree share at least one: two sizes, each on two grids half a step apart."""
        sizes = (max(self.logs, default=0.0), sum(self.logs) / max(len(self.logs), 1))
        for offsets in product((0.0, 0.5), repeat=2):
            places = zip(sizes, offsets, strict=True)
            yield self.marks, offsets, *(math.floor(size / WIDTH + offset) for size, offset in places)


def read_fingerprint(text: str) -> Fingerprint:
    """Take a fingerprint apart; words that no version of the grader writes are taken as they are."""
    marks, logs, delicate = [], [], []
    for case, word in enumerate(text.split()):
        log = _log(word)
        is_mark = log is None and word != _DELICATE
        marks.append(word if is_mark else "")
        logs.append(_LEAST if log is None else log)
        if word == _DELICATE:
            delicate.append(case)
    return Fingerprint(tuple(marks), tuple(logs), frozenset(delicate))


def group_fingerprints(counts: Mapping[str, int]) -> dict[str, str]:
    """For each fingerprint the commonest one that it agrees with, itself if there is none.

    Args:
        counts: how many students have it.
    """
    buckets: dict[tuple[object, ...], list[tuple[str, Fingerprint]]] = defaultdict(list)
    leaders: dict[str, str] = {}
    for text in sorted(counts, key=lambda text: (-counts[text], text)):
        fingerprint = read_fingerprint(text)
        keys = tuple(fingerprint.buckets())
        # In the order in which they came, so that the commonest comes first.
        nearby = dict(leader for key in keys for leader in buckets[key])
        leader = next((name for name, other in nearby.items() if other.agrees(fingerprint)), None)

        leaders[text] = leader or text
        if leader is None:
            for key in keys:
                buckets[key].append((text, fingerprint))
    return leaders


def is_telling(text: str) -> bool:
    """True if so many cases have wrong numbers that agreeing in all of them is no coincidence."""
    return read_fingerprint(text).wrong_numbers >= TELLING


def _log(word: str) -> float | None:
    """The logarithm of a size, within the bounds; None if the word is no size."""
    if word == _RIGHT:
        return _LEAST
    if word in _BROKEN:
        return _MOST
    try:
        number = float(word)
    except ValueError:
        return None
    return math.log(min(max(number, _ROUNDING), ABSURD)) if number >= 0 else None
