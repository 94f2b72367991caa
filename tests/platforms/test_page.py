"""The page of formulas: what is in its files, and that it judges as the command line does."""

from __future__ import annotations

import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from grader import grade_file
from grader.core.errors import GraderError
from grader.formulas.answers_file import read_formula
from grader.formulas.faults import signature_of
from grader.formulas.sealed import hash_values, is_settled, seal
from grader.grading.formula_grading import exact_answers, judge_formula
from grader.grading.prepare import prepare
from grader.platforms.page.build import build_page
from grader.platforms.page.checker_archive import Checker, pack_checker, prepare_checker
from grader.platforms.page.choose_problems import choose, find_obstacle
from grader.platforms.page.course_json import read_course, write_course
from grader.platforms.page.in_browser import Page, open_page
from grader.platforms.page.runtime import find_flint, find_pyodide
from grader.problems.course import Course, load_course, open_course
from grader.truths.cache import user_cache
from tests.conftest import ROOT

pytestmark = pytest.mark.sampled

RIGHT = {
    "det-gradient": "adj(A)^T",
    "adjugate": "adj(A)",
    "det-differential": "tr(adj(A) dA)",
    "logdet-gradient": "A^-H",
    "inv-differential": "X = A^-1\n-X dA X",
    "inv-jacobian": "-kron(A^-T, A^-1)",
    "det-pullback": "g adj(A)^H",
    "inv-pullback": "-A^-H G A^-H",
}
OTHERS = {
    "det-gradient": (
        "det(A) A^-T", "adj(A)", "-adj(A)^T", "2 adj(A)^T", "adj(A)^T A", "adj(A)^T + A", "det(A)", "1/A",
        "adj(A", "dett(A)",
    ),
    "det-differential": (
        "det(A) tr(A^-1 dA)", "tr(A^-1 dA)", "det(A) tr(A^-T dA)", "-tr(adj(A) dA)", "tr(adj(dA) A)", "tr(dA)",
        "adj(A) dA", "det(A)",
    ),
    "inv-differential": (
        "A^-1 dA A^-1", "-A^-1 dA", "-A^-2 dA", "-dA A^-2", "-(A^-1 dA A^-1)^T", "-A^-1 dA^T A^-1", "A^-1",
        "-A^-1 * dA * A^-1", "-inv(A) dB inv(A)", "-A dA A",
    ),
    "inv-jacobian": (
        "-kron(A^-1, A^-T)", "kron(A^-T, A^-1)", "-kron(A^-1, A^-1)", "-A^-1 A^-1", "kron(A)", "-kron(A^T, A)",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT)


@pytest.fixture(scope="module")
def prepared(course: Course) -> dict[str, Any]:
    made = prepare(course, course.assignments["lecture05"], course.seed, store=user_cache())
    return {one.problem.id: one for one in made.problems}


@pytest.fixture(scope="module")
def written(course: Course, prepared: dict[str, Any]) -> str:
    mistakes = {id: solution.mistakes for id in prepared if (solution := course.solution(id))}
    return write_course([choose(one, mistakes[id]) for id, one in prepared.items()])


@pytest.fixture(scope="module")
def page(written: str) -> Page:
    return open_page(written)


@pytest.mark.parametrize("id", RIGHT)
def test_a_right_formula_is_right(page: Page, id: str) -> None:
    checked = json.loads(page.check(id, RIGHT[id]))
    assert (checked["verdict"], checked["diagnosis"], checked["reading"]["fault"]) == ("right", "", None)


@pytest.mark.parametrize(("id", "text"), [(id, text) for id, texts in OTHERS.items() for text in texts])
def test_the_page_says_what_the_command_line_says(
    page: Page, prepared: dict[str, Any], id: str, text: str
) -> None:
    checked = json.loads(page.check(id, text))
    one = prepared[id]
    report = judge_formula(one, read_formula(text, signature_of(one.problem)), exact_answers(one))
    assert checked["verdict"] == report.verdict != "right"
    if report.diagnosis is not None and report.diagnosis.kind in ("mistake", "formula"):
        assert checked["diagnosis"] == report.diagnosis.id


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("inv-differential", "-A^+ dA A^+"),
        ("inv-differential", "-lstsq(A, dA) A^-1"),
        ("inv-differential", "reshape(-kron(A^-T, A^-1) vec(dA), n, n, order='F')"),
        ("det-differential", "sum(diag(adj(A) dA))"),
        ("det-differential", "ravel(adj(A).T) @ ravel(dA)"),
        ("det-gradient", "swapaxes(adj(A), 0, 1)"),
        ("det-gradient", "tril(adj(A)') + triu(adj(A)', 1)"),
        ("det-differential", "vec(adj(A)')' vec(dA)"),
        ("adjugate", "adj(A) if n > 1 and not n == 0 else ones(n // 1, 1)"),
    ],
)
def test_other_functions_of_the_language_are_there(page: Page, id: str, text: str) -> None:
    assert json.loads(page.check(id, text))["verdict"] == "right"


