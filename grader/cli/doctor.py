"""The command `grader doctor`: can this machine grade?"""

from __future__ import annotations

import os
import platform

from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.answers.sandbox import Limits, Sandbox, SandboxError
from grader.answers.sandbox.self_test import find_escapes
from grader.core.errors import GraderError
from grader.core.text import count
from grader.grading.grade import versions
from grader.problems.course import open_course

_LEVELS = {
    "strong": "strong: namespaces of its own, no files but Python's, no network, filtered system calls",
    "standard": "standard: no files but Python's, no network, filtered system calls; without namespaces",
    "basic": "basic: another user, so files are protected by permissions only; no network, filtered system calls",
    "none": "none: limits of time and memory only; files and network are open to submissions",
}


def examine_machine(console: Console) -> bool:
    """Print versions, isolation and course; return True if grading works here."""
    table = Table(show_header=False, box=None)
    table.add_column()
    # A long path is told whole, on several lines if need be.
    table.add_column(overflow="fold")
    for name, version in versions().items():
        table.add_row(name, version)
    cores = count(os.cpu_count() or 1, "core")
    table.add_row("machine", f"{platform.system()} {platform.machine()}, {cores}")

    is_confined = _examine_isolation(table)
    has_course = _examine_course(table)
    console.print(table)
    return is_confined and has_course


def _examine_isolation(table: Table) -> bool:
    try:
        with Sandbox(Limits()) as sandbox:
            isolation = sandbox.isolation
            escapes = find_escapes(sandbox) if isolation.level != "none" else ()
    except SandboxError as error:
        table.add_row("isolation", Text(f"none: {error}", style="red"))
        return False

    table.add_row("isolation", Text(_LEVELS[isolation.level]))
    for reason in isolation.reasons:
        table.add_row("", Text(reason))

    fault = ""
    if escapes:
        fault = f"students' code can {', '.join(escapes)}"
    elif isolation.level == "none":
        fault = "grading a class needs --trust-submissions"
    if fault:
        table.add_row("", Text(fault, style="red"))
    return not fault


def _examine_course(table: Table) -> bool:
    try:
        course = open_course(None)
    except GraderError as error:
        table.add_row("course", Text(str(error), style="red"))
        return False

    problems = count(len(course.problems), "problem")
    table.add_row("course", Text(f"{course.title} in {course.folder}, {problems}"))
    for fault in course.faulty.values():
        table.add_row("", Text(str(fault), style="yellow"))
    return True
