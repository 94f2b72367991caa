"""Read `.zip` and `.tar(.gz)` files in memory; nothing is unpacked to disk, and what comes out is counted.

Names, kinds and sizes in an archive are claims. A name that leads elsewhere is refused, only regular members
are read, and the limits hold for the bytes that really come out.
"""

from __future__ import annotations

import gzip
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from grader.answers.submission import MAX_BYTES, too_large
from grader.core.errors import GraderError
from grader.reports.report import Failure

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz")
MAX_MEMBERS = 200_000
MAX_TOTAL = 1 << 32
"""Bytes that may come out of one archive."""
_MAX_READ = 1 << 26  # at once, for headers and directories
_MAX_NAME = 1000
# Of these two no more comes out at a time than is asked for.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UTF8 = 0x800  # among a zip member's flags
_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
    ValueError, ArithmeticError, LookupError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """A name in a folder or an archive.

    Args:
        index: its position in the archive. fault: why it cannot be read.
    """

    parts: tuple[str, ...]
    index: int = -1
    is_folder: bool = False
    fault: Failure | None = None

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1]


def is_archive(path: Path) -> bool:
    """Whether the name ends like that of an archive."""
    return path.name.lower().endswith(SUFFIXES)


def list_archive(path: Path) -> tuple[list[ArchiveEntry], list[str]]:
    """All members with usable names, of equal names the last; and, in words, which are left out.

    Raises:
        GraderError: it is no archive, damaged, or too much.
    """
    found: dict[tuple[str, ...], ArchiveEntry] = {}
    left_out: list[str] = []
    with _in_words(path), _open(path) as archive:
        for index, (name, kind) in enumerate(_walk(archive)):
            if index >= MAX_MEMBERS:
                raise GraderError(f"{path} has more than {MAX_MEMBERS:,} members; unpack it, or split it")
            if reason := _refuse(name):
                left_out.append(f"{str(path)!r}: {name[:100]!r} {reason}")
                continue
            parts = tuple(part for part in name.split("/") if part not in ("", "."))
            fault = None if kind in ("file", "folder") else _fault(parts, kind)
            if parts:
                found[parts] = ArchiveEntry(parts, index, kind == "folder", fault)
    return list(found.values()), left_out


def read_archive(
    path: Path, wanted: Collection[int], max_bytes: int = MAX_BYTES
) -> Iterator[tuple[int, bytes | Failure]]:
    """The bytes of the members at these positions, or why there are none, in the order of the archive."""
    left, total = set(wanted), 0
    with _in_words(path), _open(path) as archive:
        for index, name, opened in _contents(archive, left):
            try:
                data = opened.read(max_bytes + 1)
            except _BROKEN as error:
                what = f"cannot be unpacked: {_say(error)}"
                yield index, Failure("unreadable", what, "submit it again", subject=name)
                continue
            total += len(data)
            if total > MAX_TOTAL:
                raise GraderError(f"{path} unpacks to more than {MAX_TOTAL:,} bytes; unpack it, or split it")
            yield index, too_large(name, max_bytes) if len(data) > max_bytes else data


Archive = zipfile.ZipFile | tarfile.TarFile


