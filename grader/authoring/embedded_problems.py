"""The public problems of an assignment as one line of text, which a notebook can carry to where no folder is."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from grader.core.errors import GraderError

_DAY = (1980, 1, 1, 0, 0, 0)
"""Of every file, so that the same files give the same text."""


def pack_problems(files: Mapping[str, bytes]) -> str:
    """Pack files into text without quotes or line ends.

    Args:
        files: path below the folder, with forward slashes → content.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _DAY)
            entry.compress_type = zipfile.ZIP_LZMA
            archive.writestr(entry, data)
    return base64.b64encode(packed.getvalue()).decode()


def unpack_problems(text: str, folder: Path | str = ".") -> None:
    """Write the files into a folder, unless a course is there already.

    Args:
        text: what `grader release` wrote into a notebook.

    Raises:
        GraderError: it was cut or changed.
    """
    folder = Path(folder)
    if (folder / "config.yaml").exists() or (folder / "exercises").exists():
        return

    try:
        archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(text, validate=True)))
        files = {name: archive.read(name) for name in archive.namelist()}
    except (ValueError, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError, OSError):
        raise GraderError("The questions in this cell were changed; download the notebook again") from None

    for name, data in files.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise GraderError(f"The questions in this cell were changed: {name!r} is not a place for one")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
