"""Run the notebooks of any nbgrader course in our sandbox, where nbgrader would start a kernel for each."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbgrader.api
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute as KernelExecute
from traitlets import Bool, Integer, List, Unicode

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.guest.limits import Limits
from grader.answers.sandbox.notebook_conversation import CellRun, NotebookCell
from grader.answers.sandbox.notebook_sandbox import NotebookSandbox
from grader.answers.sandbox.self_test import find_notebook_escapes
from grader.core.files import list_files

_DEAD = "DeadKernelError"
_PYTHON = ("python", "python3", "ipython")
_MOST_UPDATED = 1 << 26
"""Bytes that updates may put into displays of a notebook: one update can go to thousands of them."""
_UPDATE = 1 << 10
"""The cost of an update besides its bytes."""
_LANGUAGE = NotebookNode(
    name="python",
    version=platform.python_version(),
    mimetype="text/x-python",
    codemirror_mode=NotebookNode(name="ipython", version=3),
    pygments_lexer="ipython3",
    nbconvert_exporter="python",
    file_extension=".py",
)


class Execute(KernelExecute):  # type: ignore[misc]
    """Run a notebook as nbgrader's preprocessor of this name does, without a kernel and isolated."""

    libraries = List(
        Unicode(), ["numpy"], help="What notebooks may import besides the standard library."
    ).tag(config=True)
    memory_mb = Integer(1024, help="Memory of a notebook beyond that of Python and the libraries.").tag(
        config=True
    )
    files_mb = Integer(64, help="Files beside a notebook and those that it writes.").tag(config=True)
    output_kb = Integer(1024, help="Text that a cell may print; what is more is dropped.").tag(config=True)
    notebook_timeout = Integer(600, help="Seconds for a whole notebook; `timeout` is for a cell.").tag(
        config=True
    )
    trust_submissions = Bool(
        False, help="Run notebooks even where they can't be isolated, with limits of time and memory only."
    ).tag(config=True)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        share_engines()

    def preprocess(self, nb: Any, resources: Any = None, km: Any = None) -> tuple[Any, Any]:
        """Return the notebook with the outputs of its cells.

        Raises:
            SandboxError: notebooks cannot be run here, or not this one.
            CellExecutionError: errors are not allowed, and there was one.
        """
        NotebookClient.__init__(self, nb, km)  # as the preprocessor does that this takes the place of
        self.reset_execution_trackers()
        self._update_room = _MOST_UPDATED
        self._check_assign_resources(resources)
        check_language(nb)

        sandbox = _open_sandbox(self._limits(), tuple(self.libraries), self.trust_submissions)
        folder = self.resources.get("metadata", {}).get("path") or None
        files = tuple(read_files(Path(folder), self.files_mb << 20)) if folder else ()
        cells = [(index, cell) for index, cell in enumerate(nb.cells) if self._is_run(cell)]
        run = sandbox.run([self._code(cell) for _, cell in cells], files, _environment())

        for position, (index, cell) in enumerate(cells):
            # A cell that ends the notebook leaves none for those after it.
            cell_run = run.cells[position] if position < len(run.cells) else None
            self._save(cell, index, cell_run, run.failure)

        nb.metadata["language_info"] = _LANGUAGE
        return nb, self.resources

    def _limits(self) -> Limits:
        return Limits(
            total_seconds=float(self.notebook_timeout),
            memory_mb=self.memory_mb,
            output_kb=self.output_kb,
            files_kb=self.files_mb << 10,
        )

    def _is_run(self, cell: Any) -> bool:
        if cell.cell_type != "code" or not cell.source.strip():
            return False
        return self.skip_cells_with_tag not in cell.metadata.get("tags", [])

    def _code(self, cell: Any) -> NotebookCell:
        timeout = self._get_timeout(cell)
        seconds = None if timeout is None else float(timeout)
        stops = not self._allows_errors(cell) and not self.allow_error_names
        return NotebookCell(cell.source, seconds, stops)

    def _allows_errors(self, cell: Any, name: str | None = None) -> bool:
        if self.force_raise_errors:
            return False
        if self.allow_errors or "raises-exception" in cell.metadata.get("tags", []):
            return True
        return name is not None and name in self.allow_error_names

    def _save(self, cell: Any, index: int, run: CellRun | None, failure: str) -> None:
        """Write into a cell what became of it.

        Args:
            run: None if a cell before it ended the notebook.
            failure: why the notebook ended early.
        """
        cell.outputs = []
        self.clear_before_next_output = False
        self.code_cells_executed += 1
        for kind, content in run.messages if run is not None else ():
            message = {
                "msg_type": kind,
                "header": {"msg_type": kind},
                "parent_header": {},
                "content": content,
            }
            self.process_message(message, cell, index)

        reply = self._reply(cell, run, failure)
        cell["execution_count"] = reply.get("execution_count", self.code_cells_executed)
        self.on_cell_executed(cell=cell, cell_index=index, execute_reply={"content": reply})
        if reply["status"] == "error":
            self._warn_of_libraries(reply)
            if not self._allows_errors(cell, reply["ename"]):
                raise CellExecutionError.from_cell_and_msg(cell, reply)

    def _update_display_id(self, display_id: str, msg: Any) -> None:
        """Have all displays of that id show something else; past a bound, they stay as they are."""
        shown = sum(map(len, self._display_id_map.get(display_id, {}).values()))
        if shown:
            self._update_room -= shown * (_UPDATE + len(json.dumps(msg["content"])))
        if self._update_room >= 0:
            super()._update_display_id(display_id, msg)

    def _reply(self, cell: Any, run: CellRun | None, failure: str) -> dict[str, Any]:
        """The reply that a kernel would have sent, or the reason why there is none."""
        if run is None:
            return _error(_DEAD, f"not run, because a cell before it ended the notebook: {failure}")
        if run.interrupted:
            return self._timeout_reply(cell, run, failure)
        if run.reply is None:
            return _error(_DEAD, failure)
        return run.reply

    def _timeout_reply(self, cell: Any, run: CellRun, failure: str) -> dict[str, Any]:
        if not self.interrupt_on_timeout:
            raise CellTimeoutError.error_from_timeout_and_cell(
                "Cell execution timed out", self._get_timeout(cell), cell
            )
        if run.reply is None:
            return _error("CellTimeoutError", failure)
        if self.error_on_timeout:
            return {**self.error_on_timeout, "status": "error"}
        return run.reply

    def _warn_of_libraries(self, reply: dict[str, Any]) -> None:
        """Say that an instructor may have forgotten to declare a library, which a student can't know."""
        if reply["ename"] != "ModuleNotFoundError" or not reply["evalue"].startswith("No module named '"):
            return

        name = reply["evalue"].split("'")[1].partition(".")[0]
        if name.isidentifier() and name not in self.libraries and importlib.util.find_spec(name):
            self.log.warning(
                "A notebook imports %s, which is installed but not declared; if that is intended, add it to "
                "c.Execute.libraries in nbgrader_config.py",
                name,
            )


