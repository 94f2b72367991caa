"""The processor time of a child, read from outside: what a process says or ignores about itself does not count."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

ProcessorClock = Callable[[], float]
"""Reads how many seconds a process and its threads have computed; the last number once it has ended."""

_PROCESS_CLOCK = 2  # CPUCLOCK_SCHED


def make_clock(handle: int) -> ProcessorClock:
    """Make the clock of the process that this descriptor, which is closed, stands for.

    Source: clock_getcpuclockid(3), for how the number of a process makes that of its clock; pidfd_open(2).
    """
    lines = Path(f"/proc/self/fdinfo/{handle}").read_text(encoding="ascii").splitlines()
    os.close(handle)
    numbers = [int(line.split()[1]) for line in lines if line.startswith("Pid:")]
    clock = (~numbers[0] << 3) | _PROCESS_CLOCK if numbers and numbers[0] > 0 else None
    last = 0.0

    def read() -> float:
        nonlocal last
        if clock is not None:
            with contextlib.suppress(OSError):  # it has ended
                last = time.clock_gettime(clock)
        return last

    return read
