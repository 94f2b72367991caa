"""Folders and archives of a class, in all layouts that are known, with links, devices, odd names and damage."""

from __future__ import annotations

import io
import os
import random
import shutil
import tarfile
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

from benchmarks.fuzzing.kind import Read, mutate
from grader.answers.collect.find_submissions import find_submissions, read_submitted_files
from grader.answers.submission import MAX_BYTES, parse_submission

ASSIGNMENT = "hw1"
PEOPLE = (
    "ann",
    "bob",
    "Zoë Ü",
    "x y",
    "..",
    "hw1",
    "a_b",
    "nul",
    "con",
    "LATE",
    "=cmd",
    "-o",
    "\u202egro",
    "a" * 300,
)
LEAVES = (
    "hw1.py",
    "hw1.ipynb",
    "other.py",
    "notes.txt",
    "hw1-1.py",
    "x.ipynb",
    ".hidden.py",
    "hw1",
    "archive.zip",
    "onlinetext.html",
    "results.sqlite",
    "results.json",
    "submission_metadata.yml",
    "._hw1.py",
    "HW1.PY",
    "hw1.ipynb.json",
    "",
    "\x00",
    "\udcff.py",
    "..",
)
TEXTS = (
    bytes(MAX_BYTES + 1),
    b"x = 1",
    b"",
    b"\xff",
    b'{"cells": []}',
    b"submission_1:\n  :submitters:\n  - :name: ann\n",
    b"submission_1: 5\n",
    b"PK\x05\x06",
)
_TAR_KINDS = (
    tarfile.SYMTYPE,
    tarfile.LNKTYPE,
    tarfile.FIFOTYPE,
    tarfile.DIRTYPE,
    tarfile.CHRTYPE,
    tarfile.GNUTYPE_SPARSE,
)
_ZIP_MODES = (0o120777, 0o060644, 0o100644, 0o010644, 0o040755)
_LINKS = ("/etc/passwd", "..", ".", "hw1.py", "/dev/zero", "no-such-file", "/proc/self/mem")


def read_archives(folder: Path) -> Read:
    """Find and read the submissions in each."""

    def read(draw: random.Random) -> bool:
        for left in folder.iterdir():
            _remove(left)
        make = draw.choice((_write_folder, _write_zip, _write_tar))
        place = make(draw, folder)
        if place.is_file() and draw.random() < 0.5:
            place.write_bytes(mutate(draw, place.read_bytes()))

        found = find_submissions([place], ASSIGNMENT)
        for submitted in read_submitted_files(found.submissions):
            parse_submission(submitted)
        return True

    return read


def _names(draw: random.Random) -> list[str]:
    """Names of files, below a folder that all may share."""
    top = draw.choice(("", "", "", "w/", "hw1/", "__MACOSX/"))
    return [top + draw.choice(_LAYOUTS)(draw) for _ in range(draw.randint(0, 7))]


def _course(draw: random.Random) -> str:
    person, leaf = draw.choice(PEOPLE), draw.choice(LEAVES)
    forms = (
        f"{person}.py",
        f"{person}/{ASSIGNMENT}/{leaf}",
        f"{person}/{leaf}",
        f"{ASSIGNMENT}/{leaf}",
        f"{person}/{ASSIGNMENT}",
    )
    return draw.choice((*forms, f"{person}/{ASSIGNMENT}/" + "d/" * 40 + leaf))


def _gradescope(draw: random.Random) -> str:
    return draw.choice((f"submission_{draw.randint(1, 3)}/{draw.choice(LEAVES)}", "submission_metadata.yml"))


def _moodle(draw: random.Random) -> str:
    kind = draw.choice(("file", "file", "onlinetext"))
    end = draw.choice(("", "/")) + draw.choice(LEAVES)
    return f"{draw.choice(PEOPLE)}_{draw.randint(1, 3)}_assignsubmission_{kind}_{end}"


def _canvas(draw: random.Random) -> str:
    late = draw.choice(("", "late_", "LATE_"))
    number = draw.choice((1, 2, 10**30))
    return (
        f"{draw.choice(('annlee', 'bob', 'LATE'))}_{late}{number}_{draw.randint(1, 3)}_{draw.choice(LEAVES)}"
    )


_LAYOUTS = (_course, _gradescope, _moodle, _canvas)


def _write_folder(draw: random.Random, folder: Path) -> Path:
    root = folder / "class"
    root.mkdir()
    for name in _names(draw):
        path = root / name
        with suppress(OSError, ValueError):
            if root not in (path.resolve(), *path.resolve().parents):
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            chance = draw.random()
            if chance < 0.1:
                path.symlink_to(draw.choice(_LINKS))
            elif chance < 0.15:
                os.mkfifo(path)
            elif chance < 0.2:
                with path.open("wb") as file:
                    file.truncate(1 << 40)  # sparse
            elif chance < 0.25:
                path.mkdir()
            else:
                path.write_bytes(draw.choice(TEXTS))
    return root


def _write_zip(draw: random.Random, folder: Path) -> Path:
    path = folder / "class.zip"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")  # names that occur twice
        for name in _names(draw):
            info = zipfile.ZipInfo(draw.choice(("", "", "", "", "/", "../", "C:/", "a\\")) + name)
            if draw.random() < 0.2:
                info.external_attr, info.create_system = draw.choice(_ZIP_MODES) << 16, 3
            info.compress_type = draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
            with suppress(ValueError):  # names that no zip can hold
                archive.writestr(info, draw.choice(TEXTS))
    return path


def _write_tar(draw: random.Random, folder: Path) -> Path:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=draw.choice(("w", "w:gz"))) as archive:
        for name in _names(draw):
            info = tarfile.TarInfo(name)
            text = draw.choice(TEXTS)
            if draw.random() < 0.25:
                info.type, info.linkname = draw.choice(_TAR_KINDS), draw.choice(_LINKS)
                text = b""
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
    path = folder / draw.choice(("class.tar", "class.tar.gz", "class.tgz"))
    path.write_bytes(data.getvalue())
    return path


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
