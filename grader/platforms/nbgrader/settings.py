"""Settings of the grader in `nbgrader_config.py`, such as `c.FrechetGrader.seed = 7`."""

from __future__ import annotations

from traitlets import Bool, Integer, Unicode
from traitlets.config import Configurable


class FrechetGrader(Configurable):
    """Settings for the grading of notebooks of ours."""

    problems = Unicode(
        "", help="The folder with config.yaml, exercises/ and solutions/, as seen from the course's folder."
    ).tag(config=True)
    seed = Integer(
        None, allow_none=True, help="Seed of the inputs to grade with; if None, one is drawn and kept."
    ).tag(config=True)
    trust_submissions = Bool(False, help="Grade even where students' code cannot be confined.").tag(
        config=True
    )
