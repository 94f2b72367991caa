"""The zygote: a process that has numpy loaded and forks a child for every request.

Started as a script, by `zygote_handle.py`, without the `grader` package and with an almost empty environment:

    python -I -S -B zygote.py <socket> <policy as JSON>

When everything is loaded it confines itself as far as the machine allows and says how far. Then it reads commands of
one byte from the socket:

    C, with a length u32 and so many bytes after it
                    read what all children will be told
    R, with pipes   fork a child that reads its request from the first, answers on the second, prints on the others;
                    reply with a descriptor of the child, where the kernel has such
    I               interrupt the child
    K               kill the child and all it started, and reply with its wait status
    W               the same, but the child is about to exit by itself, so wait for it a moment

The zygote itself never reads a request, only what all are asked, so no child inherits another student's source.
"""

from __future__ import annotations

import builtins
import functools
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
from collections.abc import Callable, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

_EXIT_SECONDS = 1.0


class RefusingFinder:
    """Says plainly which modules are not available; a courtesy to students, not a barrier to attackers.

    Stands in the place of the finder that looks along `sys.path`, which it asks for what is available.
    """

    def __init__(self, libraries: Sequence[str], required: Sequence[str], folder: str) -> None:
        self._libraries = ", ".join(libraries)
        self._folder = folder
        loaded = {name.partition(".")[0] for name in sys.modules}
        self._allowed = (loaded | set(sys.stdlib_module_names) | set(libraries) | set(required)) - {"grader"}

    def __getattr__(self, name: str) -> Any:
        return getattr(PathFinder, name)  # `find_distributions`, for `importlib.metadata`

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Find a module that is available; raise for another, or find nothing if it was only asked for."""
        # Named after the machine, the module behind `sysconfig` is in no list; numpy.testing needs it.
        top = name.partition(".")[0]
        is_allowed = top in self._allowed or name.startswith("_sysconfigdata_") or self._is_beside(top)
        if is_allowed:
            return PathFinder.find_spec(name, path, target)

        # Libraries ask `importlib.util.find_spec` whether they can do without something.
        if not sys._getframe(2).f_code.co_name.startswith("_find_and_load"):
            return None
        raise ModuleNotFoundError(
            f"No module named {name!r} here; available are {self._libraries} and the standard library",
            name=name,
        )

    def _is_beside(self, name: str) -> bool:
        """Whether it is among the files that the child was given."""
        if not self._folder:
            return False
        places = (f"{self._folder}/{name}", f"{self._folder}/{name}.py")
        return any(os.path.exists(place) for place in places)  # noqa: PTH110


def guard_imports(
    libraries: Sequence[str], hidden: Sequence[str], required: Sequence[str] = (), folder: str = ""
) -> None:
    """From now on, refuse to import what a submission may not: everything but these libraries, and what is hidden."""
    place = sys.meta_path.index(PathFinder)
    sys.meta_path[place] = RefusingFinder(libraries, required, folder)
    if hidden:
        _hide_modules(frozenset(hidden), [name for name in libraries if name not in hidden])


def _hide_modules(hidden: frozenset[str], libraries: Sequence[str]) -> None:
    """Refuse imports of modules that are loaded already, where a submission itself imports them.

    A courtesy as well: it keeps to the rules those who do not try to break them.
    """
    import_module, available = builtins.__import__, " and ".join([*libraries, "the standard library"])

    def refuse(name: str, importer: str | None) -> None:
        if importer in ("answers", "__main__") and name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r} here; available: {available}", name=name)

    def guarded(name: str, globals: Any = None, *arguments: Any, **options: Any) -> Any:
        importer = sys._getframe(1).f_globals if globals is None else globals
        refuse(name, importer.get("__name__"))
        return import_module(name, globals, *arguments, **options)

    def guarded_by_name(name: str, package: str | None = None) -> Any:
        refuse(name, sys._getframe(1).f_globals.get("__name__"))
        return by_name(name, package)

    by_name = importlib.import_module
    builtins.__import__ = guarded
    importlib.import_module = guarded_by_name


def main(arguments: Sequence[str]) -> None:
    """Load everything that children share, confine this process, say how far, and serve."""
    connection = socket.socket(fileno=int(arguments[0]))
    policy = json.loads(arguments[1])
    sys.path.extend(policy["folders"])  # last, so that the standard library wins
    guest, confine, child = _load_neighbours(policy["guest"], "confine", "child")

    early = confine.enter_early(policy)
    guest.prepare(policy["folder"])
    for library in policy["libraries"]:
        importlib.import_module(library)
    guest.warm_up()

    policy["readable"] = [*policy["readable"], *_loaded_besides(policy)]
    confinement = confine.make_confinement(policy, early)
    importlib.invalidate_caches()
    importlib.util.find_spec("_nothing")  # reads the folders of modules once more: children may not list them
    guard_imports(policy["libraries"], policy["hidden"], policy["required"], policy["folder"])
    gc.collect()
    gc.freeze()

    isolation = json.dumps({"level": confinement.level, "reasons": confinement.reasons}).encode()
    connection.sendall(struct.pack("<i", len(isolation)) + isolation)
    start = functools.partial(child.start_child, confinement, guest=guest)
    serve(connection, guest.read_shared, start, child.end_child)


def _loaded_besides(policy: dict[str, Any]) -> list[str]:
    """List the packages that libraries have loaded because they are there: what is missing of them is read later."""
    known = {*policy["libraries"], *policy["required"]}
    names = {name.partition(".")[0] for name in sys.modules} - known - set(sys.stdlib_module_names)
    places = (
        f"{folder}/{name}{suffix}"
        for folder in policy["folders"]
        for name in sorted(names)
        for suffix in ("", ".libs")
    )
    return [place for place in places if os.path.isdir(place)]  # noqa: PTH112


def serve(
    connection: socket.socket,
    read_shared: Callable[[bytes], Any],
    start: Callable[..., int],
    end: Callable[[int, float], int],
) -> None:
    """Start and end children as told, until the grader closes the connection."""
    pid, shared = 0, None
    while True:
        command, pipes = _receive(connection)

        if command == b"R":
            pid = start(pipes, shared=shared)
            for pipe in pipes:
                os.close(pipe)
            _send_handle(connection, pid)
        elif command == b"C":
            (size,) = struct.unpack("<I", connection.recv(4, socket.MSG_WAITALL))
            shared = read_shared(connection.recv(size, socket.MSG_WAITALL))
            gc.freeze()
        elif command == b"I":
            if pid:
                os.kill(pid, signal.SIGINT)  # it is not reaped yet, so this is nobody else's number
        else:
            patience = _EXIT_SECONDS if command == b"W" else 0.0
            status = end(pid, patience) if pid else 0
            pid = 0
            if command not in (b"K", b"W"):
                return
            connection.sendall(struct.pack("<i", status))


def _send_handle(connection: socket.socket, pid: int) -> None:
    """Send what the child's processor time can be read by, from outside of its namespace."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:  # Linux before 5.3
        connection.sendall(b"R")
        return
    socket.send_fds(connection, [b"R"], [handle])
    os.close(handle)


def _receive(connection: socket.socket) -> tuple[bytes, list[int]]:
    """The next command and the pipes that came with it; an empty one when the grader is gone."""
    try:
        command, pipes, _, _ = socket.recv_fds(connection, 1, 4)
    except ConnectionError:
        return b"", []
    return command, pipes


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
