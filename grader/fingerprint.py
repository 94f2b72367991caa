"""Keys of results: everything a result depends on, in one short text, so that equal keys mean equal results."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path

from grader.course import Assignment, Course
from grader.submission import Handin

_SHOWN = ("render", "templates")
_DATA = ("sample_class", "bundled", "__pycache__")


def exam_key(course: Course, assignment: Assignment, seed: int) -> str:
    """What the results of all submissions depend on: problems, points, cases, seed, limits, code and libraries."""
    digest = _Digest()
    digest.add(_code(), platform.python_version(), version("numpy"), version("python-flint"))
    digest.add(assignment.id, str(seed), str(course.cases), course.limits.model_dump_json())
    digest.add(*course.libraries)
    for id, points in assignment.points.items():
        digest.add(id, str(points))
        for folder in (course.folder / "exercises" / id, course.folder / "solutions" / id):
            for path in _files(folder):
                digest.add(path.relative_to(course.folder).as_posix(), path.read_bytes())
    return digest.text()


def result_key(exam: str, handin: Handin) -> str:
    """The key of one submission's result."""
    digest = _Digest()
    digest.add(exam, handin.student, handin.name, handin.data)
    if handin.fault is not None:
        digest.add(handin.fault.kind, handin.fault.message)
    return digest.text()


def view_key(sheet: str) -> str:
    """What the files depend on besides a report: the sheet, and the code and templates that write them."""
    digest = _Digest()
    digest.add(sheet)
    package = Path(__file__).parent
    for path in (package / "report.py", *(file for name in _SHOWN for file in _files(package / name))):
        digest.add(path.relative_to(package).as_posix(), path.read_bytes())
    return digest.text()


@cache
def _code() -> str:
    package = Path(__file__).parent
    digest = _Digest()
    for path in _files(package):
        parts = path.relative_to(package).parts
        if path.suffix == ".py" and parts[0] not in (*_SHOWN, *_DATA):
            digest.add("/".join(parts), path.read_bytes())
    return digest.text()


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


class _Digest:
    """Of a sequence of texts and bytes, each with its length, so that no two sequences run together."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=20)

    def add(self, *parts: str | bytes) -> None:
        for part in parts:
            data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            self._hash.update(len(data).to_bytes(8, "little") + data)

    def text(self) -> str:
        return self._hash.hexdigest()
