"""A class's files as a folder, a zip or a tar, and what is found in them for the assignment `hw1`."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from grader.answers.collect.find_submissions import find_submissions, read_submitted_files


def as_folder(path: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    return path


def as_zip(path: Path, files: Mapping[str, str], top: str = "") -> Path:
    path = path.with_name(f"{path.name}.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(top + name, text)
    return path


def as_tar(
    path: Path, files: Mapping[str, str], top: str = "", mode: str = "w:gz", suffix: str = ".tar.gz"
) -> Path:
    path = path.with_name(path.name + suffix)
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            add(archive, top + name, text.encode())
    return path


def add(
    archive: tarfile.TarFile, name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(data), kind, link
    archive.addfile(info, io.BytesIO(data))


PACKED: Mapping[str, Callable[[Path, Mapping[str, str]], Path]] = {
    "folder": as_folder,
    "zip": as_zip,
    "zip with one folder": lambda path, files: as_zip(path, files, "assignment_3_export/"),
    "tar.gz": as_tar,
    "tgz with one folder": lambda path, files: as_tar(path, files, "./top/", suffix=".tgz"),
    "tar": lambda path, files: as_tar(path, files, mode="w", suffix=".tar"),
}


def texts(*paths: Path) -> dict[str, str]:
    """Student → text of their file, or the kind of its fault in brackets."""
    files = read_submitted_files(find_submissions(paths, "hw1").submissions)
    return {h.student: f"[{h.fault.kind}]" if h.fault else h.data.decode() for h in files}


@contextmanager
def most_memory(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def left_out(path: Path) -> str:
    return "\n".join(find_submissions([path], "hw1").left_out)
