"""One's own file is checked where there is no sandbox, and whoever does is told so."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.answers.sandbox import Call, Failed, Limits, Sandbox
from grader.answers.sandbox.unconfined_sandbox import UnconfinedSandbox
from grader.reports.code import CodeCell
from tests.answers.asking import A, ask, failure, part
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

RIGHT = (
    "import numpy as np\n\n\ndef inv_differential(A, dA):\n    X = np.linalg.inv(A)\n    return -X @ dA @ X\n"
)


@pytest.fixture(scope="module")
def plain() -> Iterator[Sandbox]:
    with UnconfinedSandbox(Limits(seconds=4.0, cpu_seconds=1.5, total_seconds=20.0)) as sandbox:
        yield sandbox


def there(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What the grader does on such a system."""
    return subprocess.run(
        [sys.executable, str(ROOT / "tests" / "answers" / "other_system.py"), "grader", *arguments],
        cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100"},
    )  # fmt: skip


def test_ones_own_file_is_checked_and_it_is_said_that_nothing_confines_it(tmp_path: Path) -> None:
    (tmp_path / "answers.py").write_text(RIGHT)
    result = there("check", "answers.py", "--problem", "inv-differential", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "inv_differential is right: 10 of 10 points.\n"), (
        result.stderr
    )
    assert "cannot isolate your code" in result.stderr

    (tmp_path / "answers.py").write_text(RIGHT.replace("-X", "X"))
    wrong = there("check", "answers.py", "--problem", "inv-differential", "--json", cwd=tmp_path)
    report = json.loads(wrong.stdout)
    assert wrong.returncode == 1 and report["isolation"] == "none"
    assert report["problems"][0]["diagnosis"]["id"] == "sign"


def test_nothing_that_is_missing_there_is_imported_on_the_way(tmp_path: Path) -> None:
    for command in (("--help",), ("show", "inv-differential"), ("schema", "problem")):
        result = there(*command, cwd=tmp_path)
        assert result.returncode == 0, result.stderr


def test_a_class_is_not_graded_without_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / "ann.py").write_text(RIGHT)
    result = there("grade", "ann.py", "-o", "out", cwd=tmp_path)
    assert result.returncode == 2 and "Linux" in result.stderr


def test_answers_and_failures_are_those_of_the_sandbox(plain: Sandbox) -> None:
    source = (
        "print('hello')\ndef f(A): return 2 * A\ndef g(A): return A.nothing\ndef h(A): import pandas\n"
        "def k(A): return input()\n"
    )
    run = ask(plain, source, "f", "g", "h", "k", "m")
    assert (part(run.answers[0]) == 2 * A).all()
    kinds = [failure(answer)[0] for answer in run.answers[1:]]
    assert kinds == ["raised", "import", "raised", "missing"]
    assert run.output.startswith("hello")
    assert plain.isolation.level == "none"


@pytest.mark.parametrize(
    ("body", "kind"), [("while True: pass", "too_slow"), ("import os; os._exit(3)", "died")]
)
def test_a_function_that_hangs_or_exits_costs_itself_alone(plain: Sandbox, body: str, kind: str) -> None:
    run = ask(plain, f"def f(A):\n    {body}\ndef g(A): return A", "f", "g")
    assert failure(run.answers[0])[0] == kind
    assert (part(run.answers[1]) == A).all()


def test_a_cell_that_sleeps_costs_itself_alone(plain: Sandbox) -> None:
    cells = [CodeCell("cell 1", "def f(A): return A"), CodeCell("cell 2", "import time; time.sleep(60)")]
    run = plain.run(cells, [Call("f", (A,), "f(A)")], patience=math.inf)
    assert not isinstance(run.answers[0], Failed)
    assert [fault.subject for fault in run.load_failures] == ["cell 2"]


def test_libraries_that_load_slowly_take_none_of_the_students_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slow_library.py").write_text("import time\ntime.sleep(6)\n")
    monkeypatch.syspath_prepend(tmp_path)
    with UnconfinedSandbox(Limits(5.0, 5.0, 60.0), ("numpy", "slow_library")) as sandbox:
        run = ask(sandbox, "def f(A): return A", "f")
    assert not run.load_failures and (part(run.answers[0]) == A).all()
