"""Which text of its problems a submission is graded against: that with which it was released."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from grader.authoring.question_notebook import problem_version
from grader.core.errors import AuthorError, AuthorErrors, GraderError
from grader.core.files import write_atomically
from grader.core.seeds import SEEDS, is_seed
from grader.problems.course import Course, load_course

STATE = "frechet-grader"
"""The folder in a course of nbgrader's that holds what we keep of it."""
_SEEDS = "seeds.json"


@dataclass(frozen=True, slots=True, eq=False)
class ReleasedVersion:
    """A folder of problems, and the version of each of them there."""

    course: Course
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class VersionMatch:
    """What a submission is graded against.

    Args:
        problems: those that the edition has as they were released. refused: those of which no folder has the text
            that was released. assumed: whether the submission itself did not say what it was released with.
    """

    edition: ReleasedVersion
    problems: tuple[str, ...]
    refused: tuple[str, ...]
    assumed: bool


def find_editions(main: Course, folders: Iterable[Path]) -> tuple[ReleasedVersion, ...]:
    """The course as it is now, then what older releases left behind of it in these folders.

    Those have no solutions, so mistakes listed by the author have no names there; marks do not depend on them.
    """
    editions = [ReleasedVersion(main, _versions(main))]
    for folder in folders:
        if folder.resolve() == main.folder.resolve() or not (folder / "config.yaml").is_file():
            continue
        try:
            found = _load(folder, _stamp(folder))
        except (AuthorError, AuthorErrors):
            continue
        found = replace(found, cases=main.cases, libraries=main.libraries, limits=main.limits)
        editions.append(ReleasedVersion(found, _versions(found)))
    return tuple(editions)


def choose_edition(
    editions: tuple[ReleasedVersion, ...],
    wanted: Iterable[str],
    claimed: Mapping[str, str],
    released: Mapping[str, str],
) -> VersionMatch:
    """The edition that has most of the wanted problems in the version that the submission was released with.

    Args:
        claimed: problem id → version in the submission itself, empty if its metadata was cleared.
        released: the same in the released notebook.
    """
    ids = tuple(wanted)
    versions = {id: claimed.get(id) or released.get(id) or editions[0].versions.get(id) for id in ids}

    def held(edition: ReleasedVersion) -> tuple[str, ...]:
        return tuple(
            id for id in ids if versions[id] is not None and edition.versions.get(id) == versions[id]
        )

    best = max(editions, key=lambda edition: len(held(edition)))  # the first among equals
    kept = held(best)
    refused = tuple(id for id in ids if id not in kept)
    return VersionMatch(best, kept, refused, assumed=any(id not in claimed for id in ids))


def open_main(folder: Path) -> Course:
    """The course in a folder; read again only if a file of it changed."""
    return _load(folder, _stamp(folder))


def choose_seed(root: Path, assignment: str, course: Course, given: int | None) -> int:
    """The seed asked for, else the environment's, else the one kept for the assignment, which is drawn once.

    It is a secret: students who know it could look answers up.
    """
    told = given if given is not None else course.secret_seed
    if told is not None:
        if not is_seed(told):
            raise GraderError(f"The seed is {told}; it must be {SEEDS}")
        return told
    path = root / STATE / _SEEDS
    try:
        seeds = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if assignment not in seeds:
            seeds[assignment] = secrets.randbelow(2**31)
            write_atomically(path, json.dumps(seeds, indent=1) + "\n")
            path.chmod(0o600)
        return int(seeds[assignment])
    except OSError as error:
        raise GraderError(
            f"Cannot keep the seed in {path}: {error.strerror}; set one, or mend that"
        ) from None
    except (ValueError, TypeError, AttributeError):
        raise GraderError(f"{path} is damaged; remove it, or set a seed") from None


def _versions(course: Course) -> dict[str, str]:
    return {id: problem_version(problem) for id, problem in course.problems.items()}


@lru_cache(maxsize=16)
def _load(folder: Path, stamp: str) -> Course:
    return load_course(folder)


def _stamp(folder: Path) -> str:
    files = [folder / "config.yaml", *sorted((folder / "exercises").glob("*/problem.yaml"))]
    found = ((path.name, path.parent.name, path.stat()) for path in files if path.is_file())
    return repr([(name, parent, stat.st_mtime_ns, stat.st_size) for name, parent, stat in found])
