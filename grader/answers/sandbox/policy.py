"""What students' code must not do, and which parts of the file system it may see."""

from __future__ import annotations

import importlib.util
import json
import sys
import sysconfig
import zoneinfo
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.requirements import find_requirements
from grader.answers.sandbox.system_calls import compile_filter

Level = Literal["strong", "standard", "basic", "none"]
Namespace = Literal["user", "root", "pid", "net", "ipc", "uts", "cgroup"]
"""The layers that the level `standard` does without."""
Layer = Literal[
    Namespace, "descriptors", "limits", "uid", "capabilities", "privileges", "landlock", "seccomp", "memory"
]
LAYERS: tuple[Layer, ...] = get_args(Layer)

_INSTALLED = frozenset({"site-packages", "dist-packages", "test", "idlelib", "lib2to3", "ensurepip"})


@dataclass(frozen=True, slots=True)
class Isolation:
    """How far submissions are confined; reasons say why it is no stronger level."""

    level: Level
    reasons: tuple[str, ...] = ()

    def is_weaker_than(self, level: Level) -> bool:
        """Whether code that was promised this level's confinement must not run under this one."""
        levels = get_args(Level)  # the strongest first
        return levels.index(self.level) > levels.index(level)


def read_isolation(data: bytes) -> Isolation:
    """Read what a zygote says of itself, before any student's code runs in its children."""
    fields = json.loads(data)
    return Isolation(fields["level"], tuple(fields["reasons"]))


@dataclass(frozen=True, slots=True)
class Policy:
    """How a zygote is to confine its children.

    Args:
        libraries: modules that students may import besides the standard library.
        required: modules that these need, and may import later.
        folders: where to import them from, for `sys.path`.
        readable: folders and files that students' code may read.
        links: symbolic links that the loader needs, as (where, what it says).
        strongest: the level to try first.
        layers: those in force; tests switch single ones off to see what they are good for.
        seccomp_filter: the compiled program; empty without.
        guest: the module, beside the zygote's, that says what children do.
        hidden: what is loaded for the grader's sake and no submission may import.
        folder: where they find their own files, the only thing in its folder; none if empty.
    """

    libraries: tuple[str, ...]
    folders: tuple[str, ...]
    readable: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    required: tuple[str, ...]
    strongest: Level
    layers: tuple[Layer, ...]
    seccomp_filter: bytes
    guest: str = "run_submission"
    folder: str = ""
    hidden: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Write it for the zygote's command line."""
        fields = asdict(self) | {"seccomp_filter": b64encode(self.seccomp_filter).decode()}
        return json.dumps(fields)


def make_policy(
    libraries: tuple[str, ...], strongest: Level = "strong", without: tuple[Layer, ...] = ()
) -> Policy:
    """Make the policy for students who may import these libraries.

    Raises:
        SandboxError: a library is not installed here, or system calls cannot be filtered.
    """
    names = tuple(dict.fromkeys(("numpy", *libraries)))
    folders, packages = find_libraries(names)
    hidden = tuple(name for name in names if name not in libraries)
    return replace(_confine_to(names, folders, packages, strongest, without), hidden=hidden)


def make_notebook_policy(
    libraries: tuple[str, ...], folder: Path, strongest: Level = "strong", without: tuple[Layer, ...] = ()
) -> Policy:
    """Make the policy for notebooks that may import these libraries, and what these need.

    Raises:
        SandboxError: a library is not installed here, or system calls cannot be filtered.
    """
    names = tuple(dict.fromkeys(("IPython", "numpy", *libraries)))
    modules, files = find_requirements(names)
    folders, packages = find_libraries(modules)
    policy = _confine_to(names, folders, [*packages, *files], strongest, without, has_folder=True)
    return replace(policy, required=modules, guest="run_notebook", folder=str(folder))


def _confine_to(
    names: tuple[str, ...],
    folders: Sequence[str],
    packages: Sequence[str],
    strongest: Level,
    without: tuple[Layer, ...],
    has_folder: bool = False,
) -> Policy:
    readable = [*_standard_library(), *_shared_objects(), *_time_zones(), *packages]
    links = [(path, str(Path(path).readlink())) for path in ("/lib", "/lib64") if Path(path).is_symlink()]
    layers = tuple(layer for layer in LAYERS if layer not in without)
    needs_filter = strongest != "none" and "seccomp" in layers

    return Policy(
        libraries=names,
        folders=tuple(folders),
        readable=tuple(dict.fromkeys(readable)),
        links=tuple(links),
        required=(),
        strongest=strongest,
        layers=layers,
        seccomp_filter=compile_filter(has_folder) if needs_filter else b"",
    )


def _standard_library() -> list[str]:
    """List the folder of the standard library, without what was installed there besides, such as this package."""
    folder = Path(sysconfig.get_path("stdlib")).resolve()
    own = (path for path in sorted(folder.iterdir()) if path.name not in _INSTALLED)
    return [str(path) for path in own if not path.is_symlink()]


def _time_zones() -> list[str]:
    """List the folders of the system's time zones."""
    return [path for path in zoneinfo.TZPATH if Path(path).is_dir()]


def _shared_objects() -> list[str]:
    """List the places of the system's libraries, with which modules of the standard library are linked."""
    multiarch = sysconfig.get_config_var("MULTIARCH") or "lib64"
    folders = (f"/usr/lib/{multiarch}", f"/lib/{multiarch}", "/usr/lib64", "/lib64")
    places = {Path(folder).resolve() for folder in folders}
    places |= set(Path(sysconfig.get_config_var("LIBDIR") or "/nonexistent").glob("libpython*.so*"))
    return [str(path) for path in sorted(places) if path.exists() and not path.is_symlink()]


def find_libraries(names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Find the folders for `sys.path`, and what of them may be read: these packages and nothing beside them."""
    folders: dict[str, None] = {}
    packages: list[Path] = []
    for name in names:
        spec = importlib.util.find_spec(name) if name.isidentifier() else None
        if spec is None or (spec.origin is None and not spec.submodule_search_locations):
            raise SandboxError(f"students may import {name!r}, but it is not installed here; install it")
        if name in sys.stdlib_module_names:
            continue

        for place in map(Path, spec.submodule_search_locations or [str(spec.origin)]):
            folders[str(place.parent)] = None
            packages += [place, place.parent / f"{name}.libs"]
    return list(folders), [str(path) for path in packages if path.exists()]
