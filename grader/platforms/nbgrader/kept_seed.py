"""The seed of an assignment: a secret that is drawn once, since students who know it could look answers up."""

from __future__ import annotations

import json
from pathlib import Path

from grader.core.errors import GraderError
from grader.core.files import write_file
from grader.core.seeds import SEEDS, draw_seed, is_seed
from grader.platforms.nbgrader.course_directory import STATE
from grader.problems.course import Course

_FILE = "seeds.json"


def choose_assignment_seed(root: Path, assignment: str, course: Course, given: int | None) -> int:
    """The seed asked for, else the environment's, else the one kept for the assignment.

    Args:
        root: the nbgrader course's folder, where seeds are kept.
        course: ours; it may take its seed from the environment.
        given: the seed asked for.

    Raises:
        GraderError: it is no seed, or none can be kept.
    """
    seed = course.secret_seed if given is None else given
    if seed is None:
        return _keep_seed(root / STATE / _FILE, assignment)
    if not is_seed(seed):
        raise GraderError(f"The seed is {seed}; it must be {SEEDS}")
    return seed


def _keep_seed(path: Path, assignment: str) -> int:
    try:
        seeds = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if assignment not in seeds:
            seeds[assignment] = draw_seed()
            write_file(path, json.dumps(seeds, indent=1) + "\n")
            path.chmod(0o600)
        return int(seeds[assignment])
    except OSError as error:
        raise GraderError(
            f"Cannot keep the seed in {path}: {error.strerror}; set a seed, or fix that"
        ) from None
    except (ValueError, TypeError, AttributeError):
        raise GraderError(f"{path} is damaged; remove it, or set a seed") from None
