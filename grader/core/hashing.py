"""Digests: of texts and bytes, and of the code of this package."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]


def hash_bytes(data: bytes, size: int = 20) -> bytes:
    """Compute the BLAKE2b digest of some bytes, `size` bytes long."""
    return hashlib.blake2b(data, digest_size=size).digest()


def hash_text(text: str | bytes, size: int = 20) -> str:
    """Compute the digest of a text or of bytes, as two hexadecimal digits for each of its `size` bytes."""
    return hash_bytes(_bytes(text), size).hex()


class Digest:
    """Hash length-prefixed parts, so that ("ab", "c") and ("a", "bc") differ."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=20)

    def add(self, *parts: str | bytes) -> None:
        """Append texts or bytes."""
        for data in map(_bytes, parts):
            self._hash.update(len(data).to_bytes(8, "little") + data)

    def text(self) -> str:
        """The digest so far, in hexadecimal digits."""
        return self._hash.hexdigest()


def _bytes(part: str | bytes) -> bytes:
    return part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")


@cache
def hash_packages(*names: str) -> str:
    """Compute the digest of all files of some packages below `grader`, read once in a process."""
    digest = Digest()
    for name in names:
        for path in files_below(_PACKAGE / name):
            digest.add(path.relative_to(_PACKAGE).as_posix(), path.read_bytes())
    return digest.text()


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder and below it, in order, without compiled ones."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
