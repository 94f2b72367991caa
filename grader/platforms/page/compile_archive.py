"""Run as a script in Pyodide: an archive of modules with bytecode instead of source, which its own Python makes.

The same archive makes the same bytes.
"""

from __future__ import annotations

import zipfile
from compileall import compile_dir
from pathlib import Path
from py_compile import PycInvalidationMode

GIVEN, COMPILED = Path("given.zip"), Path("compiled.zip")
_EPOCH = (2020, 1, 1, 0, 0, 0)


def compile_archive() -> None:
    """Compile what was given."""
    folder = Path("modules")
    with zipfile.ZipFile(GIVEN) as given:
        given.extractall(folder)

    compile_dir(
        folder,
        stripdir=str(folder),
        quiet=1,
        legacy=True,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    with zipfile.ZipFile(COMPILED, "w", zipfile.ZIP_DEFLATED) as compiled:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".py":
                name = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
                compiled.writestr(name, path.read_bytes(), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    compile_archive()
