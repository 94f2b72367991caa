"""`grader watch`: every save is checked, however an editor saves; and nothing but Ctrl-C ends it."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.answers.submission import MAX_BYTES
from grader.grading.watch import watch_saves
from tests.conftest import ROOT
from tests.running import PATIENCE

pytestmark = pytest.mark.slow

RIGHT = (
    "import numpy as np\n\n\ndef inv_differential(A, dA):\n    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
)
WRONG = RIGHT.replace("-X", "X")


class Editor:
    """Stands for the clock: at each pause of the watch, the next thing is done to the file."""

    def __init__(self, *steps: Callable[[], object]) -> None:
        self.steps = list(steps)

    def __call__(self, pause: float) -> None:
        if not self.steps:
            raise KeyboardInterrupt
        self.steps.pop(0)()


def seen(file: Path, *steps: Callable[[], object]) -> list[bytes | None]:
    found: list[bytes | None] = []
    with contextlib.suppress(KeyboardInterrupt):
        found.extend(watch_saves(file, Editor(*steps)))
    return found


def nothing() -> None:
    pass


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "answers.py"
    path.write_bytes(b"old")
    return path


def test_a_file_is_seen_at_once_and_after_each_save(file: Path) -> None:
    saves = [lambda text=text: file.write_bytes(text) for text in (b"new", b"newer")]
    assert seen(file, nothing, saves[0], nothing, saves[1], nothing, nothing) == [b"old", b"new", b"newer"]


def test_a_save_by_renaming_is_seen(file: Path) -> None:
    def replace() -> None:
        other = file.with_suffix(".tmp")
        other.write_bytes(b"odd")  # as long as the old one
        other.replace(file)

    assert seen(file, replace, nothing, nothing) == [b"old", b"odd"]


def test_half_of_a_save_is_waited_out(file: Path) -> None:
    steps = [lambda: file.write_bytes(b""), lambda: file.write_bytes(b"ne"), lambda: file.write_bytes(b"new")]
    assert seen(file, *steps, nothing, nothing) == [b"old", b"new"]
    assert seen(file, file.unlink, lambda: file.write_bytes(b"renewed"), nothing, nothing) == [
        b"new",
        b"renewed",
    ]


def test_a_file_may_come_go_and_come_back(tmp_path: Path) -> None:
    file = tmp_path / "answers.py"
    save = [lambda: file.write_bytes(b"here"), nothing]
    gone = [file.unlink, nothing]
    assert seen(file, nothing, *save, *gone, *save, nothing) == [None, b"here", None, b"here"]


def test_a_save_of_what_was_there_is_none(file: Path) -> None:
    def touch() -> None:
        os.utime(file, ns=(1, 1))

    assert seen(file, touch, nothing, nothing) == [b"old"]


class Watch:
    """A running `grader watch`, read line by line."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "grader", "watch", *arguments],
            cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
        )  # fmt: skip
        self.text = ""

    def read_until(self, words: str, seconds: float = PATIENCE) -> str:
        """What is printed up to these words, from where the last reading ended."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while words not in self.text:
                assert time.monotonic() < deadline, self.text
                if selector.select(1):
                    data = os.read(self.process.stdout.fileno(), 65536)
                    assert data, self.text
                    self.text += data.decode()
        before, _, self.text = self.text.partition(words)
        return before + words

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    running = []

    def start(*arguments: str) -> Watch:
        running.append(Watch(tmp_path, *arguments))
        return running[-1]

    yield start
    for item in running:
        with item.process:
            item.process.kill()


def test_watch_checks_on_every_save_and_ctrl_c_ends_it_well(
    tmp_path: Path, watch: Callable[..., Watch]
) -> None:
    file = tmp_path / "answers.py"
    running = watch("answers.py", "--problem", "inv-differential")
    assert "answers.py is not there" in running.read_until("as soon as it is saved.")
    file.write_text(WRONG)
    assert "inv_differential is wrong: " in running.read_until("Ctrl-C ends.")
    file.write_text("def inv_differential(A, dA:\n")
    assert "not valid Python" in running.read_until("Ctrl-C ends.")
    file.write_text("")
    running.read_until("answers.py is empty")
    file.write_text(RIGHT)
    found = running.read_until("Ctrl-C ends.")
    assert "inv_differential is right: 10 of 10 points." in found
    assert "\x1b" not in found  # no terminal, nothing to clear
    file.unlink()
    running.read_until("answers.py is not there")
    assert running.stop() == 0


def test_watch_goes_on_after_what_cannot_be_checked(tmp_path: Path, watch: Callable[..., Watch]) -> None:
    file = tmp_path / "answers.py"
    file.write_text("def solve_differential(A, b, dA, db):\n    pass\n")
    running = watch("answers.py", "--assignment", "lecture05")
    assert "use --assignment lecture05-neighbours" in running.read_until("Ctrl-C ends.")
    file.write_text(RIGHT)
    assert "inv_differential is right" in running.read_until("Ctrl-C ends.")
    assert running.stop() == 0


def test_watch_of_what_can_never_be_a_file_says_so(tmp_path: Path, watch: Callable[..., Watch]) -> None:
    running = watch(".")
    assert running.process.wait(PATIENCE) == 2
    running = watch("no/such/folder/answers.py")
    assert running.process.wait(PATIENCE) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_what_has_no_end_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "device.py").symlink_to("/dev/zero")
    with (tmp_path / "large.py").open("wb") as file:
        file.truncate(1 << 33)
    assert seen(tmp_path / "pipe.py") == seen(tmp_path / "device.py") == [None]
    (found,) = seen(tmp_path / "large.py")
    assert found is not None and len(found) == MAX_BYTES + 1
