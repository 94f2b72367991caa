"""Marks of an assignment that is not ours: `nbgrader autograde` with a kernel, and with our preprocessor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbgrader.preprocessors import Execute as KernelExecute
from traitlets.config import Config

from grader.answers.sandbox.answer import SandboxError
from grader.nbgrader.execute import Execute, configure_execute
from tests.platforms.nbgrader.foreign import (
    Course,
    answer,
    answered,
    graded,
    manual,
    notebook,
    outputs,
    plain,
    text,
)  # fmt: skip

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.nbgrader]

SOURCE = notebook(
    text("# Squares"),
    plain("import numpy as np"),
    answer("square", "### BEGIN SOLUTION\ndef square(x):\n    return x * x\n### END SOLUTION"),
    graded("public", "assert square(2) == 4"),
    graded("hidden", "### BEGIN HIDDEN TESTS\nassert square(-3) == 9\n### END HIDDEN TESTS", 2),
    graded("partial", "right = [square(x) == x * x for x in range(4)]\nsum(right) / 4 * 3", 3),
    graded("data", "assert square(float(open('data.txt').read())) == 6.25"),
    manual("essay", "### BEGIN SOLUTION\n# because\n### END SOLUTION", 4),
    graded("last", "assert True"),
)
STUDENTS: dict[str, str | None] = {
    "right": "def square(x):\n    return x ** 2",
    "wrong": "def square(x):\n    return 2 * x",
    "positive": "def square(x):\n    return abs(x) * x",
    "nothing": "",
    "unchanged": None,
    "syntax": "def square(x)\n    return x",
    "raises": "def square(x):\n    raise NotImplementedError()",
    "talks": "def square(x):\n    print('computing', x)\n    return x * x",
    "warns": "import warnings\ndef square(x):\n    warnings.warn('slow')\n    return x * x",
    "exits": "import sys\ndef square(x):\n    sys.exit()",
    "loops": "def square(x):\n    while x < 0: pass\n    return x * x",
    "too many points": "def square(x):\n    return type('T', (), {'__eq__': lambda *a: 4})()",
    "numpy": "def square(x):\n    return np.square(x)",
    "silenced": "import IPython.core.interactiveshell as s\ns.InteractiveShell.showtraceback = lambda *a, **k: None",
    "cheats": "import builtins\nbuiltins.AssertionError = ValueError\ndef square(x):\n    return 0",
}


def _course(folder: Path, ours: bool) -> Course:
    def configure(config: Config) -> None:
        config.Execute.timeout = 3
        if ours:
            configure_execute(config)

    course = Course(folder, configure)
    course.release({"p1.ipynb": SOURCE, "data.txt": "2.5"})
    released = course.released()
    for student, source in STUDENTS.items():
        nb = released if source is None else answered(released, {"square": source, "essay": "# I think"})
        course.submit(student.replace(" ", "-"), {"p1.ipynb": nb})
    edited = answered(released, {"square": str(STUDENTS["wrong"])})
    edited.cells[3].source = "assert True"
    edited.cells[3].metadata.nbgrader["points"] = 100
    course.submit("edited", {"p1.ipynb": edited})
    late = answered(released, {"square": str(STUDENTS["right"])})
    course.submit("late", {"p1.ipynb": late, "timestamp.txt": "2030-01-01 00:00:00 UTC"})
    return course


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Course]:
    courses = tuple(
        _course(tmp_path_factory.mktemp(name), ours) for name, ours in (("kernel", False), ("ours", True))
    )
    done = [course.autograde() for course in courses]
    assert done == [False, False]  # one gives itself too many points, at which nbgrader stops
    return courses[0], courses[1]


@pytest.mark.parametrize("student", [*STUDENTS, "edited", "late"])
def test_marks_are_those_with_a_kernel(student: str, both: tuple[Course, Course]) -> None:
    theirs, ours = (course.scores(student.replace(" ", "-")) for course in both)
    assert ours == theirs


def test_the_marks_are_the_right_ones(both: tuple[Course, Course]) -> None:
    scores = {name: both[1].scores(name) for name in ("right", "wrong", "positive", "loops")}
    assert [scores["right"][cell][0] for cell in ("public", "hidden", "partial", "data")] == [1, 2, 3, 1]
    assert [scores["wrong"][cell][0] for cell in ("public", "hidden", "partial", "data")] == [1, 0, 1.5, 0]
    assert scores["positive"]["hidden"] == (0, False) and scores["loops"]["hidden"] == (0, False)
    assert scores["loops"]["data"] == (1, False)  # later cells run on


def test_what_is_saved_is_the_same(both: tuple[Course, Course]) -> None:
    for student in ("right", "wrong", "syntax", "raises", "nothing"):
        theirs, ours = (course.autograded(student) for course in both)
        assert [_said(cell) for cell in outputs(ours)] == [_said(cell) for cell in outputs(theirs)]
        assert [cell.source for cell in ours.cells] == [cell.source for cell in theirs.cells]


def _said(cell: list[dict[str, Any]]) -> list[Any]:
    return [output.get("ename") or output.get("text") or output.get("data") for output in cell]


SLOW = "import time\nprint('begun')\nfor _ in range(100): time.sleep(0.1)"
STUBBORN = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"


@pytest.mark.parametrize("reply", [True, False])
def test_a_cell_that_takes_too_long_is_interrupted_and_those_after_it_run(reply: bool) -> None:
    shown = []
    for step in (KernelExecute, Execute):
        execute = step(timeout=1, **({} if reply else {"error_on_timeout": {}}))
        nb, _ = execute.preprocess(notebook(plain("x = 1"), plain(SLOW), plain("x")), {})
        shown.append([_said(cell) for cell in outputs(nb)])
    assert shown[1] == shown[0]
    assert shown[1][1] == ["begun\n", "KeyboardInterrupt", *(["CellTimeoutError"] if reply else [])]


def test_a_timeout_without_an_interrupt_is_raised() -> None:
    for step in (KernelExecute, Execute):
        with pytest.raises(CellTimeoutError):
            step(timeout=1, interrupt_on_timeout=False).preprocess(notebook(plain(SLOW)), {})


@pytest.mark.parametrize(
    "fatal, words",
    [
        (STUBBORN, "took too long and could not be interrupted"),
        ("import os\nos._exit(3)", "exit code 3"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", ""),
        ("import ctypes\nctypes.string_at(0)", "crashed"),
    ],
)
def test_what_ends_the_process_costs_its_cell_and_those_after_it(fatal: str, words: str) -> None:
    nb, _ = Execute(timeout=1).preprocess(notebook(plain("'before'"), plain(fatal), plain("'after'")), {})
    before, ended, after = outputs(nb)
    assert before[0]["data"] == {"text/plain": "'before'"}
    if words:
        assert words in ended[-1]["evalue"] and ended[-1]["ename"] in ("DeadKernelError", "CellTimeoutError")
        assert after[0]["ename"] == "DeadKernelError" and after[0]["evalue"].startswith("not run")


def test_errors_that_are_not_allowed_end_the_notebook() -> None:
    cells = (plain("1 / 0", "raises-exception"), plain("undefined"), plain("print('not reached')"))
    for step in (KernelExecute, Execute):
        nb = notebook(*map(dict_copy, cells))
        with pytest.raises(CellExecutionError, match="undefined"):
            step(allow_errors=False).preprocess(nb, {})
        assert [_said(cell) for cell in outputs(nb)] == [["ZeroDivisionError"], ["NameError"], []]


def test_errors_are_allowed_by_name() -> None:
    for step in (KernelExecute, Execute):
        execute = step(allow_errors=False, allow_error_names=["ZeroDivisionError"])
        nb, _ = execute.preprocess(notebook(plain("1 / 0"), plain("'after'")), {})
        assert [_said(cell) for cell in outputs(nb)] == [["ZeroDivisionError"], [{"text/plain": "'after'"}]]


def test_tagged_and_empty_cells_are_skipped() -> None:
    for step in (KernelExecute, Execute):
        cells = (
            plain("'one'"),
            plain("'skipped'", "skip-execution"),
            plain("  \n"),
            text("'text'"),
            plain("'two'"),
        )
        nb, _ = step().preprocess(notebook(*cells), {})
        assert [_said(cell) for cell in outputs(nb)] == [
            [{"text/plain": "'one'"}], [], [], [{"text/plain": "'two'"}],
        ]  # fmt: skip


def dict_copy(cell: Any) -> Any:
    """A cell of its own."""
    return plain(cell.source, *cell.metadata.get("tags", []))


def test_another_language_is_refused() -> None:
    nb = notebook(plain("1"))
    nb.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    with pytest.raises(SandboxError, match="in R"):
        Execute().preprocess(nb, {})


def test_too_large_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(bytes(2 << 20))
    with pytest.raises(SandboxError, match=r"more than 1 MB; raise c\.Execute\.files_mb"):
        Execute(files_mb=1).preprocess(notebook(plain("1")), {"metadata": {"path": str(tmp_path)}})


def test_other_notebooks_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "p1.ipynb").write_text("hidden tests")
    nb, _ = Execute().preprocess(
        notebook(plain("import os; os.listdir()")), {"metadata": {"path": str(tmp_path)}}
    )
    assert outputs(nb)[0][0]["data"] == {"text/plain": "[]"}


def test_without_isolation_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    import grader.platforms.nbgrader.execute as module
    from grader.answers.sandbox.notebook_sandbox import NotebookSandbox

    monkeypatch.setattr(
        module,
        "NotebookSandbox",
        lambda limits, libraries: NotebookSandbox(limits, libraries, strongest="none"),
    )
    step = Execute(notebook_timeout=77)
    with pytest.raises(SandboxError, match="can't be isolated here"):
        step.preprocess(notebook(plain("1")), {})
    nb, _ = Execute(notebook_timeout=77, trust_submissions=True).preprocess(notebook(plain("1")), {})
    assert outputs(nb)[0][0]["data"] == {"text/plain": "1"}


def test_where_attempts_succeed_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    import grader.platforms.nbgrader.execute as module
    from grader.answers.sandbox.notebook_sandbox import NotebookSandbox

    monkeypatch.setattr(
        module,
        "NotebookSandbox",
        lambda limits, libraries: NotebookSandbox(limits, libraries, without=("seccomp", "limits")),
    )
    with pytest.raises(SandboxError, match=r"they can .*raise limits"):
        Execute(notebook_timeout=78).preprocess(notebook(plain("1")), {})


def test_only_steps_of_nbgraders_are_replaced_and_the_others_stay() -> None:
    from nbgrader.preprocessors import Execute as Theirs
    from traitlets.utils.importstring import import_item

    from grader.nbgrader import configure

    config = Config()
    config.Autograde.autograde_preprocessors = [
        Theirs,
        "a.course.Step",
        "nbgrader.preprocessors.execute.Execute",
    ]
    configure_execute(config, libraries=("numpy", "jinja2"))
    ours = "grader.nbgrader.execute.Execute"
    assert config.Autograde.autograde_preprocessors == [ours, "a.course.Step", ours]
    assert config.Execute.libraries == ["numpy", "jinja2"]
    configure_execute(config, libraries=("jinja2"))  # brackets without a comma are none
    assert config.Execute.libraries == ["jinja2"]
    mixed = Config()
    configure(mixed)
    before = list(mixed.Autograde.autograde_preprocessors)
    configure_execute(mixed)
    after = mixed.Autograde.autograde_preprocessors
    assert [name.rpartition(".")[2] for name in after] == [name.rpartition(".")[2] for name in before]
    steps = [import_item(name) for name in (*mixed.Autograde.sanitize_preprocessors, *after)]
    assert [step for step in steps if issubclass(step, Theirs)] == [
        step for step in steps if issubclass(step, Execute)
    ]
