"""Damaged and forged files are read or refused in a sentence; `benchmarks/fuzz.py` tries a hundred thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fuzz import KINDS, fuzz

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_mutated_is_read_or_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    tally = fuzz(kind, seed=1, numbers=range(150), folder=tmp_path)
    assert tally.findings == {}
    assert set(tally.counts) == {"read", "refused"} and tally.counts.total() == 150
