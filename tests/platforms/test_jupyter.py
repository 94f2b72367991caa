"""`from grader import check`: what a student sees in a notebook is what grading will say."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
import warnings
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from grader import check
from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.core.errors import GraderError
from grader.grading.grade import Grader
from grader.grading.prepare import PreparedAssignment, prepare
from grader.problems.course import Course
from grader.reports.report import ProblemReport
from grader.truths.cache import user_cache
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

SAMPLE = ROOT / "grader" / "sample_class"
# Each loads without errors and does not run out of time.
FILES = (
    "by-formula.py", "by-svd.py", "transposes.py", "row-major.py", "wrong-shapes.py", "single-precision.py",
    "finite-differences.py", "raises.py", "noisy.py",
)  # fmt: skip


@pytest.fixture(autouse=True)
def in_the_course(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("GRADER_SEED", raising=False)


@pytest.fixture(scope="module")
def public_exam(course: Course) -> PreparedAssignment:
    return prepare(course, course.assignment("lecture05"), course.seed, store=user_cache())


def right(A: Any, dA: Any) -> Any:
    X = np.linalg.inv(A)
    return -X @ dA @ X


def essence(report: ProblemReport) -> tuple[Any, ...]:
    """All but times, places in a file, and digits that another number of threads may round otherwise."""
    error = report.error and report.error.kind
    findings = [(item.check, item.outcome, item.score, item.max_score) for item in report.findings]
    return report.verdict, report.score, report.max_score, report.diagnosis, error, findings, report.hints


@pytest.mark.parametrize("name", FILES)
def test_a_check_finds_what_grading_finds(
    public_exam: PreparedAssignment, sandbox: Sandbox, name: str
) -> None:
    graded = Grader(public_exam, sandbox).grade(read_submission(SAMPLE / name))
    functions: dict[str, Any] = {}
    exec(compile((SAMPLE / name).read_text(encoding="utf-8"), name, "exec"), functions)
    for problem in graded.problems:
        if problem.function in functions:
            with warnings.catch_warnings(action="ignore"):  # here they would be errors
                checked = check(problem.id, functions[problem.function])
            assert essence(checked.report.problems[0]) == essence(problem)


@pytest.fixture(scope="module")
def sandbox(course: Course) -> Any:
    from grader.grading.course_limits import limits_of

    with Sandbox(limits_of(course), course.libraries) as sandbox:
        yield sandbox


def test_points_are_a_built_in_number_up_to_what_the_problem_is_worth() -> None:
    for function, points in ((right, 10.0), (lambda A, dA: right(A, dA).T, 3.0), (lambda A, dA: None, 0.0)):
        found = check("inv-differential", function).points
        assert type(found) is float and found == points


def test_another_seed_asks_other_questions() -> None:
    asked: list[list[Any]] = [[], []]
    for seen, seed in zip(asked, (None, 99), strict=True):
        check("det-gradient", lambda A, seen=seen: seen.append(A) or A, seed=seed)
    first, second = asked
    assert not all(np.array_equal(A, B) for A, B in zip(first, second, strict=False))


def test_arguments_are_as_a_sandbox_gives_them() -> None:
    kinds: set[Any] = set()
    check("det-pullback", lambda A, g: kinds.add((A.flags["C_CONTIGUOUS"], A.flags["WRITEABLE"], type(g))))
    assert {kind for _, _, kind in kinds} <= {int, np.float64, np.complex128}
    assert {flags[:2] for flags in kinds} == {(True, True)}


def test_an_unknown_problem_is_told_with_the_nearest_name() -> None:
    with pytest.raises(GraderError, match="did you mean 'inv-differential'") as caught:
        check("inv-diferential", right)
    assert caught.value._render_traceback_() == [f"Error: {caught.value}"]


def test_arguments_in_the_wrong_order_are_told() -> None:
    with pytest.raises(GraderError, match=re.escape('check("inv-differential", inv_differential)')):
        check(right, "inv-differential")  # type: ignore[arg-type]


def test_what_is_no_function_is_told_on_the_card() -> None:
    found = check("inv-differential", np.eye(2))
    assert found.report.problems[0].verdict == "missing"
    assert "not a function" in repr(found) and "not a function" in found._repr_html_()


def noisy(A: Any, dA: Any) -> Any:
    print("looking at", A.shape)
    print("to the other stream", file=sys.stderr)
    return right(A, dA)


def test_what_a_function_prints_is_on_the_card_and_nowhere_else(capfd: pytest.CaptureFixture[str]) -> None:
    found = check("inv-differential", noisy)
    assert capfd.readouterr() == ("", "")
    assert found.points == 10.0
    for text in ("looking at", "to the other stream"):
        assert text in found.report.output and text in found._repr_html_()


def test_endless_prints_are_cut() -> None:
    found = check("inv-differential", lambda A, dA: print("x" * 10_000) or right(A, dA))
    kept, _, told = found.report.output.partition("\n…")
    assert len(kept) <= 64 * 1024 and "more than 64 KB" in told and found.points == 10.0


def test_an_interrupt_stops_the_check_at_once() -> None:
    calls = []

    def interrupted(A: Any, dA: Any) -> Any:
        calls.append(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("inv-differential", interrupted)
    assert calls == [1]
    assert sys.stdout is not None and not hasattr(sys.stdout, "text")


def _helper(A: Any) -> Any:
    return A @ undefined  # type: ignore[name-defined] # noqa: F821


def fails(A: Any, dA: Any) -> Any:
    return _helper(A)


def test_an_error_is_told_with_its_line() -> None:
    (problem,) = check("inv-differential", fails).report.problems
    assert problem.verdict == "error" and problem.error is not None
    assert problem.error.message == "inv_differential raised NameError: name 'undefined' is not defined"
    assert problem.error.text.startswith("return A @ undefined")
    number = _helper.__code__.co_firstlineno + 1
    assert problem.error.place == f"line {number}"
    assert problem.error.excerpt is not None and problem.error.excerpt.marked == number
    assert "def _helper(A: Any) -> Any:" in problem.error.excerpt.lines


def _by_yaml(A: Any) -> Any:
    return yaml.safe_load("2") * A


def reads_yaml(A: Any) -> Any:
    return _by_yaml(A)


def imports_flint(A: Any) -> Any:
    def inner() -> Any:
        import flint.types

        return flint

    return inner() and A


def uses_what_there_is(A: Any) -> Any:
    import math

    return np.linalg.inv(A) * math.pi + len(re.findall("a", "a"))


def test_a_library_that_grading_lacks_is_told() -> None:
    for function, name in ((reads_yaml, "yaml"), (imports_flint, "flint")):
        found = check("det-gradient", function)
        assert found.note == f"Your code uses {name}; in grading there are numpy and the standard library."
        assert found.note in found._repr_html_() and found.note in repr(found)
    assert check("det-gradient", uses_what_there_is).note == ""
    assert check("inv-differential", right).note == check("inv-differential", np.linalg.inv).note == ""


def unwritten(A: Any, dA: Any) -> Any:
    raise NotImplementedError


def test_a_stub_is_missing_and_not_wrong() -> None:
    found = check("inv-differential", unwritten)
    assert found.report.problems[0].verdict == "missing"
    assert "not written yet" in repr(found)


RED = "\x1b[31m"


def hostile(A: Any, dA: Any) -> Any:
    print("<img src=x>", RED)
    raise ValueError("<script>alert(1)</script>\u202e")


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_card_has_no_script_whatever_a_function_says() -> None:
    html = check("inv-differential", hostile)._repr_html_()
    assert "&lt;script&gt;" in html and "&lt;img" in html
    assert not re.search("[\x1b\u202e]|\\[31m", html)
    seen = Tags()
    seen.feed(html)
    assert not seen.tags & {"script", "img", "iframe", "link", "object", "form", "a"}
    assert seen.attributes <= {
        "class",
        "id",
        "aria-labelledby",
        "aria-hidden",
        "aria-label",
        "tabindex",
        "role",
    }


def test_the_card_says_verdict_counterexample_and_hint() -> None:
    html = check("inv-differential", lambda A, dA: A @ dA)._repr_html_()
    for words in ("not yet right", "The smallest case", "You returned", "Hint 1 of 3", "<svg"):
        assert words in html


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys; before = set(sys.modules); import grader; print(*sorted(set(sys.modules) - before))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {name for name in result.stdout.split() if name.partition(".")[0] not in sys.stdlib_module_names}
    assert loaded == {"grader", "grader.core", "grader.core.version"}


def test_outside_a_notebook_show_prints_the_text(tmp_path: Path) -> None:
    file = tmp_path / "answers.py"
    file.write_text(
        textwrap.dedent(
            """\
            import numpy as np
            from grader import check

            def inv_differential(A, dA):
                return np.linalg.inv(A) @ undefined @ dA

            check("inv-differential", inv_differential).show()
            """
        )
    )
    result = subprocess.run(
        [sys.executable, str(file)], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "XDG_CACHE_HOME": str(tmp_path)},
    )  # fmt: skip
    assert "line 5:  return np.linalg.inv(A) @ undefined @ dA" in result.stdout
    assert result.stderr == ""


@pytest.mark.parametrize("seed", [-7, 2**63, "7", 0.5])
def test_a_seed_that_grading_would_refuse_is_refused(seed: Any) -> None:
    with pytest.raises(GraderError, match="it must be a whole number"):
        check("inv-differential", np.linalg.inv, seed=seed)


def test_a_seed_of_numpys_is_a_seed() -> None:
    seed: Any = np.int64(7)
    assert check("inv-differential", lambda A, dA: dA, seed=seed).points < 10


def test_a_faulty_problem_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for id in ("inv-differential", "adjugate"):
        shutil.copytree(ROOT / "exercises" / id, tmp_path / "exercises" / id)
    (tmp_path / "exercises/adjugate/problem.yaml").write_text("title: [")
    (tmp_path / "config.yaml").write_text(
        "course: T\nassignments: {w: {problems: [inv-differential, adjugate]}}"
    )
    monkeypatch.chdir(tmp_path)
    assert check("inv-differential", right).report.problems[0].verdict == "right"
    with pytest.raises(GraderError, match=r"adjugate/problem\.yaml has 1 fault"):
        check("adjugate", right)
