"""Right but for one entry, one row, one column, the diagonal or all the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from grader.core.norms import Array
from grader.findings.diagnosis.agreement import DELICATE, PartAnswer, is_conclusive
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.wording import relation
from grader.reports.report import Diagnosis

Mask = Callable[[tuple[int, ...]], Array]
MOST = 0.9
"""In so many cases every entry of the place must be wrong, or 0."""


def _at(*index: int) -> Mask:
    def mask(shape: tuple[int, ...]) -> Array:
        found = np.zeros(shape, dtype=bool)
        if len(index) <= len(shape):
            found[index] = True
        return found

    return mask


def _column(j: int) -> Mask:
    def mask(shape: tuple[int, ...]) -> Array:
        found = np.zeros(shape, dtype=bool)
        if len(shape) == 2:
            found[:, j] = True
        return found

    return mask


def _diagonal(shape: tuple[int, ...]) -> Array:
    return np.equal.outer(*(np.arange(side) for side in shape))


PLACES: Mapping[str, tuple[str, Mask]] = {
    "its first entry": ("one-entry", lambda shape: _at(*[0] * len(shape))(shape)),
    "its last entry": ("one-entry", lambda shape: _at(*[-1] * len(shape))(shape)),
    "its upper right entry": ("one-entry", _at(0, -1)),
    "its lower left entry": ("one-entry", _at(-1, 0)),
    "its first row": ("one-row", lambda shape: _at(0)(shape) if len(shape) == 2 else np.zeros(shape, dtype=bool)),
    "its last row": ("one-row", lambda shape: _at(-1)(shape) if len(shape) == 2 else np.zeros(shape, dtype=bool)),
    "its first column": ("one-row", _column(0)),
    "its last column": ("one-row", _column(-1)),
    "its diagonal": ("one-row", lambda shape: _diagonal(shape)),
    "the entries off its diagonal": ("one-row", lambda shape: ~_diagonal(shape)),
    "the entries above its diagonal": ("one-row", lambda shape: np.triu(np.ones(shape, dtype=bool), 1)),
    "the entries below its diagonal": ("one-row", lambda shape: np.tril(np.ones(shape, dtype=bool), -1)),
}  # fmt: skip


def name_entries(view: PartContext) -> Diagnosis | None:
    """The one place where all errors are, the same in every case."""
    large = [item for item in view.seen if item.truth.ndim > 0 and min(item.truth.shape) > 1]
    if not large or any(item.answer is None for item in large):
        return None
    for words, (id, mask) in PLACES.items():
        if large[0].truth.ndim == 1 and id != "one-entry":
            continue
        if _explains(view, large, mask):
            lead = f"your answer is right but for {words}"
            return relation(
                id, lead, "Look at how that place is computed: an index or a range may be off by one."
            )
    return None


def _explains(view: PartContext, large: list[PartAnswer], mask: Mask) -> bool:
    """Wrong there, mostly in every entry, and right everywhere else."""
    told: list[PartAnswer] = []
    full = 0
    if not any(np.any(item.truth[~mask(item.truth.shape)]) for item in large):
        return False  # all else is 0, and being right there means nothing
    for item in large:
        wrong, place = _wrong(item, view.part), mask(item.truth.shape)
        if np.any(wrong & ~place):
            return False
        if np.any(wrong):
            told.append(item)
            # An entry that is 0 stays right when it is negated or forgotten.
            full += bool(np.all((wrong | (np.abs(item.truth) <= item.tolerance))[place]))
    steady = [item for item in told if item.case.family not in DELICATE]
    dense = [item for item in large if item.case.family == "generic" and np.any(item.truth)]
    return (
        is_conclusive(steady, large)
        and full >= MOST * len(told) - 1
        and all(not item.right for item in dense)
    )


def _wrong(item: PartAnswer, part: int) -> Array:
    defect = item.judged.defects[part]
    size = float(np.max(np.abs(item.truth), initial=0.0))
    rough = 1e-3 * size if item.case.family in DELICATE else 0.0
    return np.asarray(np.abs(defect) > item.tolerance + rough)
