"""Digests tell texts and lists of texts apart, and follow every file of a package."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from grader.core import hashing
from grader.core.hashing import Digest, files_below, hash_bytes, hash_packages, hash_text


def digest(*parts: str | bytes) -> str:
    made = Digest()
    made.add(*parts)
    return made.text()


def test_where_one_part_ends_matters_and_how_many_times_they_are_added_does_not() -> None:
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", "")}) == 4
    twice = Digest()
    twice.add("ab")
    twice.add(b"c")
    assert twice.text() == digest("ab", "c")


def test_texts_are_hashed_as_utf_8_also_where_that_has_no_letter_for_them() -> None:
    assert hash_text("ä", 8) == hashlib.blake2b("ä".encode(), digest_size=8).hexdigest()
    assert hash_text(b"ab") == hash_bytes(b"ab").hex()
    assert hash_text("\ud800") != hash_text("?")


def test_a_package_has_another_digest_when_a_file_of_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digest_now() -> str:
        hash_packages.cache_clear()
        return hash_packages("cases")

    monkeypatch.setattr(hashing, "_PACKAGE", tmp_path)
    (tmp_path / "cases" / "__pycache__").mkdir(parents=True)
    (tmp_path / "cases" / "draw.py").write_text("a")
    first = digest_now()
    (tmp_path / "cases" / "__pycache__" / "draw.pyc").write_text("compiled")
    (tmp_path / "other.py").write_text("b")
    assert digest_now() == first
    (tmp_path / "cases" / "draw.py").write_text("b")
    assert digest_now() != first
    assert [path.name for path in files_below(tmp_path)] == ["draw.py", "other.py"]
    hash_packages.cache_clear()
