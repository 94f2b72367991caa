"""The folder of a course of nbgrader's: its configuration, where things are in it, and how results get there."""

from __future__ import annotations

import datetime
import fnmatch
import glob
import os
import re
import secrets
import shutil
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from traitlets import Bool, List, Unicode
from traitlets.config import Config, Configurable
from traitlets.config.loader import PyFileConfigLoader

from grader.core.errors import GraderError

CONFIG = "nbgrader_config.py"
_LONGEST_TIME = 100
"""Characters of a time; nbgrader's parser takes minutes for a megabyte of digits."""


class CourseDirectory(Configurable):
    """Where things are; the settings that nbgrader's class of this name has, as far as they are used here.

    Said again because importing nbgrader takes longer than grading a class. A test holds the two against each other.
    """

    course_id = Unicode("").tag(config=True)
    db_url = Unicode("").tag(config=True)
    student_id_exclude = Unicode("").tag(config=True)
    directory_structure = Unicode("{nbgrader_step}/{student_id}/{assignment_id}").tag(config=True)
    source_directory = Unicode("source").tag(config=True)
    release_directory = Unicode("release").tag(config=True)
    submitted_directory = Unicode("submitted").tag(config=True)
    autograded_directory = Unicode("autograded").tag(config=True)
    feedback_directory = Unicode("feedback").tag(config=True)
    groupshared = Bool(False).tag(config=True)
    ignore = List(Unicode(), [".ipynb_checkpoints", "*.pyc", "__pycache__", "feedback"]).tag(config=True)


@dataclass(frozen=True)
class CourseFolder:
    """A course of nbgrader's with its configuration."""

    root: Path
    config: Any

    @cached_property
    def directory(self) -> CourseDirectory:
        """What the configuration says of it."""
        return CourseDirectory(config=self.config)

    @property
    def gradebook(self) -> str:
        """The address of the gradebook."""
        return self.directory.db_url or f"sqlite:///{self.root / 'gradebook.db'}"

    def place(self, step: str, student: str, assignment: str) -> Path:
        """A folder, such as that of `submitted`, of a student (`.` where there is none)."""
        name = getattr(self.directory, f"{step}_directory")
        below = self.directory.directory_structure.format(
            nbgrader_step=name, student_id=student, assignment_id=assignment
        )
        return Path(os.path.normpath(self.root / below))

    def students(self, assignment: str) -> dict[str, Path]:
        """Whoever has a folder for the assignment, sorted, without those that the configuration excludes."""
        mark = "\0"
        before, after = str(self.place("submitted", mark, assignment)).split(mark, 1)
        pattern = re.compile(
            f"{re.escape(before)}(?P<student>[^/]+){re.escape(after)}".replace(mark, "[^/]+")
        )
        excluded = self.directory.student_id_exclude.split(",")
        found = {}
        for path in sorted(glob.glob(f"{glob.escape(before)}*{glob.escape(after)}")):  # noqa: PTH207
            match = pattern.fullmatch(path)
            if match and match["student"] not in excluded and Path(path).is_dir():
                found[match["student"]] = Path(path)
        return found

    def timestamp(self, folder: Path) -> datetime.datetime | None:
        """When a submission was made, in UTC, as its `timestamp.txt` says.

        Raises:
            ValueError: that is no time. OSError: it cannot be read.
        """
        path = folder / "timestamp.txt"
        if not path.is_file() or path.is_symlink():
            return None
        with path.open(encoding="utf-8") as opened:
            text = opened.read(_LONGEST_TIME + 1).strip()
        if len(text) > _LONGEST_TIME:
            raise ValueError("longer than any time")
        try:
            return _parse_time(text)
        except ArithmeticError as error:  # numbers that are too large
            raise ValueError(str(error)) from None

    def permissions(self, converter: str, usual: int) -> int:
        """Of the files that are written in the place of one of nbgrader's converters."""
        usual = 664 if self.directory.groupshared else usual
        told = (self.config.get(name, {}).get("permissions") for name in (converter, "BaseConverter"))
        return int(str(next((value for value in told if isinstance(value, int)), usual)), 8)

    def source_files(self, assignment: str) -> dict[str, Path]:
        """What the instructor's folder holds besides notebooks, and what of it replaces students' files."""
        source = self.place("source", ".", assignment)
        section = self.config.get("Autograde", {})
        kept = section.get("exclude_overwriting", {})
        spared = set(kept.get(assignment, ()) if isinstance(kept, dict) else ())
        return {name: path for name, path in self._files(source) if name not in spared}

    def write(
        self, step: str, student: str, assignment: str, files: dict[str, bytes | Path], mode: int
    ) -> None:
        """Write a folder of a step anew, whole or not at all.

        Args:
            files: path below it → content, or the file to copy. mode: their permissions.
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
                path.chmod(mode)
            if self.directory.groupshared:
                self._share(temporary)
            if place.exists():
                shutil.rmtree(place)
            temporary.rename(place)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise

    def submitted_files(self, folder: Path, source: Collection[str] = ()) -> dict[str, Path]:
        """What a student handed in besides notebooks, where it is in the way of none of the instructor's files."""
        return {
            name: path for name, path in self._files(folder) if not any(_collide(name, s) for s in source)
        }

    def _files(self, folder: Path) -> Iterator[tuple[str, Path]]:
        """Regular files only: a link would copy what it leads to, which need not be the student's."""
        ignored = [*self.directory.ignore, "*.ipynb"]

        def wanted(name: str) -> bool:
            return not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)

        for where, folders, names in os.walk(folder):
            folders[:] = filter(wanted, folders)
            for path in (Path(where, name) for name in filter(wanted, names)):
                if stat.S_ISREG(path.lstat().st_mode):
                    yield path.relative_to(folder).as_posix(), path

    def _share(self, folder: Path) -> None:
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():
                path.chmod((path.stat().st_mode | 0o2770) & 0o2777)


def _parse_time(text: str) -> datetime.datetime | None:
    if not text or text.endswith(" UTC"):  # as nbgrader itself writes it
        told = datetime.datetime.fromisoformat(text.removesuffix(" UTC")) if text else None
        # A place on the clock of another zone as well: nbgrader cannot read that, and compares without zones.
        return told.astimezone(datetime.UTC).replace(tzinfo=None) if told and told.tzinfo else told
    from nbgrader.utils import parse_utc

    found: datetime.datetime = parse_utc(text)
    return found


def _collide(one: str, other: str) -> bool:
    """Whether one path needs a folder where the other has a file."""
    return one.startswith(f"{other}/") or other.startswith(f"{one}/")


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
