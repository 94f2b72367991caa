"""Run notebooks in processes of their own, forked from one that has IPython and the libraries loaded already."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.guest import notebook_wire
from grader.answers.sandbox.guest.wire import Limits
from grader.answers.sandbox.notebook_conversation import CellRun, NotebookCell, NotebookConversation
from grader.answers.sandbox.policy import Isolation, Layer, Level, make_notebook_policy
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

    Args:
        limits: what each notebook may use; `seconds` and `cpu_seconds` are said for each cell instead.
        libraries: what notebooks may import besides the standard library; loaded once, before any of them.
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
        self._proven: Isolation | None = None
        self._home = Path(tempfile.mkdtemp(prefix="grader-"))
        self._folder = self._home / "notebook"
        self._folder.mkdir()
        self._home.chmod(0o755)  # where there are no namespaces, another user reads what is in it
        try:
            super().__init__(make_notebook_policy(libraries, self._folder, strongest, without))
        except BaseException:
            shutil.rmtree(self._home, ignore_errors=True)
            raise

    def close(self) -> None:
        """End all processes and remove their folder; safe to repeat."""
        super().close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _open(self) -> Zygote:
        for folder in (self._home, self._folder):
            folder.mkdir(mode=0o755, exist_ok=True)
        return super()._open()

    def run(
        self,
        cells: Sequence[NotebookCell],
        files: Sequence[tuple[str, bytes]] = (),
        environment: Sequence[tuple[str, str]] = (),
    ) -> NotebookRun:
        """Run the cells, one after another, in a folder with these files.

        Raises:
            SandboxError: the sandbox failed, twice; or it can no longer isolate as it did.
        """
        setting = notebook_wire.Setting(self.limits, tuple(files), tuple(environment))
        return self._insist(lambda: self._run(cells, setting))

    def _run(self, cells: Sequence[NotebookCell], setting: notebook_wire.Setting) -> NotebookRun:
        self._proven = self._proven or self.isolation
        if self.isolation.is_weaker_than(self._proven):
            raise SandboxError(
                f"notebooks were isolated as {self._proven.level}, now {self.isolation.level} only"
            )
        deadline = time.monotonic() + self.limits.total_seconds

        def begin(zygote: Zygote) -> tuple[NotebookConversation, bytes]:
            talk = NotebookConversation(cells, self.limits, deadline, zygote.interrupt_child)
            return talk, notebook_wire.pack_setting(setting)

        try:
            talk, status = self._ask(begin, streams=2)
        finally:
            _empty(self._folder)
        return NotebookRun(tuple(talk.runs), talk.explain(status))


def _empty(folder: Path) -> None:
    """Remove what a child was given where it has no memory of its own for it."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
