"""Functions of entries in balls beside mpmath's with 50 digits: 1,000 random inputs each, real and complex.

    python -m benchmarks.entry_functions [--count 1000]

Printed are the largest difference, relative to the value or to 1 if that is larger, and the time of a ball.
"""

from __future__ import annotations

import argparse
import time

import mpmath
import numpy as np
from flint import ctx

from grader.problems.entrywise import UNARY
from grader.truths.ball_algebra import BALLS
from grader.truths.balls import from_array
from tests.truths.test_entrywise import DIGITS, MP, REAL_ONLY, digits, inputs, lifted


def measure(name: str, count: int, is_complex: bool) -> tuple[float, float]:
    """The largest error of a function, and the microseconds for an entry."""
    rng = np.random.default_rng(14)
    x = np.concatenate([inputs(name, rng) for _ in range(count // 8)])
    if is_complex:
        x = rng.normal(size=len(x)) + 1j * rng.normal(size=len(x))

    began = time.perf_counter()
    found = BALLS.operations[name](from_array(x)).entries()
    seconds = time.perf_counter() - began

    right = [MP[name](lifted(value)) for value in x.tolist()]
    errors = [
        abs(digits(entry) - value) / max(1, abs(value)) for entry, value in zip(found, right, strict=True)
    ]
    return float(max(errors)), seconds / len(x) * 1e6


def main() -> None:
    """Print a row for each function."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    count = parser.parse_args().count
    print(f"{'function':10} {'real':>9} {'µs':>6} {'complex':>9} {'µs':>6}")
    with ctx.workprec(300), mpmath.workdps(DIGITS + 10):
        for name in UNARY:
            row = f"{name:10} {'{:9.1e} {:6.1f}'.format(*measure(name, count, is_complex=False))}"
            if name not in REAL_ONLY:
                row += f" {'{:9.1e} {:6.1f}'.format(*measure(name, count, is_complex=True))}"
            print(row, flush=True)


if __name__ == "__main__":
    main()
