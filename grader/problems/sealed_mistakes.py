"""The file `exercises/<id>/mistakes.json` of a released problem: sentences on listed mistakes, each encrypted."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "mistakes.json"
_ABOUT = (
    "What to say about some wrong answers. Each sentence is encrypted with the numbers of the answer that it is about: "
    "without these nobody can read it."
)


@dataclass(frozen=True, slots=True)
class SealedWords:
    """A listed mistake without its formula: what is said of it can be read with its wrong numbers alone.

    Args:
        salt: the problem and the position in its list.
        fine: the cases whose numbers belong to the key. coarse: those of which only matters whether they are right.
        data: the words, encrypted.
    """

    salt: str
    fine: tuple[int, ...]
    coarse: tuple[int, ...]
    data: bytes


def write_sealed(mistakes: Sequence[SealedWords], seed: int, cases: int) -> bytes:
    """The content of the file.

    Args:
        seed: of the cases; cases: how many were drawn at least.
    """
    rows = [
        {"fine": item.fine, "coarse": item.coarse, "words": base64.b64encode(item.data).decode()}
        for item in mistakes
    ]
    content = {"about": _ABOUT, "seed": seed, "cases": cases, "mistakes": rows}
    return (json.dumps(content, indent=1) + "\n").encode()


def read_sealed(folder: Path, seed: int, cases: int) -> tuple[SealedWords, ...]:
    """The sealed mistakes of a problem; none if there are none for this seed, or the file was spoilt.

    Args:
        folder: the problem's.
    """
    try:
        content: Any = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if (content["seed"], content["cases"]) != (seed, cases):
            return ()
        return tuple(_read(f"{folder.name}/{k}", row) for k, row in enumerate(content["mistakes"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()  # it costs a name, and nobody a point


def _read(salt: str, row: Any) -> SealedWords:
    fine, coarse = (tuple(map(int, row[name])) for name in ("fine", "coarse"))
    return SealedWords(salt, fine, coarse, base64.b64decode(row["words"], validate=True))
