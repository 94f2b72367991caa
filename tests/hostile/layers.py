"""Which tests notice that a layer of isolation is left out.

Three kinds of tests: what a watcher outside of the sandbox sees of a submission that sleeps, the attempts of the
self-test, and the hostile submissions, which answer right if they succeed.

What is left out is left out: attacks do succeed here. So this runs as a process of its own, which can write to nothing
but a folder made for it; as root it refuses to run otherwise. It prints a line of JSON for each layer that is left
out, and one for none.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from grader.answers.sandbox import Call, Limits, Returned, Sandbox, SandboxError
from grader.answers.sandbox.policy import Layer, Level
from grader.answers.sandbox.self_test import find_escapes
from grader.reports.code import CodeCell
from tests.hostile.classes import ATTACKS, HERE, Scene, set_scene
from tests.hostile.machine import ROOT, USER

LIMITS = Limits(seconds=0.8, cpu_seconds=0.5, total_seconds=2.0, memory_mb=256, output_kb=64)
_NAMESPACES = {
    "user": "users",
    "mnt": "mounts",
    "net": "network",
    "ipc": "queues",
    "uts": "host name",
    "cgroup": "cgroups",
}
SLEEPER = """
import ctypes, time
def f():
    ctypes.CDLL(None).prctl(15, b"watched", 0, 0, 0)
    time.sleep(0.3)
    return 1.0
"""
RIGHT_IF = "return 2 * A.T"
"""What an attack's text holds if it answers right when it succeeds."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What is noticed: from outside, by the self-test, by hostile submissions; why not all could be tried."""

    outside: tuple[str, ...] = ()
    attempts: tuple[str, ...] = ()
    submissions: tuple[str, ...] = ()
    failed: str = ""

    def all(self) -> frozenset[str]:
        """The names of everything that turned red."""
        names = (*self.outside, *self.attempts, *self.submissions)
        return frozenset((*names, "the sandbox works") if self.failed else names)


