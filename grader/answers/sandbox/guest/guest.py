"""The interface between the zygote and what its children run.

Two modules implement it, as modules: `run_submission.py` and `run_notebook.py`. For type checkers alone: nothing
loads this file while students' code runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from .limits import Limits


class GuestRequest(Protocol):
    """What a child is told, as far as it matters for confining it."""

    @property
    def limits(self) -> Limits:
        """What the child may use."""

    @property
    def files(self) -> Sequence[tuple[str, bytes]]:
        """(path below the child's folder, content) of each file that it is given."""


Request = TypeVar("Request", bound=GuestRequest)


class Guest(Protocol[Request]):
    """What children run. The first three are called in the zygote; the others in each child, in this order."""

    def prepare(self, folder: str) -> None:
        """Get ready before libraries are loaded.

        Args:
            folder: where children will find their files; empty if they have none.
        """

    def warm_up(self) -> None:
        """Load and use what children share, so that none pays for it."""

    def read_shared(self, data: bytes) -> Any:
        """Read what all children are told, in the zygote, which is sent nothing of any student's."""

    def read_request(self, pipe: int, shared: Any) -> Request:
        """Read what this child is told, with all rights still in hand.

        Args:
            shared: what `read_shared` returned; None if nothing was sent.
        """

    def say_started(self, result_pipe: int) -> None:
        """Tell the grader that the child is confined: what goes wrong from now on is the student's doing."""

    def answer(self, request: Request, request_pipe: int, result_pipe: int) -> None:
        """Run the student's code and report on it."""
