"""A kind of file, and the mutations that fit any."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from grader.answers.sandbox.guest.wire import WireError
from grader.core.errors import GraderError

Allowed = (GraderError, WireError)
"""The exceptions that are sentences."""

Read = Callable[[random.Random], bool]
"""Makes a file, mutates and reads it; says whether it could be read."""

ODD_BYTES = (
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"{",
    b"[",
    b'"',
    b"\\",
    b"\n",
    b"-1",
    b"1e999",
)


class Kind(Protocol):
    """Prepares the reading of mutated files of a kind."""

    def __call__(self, folder: Path) -> Read:
        """Return what reads one; it may use a folder, which is empty at first."""
        ...


def mutate(draw: random.Random, data: bytes) -> bytes:
    """Change some bytes: others, fewer, more, twice, or none from some place on."""
    changed = bytearray(data)
    for _ in range(draw.choice((0, 1, 1, 3, 20))):
        at = draw.randrange(len(changed) + 1)
        length = draw.choice((1, 2, 4, 16, 200))
        match draw.randrange(6):
            case 0:
                changed[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del changed[at : at + length]
            case 2:
                changed[at:at] = draw.choice(ODD_BYTES) * draw.choice((1, 1, 50))
            case 3:
                changed[at:at] = changed[at : at + length]
            case 4:
                changed[at : at + length] = bytes(draw.randrange(256) for _ in range(length))
            case 5 if draw.random() < 0.2:
                del changed[at:]
    return bytes(changed)
