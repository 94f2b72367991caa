"""Prove, before any submission runs, that students' code is confined on this machine."""

from __future__ import annotations

from grader.answers.sandbox import Isolation, Sandbox, SandboxError
from grader.answers.sandbox.self_test import find_escapes
from grader.grading.prepare import PreparedAssignment

_INSTEAD = (
    "Use Linux, a virtual machine or another container; or grade code that you trust with --trust-submissions"
)


def prove_isolation(assignment: PreparedAssignment, trusted: bool) -> Isolation:
    """Say how far submissions are confined here, after probes have tried to escape.

    Args:
        trusted: the instructor answers for what submissions do; nothing is tried then.

    Raises:
        SandboxError: students' code cannot be run, or not confined.
    """
    with Sandbox(assignment.limits, assignment.libraries) as sandbox:
        return prove(sandbox, trusted)


def prove(sandbox: Sandbox, trusted: bool) -> Isolation:
    """Do the same in a sandbox that is open already."""
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
