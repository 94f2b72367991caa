"""Run a student's code in processes of its own, forked from one that has numpy loaded already."""

from __future__ import annotations

import time
from collections.abc import Sequence

from grader.answers.sandbox.answer import Answer, Failed, Run, SandboxError
from grader.answers.sandbox.conversation import Conversation
from grader.answers.sandbox.guest import wire
from grader.answers.sandbox.guest.request import Request, pack_request
from grader.answers.sandbox.guest.wire import Call, Limits
from grader.answers.sandbox.listener import show
from grader.answers.sandbox.policy import Layer, Level, make_policy
from grader.answers.sandbox.zygote_handle import Zygote, ZygoteKeeper
from grader.answers.submission import CodeCell
from grader.reports.report import Failure


class Sandbox(ZygoteKeeper):
    """Runs submissions one after another, each in fresh processes.

    Args:
        limits: what each submission may use.
        libraries: what students may import besides the standard library; loaded once, before any of them.
        strongest: the level of isolation to try first.
        without: layers to leave out, to see what they are good for.

    Raises:
        SandboxError: this machine cannot, or a library is not installed.
    """

    def __init__(
        self,
        limits: Limits,
        libraries: tuple[str, ...] = ("numpy",),
        strongest: Level = "strong",
        without: tuple[Layer, ...] = (),
    ) -> None:
        self.limits = limits
        super().__init__(make_policy(libraries, strongest, without))

    def run(self, cells: Sequence[CodeCell], calls: Sequence[Call]) -> Run:
        """Run the cells, then the calls.

        A function that hangs or dies loses its own calls; the others are asked again in a new process.

        Raises:
            SandboxError: the sandbox failed, twice.
        """
        return self._insist(lambda: self._run(cells, calls))

    def _run(self, cells: Sequence[CodeCell], calls: Sequence[Call]) -> Run:
        deadline = time.monotonic() + self.limits.total_seconds
        order = _grouped(calls)
        answers: dict[int, Answer] = {}
        load: tuple[Failure, ...] = ()
        output, seconds = bytearray(), dict[str, float]()
        left = list(order)
        first = True
        while first or left:
            indices = [index for name in left for index in order[name]]
            talk, failure = self._converse(cells, [calls[index] for index in indices], deadline, not first)
            answers.update((indices[at], answer) for at, answer in talk.answers.items())
            seconds.update(talk.seconds)
            if first:
                load = tuple(talk.load[cell] for cell in sorted(talk.load))
                load += (failure,) if failure is not None and not talk.loaded else ()
            output += talk.output
            first = False
            left = [name for name in left if any(index not in answers for index in order[name])]
            if failure is not None:
                # Only the function that was being asked has failed, unless no other could be asked either.
                alone = talk.function is not None and talk.ended != "all_late"
                lost = [name for name in left if name == talk.function or not alone]
                for name in lost:
                    answers.update((index, Failed(failure)) for index in order[name] if index not in answers)
                left = [name for name in left if name not in lost]
        return Run(tuple(answers[index] for index in range(len(calls))), load, show(output), seconds)

    def _converse(
        self, cells: Sequence[CodeCell], calls: Sequence[Call], deadline: float, quiet: bool
    ) -> tuple[Conversation, Failure | None]:
        """One child, from fork to reaping; calls are in groups of the same function."""
        sources = tuple((cell.label, cell.source) for cell in cells)
        groups: dict[str, range] = {}
        for index, call in enumerate(calls):
            groups[call.function] = range(groups.get(call.function, range(index, index)).start, index + 1)

        def begin(_: Zygote) -> tuple[Conversation, bytes]:
            request = _pack(Request(self.limits, sources, tuple(calls), quiet))
            return Conversation(calls, groups, len(cells), self.limits, deadline), request

        talk, status = self._ask(begin)
        return talk, talk.finish(status)


def _grouped(calls: Sequence[Call]) -> dict[str, list[int]]:
    """Function name → indices of its calls, in the order of the first ones."""
    order: dict[str, list[int]] = {}
    for index, call in enumerate(calls):
        order.setdefault(call.function, []).append(index)
    return order


def _pack(request: Request) -> bytes:
    try:
        return pack_request(request)
    except wire.WireError as error:
        raise SandboxError(f"the questions cannot be sent: {error}") from None