class _Counted:
    """A stream from which neither too much comes at once nor all in all, however it was compressed."""

    def __init__(self, raw: IO[bytes], path: Path, most: int) -> None:
        self._raw, self._path, self._most = raw, path, most

    def read(self, size: int = -1) -> bytes:
        size = size if size >= 0 else self._most - self._raw.tell()
        if size > _MAX_READ:
            raise GraderError(f"{self._path} has a directory or a header of more than {_MAX_READ:,} bytes")
        data: bytes = self._raw.read(size)
        self._require(self._raw.tell())
        return data

    def seek(self, position: int, whence: int = 0) -> int:
        if whence == 0:
            self._require(position)
        return self._raw.seek(position, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()

    def _require(self, position: int) -> None:
        if position > self._most:
            raise GraderError(
                f"{self._path} unpacks to more than {self._most:,} bytes; unpack it, or split it"
            )


@contextmanager
def _open(path: Path) -> Iterator[Archive]:
    name = path.name.lower()
    with path.open("rb") as file:
        if name.endswith(".zip"):
            # The files' own bytes are counted as they are read; this is about the directory.
            with zipfile.ZipFile(_Counted(file, path, path.stat().st_size)) as archive:
                yield archive
        else:
            packed = name.endswith("gz")
            raw: Any = gzip.GzipFile(fileobj=file) if packed else file
            with raw, tarfile.open(fileobj=_Counted(raw, path, MAX_TOTAL), mode="r:") as tar:  # type: ignore[call-overload]
                yield tar


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise GraderError(f"{path} cannot be read as an archive: {_say(error)}; download it again") from None


def _say(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _walk(archive: Archive) -> Iterator[tuple[str, str]]:
    """Name and kind of every member: file, folder, link, device, or method where that is unknown."""
    if isinstance(archive, zipfile.ZipFile):
        for info in archive.infolist():
            yield _zip_name(info), _zip_kind(info)
        return
    while (member := _next(archive)) is not None:
        kind = (
            "file" if member.isreg() and not member.issparse() else "folder" if member.isdir() else "device"
        )
        yield member.name, "link" if member.issym() or member.islnk() else kind
    # A damaged header ends the list without a word, as a block of zeros should.
    assert archive.fileobj is not None
    archive.fileobj.seek(archive.offset)
    if archive.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise ValueError(f"there is no header at byte {archive.offset:,}")


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    member = archive.next()
    archive.members.clear()  # type: ignore[attr-defined] # it would keep them all
    return member


def _zip_kind(info: zipfile.ZipInfo) -> str:
    mode = info.external_attr >> 16 if info.create_system == 3 else 0
    if info.is_dir():
        return "folder"
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "link" if stat.S_ISLNK(mode) else "device"
    return "file" if info.compress_type in _METHODS else "method"


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name; old programs write UTF-8 without saying so, and zipfile then takes it for cp437."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _contents(archive: Archive, left: set[int]) -> Iterator[tuple[int, str, IO[bytes]]]:
    if isinstance(archive, zipfile.ZipFile):
        infos = archive.infolist()
        for index in sorted(left):
            yield index, infos[index].filename.rpartition("/")[2], _Deferred(archive, infos[index])  # type: ignore[misc]
        return
    index = 0
    while left and (member := _next(archive)) is not None:
        if index in left:
            left.discard(index)
            opened = archive.extractfile(member)
            assert opened is not None
            yield index, member.name.rpartition("/")[2], opened
        index += 1


@dataclass(frozen=True, slots=True)
class _Deferred:
    """A member of a zip, opened when it is read, so that what is wrong with it is its own fault."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def read(self, size: int) -> bytes:
        with self.archive.open(self.info) as file:
            return file.read(size)


def _refuse(name: str) -> str:
    """Why a member's name is not followed; empty if it is."""
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "is an absolute name"
    if ".." in name.split("/"):
        return "leads out of the archive"
    if not name.isprintable():  # controls, marks that reorder text, bytes that are not UTF-8
        return "holds characters that cannot be printed"
    if "\\" in name:
        return "holds a backslash"
    return f"is longer than {_MAX_NAME} characters" if len(name) > _MAX_NAME else ""


def _fault(parts: tuple[str, ...], kind: str) -> Failure:
    name = parts[-1] if parts else ""
    if kind in ("link", "device"):
        what = "a link" if kind == "link" else "a device, a pipe or a sparse file"
        return Failure("not_regular", f"is {what}, not a file", "submit the file itself", subject=name)
    what = "cannot be unpacked: its compression is not known"
    return Failure("unreadable", what, "submit it as a plain file", subject=name)