@pytest.mark.parametrize(
    "text", ["adj(A) if n > 1 else 7 ones(1, 1)", "adj(A) if n != 1 else 7", "adj(A) (1 if n > 1 else 0)"]
)
def test_a_formula_that_is_wrong_for_one_size_is_wrong(page: Page, text: str) -> None:
    assert json.loads(page.check("adjugate", text))["verdict"] == "wrong"


def test_a_function_that_a_browser_lacks_is_said(page: Page) -> None:
    checked = json.loads(page.check("inv-differential", "expm(A) dA"))
    assert checked["verdict"] == "error" and checked["state"]["words"] == "cannot be read"
    assert "expm is not available on this page" in checked["reading"]["html"]


@pytest.mark.parametrize(
    "text", ["A^500", "1e200 A 1e200", "exp(exp(exp(A)))", "()", "A^T^T^T", "𝐀 + dQ", "", "\n", "A;", "("]
)
def test_no_text_makes_the_page_fail(page: Page, text: str) -> None:
    assert json.loads(page.check("inv-differential", text))["verdict"] in ("wrong", "error")


@pytest.mark.parametrize("text", ["-A^-1 real(dA) A^-1", "real(-A^-1 dA A^-1)", "-A^-1 dA A^-1 + imag(A)"])
def test_what_repairs_a_formula_at_some_inputs_only_is_not_said(page: Page, text: str) -> None:
    checked = json.loads(page.check("inv-differential", text))
    assert checked["verdict"] == "wrong" and checked["diagnosis"] in ("", "real-parts", "wrong-extra")


def test_helpers_that_double_with_every_line_take_no_time(page: Page) -> None:
    lines = ["X0 = A", *(f"X{k + 1} = X{k} + X{k}" for k in range(40)), "X40"]
    assert json.loads(page.check("adjugate", "\n".join(lines)))["verdict"] == "wrong"


def test_the_file_to_submit_has_each_answer_under_its_name(
    page: Page, course: Course, tmp_path: Path
) -> None:
    texts = {
        "inv-jacobian": "-kron(A^-T,\n  A^-1)",
        "logdet-gradient": "A^-H\n# done",
        "inv-differential": "X = A^-1\n-X dA X",
        "adjugate": "adjugate(B) = adj(B)",
    }
    file = json.loads(page.write("", json.dumps(["Lecture", [*texts.items()]])))
    (tmp_path / "answers.txt").write_text(file, "utf-8")
    report = grade_file(tmp_path / "answers.txt", course, "lecture05")
    right = {problem.id for problem in report.problems if problem.verdict == "right"}
    assert right == texts.keys()


def test_a_helper_with_the_name_of_another_problem_is_a_fault(page: Page) -> None:
    checked = json.loads(page.check("det-gradient", "adjugate = adj(A)\nadjugate^T"))
    assert "another problem" in checked["reading"]["html"]


def test_norms_that_a_browser_lacks_are_found_in_parameters(course: Course) -> None:
    assert find_obstacle(course.problems["norm-gradient"]) == "a browser has no norm 2, norm nuc"


def test_what_is_written_comes_back(written: str) -> None:
    problems = read_course(written)
    assert write_course_again(problems) == [one["cases"] for one in json.loads(written)]
    assert [one.problem.f.text for one in problems] == [one["f"] for one in json.loads(written)]


def write_course_again(problems: Any) -> list[Any]:
    """The cases of problems as they are written, from balls."""

    def value(x: Any) -> Any:
        if not hasattr(x, "mat"):
            return x
        entries = [complex(entry) for entry in x.entries()]
        out = {"shape": list(x.shape), "real": [entry.real for entry in entries]}
        return {**out, "imag": [entry.imag for entry in entries]} if x.is_complex else out

    return [
        [
            [case.index, case.family, dict(case.sizes), {n: value(v) for n, v in case.values.items()}]
            for case in one.cases
        ]
        for one in problems
    ]


def test_a_fault_has_its_place(page: Page) -> None:
    reading = json.loads(page.read("inv-differential", "X = inv(A)\n-X dB X"))
    assert reading["fault"] == {"from": 14, "to": 16}
    assert "dB" in reading["html"]


