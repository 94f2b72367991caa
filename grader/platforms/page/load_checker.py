"""Run as a script in Pyodide, before its memory is saved: import what the checker consists of.

Libraries in C cannot be saved with the memory. So python-flint is left out, and with it the modules that need it.
"""

from __future__ import annotations

import gc
import importlib
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from importlib.machinery import ModuleSpec
from pathlib import Path, PurePosixPath

GIVEN = Path("given.zip")


class WithoutFlint:
    """Hides python-flint from imports."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Refuse python-flint; leave all else to those after this one."""
        if name.partition(".")[0] == "flint":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def load_checker() -> None:
    """Import all modules that were given, from where the page has them, too."""
    with zipfile.ZipFile(GIVEN) as given:
        given.extractall()
        modules = list(_list_modules(given.namelist()))

    hidden = WithoutFlint()
    sys.meta_path.insert(0, hidden)
    for module in modules:
        with suppress(ModuleNotFoundError):
            importlib.import_module(module)
    sys.meta_path.remove(hidden)

    del modules
    gc.collect()


def _list_modules(files: list[str]) -> Iterator[str]:
    for file in map(PurePosixPath, files):
        parts = file.with_suffix("").parts
        is_module = file.suffix == ".pyc" and all(map(str.isidentifier, parts))
        if is_module:
            yield ".".join(parts).removesuffix(".__init__")


if __name__ == "__main__":
    load_checker()
