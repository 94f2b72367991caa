"""Parts of a course that are in the wrong folder, and what to do about them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

CONFIG, EXERCISES = "config.yaml", "exercises"


def find_misplaced(starts: Sequence[Path]) -> str:
    """Say which part of a course is near folders in which none was found, and what to do; nothing if there is none."""
    above = chain.from_iterable((start, *start.parents) for start in starts)
    for folder in above:
        advice = _look_in(folder)
        if advice:
            return advice

    for start in starts:
        for config in sorted(start.glob(f"*/{CONFIG}")):
            course = config.parent
            if (course / EXERCISES).is_dir():
                return f"{course} is a course: go there, or add --course {course}"
    return ""


def _look_in(folder: Path) -> str:
    """Say which half of a course a folder has."""
    config, exercises = folder / CONFIG, folder / EXERCISES
    inside = exercises / CONFIG

    if inside.is_file():
        return f"move {inside} up to {folder}"
    if folder.name == EXERCISES and config.is_file():
        return f"move {config} up to {folder.parent}"
    if exercises.is_dir():
        return f"{exercises} has no {CONFIG} beside it: write {config}"
    if config.is_file():
        return f"{config} has no folder {EXERCISES} beside it: move both into one folder"
    return ""
