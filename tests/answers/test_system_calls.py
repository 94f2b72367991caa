"""The filter of system calls: what reaches the kernel is what the page on isolation lists, and nothing newer."""

from __future__ import annotations

import errno
import re
import struct
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pyseccomp
import pytest

from grader.answers.sandbox import Call, Level, Limits, Returned, Sandbox
from grader.answers.sandbox.guest.linux import OWN_PROCESS
from grader.answers.sandbox.notebook_conversation import NotebookCell
from grader.answers.sandbox.notebook_sandbox import NotebookSandbox
from grader.answers.sandbox.system_calls import compile_filter
from grader.problems.config_yaml import WeakestLevel
from grader.reports.code import CodeCell

pytestmark = pytest.mark.sampled

PAGE = Path(__file__).parents[2] / "docs" / "isolation.md"
NATIVE = pyseccomp.system_arch()
MACHINE = {pyseccomp.Arch.X86_64: 0xC000003E, pyseccomp.Arch.AARCH64: 0xC00000B7}[NATIVE]
ALLOW, REFUSE, SUCCEED, UNKNOWN = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000, 0x00050000 | errno.ENOSYS
NUMBERS = range(601)
BY_ARGUMENT = frozenset(("clone", "tgkill", "prlimit64", "sched_getaffinity", "sched_setaffinity", "prctl"))
BY_ARGUMENT |= {"fcntl", "ioctl"}
PAST_ALL_FILTERS = {335, 336} if NATIVE == pyseccomp.Arch.X86_64 else set()
"""uretprobe, uprobe: newer kernels ask no filter; made outside of a probe, they kill the caller."""


def decide(program: bytes, number: int, *arguments: int, machine: int = MACHINE) -> int:
    """What the kernel would do with a call: the filter's return value (classic BPF, as seccomp(2) describes it)."""
    words = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    call = struct.pack("<iIQ6Q", number, machine, 0, *words)
    accumulator = position = 0
    while True:
        code, on_true, on_false, value = struct.unpack_from("<HBBI", program, 8 * position)
        position += 1
        match code:
            case 0x20:  # load a word
                (accumulator,) = struct.unpack_from("<I", call, value)
            case 0x54:  # and
                accumulator &= value
            case 0x05:  # jump
                position += value
            case 0x15:  # jump if equal
                position += on_true if accumulator == value else on_false
            case 0x25:  # jump if greater
                position += on_true if accumulator > value else on_false
            case 0x35:  # jump if greater or equal
                position += on_true if accumulator >= value else on_false
            case 0x06:  # return
                return int(value)
            case _:
                raise AssertionError(hex(code))


def number_of(name: str) -> int:
    return int(pyseccomp.resolve_syscall(NATIVE, name))


