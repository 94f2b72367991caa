"""The checker's own modules as one archive: what the entry of the page loads where there is no numpy, and no more."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from grader.core.errors import GraderError
from grader.formats.html.template_engine import COMPILED_TEMPLATES, TEMPLATES, environment

_PACKAGES = ("grader", "jinja2", "markupsafe", "markdown_it", "mdit_py_plugins", "mdurl", "latex2mathml")
_DATA = {"grader": ("formats/html/templates/*.css",), "latex2mathml": ("*.txt",)}
_HERE = Path(__file__).parent
_LIST = _HERE / "list_modules.py"
_READ_THEIR_RECORD = ("latex2mathml",)
_ROOT = Path(__file__).parents[3]
_EPOCH = (2020, 1, 1, 0, 0, 0)


def pack_checker(course_json: str) -> bytes:
    """Pack the modules that are loaded when a page with this course is opened and a formula is checked.

    The archive depends on nothing but the modules: the same files make the same bytes.

    Raises:
        GraderError: the entry cannot be loaded without numpy.
    """
    command = [sys.executable, str(_LIST), *_PACKAGES]
    # This very grader, also where another is installed.
    paths = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
    listed = subprocess.run(
        command,
        input=course_json,
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if listed.returncode:
        raise GraderError(f"The checker does not run without numpy: {listed.stderr.strip().splitlines()[-1]}")

    used = json.loads(listed.stdout)
    files: dict[str, Path] = {}
    for package, paths in used["modules"].items():
        root = Path(paths[0])
        files |= {f"{package}/{Path(path).relative_to(root).as_posix()}": Path(path) for path in paths[1:]}
        for pattern in _DATA.get(package, ()):
            files |= {f"{package}/{path.relative_to(root).as_posix()}": path for path in root.glob(pattern)}

    with tempfile.TemporaryDirectory() as folder:
        sources = environment().overlay(loader=TEMPLATES)
        sources.compile_templates(folder, filter_func=used["templates"].__contains__, zip=None)
        templates = {f"grader/{COMPILED_TEMPLATES}/{path.name}": path for path in Path(folder).iterdir()}
        return _zip({**files, **templates, **_records()})


@dataclass(frozen=True, slots=True)
class Checker:
    """What a browser loads of the checker.

    Args:
        archive: its modules.
        memory: of a Python that has loaded them, compressed; None where there is no Node to make it.
    """

    archive: bytes
    memory: bytes | None = None


def prepare_checker(archive: bytes, pyodide: Path) -> Checker:
    """Do beforehand what a browser would do at every visit: compile the modules and load them.

    Without Node the browser does it, and judges the same.

    Args:
        archive: from `pack_checker`.
        pyodide: the folder of Pyodide, whose Python does it.
    """
    node = shutil.which("node")
    if node is None:
        return Checker(archive)

    with tempfile.TemporaryDirectory() as folder:
        given, compiled, memory = (Path(folder, name) for name in ("given", "compiled", "memory"))
        given.write_bytes(archive)
        command: list[str | Path] = [node, _HERE / "prepare_checker.mjs", pyodide, given, compiled, memory]
        run = subprocess.run(command, capture_output=True, check=False)
        # Not with a version of Node that Pyodide does not run in.
        if run.returncode:
            return Checker(archive)
        return Checker(compiled.read_bytes(), memory.read_bytes())


def _records() -> dict[str, Path]:
    """What packages read of themselves, such as their version."""
    records = {}
    for package in _READ_THEIR_RECORD:
        of = distribution(package)
        record = next(file for file in of.files or () if file.name == "METADATA")
        records[f"{package}-{of.version}.dist-info/METADATA"] = Path(str(record.locate()))
    return records


def _zip(files: dict[str, Path]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()
