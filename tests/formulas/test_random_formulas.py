"""Random right formulas are right, and random wrong ones wrong; of most of these the wrong part is found."""

from __future__ import annotations

import pytest

from benchmarks.random_formulas import run


@pytest.mark.slow
def test_no_verdict_on_a_random_formula_is_false() -> None:
    counts, odd = run(count=60, seed=11)
    assert (counts["false accept"], counts["false reject"]) == (0, 0), odd
    assert counts["part named"] >= 0.6 * counts["wrong"], odd
