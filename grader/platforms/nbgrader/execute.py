"""Run the notebooks of any nbgrader course in our sandbox, where nbgrader would start a kernel for each."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import os
import platform
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbgrader.api
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute as KernelExecute
from traitlets import Bool, Integer, List, Unicode

from grader.answers.sandbox.answer import SandboxError
from grader.answers.sandbox.guest.wire import Limits
from grader.answers.sandbox.notebook_conversation import CellRun, NotebookCell
from grader.answers.sandbox.notebook_sandbox import NotebookSandbox
from grader.answers.sandbox.self_test import find_shell_leaks

_PREPROCESSORS = "nbgrader.preprocessors"
_SANITIZE = ("ClearOutput", "DeduplicateIds", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata")
_AUTOGRADE = (
    "Execute", "IgnorePattern", "nbconvert.preprocessors.ClearMetadataPreprocessor", "LimitOutput", "SaveAutoGrades",
    "AssignLatePenalties", "CheckCellMetadata",
)  # fmt: skip
_REPLACED = {
    f"{_PREPROCESSORS}.Execute": "grader.nbgrader.execute.Execute",
    **dict.fromkeys(
        (
            "grader.nbgrader.preprocessors.ExecuteOthers",
            "grader.platforms.nbgrader.preprocessors.ExecuteOthers",  # given as a class
        ),
        "grader.nbgrader.steps.ExecuteOthers",
    ),
    **{
        f"{_PREPROCESSORS}.{name}": f"grader.nbgrader.steps.{name}"
        for name in (*_SANITIZE[2:], *_AUTOGRADE[4:6])
    },
}
_DEAD = "DeadKernelError"
_MOST_UPDATED = 1 << 26
"""Bytes that updates may put into displays of a notebook: one update can go to thousands of them."""
_UPDATE = 1 << 10
"""What an update costs besides its bytes."""


def configure_execute(config: Any, libraries: Iterable[str] | None = None) -> None:
    """What `nbgrader_config.py` calls, to have `nbgrader autograde` run notebooks in the sandbox.

    Where `configure` is called too, as for courses with assignments of both kinds, it is called before.

    Args:
        config: what `get_config()` gave.
        libraries: what notebooks may import besides the standard library; NumPy alone if not given.
    """
    for name, steps in (("sanitize_preprocessors", _SANITIZE), ("autograde_preprocessors", _AUTOGRADE)):
        chosen = [_name(step) for step in config.Autograde.get(name) or steps]
        config.Autograde[name] = [_REPLACED.get(step, step) for step in chosen]
    if libraries is not None:
        # One name in brackets without a comma is text, and would be taken letter by letter.
        config.Execute.libraries = [libraries] if isinstance(libraries, str) else list(libraries)


class Execute(KernelExecute):  # type: ignore[misc]
    """Runs a notebook as nbgrader's preprocessor of this name does, without a kernel and isolated."""

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
        """The notebook with the outputs of its cells.

        Raises:
            SandboxError: notebooks cannot be run here, or not this one.
            CellExecutionError: errors are not allowed, and there was one.
        """
        NotebookClient.__init__(self, nb, km)  # as the preprocessor does that this takes the place of
        self.reset_execution_trackers()
        self._update_room = _MOST_UPDATED
        self._check_assign_resources(resources)
        check_language(nb)
        shells = _open_shells(self._limits(), tuple(self.libraries), self.trust_submissions)
        cells = [(index, cell) for index, cell in enumerate(nb.cells) if self._is_run(cell)]
        folder = self.resources.get("metadata", {}).get("path") or None
        files = tuple(read_files(Path(folder), self.files_mb << 20)) if folder else ()
        run = shells.run([self._code(cell) for _, cell in cells], files, _environment())
        for at, (index, cell) in enumerate(cells):
            before = run.cells[at] if at < len(run.cells) else None
            self._save(cell, index, before, run.failure)
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
        tags = cell.metadata.get("tags", [])
        return cell.cell_type == "code" and bool(cell.source.strip()) and self.skip_cells_with_tag not in tags

    def _code(self, cell: Any) -> NotebookCell:
        seconds = self._get_timeout(cell)
        stops = not self._allows_errors(cell) and not self.allow_error_names
        return NotebookCell(cell.source, None if seconds is None else float(seconds), stops)

    def _allows_errors(self, cell: Any, name: str | None = None) -> bool:
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        return not self.force_raise_errors and (
            self.allow_errors or tagged or (name is not None and name in self.allow_error_names)
        )

    def _save(self, cell: Any, index: int, run: CellRun | None, failure: str) -> None:
        """Write into a cell what became of it."""
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
        self._update_room -= shown * (_UPDATE + len(json.dumps(msg["content"]))) if shown else 0
        if self._update_room >= 0:
            super()._update_display_id(display_id, msg)

    def _reply(self, cell: Any, run: CellRun | None, failure: str) -> dict[str, Any]:
        """What a kernel would have replied, or why there is no reply."""
        if run is None:
            return _error(_DEAD, f"not run, because a cell before it ended the notebook: {failure}")
        if run.interrupted:
            if not self.interrupt_on_timeout:
                raise CellTimeoutError.error_from_timeout_and_cell(
                    "Cell execution timed out", self._get_timeout(cell), cell
                )
            if run.reply is None:
                return _error("CellTimeoutError", failure)
            if self.error_on_timeout:
                return {**self.error_on_timeout, "status": "error"}
        return run.reply if run.reply is not None else _error(_DEAD, failure)

    def _warn_of_libraries(self, reply: dict[str, Any]) -> None:
        """A student can't know what an instructor forgot to declare."""
        name = reply["evalue"].split("'")[1] if reply["evalue"].startswith("No module named '") else ""
        top = name.partition(".")[0]
        declared = top in self.libraries or not top.isidentifier()
        if reply["ename"] == "ModuleNotFoundError" and not declared and importlib.util.find_spec(top):
            self.log.warning(
                "A notebook imports %s, which is installed but not declared; if that is meant to be, add it to "
                "c.Execute.libraries in nbgrader_config.py",
                top,
            )


