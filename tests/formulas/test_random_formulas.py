"""Random right formulas are right, and random wrong ones wrong; of most of these the wrong part is found."""

from __future__ import annotations

import pytest

from benchmarks.random_formulas import run


@pytest.mark.parametrize("count", [6, 60])
def test_no_verdict_on_a_random_formula_is_false(count: int) -> None:
    counts, odd = run(count, seed=11)
    assert (counts["false accept"], counts["false reject"]) == (0, 0), odd
    assert counts["part named"] >= 0.6 * counts["wrong"], odd
