"""Every function of matrices in balls encloses what mpmath says with 50 digits; the benchmark tries 1,000 inputs."""

from __future__ import annotations

import numpy as np
import pytest
from flint import ctx

from benchmarks.ball_functions import BITS, TRIALS, is_right, sharpness, to_flint

pytestmark = pytest.mark.sampled

INPUTS = 6


@pytest.mark.parametrize("name", TRIALS)
def test_enclosures_agree_with_mpmath_and_are_sharp(name: str) -> None:
    trial, rng = TRIALS[name], np.random.default_rng(11)
    for k in range(INPUTS):
        arguments = trial.arguments(rng, bool(k % 2))
        with ctx.workprec(BITS):
            ours = trial.ours(*map(to_flint, arguments))
        assert is_right(trial, arguments, ours), arguments
        assert sharpness(ours) > 500


def test_the_comparison_rejects_an_enclosure_that_is_of_a_neighbour() -> None:
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    with ctx.workprec(BITS):
        ours = TRIALS["sqrtm"].ours(to_flint(A * (1 + 2.0**-52)))
    assert not is_right(TRIALS["sqrtm"], (A,), ours)
