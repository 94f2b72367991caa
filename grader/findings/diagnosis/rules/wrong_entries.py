"""Right but for one entry, one row, one column, the diagonal or all the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from grader.core.norms import Array
from grader.findings.diagnosis.agreement import PartAnswer, PartAnswers, is_conclusive
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.shared_phrases import relation
from grader.reports.report import Diagnosis

_MOST = 0.9
"""The part of the wrong answers in which every entry of the place must be wrong, or 0."""


class _Place(NamedTuple):
    """Some entries of an m × n matrix, or of a vector as one column.

    Args:
        contains: of arrays of indices i and j, and of m and n.
    """

    id: str
    words: str
    contains: Callable[[Array, Array, int, int], Array]

    def mask(self, shape: tuple[int, ...]) -> Array:
        """Which entries of an array of that shape it is."""
        rows, columns = (*shape, 1)[:2]
        i, j = np.indices((rows, columns))
        return np.asarray(self.contains(i, j, rows, columns)).reshape(shape)


PLACES = (
    _Place("one-entry", "its first entry", lambda i, j, m, n: (i == 0) & (j == 0)),
    _Place("one-entry", "its last entry", lambda i, j, m, n: (i == m - 1) & (j == n - 1)),
    _Place("one-entry", "its upper right entry", lambda i, j, m, n: (i == 0) & (j == n - 1)),
    _Place("one-entry", "its lower left entry", lambda i, j, m, n: (i == m - 1) & (j == 0)),
    _Place("one-row", "its first row", lambda i, j, m, n: i == 0),
    _Place("one-row", "its last row", lambda i, j, m, n: i == m - 1),
    _Place("one-row", "its first column", lambda i, j, m, n: j == 0),
    _Place("one-row", "its last column", lambda i, j, m, n: j == n - 1),
    _Place("one-row", "its diagonal", lambda i, j, m, n: i == j),
    _Place("one-row", "the entries off its diagonal", lambda i, j, m, n: i != j),
    _Place("one-row", "the entries above its diagonal", lambda i, j, m, n: i < j),
    _Place("one-row", "the entries below its diagonal", lambda i, j, m, n: i > j),
)
"""Those that are said first stand first."""


def name_wrong_entries(context: PartContext) -> Diagnosis | None:
    """Name the one place where all errors are, the same in every case."""
    large = context.part_answers.where(lambda answer: answer.truth.ndim > 0 and min(answer.truth.shape) > 1)
    if not large or len(large.given) < len(large):
        return None

    places = list(PLACES)
    if large[0].truth.ndim == 1:
        places = [place for place in PLACES if place.id == "one-entry"]
    wrong = list(map(wrong_entries, large))
    place = next((place for place in places if _explains(place, large, wrong)), None)
    if place is None:
        return None
    lead = f"your answer is right except for {place.words}"
    step = "Check how they are computed: an index or a range may be off by one."
    return relation(place.id, lead, step)


def _explains(place: _Place, large: PartAnswers, wrong: Sequence[Array]) -> bool:
    """Wrong there, mostly in every entry, and right everywhere else.

    Args:
        wrong: which entries of each answer are wrong.
    """
    masks = [place.mask(answer.truth.shape) for answer in large]
    rows = list(zip(large, wrong, masks, strict=True))
    if any(np.any(entries & ~mask) for _, entries, mask in rows):
        return False
    if not any(np.any(answer.truth[~mask]) for answer, _, mask in rows):
        return False  # all else is 0, and being right there means nothing

    wrong_somewhere: list[PartAnswer] = []
    wrong_everywhere = 0
    for answer, entries, mask in rows:
        if np.any(entries):
            wrong_somewhere.append(answer)
            # An entry that is 0 stays right when it is negated or forgotten.
            vanishing = np.abs(answer.truth) <= answer.tolerance
            wrong_everywhere += bool(np.all((entries | vanishing)[mask]))
    if wrong_everywhere < _MOST * len(wrong_somewhere) - 1:
        return False

    steady = PartAnswers(wrong_somewhere).where(lambda answer: not answer.is_delicate)
    dense = large.where(lambda answer: answer.case.family == "generic" and bool(np.any(answer.truth)))
    return is_conclusive(steady, large) and not dense.right


def wrong_entries(answer: PartAnswer) -> Array:
    """Which entries are off by more than the tolerance, and by more than rounding where digits are lost."""
    size = float(np.max(np.abs(answer.truth), initial=0.0))
    rough = 1e-3 * size if answer.is_delicate else 0.0
    return np.asarray(np.abs(answer.defect) > answer.tolerance + rough)