_MOST_FILES = 1500  # with folders; the memory that a notebook writes in has places for 2,000
_NOT_COPIED = (".ipynb_checkpoints", "__pycache__")


def share_engines() -> None:
    """Have nbgrader, in this process, keep one engine for a gradebook.

    It asks for one ten times for each notebook, and every engine compiles all its statements anew, which takes longer
    than running the notebook. What is kept is the engine; nbgrader still closes its connections.
    """
    if not hasattr(nbgrader.api.create_engine, "cache_info"):
        nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)


def read_files(folder: Path, most: int) -> Iterator[tuple[str, bytes]]:
    """Read the files beside a notebook, without other notebooks: path below the folder, and content.

    Args:
        most: bytes in all.

    Raises:
        SandboxError: there are more.
    """
    room, places = most, _MOST_FILES
    for name, path in list_files(folder, lambda name: name not in _NOT_COPIED):
        places -= 1
        if places < 0:
            raise SandboxError(
                f"there are more than {_MOST_FILES} files in {folder}; remove files that were not asked for"
            )
        if path.is_dir() or path.suffix == ".ipynb":
            continue

        room -= path.lstat().st_size
        if room < 0:
            raise SandboxError(
                f"the files in {folder} take more than {most >> 20} MB; raise c.Execute.files_mb in "
                "nbgrader_config.py, or remove files that were not asked for"
            )
        yield name, path.read_bytes()


def check_language(nb: Any) -> None:
    """Refuse notebooks in other languages than Python.

    Raises:
        SandboxError: it is in another.
    """
    kernel = nb.metadata.get("kernelspec", {})
    language = kernel.get("language") or nb.metadata.get("language_info", {}).get("name")
    # A notebook that says nothing is taken for one in Python.
    if language is not None and language.lower() not in _PYTHON:
        raise SandboxError(
            f"the notebook is in {language}, and the sandbox runs Python only; leave nbgrader's own Execute for it"
        )


@functools.lru_cache(maxsize=1)
def _open_sandbox(limits: Limits, libraries: tuple[str, ...], trusted: bool) -> NotebookSandbox:
    """Open one for the whole run: nbgrader makes its preprocessors anew for each notebook.

    Raises:
        SandboxError: notebooks cannot be run here, or not isolated.
    """
    sandbox = NotebookSandbox(limits, libraries)
    atexit.register(sandbox.close)

    isolation = sandbox.isolation
    if isolation.level != "none":
        if leaks := find_notebook_escapes(sandbox):
            raise SandboxError(f"notebooks are not isolated: they can {', '.join(leaks)}; nothing was run")
    elif not trusted:
        raise SandboxError(
            f"notebooks can't be isolated here ({'; '.join(isolation.reasons)}); see `grader doctor`, or set "
            "c.Execute.trust_submissions = True if you trust all of them"
        )
    return sandbox


def _environment() -> tuple[tuple[str, str], ...]:
    """The variables in which nbgrader tells notebooks who they are."""
    return tuple((name, value) for name, value in os.environ.items() if name.startswith("NBGRADER_"))


def _error(name: str, reason: str) -> dict[str, Any]:
    traceback = [f"\x1b[0;31m{name}\x1b[0m: {reason}"]
    return {"status": "error", "ename": name, "evalue": reason, "traceback": traceback}
