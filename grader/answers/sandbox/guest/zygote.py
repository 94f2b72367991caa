"""The zygote: a process that has numpy loaded and forks a child for every request.

Started as a script, by `zygote_handle.py`, without the `grader` package and with an almost empty environment:

    python -I -S -B zygote.py <socket> <policy as JSON>

When everything is loaded it confines itself as far as the machine allows and says how far. Then it reads one-byte
commands from the socket. `R`, with pipes: fork a child that reads its request from the first, answers on the second
and prints on the others. `I`: interrupt the child. `K`: kill the child and all it started, reply with its wait
status. `W`: the same, but it has hung up, so wait for it a moment. The zygote
itself never reads a request, so no child inherits another student's source.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import struct
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_HUNG_UP_SECONDS = 1.0


class Refuse:
    """Says plainly which modules are not available; a courtesy to students, not a barrier to attackers."""

    def __init__(self, libraries: Sequence[str], folder: str) -> None:
        self._libraries = ", ".join(libraries)
        self._folder = folder
        loaded = {name.partition(".")[0] for name in sys.modules}
        self._allowed = (loaded | set(sys.stdlib_module_names) | set(libraries)) - {"grader"}

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Finds nothing; raises for what the other finders must not find either."""
        # Named after the machine, the module behind `sysconfig` is in no list; numpy.testing needs it.
        top = name.partition(".")[0]
        known = top in self._allowed or name.startswith("_sysconfigdata_") or self._is_beside(top)
        if not known:
            raise ModuleNotFoundError(
                f"No module named {name!r} here; there are {self._libraries} and the standard library",
                name=name,
            )

    def _is_beside(self, name: str) -> bool:
        """Whether it is among the files that the child was given."""
        places = (f"{self._folder}/{name}", f"{self._folder}/{name}.py")
        return bool(self._folder) and any(os.path.exists(place) for place in places)  # noqa: PTH110


def main(arguments: Sequence[str]) -> None:
    """Load everything that children share, confine this process, say how far, and serve."""
    connection = socket.socket(fileno=int(arguments[0]))
    policy = json.loads(arguments[1])
    sys.path.extend(policy["folders"])  # last, so that the standard library wins
    child, confine = _load_neighbours(policy["guest"], "confine")
    child.prepare(policy["folder"])
    for library in policy["libraries"]:
        importlib.import_module(library)
    child.warm_up()
    cell = confine.make_confinement(policy)
    importlib.invalidate_caches()
    importlib.util.find_spec("_nothing")  # reads the folders of modules once more: children may not list them
    sys.meta_path.insert(0, Refuse(policy["libraries"], policy["folder"]))
    gc.collect()
    gc.freeze()
    said = json.dumps({"level": cell.level, "reasons": cell.reasons}).encode()
    connection.sendall(struct.pack("<i", len(said)) + said)
    serve(connection, child, cell)


def serve(connection: socket.socket, child: Any, cell: Any) -> None:
    """Fork and kill children as told, until the grader hangs up."""
    pid = None
    while True:
        try:
            command, pipes, _, _ = socket.recv_fds(connection, 1, 4)
        except ConnectionError:
            command = b""
        if command == b"R":
            pid = cell.start(pipes, child)
            for pipe in pipes:
                os.close(pipe)
            continue
        if command == b"I":
            if pid:
                os.kill(pid, signal.SIGINT)  # it is not reaped yet, so this is nobody else's number
            continue
        status = cell.end(pid, _HUNG_UP_SECONDS if command == b"W" else 0.0) if pid else 0
        pid = None
        if command not in (b"K", b"W"):
            return
        connection.sendall(struct.pack("<i", status))


def _load_neighbours(*names: str) -> list[Any]:
    """Import files of this folder as a package that nothing can be added to."""
    package = types.ModuleType("_sandbox")
    package.__path__ = [str(Path(__file__).resolve().parent)]
    sys.modules["_sandbox"] = package
    modules = [importlib.import_module(f"_sandbox.{name}") for name in names]
    package.__path__ = []
    return modules


if __name__ == "__main__":
    main(sys.argv[1:])
