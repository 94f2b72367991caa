"""Read from pipes and write frames to them, in a child. Imports nothing of ours but its neighbours."""

from __future__ import annotations

import os

from . import wire

_read, _write = os.read, os.write  # taken before the student's code can replace them in `os`


def read_exactly(pipe: int, size: int) -> bytes:
    """Read the next `size` bytes; end the process if there are no more."""
    pieces = []
    while size:
        piece = _read(pipe, min(size, 1 << 20))
        if not piece:
            os._exit(0)  # the grader has given up

        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


def send_frame(pipe: int, kind: int, index: int = 0, body: bytes = b"") -> None:
    """Write one frame, all of it."""
    frame = wire.pack_frame(kind, index, body)
    while frame:
        frame = frame[_write(pipe, frame) :]
