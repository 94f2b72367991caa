"""Read `.zip` and `.tar(.gz)` files in memory; nothing is unpacked to disk, and what comes out is counted.

Names, kinds and sizes in an archive are claims. A name that leads elsewhere is refused, only regular members
are read, and the limits hold for the bytes that really come out.
"""

from __future__ import annotations

import datetime
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
from typing import IO, Any, Protocol

from grader.answers.submission import max_bytes_of, too_large
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
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_UTF8 = 0x800  # among a zip member's flags
_UNIX = 3  # the system that made a zip's member
_DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError)
_BROKEN = (*_DAMAGED, RuntimeError, ValueError, ArithmeticError, LookupError)
"""What the standard library raises for archives that are damaged or forged."""


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """A name in a folder or an archive.

    Args:
        parts: its name, part by part.
        index: its position in the archive; -1 in a folder.
        fault: why it cannot be read.
        modified: seconds since 1970, as an archive says; 0 if it does not.
    """

    parts: tuple[str, ...]
    index: int = -1
    is_folder: bool = False
    fault: Failure | None = None
    modified: float = 0.0

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1]

    @property
    def is_top_file(self) -> bool:
        """Whether it is a file, and in no folder."""
        return len(self.parts) == 1 and not self.is_folder


def is_archive(path: Path) -> bool:
    """Whether the name ends like that of an archive."""
    return path.name.lower().endswith(SUFFIXES)


def list_archive(path: Path) -> tuple[list[ArchiveEntry], list[str]]:
    """List the members. Where a name occurs twice, the last one counts.

    Returns:
        The members; and, in words, what was left out, and why.

    Raises:
        GraderError: it is no archive, damaged, or too much.
    """
    entries: dict[tuple[str, ...], ArchiveEntry] = {}
    left_out: list[str] = []
    with _errors_in_words(path), _open(path) as archive:
        for index, (name, kind, modified) in enumerate(_walk(archive)):
            if index >= MAX_MEMBERS:
                raise GraderError(f"{path} has more than {MAX_MEMBERS:,} members; unpack it, or split it")
            name = name.replace("\\", "/")  # as some programs on Windows part folders
            if reason := _refuse(name):
                left_out.append(f"{str(path)!r}: {name[:100]!r} {reason}")
                continue

            parts = tuple(part for part in name.split("/") if part not in ("", "."))
            if parts:
                fault = None if kind in ("file", "folder") else _fault(parts[-1], kind)
                entries[parts] = ArchiveEntry(parts, index, kind == "folder", fault, modified)
    return list(entries.values()), left_out


def read_archive(
    path: Path, wanted: Collection[int], max_bytes: int | None = None
) -> Iterator[tuple[int, bytes | Failure]]:
    """Read the members at these positions, in the order of the archive.

    Yields:
        The position of each, and its bytes, or why there are none.

    Raises:
        GraderError: it is no archive, damaged, or too much.
    """
    total = 0
    with _errors_in_words(path), _open(path) as archive:
        for index, name, opened in _contents(archive, set(wanted)):
            most = max_bytes_of(name) if max_bytes is None else max_bytes
            try:
                data = opened.read(most + 1)
            except _BROKEN as error:
                what = f"cannot be unpacked: {_explain(error)}"
                yield index, Failure("unreadable", what, "submit it again", subject=name)
                continue

            total += len(data)
            if total > MAX_TOTAL:
                raise GraderError(f"{path} unpacks to more than {MAX_TOTAL:,} bytes; unpack it, or split it")
            yield index, too_large(name, most) if len(data) > most else data


Archive = zipfile.ZipFile | tarfile.TarFile


