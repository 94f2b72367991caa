"""What a submission may use, as the course says."""

from __future__ import annotations

from grader.answers.sandbox import Limits
from grader.problems.course import Course


def limits_of(course: Course) -> Limits:
    """The course's limits for each submission; the one for all of it is the longest if the course has none."""
    return Limits(**course.limits.model_dump(exclude_none=True))
