"""What the page brings to run Python in a browser: Pyodide, and python-flint built for it.

Both are fetched once from the registries, by npm and pip, and kept in the folder for caches. Versions belong together:
a release of Pyodide has one version of Python, and python-flint one wheel for it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from platformdirs import user_cache_path

from grader.core.errors import GraderError
from grader.core.files import write_folder

PYODIDE = "314.0.7"
FLINT = "0.9.0"
_PYTHON, _PLATFORM = "3.14", "pyemscripten_2026_0_wasm32"
_PATIENCE_SECONDS = 600

RUNTIME_FILES = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
"""All of the npm package that a worker loads."""

Fetch = Callable[[Path], None]


def find_pyodide(folder: Path | None = None) -> dict[str, Path]:
    """Find the files of Pyodide, by their names.

    Args:
        folder: where it is: the npm package, or a folder that has it in `node_modules/pyodide`. Default: a copy that
            is fetched by npm.

    Raises:
        GraderError: it is not there, or cannot be fetched.
    """
    if folder is None:
        folder = _keep(f"pyodide-{PYODIDE}", _fetch_pyodide)

    for place in (folder, folder / "node_modules/pyodide", folder / "package"):
        files = {name: place / name for name in RUNTIME_FILES}
        if all(path.is_file() for path in files.values()):
            return files

    raise GraderError(
        f"There is no Pyodide in {folder}: {', '.join(RUNTIME_FILES)} are needed.\n"
        f"Give --pyodide the folder of the npm package pyodide {PYODIDE}, or an address that starts with https://."
    )


def find_flint(wheel: Path | None = None) -> Path:
    """Find the wheel of python-flint for Pyodide; by default a copy that is fetched by pip.

    Raises:
        GraderError: it is not there, or cannot be fetched.
    """
    if wheel is None:
        folder = _keep(f"python-flint-{FLINT}-{_PLATFORM}", _fetch_flint)
        wheel = next(folder.glob("*.whl"), folder)

    if wheel.suffix != ".whl" or not wheel.is_file():
        raise GraderError(f"{wheel} is no wheel of python-flint for {_PLATFORM}; see --flint.")
    return wheel


def _keep(name: str, fetch: Fetch) -> Path:
    """The folder in the cache, filled the first time."""
    kept = user_cache_path("frechet-grader") / "page" / name
    if not kept.is_dir():
        with tempfile.TemporaryDirectory() as temporary:
            fetch(Path(temporary))
            files = {path.name: path for path in Path(temporary).rglob("*") if path.is_file()}
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_folder(kept, files)
    return kept


def _fetch_pyodide(folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise GraderError(
            f"The page needs the npm package pyodide {PYODIDE}, and npm is not installed.\n"
            "Install Node.js, or give --pyodide a folder with the package or an address such as "
            f"https://cdn.jsdelivr.net/pyodide/v{PYODIDE}/full/."
        )

    _run("pyodide", [npm, "pack", f"pyodide@{PYODIDE}", "--silent", "--pack-destination", str(folder)])
    archive = next(folder.glob("*.tgz"))
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()


def _fetch_flint(folder: Path) -> None:
    pip = [sys.executable, "-m", "pip", "download", f"python-flint=={FLINT}", "--quiet", "--no-deps"]
    kind = ["--only-binary=:all:", "--platform", _PLATFORM, "--python-version", _PYTHON]
    _run("python-flint", [*pip, *kind, "--dest", str(folder)])


def _run(name: str, command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or str(error)).strip().splitlines()[-1:]
        raise GraderError(
            f"{name} could not be fetched: {' '.join(said)}\n"
            "Check the connection and try again; what has been fetched once is kept."
        ) from None
