"""The folder of a course of nbgrader's: its configuration, where things are in it, and how results get there."""

from __future__ import annotations

import datetime
import glob
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grader.errors import GraderError

CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class CourseFolder:
    """A course of nbgrader's with its configuration."""

    root: Path
    config: Any

    @cached_property
    def directory(self) -> Any:
        """Nbgrader's own view of it."""
        return CourseDirectory(config=self.config, root=str(self.root))

    def place(self, step: str, student: str, assignment: str) -> Path:
        """A folder, such as that of `submitted`, of a student (`.` where there is none)."""
        name = getattr(self.directory, f"{step}_directory")
        return Path(os.path.normpath(self.directory.format_path(name, student, assignment)))

    def students(self, assignment: str) -> dict[str, Path]:
        """Whoever has a folder for the assignment, sorted, without those that the configuration excludes."""
        pattern = self.directory.format_path(self.directory.submitted_directory, "*", assignment)
        regexp = self.directory.format_path(
            self.directory.submitted_directory, "(?P<student>.*)", re.escape(assignment), escape=True
        )
        excluded = {name.strip() for name in self.directory.student_id_exclude.split(",")}
        found = {}
        for path in sorted(glob.glob(pattern)):  # noqa: PTH207  the pattern is nbgrader's, for the whole path
            match = re.fullmatch(regexp, path)
            if match and match["student"] not in excluded and Path(path).is_dir():
                found[match["student"]] = Path(path)
        return found

    def timestamp(self, folder: Path) -> datetime.datetime | None:
        """When a submission was made, in UTC, as its `timestamp.txt` says.

        Raises:
            ValueError: that is no time.
        """
        path = folder / "timestamp.txt"
        if not path.is_file() or path.is_symlink():
            return None
        from nbgrader.utils import parse_utc

        text = path.read_text(encoding="utf-8").strip()
        found: datetime.datetime | None = parse_utc(text) if text else None
        return found

    @property
    def permissions(self) -> int:
        """Of the files that are written."""
        usual = 664 if self.directory.groupshared else 444
        told = [
            self.config[name].get("permissions")
            for name in ("Autograde", "BaseConverter")
            if name in self.config
        ]
        return int(str(next((value for value in told if isinstance(value, int)), usual)), 8)

    def source_files(self, assignment: str) -> dict[str, Path]:
        """What the instructor's folder holds besides notebooks, and what of it replaces students' files."""
        source = self.place("source", ".", assignment)
        section = self.config.get("Autograde", {})
        kept = section.get("exclude_overwriting", {})
        spared = set(kept.get(assignment, ()) if isinstance(kept, dict) else ())
        return {name: path for name, path in self._files(source) if name not in spared}

    def write(self, step: str, student: str, assignment: str, files: dict[str, bytes | Path]) -> None:
        """Write a folder of a step anew, whole or not at all.

        Args:
            files: path below it → content, or the file to copy.
        """
        place = self.place(step, student, assignment)
        place.parent.mkdir(parents=True, exist_ok=True)
        for left in place.parent.glob(f".{glob.escape(place.name)}.*.tmp"):
            shutil.rmtree(left, ignore_errors=True)
        temporary = place.parent / f".{place.name}.{secrets.token_hex(6)}.tmp"
        try:
            for name, content in files.items():
                path = temporary / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
                path.chmod(self.permissions)
            if self.directory.groupshared:
                self._share(temporary)
            if place.exists():
                shutil.rmtree(place)
            temporary.rename(place)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise

    def submitted_files(self, folder: Path) -> dict[str, Path]:
        """What a student handed in besides notebooks."""
        return dict(self._files(folder))

    def _files(self, folder: Path) -> Iterator[tuple[str, Path]]:
        """Regular files only: a link would copy what it leads to, which need not be the student's."""
        for name in find_all_files(str(folder), [*self.directory.ignore, "*.ipynb"]):
            path = Path(name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path.relative_to(folder).as_posix(), path

    def _share(self, folder: Path) -> None:
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                path.chmod((path.stat().st_mode | 0o2770) & 0o2777)


def open_folder(root: Path) -> CourseFolder:
    """A course of nbgrader's, with the same configuration files that nbgrader would read.

    Raises:
        GraderError: there is none, or its configuration cannot be read.
    """
    root = root.resolve()
    if not (root / CONFIG).is_file():
        raise GraderError(
            f"{root} is no nbgrader course: it has no {CONFIG}; name its folder with --course, or start one with "
            "grader nbgrader source ASSIGNMENT --course DIR"
        )
    config = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        if (Path(folder) / CONFIG).is_file():
            try:
                config.merge(PyFileConfigLoader(CONFIG, path=folder).load_config())
            except Exception as error:
                raise GraderError(
                    f"{Path(folder) / CONFIG} cannot be read: {type(error).__name__}: {error}"
                ) from None
    return CourseFolder(root, config)
