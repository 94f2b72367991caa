"""A cache of truths on disk, keyed by everything that a truth depends on.

A file is a pickle behind its digest, read with a list of what may come out of it: the values of truths, and nothing
that does something. What cannot be read is computed anew.
"""

from __future__ import annotations

import contextlib
import io
import pickle
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import flint
import numpy as np
from platformdirs import user_cache_path

from grader.cases.case import Case
from grader.cases.formula import CallableFormula
from grader.core.files import write_file
from grader.core.hashing import hash_bytes, hash_packages, hash_text
from grader.problems.language import Expression, Name, Number, Operation, Word
from grader.problems.language.nodes import Assign, For, Function, If, Return
from grader.problems.problem import Problem
from grader.truths.probe import Probe
from grader.truths.remainder import RemainderCurve, find_remainder
from grader.truths.solve import SolvedCase, solve_cases
from grader.truths.truth import Exact, Truth, Wanted

Solved = tuple[tuple[SolvedCase, ...], RemainderCurve | None]
"""The cases of a problem with their truths, and the remainder curve."""

MOST_FILES = 500
"""Beyond these the oldest are removed."""
_VALUES = (
    *(SolvedCase, Truth, Exact, Wanted, Probe, RemainderCurve, Case, CallableFormula),
    *(Expression, Number, Name, Word, Function, Operation),
    *(Assign, For, If, Return),
)
_NAMES: Mapping[str, Collection[str]] = {
    "grader": {kind.__name__ for kind in _VALUES},
    "numpy": {"ndarray", "dtype", "scalar", "_reconstruct", "_frombuffer"},
    "builtins": {"complex", "slice", "Ellipsis"},
}
"""What a file of truths is made of: package → classes and functions."""
_DIGEST = 20
_DECIDING = ("core", "problems", "cases", "truths")
"""The packages that a truth depends on."""


@dataclass(frozen=True, slots=True)
class TruthCache:
    """A folder of truths."""

    folder: Path

    def find(self, problem: Problem, seed: int, count: int) -> Solved:
        """Read the truths of a problem from the folder, or compute and keep them.

        Args:
            count: at least so many cases.
        """
        path = self._path(problem, seed, count)
        with contextlib.suppress(OSError, ValueError):
            kept: Solved = unpack(path.read_bytes())
            return kept

        solved = compute(problem, seed, count)
        with contextlib.suppress(OSError):  # a folder that cannot be written to only costs time
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)  # no other user, as whom submissions may run, is to read what is right
            write_file(path, pack(solved))
            self._remove_oldest()
        return solved

    def holds(self, problem: Problem, seed: int, count: int) -> bool:
        """Is there a file for these inputs?"""
        return self._path(problem, seed, count).is_file()

    def _path(self, problem: Problem, seed: int, count: int) -> Path:
        return self.folder / f"{_key(problem, seed, count)}.truths"

    def _remove_oldest(self) -> None:
        files = sorted(self.folder.glob("*.truths"), key=lambda path: path.stat().st_mtime)
        for path in files[:-MOST_FILES]:
            path.unlink(missing_ok=True)


def user_cache() -> TruthCache | None:
    """The cache in the user's folder for caches; None for a user who has no home."""
    try:
        folder = user_cache_path("frechet-grader")
    except RuntimeError:
        return None
    return TruthCache(folder / "truths") if folder.is_absolute() else None  # others leave a `~` in front


def find_truths(problem: Problem, seed: int, count: int) -> Solved:
    """The truths of a problem, from the user's cache if there is one."""
    cache = user_cache()
    return compute(problem, seed, count) if cache is None else cache.find(problem, seed, count)


def compute(problem: Problem, seed: int, count: int) -> Solved:
    """Draw the cases of a problem, find their truths and the remainder curve."""
    cases = solve_cases(problem, seed, count)
    return cases, find_remainder(problem, cases)


def _key(problem: Problem, seed: int, count: int) -> str:
    """All that a truth depends on: what is asked, the seed, and the code and libraries that compute it."""
    content = replace(problem, title="", statement="", hints=())
    text = f"{hash_packages(*_DECIDING)} {flint.__version__} {np.__version__} {seed} {count} {content!r}"
    return hash_text(text)


def pack(value: Any) -> bytes:
    """The values of truths as bytes, behind their digest."""
    data = pickle.dumps(value, protocol=5)
    return hash_bytes(data) + data


def unpack(data: bytes) -> Any:
    """The values that `pack` was given.

    Raises:
        ValueError: the bytes are not whole, or something else.
    """
    digest, data = data[:_DIGEST], data[_DIGEST:]
    if hash_bytes(data) != digest:
        raise ValueError("not a file of truths, or not all of it")

    try:
        return _Reader(io.BytesIO(data)).load()
    except Exception as error:  # written by another version, or by somebody else
        raise ValueError(f"not a file of truths of this version: {error}") from None


class _Reader(pickle.Unpickler):
    """Refuses a file that names anything but what truths are made of.

    Source: https://docs.python.org/3/library/pickle.html#restricting-globals
    """

    def find_class(self, module: str, name: str) -> Any:
        if name not in _NAMES.get(module.partition(".")[0], ()):
            raise pickle.UnpicklingError(f"{module}.{name} is not a part of a truth")
        return super().find_class(module, name)
