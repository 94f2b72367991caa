"""The limits of a submission and of a notebook: time, memory, and how much it may print and write."""

from __future__ import annotations

from dataclasses import dataclass

KEPT_OUTPUT = 64 * 1024
"""The most bytes of what is printed that are kept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a student's code may use.

    Args:
        seconds: wall clock time for all calls of one function; also for the top-level code.
        cpu_seconds: processor time for the same.
        total_seconds: wall clock time for the whole submission.
        memory_mb: memory beyond that of Python and the libraries.
        output_kb: text printed.
        files_kb: files written, where there is a folder for them.
    """

    seconds: float = 2.0
    cpu_seconds: float = 1.0
    total_seconds: float = 30.0
    memory_mb: int = 512
    output_kb: int = 1024
    files_kb: int = 0
