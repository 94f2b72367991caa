"""The folder of a course of nbgrader's: its configuration, where things are in it, and how results get there."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from jupyter_core.paths import jupyter_config_path
from traitlets import Bool, List, Unicode
from traitlets.config import Config, Configurable
from traitlets.config.loader import PyFileConfigLoader

from grader.core.errors import GraderError, suggest
from grader.core.files import list_files, write_folder

CONFIG = "nbgrader_config.py"
STATE = "frechet-grader"
"""The folder in a course of nbgrader's that holds what we keep of it."""


class CourseDirectory(Configurable):
    """A course of nbgrader's; the settings are those of nbgrader's class of this name, as far as they are used here.

    Said again because importing nbgrader takes longer than grading a class. A test holds the two against each other.

    Args:
        root: the course's folder.
        config: what `nbgrader_config.py` says.
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

    def __init__(self, root: Path = Path(), config: Config | None = None) -> None:
        super().__init__(config=config or Config())
        self.root = root

    @property
    def gradebook_url(self) -> str:
        """The address of the gradebook."""
        return self.db_url or f"sqlite:///{self.root / 'gradebook.db'}"

    def results_of(self, assignment: str) -> Path:
        """The folder in which our own results of an assignment are kept."""
        return self.root / STATE / assignment

    def path_of(self, step: str, student: str, assignment: str) -> Path:
        """A folder of a step, such as `submitted`.

        Args:
            student: `.` where there is none.
        """
        name = getattr(self, f"{step}_directory")
        below = self.directory_structure.format(
            nbgrader_step=name, student_id=student, assignment_id=assignment
        )
        return Path(os.path.normpath(self.root / below))

    def students(self, assignment: str) -> dict[str, Path]:
        """Students who have a folder for the assignment, sorted, without those whom the configuration excludes."""
        placeholder = "\0"
        path = str(self.path_of("submitted", placeholder, assignment))
        before, after = path.split(placeholder, 1)
        pattern = re.compile(
            f"{re.escape(before)}(?P<student>[^/]+){re.escape(after)}".replace(placeholder, "[^/]+")
        )
        excluded = self.student_id_exclude.split(",")

        students = {}
        for path in sorted(glob.glob(f"{glob.escape(before)}*{glob.escape(after)}")):  # noqa: PTH207
            match = pattern.fullmatch(path)
            if match and match["student"] not in excluded and Path(path).is_dir():
                students[match["student"]] = Path(path)
        return students

    def permissions(self, converter: str, usual: int) -> int:
        """The file mode for what we write instead of a converter of nbgrader's.

        Args:
            usual: in octal digits, such as 444.
        """
        mode = 664 if self.groupshared else usual
        for name in ("BaseConverter", converter):  # the more specific counts
            configured = self.config.get(name, {}).get("permissions")
            if isinstance(configured, int):
                mode = configured
        return int(str(mode), 8)

    def source_files(self, assignment: str) -> dict[str, Path]:
        """The instructor's files besides notebooks that replace students' files: name → path."""
        spared = self.config.get("Autograde", {}).get("exclude_overwriting", {})
        names = set(spared.get(assignment, ()) if isinstance(spared, dict) else ())
        source = self.path_of("source", ".", assignment)
        return {name: path for name, path in self._files(source) if name not in names}

    def submitted_files(self, folder: Path, source: Collection[str] = ()) -> dict[str, Path]:
        """A student's files besides notebooks, without those that are in the way of the instructor's: name → path."""
        return {
            name: path
            for name, path in self._files(folder)
            if not any(_collide(name, other) for other in source)
        }

    def write(
        self, step: str, student: str, assignment: str, files: Mapping[str, bytes | Path], mode: int
    ) -> None:
        """Write a folder of a step anew, whole or not at all.

        Args:
            files: path below it → content, or the file to copy.
            mode: their permissions.
        """
        folder = self.path_of(step, student, assignment)
        write_folder(folder, files, partial(self._set_permissions, mode))

    def _set_permissions(self, mode: int, folder: Path) -> None:
        for path in (folder, *folder.rglob("*")):
            if path.is_file():
                path.chmod(mode)
            elif self.groupshared:
                path.chmod((path.stat().st_mode | 0o2770) & 0o2777)

    def _files(self, folder: Path) -> Iterator[tuple[str, Path]]:
        """Regular files only: a link would copy what it leads to, which need not be the student's."""
        ignored = [*self.ignore, "*.ipynb"]

        def is_wanted(name: str) -> bool:
            return not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)

        for name, path in list_files(folder, is_wanted):
            if not path.is_dir():
                yield name, path


def _collide(one: str, other: str) -> bool:
    """Does one path need a folder where the other has a file?"""
    return one.startswith(f"{other}/") or other.startswith(f"{one}/")


def open_course_directory(root: Path) -> CourseDirectory:
    """Open a course of nbgrader's, with the same configuration files that nbgrader would read.

    Raises:
        GraderError: there is none, or its configuration cannot be read.
    """
    root = root.resolve()
    if not (root / CONFIG).is_file():
        raise GraderError(
            f"{root} is not an nbgrader course: it has no {CONFIG}; name its folder with --course, or start one with "
            "grader nbgrader source ASSIGNMENT --course DIR"
        )

    config = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        path = Path(folder) / CONFIG
        if not path.is_file():
            continue
        try:
            config.merge(PyFileConfigLoader(CONFIG, path=folder).load_config())
        except Exception as error:
            raise GraderError(f"{path} cannot be read: {type(error).__name__}: {error}") from None
    return CourseDirectory(root, config)


def choose_students(
    course_directory: CourseDirectory, assignment: str, wanted: Sequence[str]
) -> dict[str, Path]:
    """The students who have submitted, with their folders.

    Args:
        wanted: these alone; everybody if empty.

    Raises:
        GraderError: nobody has submitted, or not one of those wanted.
    """
    students = course_directory.students(assignment)
    unknown = [name for name in wanted if name not in students]
    if unknown:
        raise GraderError(f"{unknown[0]!r} has submitted no {assignment!r}; {suggest(unknown[0], students)}")

    if not students:
        pattern = course_directory.path_of("submitted", "*", assignment)
        raise GraderError(f"There are no submissions in {pattern}; collect them first")
    if not wanted:
        return students
    return {name: folder for name, folder in students.items() if name in wanted}