def test_a_script_in_a_formula_stays_text(page: Page) -> None:
    text = "A + <script>alert(1)</script>"
    checked = json.loads(page.check("adjugate", text))
    assert "<script" not in checked["html"] + checked["reading"]["html"]


def test_what_a_browser_cannot_judge_is_left_out_and_said(tmp_path: Path) -> None:
    problem = tmp_path / "exercises" / "spectrum"
    problem.mkdir(parents=True)
    text = {
        "signature": "spectrum(A)", "f": "svdvals(A)", "ask": "value", "title": "T", "statement": "S",
        "inputs": {"A": {"shape": ["n", "n"]}}, "checks": [{"check": "reference", "points": 1}],
    }  # fmt: skip
    (problem / "problem.yaml").write_text(yaml.safe_dump(text), "utf-8")
    (tmp_path / "config.yaml").write_text(
        "{course: C, assignments: {week: {problems: [spectrum]}}}\n", "utf-8"
    )
    course = open_course(tmp_path)
    assert find_obstacle(course.problems["spectrum"]) == "a browser has no svdvals"
    with pytest.raises(GraderError, match="spectrum: a browser has no svdvals"):
        build_page(course, course.assignments["week"], 1)


def test_a_mistake_is_recognised_by_its_numbers_alone() -> None:
    words = ("mistake", "sign", "Everything is right but the sign.", "Look again.")
    mistake = seal(words, "p/0", [3, 5], [[1.5, -2.25], [1 / 3]])
    assert b"sign" not in mistake.data
    recognised = mistake.recognise(hash_values([[1.5 + 1e-12, -2.25], [1 / 3 - 1e-12]]))
    assert recognised is not None and recognised.lead == "Everything is right but the sign."
    for others in ([[1.5, 2.25], [1 / 3]], [[1.5, -2.25], [0.3334]]):
        assert mistake.recognise(hash_values(others)) is None


def test_numbers_at_the_edge_of_a_digit_make_no_key() -> None:
    assert is_settled([1.0, 0.12344])
    assert not is_settled([1.0, 0.12345])


def test_what_is_missing_to_run_python_in_a_browser_is_said(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"pyodide\.mjs"):
        find_pyodide(tmp_path)
    with pytest.raises(GraderError, match="--flint"):
        find_flint(tmp_path / "flint.whl")


@pytest.mark.slow
@pytest.mark.xdist_group("page")
def test_the_checker_is_compiled_and_loaded_where_there_is_node(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, pyodide = pack_checker(written), find_pyodide()["pyodide.mjs"].parent
    prepared = prepare_checker(archive, pyodide)
    assert _names(prepared.archive) == {name.replace(".py", ".pyc") for name in _names(archive)}
    assert prepare_checker(pack_checker(written), pyodide).archive == prepared.archive

    assert prepared.memory is not None
    memory = gzip.decompress(prepared.memory)
    assert b"grader.formulas.answers_file" in memory
    assert str(ROOT).encode() not in memory

    monkeypatch.setenv("PATH", "")
    assert prepare_checker(archive, pyodide) == Checker(archive)


def _names(archive: bytes) -> set[str]:
    return set(zipfile.ZipFile(BytesIO(archive)).namelist())


@pytest.mark.slow
@pytest.mark.xdist_group("page")
def test_no_formula_of_a_solution_is_in_the_files(course: Course) -> None:
    page = build_page(course, course.assignments["lecture05"], course.seed)
    assert page.left_out == ()
    texts = "".join(map(_text, page.files.values()))
    own = "".join(_text(page.files[name]) for name in ("index.html", "course.json"))
    for id in course.assignments["lecture05"].points:
        own = own.replace(course.problems[id].f.text, "")

    for id in course.assignments["lecture05"].points:
        folder = ROOT / "solutions" / id
        mistakes = yaml.safe_load((folder / "variants.yaml").read_text("utf-8"))["mistakes"]
        assert not [mistake["id"] for mistake in mistakes if mistake["message"] in texts]
        assert not [mistake["id"] for mistake in mistakes if f'"{mistake.get("formula")}"' in own]
        lines = (folder / "reference.py").read_text("utf-8").splitlines()
        assert not [line for line in lines if "return" in line and line.strip() in texts]


def _text(content: bytes | Path) -> str:
    data = content if isinstance(content, bytes) else b""  # files of others
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    if not zipfile.is_zipfile(BytesIO(data)):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
