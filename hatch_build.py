"""Make the wheel's own files: what the shipped course may say of listed mistakes, and a class for the demo.

Solutions stay here and in the wheel of `solutions/`. What is said of a mistake is encrypted with its wrong numbers, as
in a release; that needs the truths, so a build needs what the grader needs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StudentFiles(BuildHookInterface[Any]):
    """Adds files that stand nowhere in the repository, or that only some wheels hold."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the files and name their places in the wheel."""
        if version == "editable":
            return  # the checkout is the course

        sys.path.insert(0, self.root)
        from grader.authoring.release import public_seed, sealed_files
        from grader.problems.course import load_course

        course = load_course(Path(self.root))
        seed = public_seed(course)
        self._folder = tempfile.TemporaryDirectory()
        for assignment in course.assignments.values():
            for name, data in sealed_files(course, assignment, seed).items():
                file = Path(self._folder.name, name)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
                build_data["force_include"][str(file)] = f"grader/bundled/{name}"

        for name in self.config["sample"]:
            build_data["force_include"][f"grader/sample_class/{name}"] = f"grader/sample_class/{name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what is in the wheel now."""
        if version != "editable":
            self._folder.cleanup()
