"""Seeds, wherever they are said: on a command line, in a file, the environment or a notebook."""

from __future__ import annotations

import secrets
from numbers import Integral

LARGEST_SEED = 2**63 - 1
SEEDS = "a whole number, 0 or more, and below 2**63"


def is_seed(value: object) -> bool:
    """Is it one of `SEEDS`, which a store of results can hold?"""
    return isinstance(value, Integral) and 0 <= int(value) <= LARGEST_SEED


def draw_seed() -> int:
    """Draw a seed that nobody can guess or find by trying; JSON's readers keep all of its digits."""
    return secrets.randbelow(2**53)
