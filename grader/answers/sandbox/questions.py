"""All that a submission is asked, and the answers as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.answers.sandbox.answer import Answer, Failed
from grader.answers.sandbox.guest.request import Batch
from grader.answers.sandbox.guest.wire import Call
from grader.reports.report import Failure

FollowUp = Callable[[Sequence[Answer]], Sequence[Call]]
"""Given the answers to all calls, chooses those to be made again."""


def ask_no_more(answers: Sequence[Answer]) -> Sequence[Call]:
    """Choose none."""
    return ()


class Questions:
    """Calls that are numbered in the order in which they were thought of, whichever child makes them.

    Args:
        calls: the first ones, in any order; those of the same function are made together.
        follow_up: asked once, when each of them has an answer.
    """

    def __init__(self, calls: Sequence[Call], follow_up: FollowUp) -> None:
        self.calls = list(calls)
        self.answers: dict[int, Answer] = {}
        self.distinct = tuple(dict.fromkeys(calls))

        functions = dict.fromkeys(call.function for call in calls)
        self._order = {name: place for place, name in enumerate(functions)}
        self._places = {call: place for place, call in enumerate(self.distinct)}
        self._follow_up: FollowUp | None = follow_up

    def waiting(self) -> list[int]:
        """The numbers of the calls to be made next, those of the same function together."""
        if self._follow_up is not None and len(self.answers) == len(self.calls):
            follow_up, self._follow_up = self._follow_up, None
            self.calls += follow_up(self.all_answers())
        return self.unanswered()

    def unanswered(self) -> list[int]:
        """The numbers of the calls without an answer, those of the same function together."""
        if len(self.answers) == len(self.calls):
            return []
        numbers = [number for number in range(len(self.calls)) if number not in self.answers]
        return sorted(numbers, key=lambda number: self._order[self.calls[number].function])

    def give_up(self, failure: Failure, numbers: Sequence[int], *, for_good: bool) -> None:
        """Note why these calls have no answer.

        Args:
            for_good: nothing follows, as there is no time left.
        """
        self.answers.update((number, Failed(failure)) for number in numbers)
        if for_good:
            self._follow_up = None

    def batch(self, numbers: Sequence[int]) -> Batch:
        """What a child is told of these calls, if it knows all that are distinct."""
        return tuple((number, self._places[self.calls[number]]) for number in numbers)

    def all_answers(self) -> tuple[Answer, ...]:
        """The answers in the order of the calls; there is one for each."""
        return tuple(self.answers[number] for number in range(len(self.calls)))
