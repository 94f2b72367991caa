"""Prove, before any submission runs, that students' code is confined on this machine."""

from __future__ import annotations

import shlex

from grader.answers.sandbox import Isolation, Sandbox, SandboxError
from grader.answers.sandbox.self_test import READ_PRIVATE, find_escapes
from grader.grading.prepare import PreparedAssignment

_MOST_NAMED = 4
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
        return prove(sandbox, assignment, trusted)


def prove(sandbox: Sandbox, assignment: PreparedAssignment, trusted: bool) -> Isolation:
    """Do the same in a sandbox that is open already."""
    isolation = sandbox.isolation
    if trusted:
        return isolation

    why = "; ".join(isolation.reasons)
    if isolation.level == "none":
        raise SandboxError(f"This machine cannot confine students' code: {why}. {_INSTEAD}")
    if isolation.is_weaker_than(assignment.isolation):
        raise SandboxError(
            f"This machine confines students' code only at the level {isolation.level} ({why}), but "
            f"the course asks for {assignment.isolation}. {_INSTEAD}; "
            f"or set isolation: {{at_least: {isolation.level}}} in config.yaml, "
            "after reading what that level does not promise"
        )

    escapes = find_escapes(sandbox, assignment.private)
    if escapes == (READ_PRIVATE,) and isolation.level == "basic":
        paths = " ".join(map(shlex.quote, assignment.private[:_MOST_NAMED]))
        paths += " …" if len(assignment.private) > _MOST_NAMED else ""
        raise SandboxError(
            "At the level basic, files are protected by permissions only, and every user of this machine may read "
            f"solutions or submissions. Close them: chmod -R go-rwx {paths}"
        )
    if escapes:
        raise SandboxError(f"Students' code is not confined: it can {', '.join(escapes)}. {_INSTEAD}")
    return isolation