class _BoundedStream:
    """Limits each read and the total, so that a decompression bomb raises."""

    def __init__(self, raw: IO[bytes], path: Path, most: int) -> None:
        self._raw, self._path, self._most = raw, path, most

    def read(self, size: int = -1) -> bytes:
        if size < 0:
            size = self._most - self._raw.tell()
        if size > _MAX_READ:
            raise GraderError(
                f"{self._path} has a directory or a header of more than {_MAX_READ:,} bytes; "
                "download it again, or unpack it"
            )

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
            with zipfile.ZipFile(_BoundedStream(file, path, path.stat().st_size)) as archive:
                yield archive
        else:
            raw: Any = gzip.GzipFile(fileobj=file) if name.endswith("gz") else file
            with raw, tarfile.open(fileobj=_BoundedStream(raw, path, MAX_TOTAL), mode="r:") as tar:  # type: ignore[call-overload]
                yield tar


@contextmanager
def _errors_in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise GraderError(
            f"{path} cannot be read as an archive: {_explain(error)}; download it again"
        ) from None


def _explain(error: BaseException) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or str(error) or type(error).__name__


def _walk(archive: Archive) -> Iterator[tuple[str, str, float]]:
    """Yield name, kind and time of every member.

    Kinds are file, folder, link, device, and method where that of the compression is unknown.
    """
    if isinstance(archive, zipfile.ZipFile):
        for info in archive.infolist():
            yield _zip_name(info), _zip_kind(info), _zip_time(info)
        return

    while (member := _next(archive)) is not None:
        yield member.name, _tar_kind(member), float(member.mtime)
    # A damaged header ends the list without a word, as a block of zeros should.
    assert archive.fileobj is not None
    archive.fileobj.seek(archive.offset)
    if archive.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise ValueError(f"there is no header at byte {archive.offset:,}")


def _next(archive: tarfile.TarFile) -> tarfile.TarInfo | None:
    member = archive.next()
    archive.members.clear()  # type: ignore[attr-defined] # it would keep them all
    return member


def _tar_kind(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return "link"
    if member.isreg() and not member.issparse():
        return "file"
    return "folder" if member.isdir() else "device"


def _zip_kind(info: zipfile.ZipInfo) -> str:
    if info.orig_filename.endswith(("/", "\\")):
        return "folder"
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "device"
    return "file" if info.compress_type in _METHODS else "method"


def _zip_time(info: zipfile.ZipInfo) -> float:
    """The time of a member in the zone of this machine; 0 for the first that a zip can hold, which means none."""
    if info.date_time <= _NO_TIME:
        return 0.0
    try:
        return datetime.datetime(*info.date_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return 0.0


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Find the name; old programs write UTF-8 without saying so, and zipfile then takes it for cp437."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _contents(archive: Archive, wanted: set[int]) -> Iterator[tuple[int, str, _Readable]]:
    """Yield position, last part of the name and content of the members at these positions."""
    if isinstance(archive, zipfile.ZipFile):
        infos = archive.infolist()
        for index in sorted(wanted):
            info = infos[index]
            yield index, info.filename.rpartition("/")[2], _ZipMember(archive, info)
        return

    index = 0
    while wanted and (member := _next(archive)) is not None:
        if index in wanted:
            wanted.discard(index)
            opened = archive.extractfile(member)
            assert opened is not None
            yield index, member.name.rpartition("/")[2], opened
        index += 1


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _ZipMember:
    """A member of a zip, opened when it is read, so that what is wrong with it is its own fault."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def read(self, size: int) -> bytes:
        with self.archive.open(self.info) as file:
            return file.read(size)


def _refuse(name: str) -> str:
    """Say why a member's name is not followed; empty if it is."""
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "is an absolute name"
    if ".." in name.split("/"):
        return "points outside the archive"
    if not name.isprintable():  # controls, marks that reorder text, bytes that are not UTF-8
        return "contains characters that cannot be printed"
    return f"is longer than {_MAX_NAME} characters" if len(name) > _MAX_NAME else ""


def _fault(name: str, kind: str) -> Failure:
    irregular = {"link": "a link", "device": "a device, a pipe or a sparse file"}
    if kind in irregular:
        what = f"is {irregular[kind]}, not a file"
        return Failure("not_regular", what, "submit the file itself", subject=name)

    what = "cannot be unpacked: its compression is not known"
    return Failure("unreadable", what, "submit it as a plain file", subject=name)
