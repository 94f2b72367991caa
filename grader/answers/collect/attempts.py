"""Which of several submissions of one student counts, and which of them are late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.answers.collect.student_files import Listing, StudentFile
from grader.core.grouping import group_pairs

LATE_NAME = "late"
"""Appended to the name of a student whose late submission is graded beside the one in time."""


def choose_attempts(
    files: Sequence[StudentFile], listing: Listing
) -> tuple[list[StudentFile], list[str], list[str]]:
    """Choose by the rule for late submissions; without it, and among those of a kind, the latest.

    Returns:
        The files that are graded; what is left out, in words; and what was not certain.
    """
    in_order = sorted(files, key=lambda file: file.attempt)
    students = group_pairs((file.student, _judge_late(file, listing)) for file in in_order)

    graded: list[StudentFile] = []
    left_out: list[str] = []
    guesses: list[str] = []
    for attempts in students.values():
        chosen = _choose(attempts, listing)
        graded += chosen
        for file in attempts:
            if not any(file.entry is one.entry for one in chosen):
                left_out.append(_say_left_out(file, chosen[-1], listing))
                guesses += _say_guess(file, chosen[-1])
    return graded, left_out, guesses


def _judge_late(file: StudentFile, listing: Listing) -> StudentFile:
    late = listing.rules.is_late(file)
    return file if late is None else replace(file, late=late)


def _choose(attempts: Sequence[StudentFile], listing: Listing) -> list[StudentFile]:
    """The submissions that count, from those of one student, in order; mostly one."""
    if len(attempts) == 1:
        return list(attempts)

    # A file with none of the functions was handed in beside the others, not in their place.
    written = [file for file in attempts if file.entry.fault is None and listing.count(file.entry)]
    attempts = written or attempts
    in_time = [file for file in attempts if not file.late]
    late = [file for file in attempts if file.late]
    if not in_time or not late or listing.rules.late == "last":
        return [_last(attempts, listing)]
    if listing.rules.late == "last_on_time":
        return [_last(in_time, listing)]
    last = _last(late, listing)
    return [_last(in_time, listing), replace(last, student=f"{last.student}_{LATE_NAME}")]


def _last(attempts: Sequence[StudentFile], listing: Listing) -> StudentFile:
    """The latest; of several that are equally late, the first of those with most functions."""
    latest = [file for file in attempts if file.attempt == attempts[-1].attempt]
    if len(latest) == 1:
        return latest[0]
    return max(latest, key=lambda file: listing.count(file.entry))


def _say_left_out(file: StudentFile, chosen: StudentFile, listing: Listing) -> str:
    why = "which is graded; keep one"
    if file.attempt < chosen.attempt:
        why = "which is later"
    elif file.late and not chosen.late:
        why = "which was on time"
    return f"{listing.where(file.entry)}: {file.student} also has {chosen.entry.name}, {why}"


def _say_guess(file: StudentFile, chosen: StudentFile) -> list[str]:
    """Say what is not certain about grading one file and not another."""
    graded, other = "/".join(chosen.entry.parts), "/".join(file.entry.parts)
    if chosen.late and not file.late:
        return [f"{graded} is late and is graded, not {other}, which was on time"]
    return [f"{graded} is graded, not {other}"] if file.attempt == chosen.attempt else []
