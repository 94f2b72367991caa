"""The folder of a process's notebooks: gone when it ends, and, if it was killed, when the next one of ours begins."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from grader.answers.sandbox import SandboxError
from grader.answers.sandbox.home_folder import HomeFolder
from tests.conftest import ROOT

KILLED = """
import os, signal
from grader.answers.sandbox.home_folder import HomeFolder
print(HomeFolder().path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def make_old(path: Path) -> None:
    os.utime(path, (1, 1))


def test_it_is_removed_restored_under_its_name_and_removed_again(place: Path) -> None:
    home = HomeFolder()
    (home.path / "a" / "b").mkdir(parents=True)
    home.remove()
    home.remove()
    assert list(place.iterdir()) == []
    home.restore()
    home.restore()
    assert list(place.iterdir()) == [home.path] and home.path.stat().st_mode & 0o777 == 0o755
    home.remove()
    assert list(place.iterdir()) == []


def test_what_a_killed_process_has_left_is_removed_and_what_is_in_use_or_anothers_is_not(place: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True, check=False
    )
    left = Path(ended.stdout.strip())
    used = HomeFolder()
    for path in (left, used.path):
        (path / "notebook" / "deep").mkdir(parents=True)
        make_old(path)
    other = place / "elsewhere"
    other.mkdir()
    (place / "grader-link").symlink_to(other)
    (place / "grader-file").write_text("somebody's")
    make_old(place / "grader-file")

    new = HomeFolder()
    assert not left.exists() and used.path.exists() and other.exists()
    assert (place / "grader-link").is_symlink() and (place / "grader-file").exists()
    for home in (used, new):
        home.remove()


def test_what_was_made_a_moment_ago_is_not_touched(place: Path) -> None:
    young = Path(tempfile.mkdtemp(prefix="grader-"))
    HomeFolder().remove()
    assert list(place.iterdir()) == [young]


def test_a_name_that_is_taken_meanwhile_is_said(place: Path) -> None:
    home = HomeFolder()
    home.remove()
    home.path.write_text("somebody's")
    with pytest.raises(SandboxError, match="no folder can be made for notebooks"):
        home.restore()
    assert home.path.read_text() == "somebody's"
