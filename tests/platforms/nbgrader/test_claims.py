"""What a student writes into a notebook's metadata, or links to, decides nothing."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from grader.platforms.nbgrader.grading_context import GradingContext
from grader.platforms.nbgrader.released_notebook import ReleasedNotebook
from grader.platforms.nbgrader.released_versions import ReleasedVersion, match_version
from grader.platforms.nbgrader.submitted_notebook import read_submitted
from grader.problems.course import Course

pytestmark = pytest.mark.nbgrader

NEW = ReleasedVersion(cast(Course, "new"), {"det": "v2", "inv": "v1"})
OLD = ReleasedVersion(cast(Course, "old"), {"det": "v1", "inv": "v1"})
RELEASED = {"det": "v2", "inv": "v1"}


@pytest.mark.parametrize("claim", [{}, {"det": "forged"}, {"det": "", "inv": "0" * 40}, {"sqrt": "v1"}])
def test_a_version_that_never_was_counts_as_none_and_all_is_graded(claim: dict[str, str]) -> None:
    match = match_version((NEW, OLD), ("det", "inv"), claim, RELEASED)
    assert match.version is NEW and match.problems == ("det", "inv")
    assert match.refused == () and match.assumed


def test_the_claim_of_an_older_release_is_kept() -> None:
    match = match_version((NEW, OLD), ("det", "inv"), {"det": "v1", "inv": "v1"}, RELEASED)
    assert match.version is OLD and match.refused == () and not match.assumed


def test_what_was_released_in_a_version_that_is_gone_is_still_a_persons_to_grade() -> None:
    match = match_version((NEW,), ("det", "inv"), {}, {"det": "v0", "inv": "v1"})
    assert match.refused == ("det",)


@pytest.mark.parametrize("linked", ["eve", "eve/ps1"])
def test_a_link_to_somebody_elses_folder_is_told_and_not_graded(tmp_path: Path, linked: str) -> None:
    theirs = tmp_path / "bob" / "ps1"
    theirs.mkdir(parents=True)
    (theirs / "ps1.ipynb").write_text("{}")
    link = tmp_path / linked
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(theirs if linked.endswith("ps1") else theirs.parent)

    released = ReleasedNotebook("ps1", "ps1", (), {}, {})
    context = GradingContext(released, cast(Course, None), (), 0)
    told = read_submitted(context, "eve", tmp_path / "eve" / "ps1")
    assert isinstance(told, str) and str(link) in told and "is a link" in told
