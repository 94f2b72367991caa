"""Unpacked copies of what an earlier version wrote."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

FILES = Path(__file__).parent / "files"
Unpack = Callable[..., Path]


@pytest.fixture
def unpack(tmp_path: Path) -> Unpack:
    """Unpacks archives beside each other, and returns the folder of the last one."""

    def unpack(*names: str) -> Path:
        for name in names:
            with tarfile.open(FILES / f"{name}.tar.xz") as archive:
                archive.extractall(tmp_path / name, filter="data")
        return tmp_path / names[-1]

    return unpack