def share_engines() -> None:
    """From now on nbgrader, in this process, keeps one engine for a gradebook.

    It asks for one ten times for each notebook, and every engine compiles all its statements anew, which takes longer
    than running the notebook. What is kept is the engine; nbgrader still closes its connections.
    """
    if not hasattr(nbgrader.api.create_engine, "cache_info"):
        nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)


def read_files(folder: Path, most: int) -> Iterator[tuple[str, bytes]]:
    """What lies beside a notebook, without other notebooks: path below the folder, and content.

    Raises:
        SandboxError: there is more than `most` bytes of it.
    """
    left = most
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in (".ipynb_checkpoints", "__pycache__"))
        for path in (Path(place) / name for name in sorted(names)):
            found = path.lstat()
            if path.suffix == ".ipynb" or not stat.S_ISREG(found.st_mode):
                continue
            left -= found.st_size
            if left < 0:
                raise SandboxError(
                    f"the files in {folder} take more than {most >> 20} MB; raise c.Execute.files_mb in "
                    "nbgrader_config.py, or remove what was not asked for"
                )
            yield str(path.relative_to(folder)), path.read_bytes()


def check_language(nb: Any) -> None:
    """Raises SandboxError for a notebook in another language than Python."""
    kernel = nb.metadata.get("kernelspec", {})
    language = kernel.get("language") or nb.metadata.get("language_info", {}).get("name")
    if language is None:
        language = "python" if str(kernel.get("name", "python")).startswith("python") else None
    if language is not None and language.lower() not in ("python", "python3", "ipython"):
        raise SandboxError(
            f"the notebook is in {language}, and the sandbox runs Python only; leave nbgrader's own Execute for it"
        )


@functools.lru_cache(maxsize=1)
def _open_shells(limits: Limits, libraries: tuple[str, ...], trusting: bool) -> NotebookSandbox:
    """One for the whole run: nbgrader makes its preprocessors anew for each notebook.

    Raises:
        SandboxError: notebooks cannot be run here, or not isolated.
    """
    shells = NotebookSandbox(limits, libraries)
    atexit.register(shells.close)
    level = shells.isolation.level
    if level == "none" and not trusting:
        raise SandboxError(
            f"notebooks can't be isolated here ({'; '.join(shells.isolation.reasons)}); see `grader doctor`, or set "
            "c.Execute.trust_submissions = True if you trust all of them"
        )
    if level != "none" and (leaks := find_shell_leaks(shells)):
        raise SandboxError(f"notebooks are not isolated: they can {', '.join(leaks)}; nothing was run")
    return shells


def _environment() -> tuple[tuple[str, str], ...]:
    """What nbgrader says to notebooks."""
    return tuple((name, value) for name, value in os.environ.items() if name.startswith("NBGRADER_"))


def _error(name: str, why: str) -> dict[str, Any]:
    return {
        "status": "error", "ename": name, "evalue": why, "traceback": [f"\x1b[0;31m{name}\x1b[0m: {why}"],
    }  # fmt: skip


def _name(step: Any) -> str:
    """The full name of a step; nbgrader's own without the module that its package takes them from."""
    name = step if isinstance(step, str) else f"{step.__module__}.{step.__qualname__}"
    if "." not in name:
        return f"{_PREPROCESSORS}.{name}"
    return f"{_PREPROCESSORS}.{name.rpartition('.')[2]}" if name.startswith(f"{_PREPROCESSORS}.") else name


_LANGUAGE = NotebookNode(
    name="python",
    version=platform.python_version(),
    mimetype="text/x-python",
    codemirror_mode=NotebookNode(name="ipython", version=3),
    pygments_lexer="ipython3",
    nbconvert_exporter="python",
    file_extension=".py",
)
