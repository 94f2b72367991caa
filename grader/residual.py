"""The fingerprint of a mistake: the numbers that an answer is off by, in a form that rounding cannot change.

For each case one word. Where the answer can be compared it is the residual read along a fixed random W,

    r = ⟨W, answer − truth⟩ · K·u / tol,   ‖W‖ = 1,

the relative error as far as the case lets it be seen, to three digits. Two programs that make the same mistake
agree in it to the digits that their rounding leaves, whatever they look like inside; the same numbers by chance
would take as many coincidences as there are cases. Inputs at which a wrong formula may itself lose its digits,
such as singular matrices, have no number: only whether the answer is right there.

Source: random projections keep distances, W. Johnson and J. Lindenstrauss, "Extensions of Lipschitz mappings
into a Hilbert space", 1984.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from grader.cases import generator
from grader.evidence import Array, Evidence, Judged
from grader.norms import inner
from grader.oracle.tolerance import UNIT, K
from grader.oracle.truth import Posed

RIGHT, ABSENT, NO_NUMBER, DELICATE = "=", "!", "?", "~"
"""Words for answers without a residual: right, none, NaN or infinite, wrong at an input that is nearly singular.

Arrays of wrong shapes are words such as `#2x3`.
"""
WELL_CONDITIONED = 1e6
"""The largest condition number of an input at which wrong formulas can be told apart by their numbers."""


def find_residual(evidence: Evidence) -> str:
    """The fingerprint of the first answers, a word for each case; empty if all of their numbers are right."""
    inputs = tuple(item.name for item in evidence.problem.inputs)
    with np.errstate(all="ignore"):
        words = [_word(judged, inputs) for judged in evidence.first.values()]
    return "" if set(words) <= {RIGHT} else " ".join(words)


def _word(judged: Judged, inputs: Sequence[str]) -> str:
    if judged.failure is None and judged.is_right and not judged.shape_fault:
        return RIGHT
    W = _reading(judged.posed, tuple(inputs))
    if not W:
        return DELICATE
    if judged.failure is not None:
        return ABSENT
    if judged.parts is None or [x.shape for x in judged.raw] != [w.shape for w in W]:
        return "".join(f"#{'x'.join(map(str, x.shape))}" for x in judged.raw)
    rows = zip(W, judged.defects, judged.truth.tolerances, strict=True)
    r = -sum(inner(w, defect) / (allowed / (K * UNIT) or 1.0) for w, defect, allowed in rows)
    return f"{r:.3g}" if math.isfinite(r) else NO_NUMBER


@lru_cache(maxsize=4096)  # a class is asked the same, one student after another
def _reading(posed: Posed, inputs: tuple[str, ...]) -> tuple[Array, ...]:
    """W for each part of the answer; nothing where some input is nearly singular."""
    values = [posed.case.values[name] for name in inputs]
    if any(isinstance(A, np.ndarray) and A.ndim == 2 and not _is_well_conditioned(A) for A in values):
        return ()
    assert posed.truth is not None, "only decided cases are asked"
    rng = generator(f"residual/{posed.case.index}")
    return tuple(_unit(rng, part.hi) for part in posed.truth.parts)


def _is_well_conditioned(A: Array) -> bool:
    sigma = np.linalg.svd(A, compute_uv=False)
    return not sigma.size or bool(sigma[-1] * WELL_CONDITIONED > sigma[0])


def _unit(rng: np.random.Generator, like: Array) -> Array:
    W = rng.standard_normal(like.shape)
    if like.dtype.kind == "c":
        W = W + 1j * rng.standard_normal(like.shape)
    return np.asarray(W / (np.linalg.norm(W) or 1.0))
