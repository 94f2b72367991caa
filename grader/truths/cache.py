"""Truths on disk, by content: what was computed once for these inputs by this oracle need not be again.

A file holds one JSON text and one block of raw numbers. Only the plain values listed here can come out of it;
nothing in it is executed. What cannot be read is computed anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import flint
import numpy as np
from platformdirs import user_cache_path

from grader.cases.case import Case, Formula
from grader.core.files import write_file
from grader.core.hashing import hash_bytes, hash_packages, hash_text
from grader.problems.expression import Expression, Name, Number, Operation
from grader.problems.problem import Problem
from grader.truths.probe import Probe
from grader.truths.remainder import RemainderCurve, find_remainder
from grader.truths.truth import Exact, SolvedCase, Truth, solve_cases

MOST_FILES = 500
"""Beyond these the oldest are removed."""
_PLAIN: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        SolvedCase,
        Truth,
        Exact,
        Probe,
        RemainderCurve,
        Case,
        Formula,
        Expression,
        Number,
        Name,
        Operation,
    )
}
_DTYPES: Mapping[str, Any] = {"f": np.dtype("<f8"), "c": np.dtype("<c16")}
_LENGTH = struct.Struct("<Q")
_DIGEST = 20
_DECIDING = ("core", "problems", "cases", "truths")
"""The packages that a truth depends on."""


@dataclass(frozen=True, slots=True)
class TruthCache:
    """A folder of truths."""

    folder: Path

    def find(
        self, problem: Problem, seed: int, count: int
    ) -> tuple[tuple[SolvedCase, ...], RemainderCurve | None]:
        """The cases of a problem with their truths and the remainder curve, from the folder or computed."""
        path = self.folder / f"{_key(problem, seed, count)}.truths"
        with contextlib.suppress(OSError, ValueError):
            found: tuple[tuple[SolvedCase, ...], RemainderCurve | None] = unpack(path.read_bytes())
            return found
        found = compute(problem, seed, count)
        with contextlib.suppress(OSError):  # a folder that cannot be written to only costs time
            write_file(path, pack(found))
            self._prune()
        return found

    def holds(self, problem: Problem, seed: int, count: int) -> bool:
        """Whether there is a file for these inputs."""
        return (self.folder / f"{_key(problem, seed, count)}.truths").is_file()

    def _prune(self) -> None:
        files = sorted(self.folder.glob("*.truths"), key=lambda path: path.stat().st_mtime)
        for path in files[:-MOST_FILES]:
            path.unlink(missing_ok=True)


def user_cache() -> TruthCache:
    """The store in the user's folder for caches."""
    return TruthCache(user_cache_path("frechet-grader") / "truths")


def compute(problem: Problem, seed: int, count: int) -> tuple[tuple[SolvedCase, ...], RemainderCurve | None]:
    """Draw the cases of a problem, find their truths and the remainder curve."""
    posed = solve_cases(problem, seed, count)
    return posed, find_remainder(problem, posed)


def _key(problem: Problem, seed: int, count: int) -> str:
    """All that a truth depends on: what is asked, the seed, and the code and libraries that compute it."""
    content = replace(problem, title="", statement="", hints=())
    text = f"{hash_packages(*_DECIDING)} {flint.__version__} {np.__version__} {seed} {count} {content!r}"
    return hash_text(text)


def pack(value: Any) -> bytes:
    """Plain values, arrays and the dataclasses listed here as bytes, behind their digest."""
    block = bytearray()
    text = json.dumps(_encode(value, block), separators=(",", ":")).encode()
    data = _LENGTH.pack(len(text)) + text + bytes(block)
    return hash_bytes(data) + data


def unpack(data: bytes) -> Any:
    """What `pack` was given.

    Raises:
        ValueError: the bytes are not whole, or something else.
    """
    digest, data = data[:_DIGEST], data[_DIGEST:]
    if hash_bytes(data) != digest:
        raise ValueError("not a file of truths, or not all of it")
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size + length
    try:
        return _decode(json.loads(data[_LENGTH.size : start]), memoryview(data)[start:])
    except (KeyError, TypeError) as error:  # by a version whose values have other names
        raise ValueError(f"not a file of truths of this version: {error}") from None


def _encode(value: Any, block: bytearray) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, complex):
        return ["complex", value.real, value.imag]
    if isinstance(value, np.ndarray):
        kind = "c" if value.dtype.kind == "c" else "f"
        start = len(block)
        block += value.astype(_DTYPES[kind]).tobytes()
        return ["array", kind, start, *value.shape]
    if isinstance(value, Mapping):
        return ["mapping", *([key, _encode(item, block)] for key, item in value.items())]
    if isinstance(value, tuple):
        return ["tuple", *(_encode(item, block) for item in value)]
    fields = [_encode(getattr(value, field.name), block) for field in dataclasses.fields(value)]
    return ["value", type(value).__name__, *fields]


def _decode(node: Any, block: memoryview) -> Any:
    if not isinstance(node, list):
        return node
    tag, *rest = node
    if tag == "complex":
        return complex(*rest)
    if tag == "array":
        kind, start, *shape = rest
        size = int(np.prod(shape, dtype=int))
        return np.frombuffer(block, _DTYPES[kind], size, start).reshape(shape).copy()
    if tag == "mapping":
        return {key: _decode(item, block) for key, item in rest}
    if tag == "tuple":
        return tuple(_decode(item, block) for item in rest)
    return _PLAIN[rest[0]](*(_decode(item, block) for item in rest[1:]))