def listed_on_the_page(heading: str) -> set[str]:
    section = PAGE.read_text(encoding="utf-8").split(f"\n### {heading}\n")[1].split("\n#")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ") and "`" in line]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[2])}


@pytest.mark.parametrize("has_folder", [False, True])
def test_the_page_lists_every_call_that_reaches_the_kernel(has_folder: bool) -> None:
    program = compile_filter(has_folder)
    allowed = {number for number in NUMBERS if decide(program, number) == ALLOW}
    names = listed_on_the_page("Calls that are allowed")
    if has_folder:
        names |= listed_on_the_page("Calls that a notebook may make as well")
    known = {name: number_of(name) for name in names - BY_ARGUMENT}
    always = {number for number in known.values() if number >= 0}
    assert allowed - {number_of(name) for name in BY_ARGUMENT} == always
    assert listed_on_the_page("Calls that are allowed with some arguments") == BY_ARGUMENT


def test_calls_of_other_architectures_and_numbers_are_refused() -> None:
    program = compile_filter()
    x32 = 0x40000000
    assert decide(program, number_of("read") | x32) == REFUSE
    assert decide(program, number_of("read"), machine=0x40000003) == REFUSE
    assert {decide(program, number) for number in range(470, 1024)} == {REFUSE}


def test_some_arguments_are_refused() -> None:
    program = compile_filter()

    def verdict(name: str, *arguments: int) -> int:
        return decide(program, number_of(name), *arguments)

    assert verdict("clone", 0x11) == REFUSE and verdict("clone", 0x3D0F00) == ALLOW
    assert verdict("clone3") == UNKNOWN
    assert verdict("tgkill", OWN_PROCESS) == ALLOW and verdict("tgkill", 1) == REFUSE
    assert verdict("prlimit64", 0) == ALLOW and verdict("prlimit64", 1) == REFUSE
    assert verdict("prctl", 1, 9) == ALLOW and verdict("prctl", 1, 0) == REFUSE
    assert verdict("prctl", (1 << 32) | 1, 0) == REFUSE and verdict("prctl", 36, 1) == REFUSE
    assert verdict("prctl", 4, 0) == ALLOW and verdict("prctl", 4, 1) == REFUSE
    for command in (5, 6, 7, 8, 10, 15, 36, 37, 38, 1024, 1026, 1031, 1033):
        assert verdict("fcntl", 3, command) == REFUSE
    for request in (0x5412, 0x541C, 0x40086602, 0x80086601, 0x40049409):
        assert verdict("ioctl", 0, request) == REFUSE


def test_locks_in_a_folder_of_ones_own_are_pretended() -> None:
    program = compile_filter(has_folder=True)
    assert {decide(program, number_of(name)) for name in ("flock", "fsync", "fdatasync")} == {SUCCEED}
    assert {decide(program, number_of("fcntl"), 3, command) for command in (6, 7, 37, 38)} == {SUCCEED}
    assert decide(program, number_of("fcntl"), 3, 1024) == REFUSE  # leases are not


SWEEP = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def reached(numbers):
    found = [-1.0]
    for number in numbers:
        result = libc.syscall(int(number), *[ctypes.c_long(-1)] * 6)
        if result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            found.append(float(number))
    return found
"""


@cache
def refused_numbers(has_folder: bool = False) -> list[int]:
    """Numbers that never reach the kernel, whatever the arguments."""
    program = compile_filter(has_folder)
    spared = {number_of(name) for name in BY_ARGUMENT} | PAST_ALL_FILTERS
    refused = [n for n in NUMBERS if decide(program, n) in (REFUSE, UNKNOWN) and n not in spared]
    assert len(refused) > 400
    return refused


@pytest.mark.parametrize("level", get_args(WeakestLevel))
def test_no_refused_number_reaches_the_kernel_at_any_level(level: Level) -> None:
    limits = Limits(seconds=3, cpu_seconds=3, total_seconds=6, memory_mb=256, output_kb=64)
    with Sandbox(limits, strongest=level) as sandbox:
        if sandbox.isolation.level != level:
            pytest.skip(f"this machine has no level {level}: {'; '.join(sandbox.isolation.reasons)}")
        call = Call("reached", (np.array(refused_numbers(), dtype=float),), "reached(numbers)")
        (answer,) = sandbox.run([CodeCell("answers.py", SWEEP)], [call]).answers
    assert isinstance(answer, Returned)
    assert answer.parts[0].tolist() == [-1.0]


@pytest.mark.parametrize("level", ["strong", "standard"])
def test_nor_does_one_from_a_notebook(level: Level) -> None:
    with NotebookSandbox(Limits(total_seconds=20, memory_mb=256, files_kb=1024), strongest=level) as sandbox:
        if sandbox.isolation.level != level:
            pytest.skip(f"this machine has no level {level}: {'; '.join(sandbox.isolation.reasons)}")
        run = sandbox.run([NotebookCell(f"{SWEEP}\nprint(reached({refused_numbers(True)}))")])
    printed = "".join(content["text"] for kind, content in run.cells[0].messages if kind == "stream")
    assert printed == "[-1.0]\n" and run.failure == ""
