"""A class of hostile students with right ones among them, and what to look at after it is graded."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.answers.test_system_calls import refused_numbers
from tests.hostile.machine import ROOT, USER, may_mount
from tests.running import PATIENCE

HERE = Path(__file__).parent
CONTROLS = sorted((HERE / "controls").glob("*.py"))
ATTACKS = {path.stem: path for path in sorted((HERE / "submissions").glob("*.py"))}
COURSE = HERE / "course"
TOP_POINTS = 2
_EVERY = 12
_VICTIM = "somebody's only copy\n"
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a class is graded.

    Args:
        folder: of everything; course: with solutions; submitted: the class; out: the results.
        open: a folder in which everyone may write; victim: a file there, everyone's to change.
        port: where someone listens, by TCP, UDP and, under a name with it, by local sockets.
        before: processes that this one had already.
    """

    folder: Path
    port: int
    listeners: tuple[socket.socket, ...]
    before: frozenset[int]

    @property
    def course(self) -> Path:
        return self.folder / "course"

    @property
    def submitted(self) -> Path:
        return self.folder / "submitted"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    @property
    def open(self) -> Path:
        return self.folder / "open"

    @property
    def victim(self) -> Path:
        return self.open / "victim"

    def close_by_modes(self) -> None:
        """Keep other users out of everything but what is open."""
        for path in (self.out, self.submitted, self.course):
            path.chmod(0o700)

    def fill(self, path: Path, name: str) -> str:
        """An attack, told all that an attacker could want to know of this machine."""
        text = path.read_text(encoding="utf-8")
        places = {"COURSE": self.course, "CLASS": self.submitted, "OUT": self.out, "OPEN": self.open}
        words = {**places, "PORT": self.port, "NAME": name, "PACKAGE": ROOT, "REFUSED": refused_numbers()}
        for word, value in words.items():
            text = text.replace(f"@{word}@", str(value))
        return text

    def add_class(self, attacks: Sequence[str]) -> None:
        """Write the attacks' files, in order, with right ones before, among and after them."""
        items = list(attacks)
        for at in range(0, len(items) + _EVERY, _EVERY):
            for control in CONTROLS:
                # Each with a text of its own: what is the same need not be run twice.
                text = f"{control.read_text(encoding='utf-8')}\n# {at}\n"
                (self.submitted / f"{at:03}-{control.stem}.py").write_text(text, encoding="utf-8")
            for number, name in enumerate(items[at : at + _EVERY], start=at):
                text = self.fill(ATTACKS[name], f"{number:03}~{name}")
                (self.submitted / f"{number:03}~{name}.py").write_text(text, encoding="utf-8")

    def damage(self) -> list[str]:
        """What was changed outside of the sandbox, in words; empty if nothing was."""
        found = [
            f"there is {path.name} in an open folder" for path in self.open.iterdir() if path != self.victim
        ]
        if not self.victim.exists() or self.victim.read_text() != _VICTIM:
            return [*found, "the victim's file was changed"]
        state = self.victim.stat()
        if state.st_mode & 0o777 != 0o666 or state.st_mtime < 10**9 or os.listxattr(self.victim):
            found.append("the victim's file has another mode, time or attribute")
        found += [
            f"someone called at {listener!r}" for listener in select.select(self.listeners, [], [], 0)[0]
        ]
        return found + [f"process {pid} is left" for pid in _left_running(self.before)]


@contextlib.contextmanager
def set_scene(folder: Path) -> Iterator[Scene]:
    """Folders, a listener, and a process that inherits whatever is left running."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with contextlib.ExitStack() as stack:
        tcp, udp, local = (
            stack.enter_context(socket.socket(family, kind))
            for family, kind in (
                (socket.AF_INET, socket.SOCK_STREAM),
                (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
            )
        )
        tcp.bind(("127.0.0.1", 0))
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        local.bind(f"\0frechet-{port}")
        for listener in (tcp, local):
            listener.listen(64)
        scene = Scene(folder, port, (tcp, udp, local), _children())
        shutil.copytree(COURSE, scene.course)
        for made in (scene.submitted, scene.out, scene.open):
            made.mkdir()
        scene.victim.write_text(_VICTIM)
        scene.victim.chmod(0o666)
        scene.open.chmod(0o777)
        yield scene


def grade(scene: Scene, machine: Sequence[str], jobs: int, *more: str) -> subprocess.CompletedProcess[str]:
    """`grader grade` of the class, on a machine as `machine.py` makes it."""
    if "--user" in machine:
        for path in (scene.out, scene.submitted, scene.course, scene.folder):
            os.chown(path, USER, USER)
    if "--open" in machine:
        scene.close_by_modes()
    grader = [
        sys.executable,
        "-m",
        "grader",
        "grade",
        str(scene.submitted),
        "-o",
        str(scene.out),
        "--seed",
        "3",
    ]
    safe = [f"--keep={scene.folder}"] if os.geteuid() == 0 and may_mount() else []
    command = [sys.executable, str(HERE / "machine.py"), *safe, *machine, *grader]
    places = {
        "PYTHONPATH": str(ROOT),
        "XDG_CACHE_HOME": str(scene.folder / "cache"),
        "HOME": str(scene.folder),
    }
    return subprocess.run(
        [*command, "--course", str(scene.course), "--jobs", str(jobs), *more],
        env={**os.environ, **places, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=scene.folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def read_reports(scene: Scene) -> dict[str, dict[str, Any]]:
    """Student → report."""
    paths = sorted((scene.out / "results").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def breaches(reports: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Attacks that earned points, or that broke the grader instead of themselves."""
    found = {}
    for student, report in reports.items():
        verdicts = {problem["verdict"] for problem in report["problems"]}
        if "~" in student and (report["score"] != 0 or report["status"] == "grader_error"):
            found[student] = f"{report['status']}, {report['score']} points"
        elif "~" in student and not verdicts <= {"wrong", "error", "missing"}:
            found[student] = f"verdict {verdicts}"
    return found


def controls(reports: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    """Right submission → its different reports, of which there must be one, apart from names and times."""
    found: dict[str, set[str]] = {}
    for student, report in reports.items():
        if "~" not in student:
            text = json.dumps(_without_names(report), sort_keys=True)
            found.setdefault(student.partition("-")[2], set()).add(text)
    return found


def _without_names(value: Any) -> Any:
    if isinstance(value, dict):
        dropped = ("student", "file", "reproduce", "seconds")
        return {key: _without_names(item) for key, item in value.items() if key not in dropped}
    return [_without_names(item) for item in value] if isinstance(value, list) else value


def _left_running(before: frozenset[int]) -> list[int]:
    """Processes that became this one's children since; given a moment, as killed ones take one to be gone."""
    for _ in range(100):
        left = sorted(_children() - before)
        if not left:
            return []
        time.sleep(0.02)
    return left


def _children() -> frozenset[int]:
    found = set()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[1]) == os.getpid() and fields[0] != "Z":
                found.add(int(entry.name))
    return frozenset(found)
