"""Run notebooks in processes of their own, forked from one that has IPython and the libraries loaded already."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.guest.notebook_wire import Setting, pack_setting
from grader.answers.sandbox.home_folder import HomeFolder, remove
from grader.answers.sandbox.notebook_conversation import CellRun, NotebookCell, NotebookConversation
from grader.answers.sandbox.policy import Isolation, Layer, Level, Policy, make_notebook_policy
from grader.answers.sandbox.zygote_handle import Zygote, ZygoteKeeper


@dataclass(frozen=True, slots=True)
class NotebookRun:
    """What became of a notebook.

    Args:
        cells: of each cell that was begun, in their order; fewer than there are if one stopped or ended it.
        failure: why the process did not come to the end; empty if it did.
    """

    cells: tuple[CellRun, ...]
    failure: str


class NotebookSandbox(ZygoteKeeper):
    """Runs notebooks one after another, each in a fresh process.

    Of its limits, `seconds` and `cpu_seconds` mean nothing here: each cell says how long it may take.
    """

    _proven: Isolation | None = None

    @cached_property
    def _home(self) -> HomeFolder:
        return HomeFolder()

    @property
    def _folder(self) -> Path:
        return self._home.path / "notebook"

    def _make_policy(
        self, libraries: tuple[str, ...], strongest: Level, without: tuple[Layer, ...]
    ) -> Policy:
        return make_notebook_policy(libraries, self._folder, strongest, without)

    def close(self) -> None:
        """End all processes and remove their folder; safe to repeat."""
        super().close()
        self._home.remove()

    def _open(self) -> Zygote:
        self._home.restore()
        self._folder.mkdir(mode=0o755, exist_ok=True)
        return super()._open()

    def run(
        self,
        cells: Sequence[NotebookCell],
        files: Sequence[tuple[str, bytes]] = (),
        environment: Sequence[tuple[str, str]] = (),
    ) -> NotebookRun:
        """Run the cells, one after another, in a folder with these files.

        Args:
            files: (path below the folder, content) of each.
            environment: (name, value) of each variable besides those that all notebooks have.

        Raises:
            SandboxError: the sandbox failed, twice; or it can no longer isolate as it did.
        """
        setting = Setting(self.limits, tuple(files), tuple(environment))
        return self._with_retry(lambda: self._run(cells, setting))

    def _run(self, cells: Sequence[NotebookCell], setting: Setting) -> NotebookRun:
        self._proven = self._proven or self.isolation
        if self.isolation.is_weaker_than(self._proven.level):
            raise SandboxError(
                f"notebooks were isolated as {self._proven.level}, now {self.isolation.level} only"
            )

        deadline = time.monotonic() + self.limits.total_seconds

        def begin(zygote: Zygote) -> tuple[NotebookConversation, bytes]:
            conversation = NotebookConversation(cells, self.limits, deadline, zygote.interrupt_child)
            return conversation, pack_setting(setting)

        try:
            conversation, status = self._talk(begin, outputs=2)
        finally:
            _empty(self._folder)
        return NotebookRun(tuple(conversation.runs), conversation.explain_end(status))


def _empty(folder: Path) -> None:
    """Remove a child's files, where it had no memory of its own for them."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            remove(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
