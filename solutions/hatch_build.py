"""Make the wheel for instructors: these solutions, and submissions of the sample class with right answers in them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class InstructorFiles(BuildHookInterface[Any]):
    """Puts the files where the grader looks for them in a checkout too: beside its course and its sample class."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the places of the files in the wheel."""
        folder = Path(self.root)
        for solution in sorted(path for path in folder.iterdir() if (path / "reference.py").is_file()):
            build_data["force_include"][str(solution)] = f"grader/bundled/solutions/{solution.name}"

        project = tomllib.loads((folder.parent / "pyproject.toml").read_text("utf-8"))
        for_students = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]["sample"]
        for file in sorted((folder.parent / "grader" / "sample_class").iterdir()):
            if file.is_file() and file.name not in for_students:
                build_data["force_include"][str(file)] = f"grader/sample_class/{file.name}"
