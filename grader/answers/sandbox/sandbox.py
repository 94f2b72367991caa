"""Run a student's code in processes of its own, forked from one that has numpy loaded already."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache

from grader.answers.sandbox.answer import Answer, AnswerReader, Failed, Run, SandboxError
from grader.answers.sandbox.conversation import Conversation
from grader.answers.sandbox.guest.request import Request, pack_calls, pack_request
from grader.answers.sandbox.guest.wire import Call, WireError
from grader.answers.sandbox.listener import show_output
from grader.answers.sandbox.policy import Layer, Level, Policy, make_policy
from grader.answers.sandbox.zygote_handle import Zygote, ZygoteKeeper
from grader.answers.submission import CodeCell
from grader.reports.report import Failure

_KEPT_REQUESTS = 8


class Sandbox(ZygoteKeeper):
    """Runs submissions one after another, each in fresh processes.

    A class is asked the same calls, one student after another, and most of it answers the same: a sandbox packs
    the calls once, and reads equal answers once.
    """

    @cached_property
    def _reader(self) -> AnswerReader:
        return AnswerReader()

    @cached_property
    def _pack_calls(self) -> Callable[[tuple[Call, ...]], bytes]:
        return lru_cache(_KEPT_REQUESTS)(pack_calls)

    def _make_policy(
        self, libraries: tuple[str, ...], strongest: Level, without: tuple[Layer, ...]
    ) -> Policy:
        return make_policy(libraries, strongest, without)

    def run(self, cells: Sequence[CodeCell], calls: Sequence[Call]) -> Run:
        """Run the cells, then the calls.

        A function that hangs or dies loses its own calls; the others are called again in a new process.

        Raises:
            SandboxError: the sandbox failed, twice.
        """
        return self._with_retry(lambda: self._run(cells, calls))

    def _run(self, cells: Sequence[CodeCell], calls: Sequence[Call]) -> Run:
        deadline = time.monotonic() + self.limits.total_seconds
        functions = _group(calls)
        waiting = list(functions)
        answers: dict[int, Answer] = {}
        load_failures: tuple[Failure, ...] | None = None
        output, seconds = bytearray(), dict[str, float]()

        while load_failures is None or waiting:
            indices = [index for name in waiting for index in functions[name]]
            is_repeated = load_failures is not None
            asked = tuple(calls[index] for index in indices)
            conversation, failure = self._converse(cells, asked, deadline, quiet=is_repeated)
            answers.update((indices[place], answer) for place, answer in conversation.answers.items())
            seconds.update(conversation.seconds)
            output += conversation.output
            if load_failures is None:
                load_failures = conversation.all_load_failures(failure)

            waiting = [name for name in waiting if any(index not in answers for index in functions[name])]
            if failure is None:
                continue
            lost = conversation.lost_functions(waiting)
            for name in lost:
                answers.update((index, Failed(failure)) for index in functions[name] if index not in answers)
            waiting = [name for name in waiting if name not in lost]

        in_order = tuple(answers[index] for index in range(len(calls)))
        return Run(in_order, load_failures, show_output(output, self.limits.output_kb), seconds)

    def _converse(
        self, cells: Sequence[CodeCell], calls: tuple[Call, ...], deadline: float, *, quiet: bool
    ) -> tuple[Conversation, Failure | None]:
        """Have one child run the cells and make the calls, which stand in groups of the same function."""
        sources = tuple((cell.label, cell.source) for cell in cells)

        def begin(_: Zygote) -> tuple[Conversation, bytes]:
            try:
                request = pack_request(Request(self.limits, sources, calls, quiet), self._pack_calls)
            except WireError as error:
                raise SandboxError(f"the questions cannot be sent: {error}") from None
            return Conversation(calls, len(cells), self.limits, deadline, self._reader), request

        conversation, status = self._talk(begin)
        return conversation, conversation.explain_end(status)


def _group(calls: Sequence[Call]) -> dict[str, list[int]]:
    """Function name → indices of its calls, in the order of the first ones."""
    functions: dict[str, list[int]] = {}
    for index, call in enumerate(calls):
        functions.setdefault(call.function, []).append(index)
    return functions