def ablate(
    machine: Sequence[str], level: Level, layers: Sequence[str], names: Sequence[str] | None = None
) -> Iterator[tuple[str, Notice]]:
    """What is noticed without any one of these layers, on a machine as `machine.py` makes it; first, without none.

    Raises:
        RuntimeError: the process in which this is tried failed.
    """
    folder = Path(tempfile.mkdtemp(prefix="layers-"))
    try:
        folder.chmod(0o755)
        if "--user" in machine:
            os.chown(folder, USER, USER)
        safe = [f"--keep={folder}"] if os.geteuid() == 0 else []
        command = [
            sys.executable,
            str(HERE / "machine.py"),
            *safe,
            *machine,
            sys.executable,
            "-m",
            "tests.hostile.layers",
        ]
        command += [str(folder / "scene"), "--level", level, "--layers", *layers]
        command += ["--submissions", *names] if names is not None else []
        places = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(folder)}
        with subprocess.Popen(
            command,
            env={**os.environ, **places},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None and process.stderr is not None
            for line in process.stdout:
                fields = json.loads(line)
                layer = fields.pop("layer")
                failed = fields.pop("failed")
                yield layer, Notice(**{name: tuple(items) for name, items in fields.items()}, failed=failed)
            error = process.stderr.read()
        if process.returncode:
            raise RuntimeError(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def watch(sandbox: Sandbox) -> tuple[str, ...]:
    """What is not as it should be with a submission that sleeps, seen from outside, by whoever this is."""
    run = threading.Thread(
        target=lambda: sandbox.run([CodeCell("answers.py", SLEEPER)], [Call("f", (), "f()")]), daemon=True
    )
    run.start()
    try:
        while not (found := _watched()) and run.is_alive():
            time.sleep(0.002)
        return _faults(found[0], sandbox.isolation.level) if found else ("the sleeper is found",)
    finally:
        run.join()


def _watched() -> list[int]:
    """Processes below this one that carry the sleeper's name."""
    parents, named = {}, []
    for entry in Path("/proc").iterdir():
        try:
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
            parents[int(entry.name)] = int(rest.split()[1])
        except (OSError, ValueError):
            continue
        if name == "watched":
            named.append(int(entry.name))

    def ours(pid: int) -> bool:
        return pid == os.getpid() or (pid in parents and ours(parents[pid]))

    return [pid for pid in named if ours(pid)]


def _faults(pid: int, level: Level) -> tuple[str, ...]:
    proc = Path(f"/proc/{pid}")
    status = dict(line.partition(":\t")[::2] for line in (proc / "status").read_text().splitlines())
    limits = (proc / "limits").read_text()
    tests: dict[str, Callable[[], bool]] = {
        "no rights": lambda: int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0,
        "no new privileges": lambda: status["NoNewPrivs"] == "1",
        "filtered calls": lambda: status["Seccomp"] == "2",
        "limits": lambda: all(
            f"{name:<26}{0:<21}{0:<21}" in limits for name in ("Max file size", "Max core file size")
        ),
    }
    if os.geteuid() == 0:  # only root may look at these
        tests["five descriptors"] = lambda: len(list((proc / "fd").iterdir())) == 5
    else:  # and root may look at any memory
        tests["hidden memory"] = lambda: not os.access(proc / "mem", os.R_OK)
    if os.geteuid() == 0 or level == "strong":
        tests["no rights to come"] = lambda: int(status["CapBnd"], 16) == 0
    if level == "strong":
        tests["process numbers of its own"] = lambda: len(status["NSpid"].split()) > 1
    if os.geteuid() == 0 and level == "strong":
        tests["another user"] = lambda: "0" not in status["Uid"].split()
        tests |= {f"{what} of its own": partial(_is_apart, pid, name) for name, what in _NAMESPACES.items()}
    return tuple(name for name, holds in tests.items() if not holds())


def _is_apart(pid: int, namespace: str) -> bool:
    return _namespace(pid, namespace) != _namespace(os.getpid(), namespace)


def _namespace(pid: int, name: str) -> str:
    return str(Path(f"/proc/{pid}/ns/{name}").readlink())


def attack(scene: Scene, sandbox: Sandbox, names: Sequence[str]) -> tuple[str, ...]:
    """The hostile submissions that succeed."""
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    found = []
    for name in names:
        cell = CodeCell(f"{name}.py", scene.fill(ATTACKS[name], name))
        (answer,) = sandbox.run([cell], [Call("square_gradient", (A,), "square_gradient(A)")]).answers
        if isinstance(answer, Returned) and np.array_equal(answer.parts[0], 2 * A.T):
            found.append(name)
    return tuple(found)


def notice(
    scene: Scene, without: tuple[Layer, ...], level: Level = "strong", names: Sequence[str] | None = None
) -> Notice:
    """Everything that is noticed when these layers are left out.

    Args:
        names: hostile submissions to try; all that could succeed if None.
    """
    if names is None:
        names = [name for name, path in ATTACKS.items() if RIGHT_IF in path.read_text(encoding="utf-8")]
    outside: tuple[str, ...] = ()
    attempts: tuple[str, ...] = ()
    try:
        with Sandbox(LIMITS, strongest=level, without=without) as sandbox:
            if sandbox.isolation.level != level:
                return Notice(
                    failed=f"{sandbox.isolation.level} only: {'; '.join(sandbox.isolation.reasons)}"
                )
            outside = watch(sandbox)
            attempts = find_escapes(sandbox)
            return Notice(outside, attempts, attack(scene, sandbox, names))
    except (
        SandboxError,
        ValueError,
    ) as error:  # a child that holds the zygote's own socket can make it say anything
        return Notice(outside, attempts, failed=str(error))


def main() -> None:
    """Print what is noticed, a line for each layer that is left out."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="to be made, for all that is written")
    parser.add_argument("--level", choices=("strong", "standard", "basic"), default="strong")
    parser.add_argument("--layers", nargs="*", default=[], help="to leave out one by one")
    parser.add_argument("--submissions", nargs="*", help="to try; default: all that could succeed")
    given = parser.parse_args()
    if os.geteuid() == 0 and not os.statvfs("/").f_flag & os.ST_RDONLY:
        sys.exit("attacks succeed here: start this as root by machine.py with --keep only")
    given.folder.mkdir()
    given.folder.chmod(0o755)
    with set_scene(given.folder) as scene:
        if given.level == "basic":
            scene.close_by_modes()
        for layer in ("", *given.layers):
            found = notice(scene, (layer,) if layer else (), given.level, given.submissions)
            print(json.dumps({"layer": layer, **asdict(found)}), flush=True)


if __name__ == "__main__":
    main()
