"""Prove, before any submission runs, that students' code is confined on this machine."""

from __future__ import annotations

from grader.answers.sandbox import Isolation, Sandbox, SandboxError
from grader.answers.sandbox.self_test import find_escapes
from grader.grading.prepare import PreparedAssignment, limits_of, prepare
from grader.problems.course import Assignment, Course
from grader.truths.cache import TruthCache

_INSTEAD = (
    "Use Linux, a virtual machine or another container; or grade code that you trust with --trust-submissions"
)


def prepare_proven(
    course: Course, assignment: Assignment, seed: int, jobs: int, store: TruthCache, trusted: bool
) -> tuple[PreparedAssignment, Isolation]:
    """Prepare an assignment and prove the isolation, which saves time: the sandbox starts while cases are drawn.

    Args:
        seed, jobs, store: see `prepare`.
        trusted: see `prove_isolation`.

    Raises:
        AuthorError: a solution has faults.
        SandboxError: students' code cannot be run, or not confined.
    """
    with Sandbox(limits_of(course), course.libraries) as sandbox:
        prepared = prepare(course, assignment, seed, jobs=jobs, store=store)
        return prepared, _prove(sandbox, trusted)


def prove_isolation(assignment: PreparedAssignment, trusted: bool) -> Isolation:
    """Say how far submissions are confined here, after probes have tried to escape.

    Args:
        trusted: the instructor answers for what submissions do; nothing is tried then.

    Raises:
        SandboxError: students' code cannot be run, or not confined.
    """
    with Sandbox(assignment.limits, assignment.libraries) as sandbox:
        return _prove(sandbox, trusted)


def _prove(sandbox: Sandbox, trusted: bool) -> Isolation:
    isolation = sandbox.isolation
    if trusted:
        return isolation

    if isolation.level == "none":
        why = "; ".join(isolation.reasons)
        raise SandboxError(f"This machine cannot confine students' code: {why}. {_INSTEAD}")

    escapes = find_escapes(sandbox)
    if escapes:
        raise SandboxError(f"Students' code is not confined: it can {', '.join(escapes)}. {_INSTEAD}")
    return isolation
