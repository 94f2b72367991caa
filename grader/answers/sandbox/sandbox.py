"""Run a student's code in processes of its own, forked from one that has numpy loaded already."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache

from grader.answers.sandbox.answer import AnswerReader, Run, SandboxError, TakesLong
from grader.answers.sandbox.cells_to_run import CellsToRun
from grader.answers.sandbox.conversation import Conversation
from grader.answers.sandbox.guest.request import Request, pack_calls, pack_request
from grader.answers.sandbox.guest.wire import Call, WireError
from grader.answers.sandbox.listener import show_output
from grader.answers.sandbox.policy import Layer, Level, Policy, make_policy
from grader.answers.sandbox.questions import FollowUp, Questions, ask_no_more
from grader.answers.sandbox.zygote_handle import Zygote, ZygoteKeeper
from grader.reports.code import CodeCell
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

    def run(
        self,
        cells: Sequence[CodeCell],
        calls: Sequence[Call],
        follow_up: FollowUp = ask_no_more,
        patience: float = math.inf,
    ) -> Run:
        """Run the cells, then the calls, then those that follow from the answers.

        A function that hangs or dies loses its own calls; the others are called again in a new process.

        Args:
            follow_up: given the answers to all calls, chooses some of them to be made again, by the same process.
            patience: seconds to wait, if that is less than the limit.

        Raises:
            SandboxError: the sandbox failed, twice.
            TakesLong: patience is at an end.
        """
        run = self._with_retry(lambda: self._run(CellsToRun(cells), Questions(calls, follow_up), patience))
        if run is None:
            raise TakesLong
        return run

    def _run(self, cells: CellsToRun, questions: Questions, patience: float) -> Run | None:
        """Run to the end; return None if that takes longer than patience."""
        deadline = time.monotonic() + min(self.limits.total_seconds, patience)
        load_failures: tuple[Failure, ...] | None = None
        output, seconds = bytearray(), dict[str, float]()

        while load_failures is None or questions.waiting():
            is_repeated = load_failures is not None
            conversation, failure = self._converse(cells, questions, deadline, quiet=is_repeated)
            end: tuple[Failure, ...] = ()
            if failure is not None and not conversation.loaded:
                if cells.shorten(conversation.cell, conversation.ended, failure):
                    continue
                end = (failure,)

            for name, passed in conversation.seconds.items():
                seconds[name] = seconds.get(name, 0.0) + passed
            output += conversation.output
            if load_failures is None:
                load_failures = cells.failures(conversation.load_failures) + end

            if failure is not None:
                is_last = conversation.ended == "total_timeout"
                if is_last and patience < self.limits.total_seconds:
                    return None
                questions.give_up(failure, conversation.lost_questions(), for_good=is_last)

        return Run(
            questions.all_answers(), load_failures, show_output(output, self.limits.output_kb), seconds
        )

    def _converse(
        self, cells: CellsToRun, questions: Questions, deadline: float, *, quiet: bool
    ) -> tuple[Conversation, Failure | None]:
        """Have one child run the cells and make the calls that wait for an answer."""
        calls, request = self._pack(cells, questions, quiet=quiet)
        labels = [label for label, _ in cells.sources]

        def begin(_: Zygote) -> tuple[Conversation, bytes]:
            return Conversation(questions, labels, self.limits, deadline, self._reader), request

        self._open().share(calls)
        conversation, status = self._talk(begin)
        return conversation, conversation.explain_end(os.waitstatus_to_exitcode(status))

    def _pack(self, cells: CellsToRun, questions: Questions, *, quiet: bool) -> tuple[bytes, bytes]:
        """What all children are told, and the request to this one."""
        sources = cells.sources
        first = questions.batch(questions.waiting())
        try:
            calls = self._pack_calls(questions.distinct)
            request = pack_request(
                Request(self.limits, sources, questions.distinct, first, quiet, cells.brief)
            )
        except WireError as error:
            raise SandboxError(f"the questions cannot be sent: {error}") from None
        return calls, request
