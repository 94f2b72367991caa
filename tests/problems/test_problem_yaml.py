from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from grader.authoring.json_schemas import MODELS, SCHEMA_FILES, json_schema, schema_text
from grader.core.errors import AuthorError, GraderError
from grader.problems.course import Course, load_course
from grader.problems.load import load_problem
from grader.problems.yaml_reader import read_yaml
from tests.conftest import MINIMAL, ROOT

Write = Callable[..., Path]


def faults(path: Path) -> str:
    with pytest.raises(AuthorError) as caught:
        load_problem(path)
    return str(caught.value)


def test_ten_lines_make_a_problem(write_problem: Write) -> None:
    problem = load_problem(write_problem())
    assert problem.signature == "square_gradient(A)"
    assert problem.wrt == ("A",)
    assert len(MINIMAL.splitlines()) <= 10


def test_all_faults_come_at_once_with_lines_and_the_nearest_spelling(write_problem: Write) -> None:
    text = """\
title: Differential of the inverse
statement: Return it.
signature: inv_differential(A, dA)
f: invs(A) @ B
ask: differential
inputs:
  A:
    shape: [n, n]
    family: [generic, symetric]
sizes: {n: [2, -1]}
checks:
  - {check: shape, points: 1}
  - {check: refrence, points: 1}
  - {check: taylor, points: -1}
hint: [think]
"""
    message = faults(write_problem(text))
    assert "has 6 faults" in message
    assert "line 4, f: column 1: unknown function 'invs'; did you mean 'inv'?" in message
    assert "line 9, inputs.A.family[1]: unknown family 'symetric'; did you mean 'symmetric'?" in message
    assert "line 10, sizes.n[1]: -1 must be 0 or more" in message
    assert "line 13, checks[1].check: unknown check 'refrence'; did you mean 'reference'?" in message
    assert "line 14, checks[2].points: -1 must be 0 or more" in message
    assert "line 15, hint: unknown key; did you mean 'hints'?" in message


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("f: trace(A @ A)", "f: trace(A @ B)", "line 4, f: column 11: unknown name 'B'"),
        ("f: trace(A @ A)", "f: A @ A", "line 4, f: a gradient needs a scalar f, found shape n×n"),
        ("f: trace(A @ A)", "f: trace(A @ A) +", "line 4, f: column"),
        ("square_gradient(A)", "square_gradient A", "is not of the form name(A, dA)"),
        (
            "square_gradient(A)",
            "square_gradient(A, B)",
            "argument 'B' is neither an input, nor a direction, nor a cotangent",
        ),
        ("square_gradient(A)", "square_gradient(B)", "inputs.A: 'A' is not an argument"),
        ("ask: gradient", "ask: gradeint", "unknown ask 'gradeint'; did you mean 'gradient'?"),
        ("ask: gradient", "ask: differential", "a differential needs a direction"),
        ("ask: gradient", "ask: gradient\nwrt: [B]", "'B' is not an input"),
        ("ask: gradient", "ask: gradient\nwrt: []", "needs 1 to 8 inputs, each once"),
        ("ask: gradient", "ask: gradient\nwrt: [A, A]", "needs 1 to 8 inputs, each once"),
        ("ask: gradient", "ask: gradient\ncotangent: A", "only a pullback has a cotangent"),
        (
            "shape: [n, n]}",
            "shape: [n, n], space: positive_definite}\nweight: A\nwrt: [B]",
            "wrt[0]: 'B' is not an input",
        ),
        (
            "shape: [n, n]}",
            "shape: [n, n]}\n  W: {shape: []}\nweight: W\nwrt: [A]",
            "weight: tr(PᵀWQ) does not fit A, of shape n×n",
        ),
        ("f: trace(A @ A)", "f: trace(A @ A) * k\nsizes: {n: [2], k: [3]}", "unknown name 'k'"),
        ("square_gradient(A)", "square_gradient(lambda)", "'lambda' is a word of Python"),
        (
            "points: 2}",
            "points: 2}\n  - {check: shape, points: 1, family: [generic]}",
            "claimed, but by no reference",
        ),
        ("shape: [n, n]", "shape: [3, 3], family: [one_by_one]", "needs a shape in letters"),
        ("check: reference", "check: adjoint", "'adjoint' does not apply to a gradient"),
        ("points: 2", "points: 0", "a reference check without family needs points"),
        ("points: 2", "points: 2, family: [corank_1]", "no input is drawn from 'corank_1'"),
        ("shape: [n, n]", "shape: [n, m]", "unknown size 'm'"),
        ("shape: [n, n]", "shape: [n, n], family: [{generic: 3}]", "takes no parameter"),
        ("shape: [n, n]", "shape: [n, n], family: [{ill_conditioned: much}]", "'much' is not a number"),
        ("title: Gradient of the trace of a square\n", "", "title: is missing"),
        (
            "ask: gradient",
            "ask: pullback\ncotangent: q",
            "cotangent: 'q' is not an argument of square_gradient(A)",
        ),
        (
            "f: trace(A @ A)",
            "f: trace(power(A, 2.5))",
            "line 4, f: column 16: 2.5 cannot be an exponent of power; allowed: whole numbers from -64 to 64",
        ),
        ("points: 2", "points: 2}\n  - {check: [", "is not YAML"),
    ],
)
def test_each_fault_says_where_what_and_what_is_allowed(
    write_problem: Write, old: str, new: str, words: str
) -> None:
    assert old in MINIMAL
    assert words in faults(write_problem(MINIMAL.replace(old, new)))


@pytest.mark.parametrize(
    ("f", "values", "words"),
    [
        ("trace(power(A, k))", "[1, two, 99]", "parameters.k: two, 99 cannot be an exponent of power"),
        ("trace(power(A, k - 1))", "[1, 2.5]", "parameters.k: 2.5 cannot be an exponent of power"),
        ("norm(A, k)", "[fro, big]", "parameters.k: big cannot be a norm; allowed: fro, 2, nuc, 1, inf, max"),
        ("norm(A, k)", "[2]", "parameters.k: 2 cannot be a norm"),
        ("k * trace(A)", "[fro]", "parameters.k: fro cannot be computed with; allowed: numbers"),
        ("norm(A, k) * k", "[fro]", "parameters.k: fro cannot be computed with; allowed: numbers"),
        ("trace(power(A, trace(A)))", "[1]", "f: column 22: A cannot be an exponent of power"),
    ],
)
def test_a_parameter_is_used_as_what_it_is(write_problem: Write, f: str, values: str, words: str) -> None:
    text = MINIMAL.replace("trace(A @ A)", f).replace("(A)\nf", "(A, k)\nf")
    assert words in faults(write_problem(text + f"parameters: {{k: {values}}}\n"))


@pytest.mark.parametrize(
    ("f", "values"),
    [
        ("trace(power(A, k))", "[1, -2, 0]"),
        ("trace(power(A, -k + n))", "[1]"),
        ("norm(A, k)", '[fro, 2, "nuc"]'),
        ("k * trace(A)", "[0.5, 2]"),
        ("trace(power(A, -2))", "[1]"),
        ("trace(A) ** k", "[99]"),
    ],
)
def test_a_parameter_that_fits_its_use_is_no_fault(write_problem: Write, f: str, values: str) -> None:
    text = MINIMAL.replace("trace(A @ A)", f).replace("(A)\nf", "(A, k)\nf")
    assert load_problem(write_problem(text + f"parameters: {{k: {values}}}\n")).parameters


def test_a_function_that_students_are_given_computes_with_numbers_only(write_problem: Write) -> None:
    text = MINIMAL.replace("trace(A @ A)", "trace(g(A))").replace("(A)\nf", "(A, k, g)\nf")
    text += "parameters: {k: [fro]}\nfunctions: {g: {of: X, is: [X @ A, k * X]}}\n"
    assert "parameters.k: fro cannot be computed with" in faults(write_problem(text))


def test_conditions_written_without_a_dot_are_numbers_too(write_problem: Write) -> None:
    text = MINIMAL.replace("shape: [n, n]", "shape: [n, n], family: [generic, {ill_conditioned: 1e8}]")
    assert load_problem(write_problem(text)).inputs[0].families[1].parameter == 1e8


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: a\ntitle: b\n", "line 2, title: key 'title' appears twice (first on line 1)"),
        ("a: &x [1]\nb: *x\n", "anchors and aliases"),
        ("a: !!python/object/apply:os.system ['true']\n", "is not plain data"),
        ("a: !!timestamp x\n", "is not plain data"),
        (f"a: 0x{'F' * 5000}\n", "is too large"),
        (f"a: {'1:' * 900}1\n", "is too large"),
        ("a: !!bool x\n", "is not plain data"),
        ("a: !!int ''\n", "is not plain data"),
        ("a: !!float x\n", "is not plain data"),
        ("<<: {a: 1}\n", "keys must be plain words"),
        ("[1, 2]: 3\n", "keys must be plain words"),
        ("a: [1\n", "is not YAML"),
        ("\t- a", "is not YAML"),
        ("x: " + "[" * 40 + "]" * 40, "nested deeper"),
        ("x: " + "a" * 300_000, "at most 262144 are allowed"),
    ],
)
def test_yaml_that_hides_something_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(text)
    with pytest.raises(AuthorError) as caught:
        read_yaml(path)
    assert words in str(caught.value)


def test_an_alias_bomb_is_refused_at_once(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines))
    with pytest.raises(AuthorError, match="line 1: anchors and aliases"):
        read_yaml(path)


def test_a_file_that_is_not_utf8_or_not_there_is_a_fault_not_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"title: \xe9")
    with pytest.raises(AuthorError, match="is not UTF-8"):
        read_yaml(path)
    with pytest.raises(AuthorError, match="cannot be read"):
        read_yaml(tmp_path / "nothing.yaml")


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.slow
@given(st.dictionaries(st.sampled_from(["title", "f", "ask", "inputs", "checks", "x"]), plain))
def test_any_yaml_gives_faults_with_lines_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, data: object
) -> None:
    path = tmp_path_factory.mktemp("any") / "some-problem" / "problem.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(AuthorError) as caught:
        load_problem(path)
    assert caught.value.faults


@given(plain)
def test_reading_gives_what_safe_load_gives(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    path = tmp_path_factory.mktemp("same") / "file.yaml"
    path.write_text(yaml.safe_dump({"data": data}), encoding="utf-8")
    loaded, _ = read_yaml(path)
    assert loaded == yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("what", MODELS)
def test_shipped_schemas_are_those_of_the_models(what: str) -> None:
    shipped = (ROOT / SCHEMA_FILES[what]).read_text(encoding="utf-8")
    assert shipped == schema_text(what), f"run: grader schema {what} -o {SCHEMA_FILES[what]}"


@pytest.mark.slow
def test_shipped_files_fit_their_schemas_and_point_at_them(course: Course) -> None:
    pairs = [
        ("config.yaml", "config"),
        *((f"exercises/{id}/problem.yaml", "problem") for id in course.problems),
    ]
    pairs += [(f"solutions/{id}/variants.yaml", "variants") for id in course.problems]
    for name, what in pairs:
        text = (ROOT / name).read_text(encoding="utf-8")
        first = text.splitlines()[0]
        assert first.startswith("# yaml-language-server: $schema=")
        assert (ROOT / name).parent.joinpath(first.split("=")[1]).resolve().is_file()
        jsonschema.validate(json.loads(json.dumps(yaml.safe_load(text), default=str)), json_schema(what))


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    data = yaml.safe_load(MINIMAL)
    jsonschema.validate(data, json_schema("problem"))
    data["inputs"]["A"]["family"] = ["symetric"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json_schema("problem"))


CONFIG = "course: Test\nassignments:\n  week1:\n    problems: [square-gradient]\n"


def test_a_config_names_problems_that_exist(tmp_path: Path, write_problem: Write) -> None:
    write_problem()
    (tmp_path / "config.yaml").write_text(
        CONFIG.replace("square-gradient]", "square-gradeint, square-gradient, square-gradient]")
    )
    with pytest.raises(AuthorError) as caught:
        load_course(tmp_path)
    assert (
        "line 4, assignments.week1.problems[0]: there is no problem 'square-gradeint'; did you mean"
        in str(caught.value)
    )
    assert "problems[2]: problem 'square-gradient' appears twice" in str(caught.value)


def test_faults_of_several_files_are_shown_together(tmp_path: Path, write_problem: Write) -> None:
    write_problem(MINIMAL.replace("ask: gradient", "ask: nothing"))
    write_problem(MINIMAL.replace("points: 2", "points: many"), "other-problem")
    (tmp_path / "config.yaml").write_text(CONFIG + "sead: 3\n")
    with pytest.raises(GraderError) as caught:
        load_course(tmp_path)
    for words in ("unknown ask 'nothing'", "'many'", "sead: unknown key; did you mean 'seed'?"):
        assert words in str(caught.value)


@pytest.mark.parametrize("due", ["20261001", "'20261001'", "01.10.2026", "tomorrow", "{}", "'2026-13-41'"])
def test_a_due_date_that_could_be_taken_for_another_is_refused_once(
    tmp_path: Path, write_problem: Write, due: str
) -> None:
    write_problem()
    (tmp_path / "config.yaml").write_text(CONFIG + f"    due: {due}\n")
    with pytest.raises(AuthorError, match="must be a date, such as 2026-10-01, or a time") as caught:
        load_course(tmp_path)
    assert len(caught.value.faults) == 1 and "line 5, assignments.week1.due" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("due: 2026-11-31", "day is out of range"),
        ("grace: 15", "'15 min'"),
        ("grace:", "is empty"),
        ("penalty: '10%'", "'10% per day'"),
        ("penalty: 10", "'10% per day'"),
        ("penalty: [{after: 1, percent: 10}]", "'15 min'"),
    ],
)
def test_what_is_wrong_with_dates_and_lateness_is_said_once_with_what_is_allowed(
    tmp_path: Path, write_problem: Write, line: str, words: str
) -> None:
    write_problem()
    (tmp_path / "config.yaml").write_text(CONFIG + f"    {line}\n")
    with pytest.raises(AuthorError) as caught:
        load_course(tmp_path)
    assert len(caught.value.faults) == 1
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "due", ["2026-10-01", "2026-10-01 18:00", "'2026-10-01'", "2026-10-01T18:00:00+02:00", "null"]
)
def test_a_due_date_may_be_a_day_or_a_time(tmp_path: Path, write_problem: Write, due: str) -> None:
    write_problem()
    (tmp_path / "config.yaml").write_text(CONFIG + f"    due: {due}\n")
    found = load_course(tmp_path).assignments["week1"].due
    assert str(found or "null")[:10] == due.strip("'")[:10]


def test_the_environment_sets_the_seed(
    tmp_path: Path, write_problem: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_problem()
    (tmp_path / "config.yaml").write_text(CONFIG + "seed: {env: TEST_SEED, default: 3}\n")
    assert load_course(tmp_path).seed == 3
    monkeypatch.setenv("TEST_SEED", "17")
    assert load_course(tmp_path).seed == 17
    monkeypatch.setenv("TEST_SEED", "soon")
    with pytest.raises(AuthorError, match="TEST_SEED must be a whole number, found 'soon'"):
        load_course(tmp_path)
    monkeypatch.setenv("TEST_SEED", str(2**63))
    with pytest.raises(AuthorError, match=rf"seed: {2**63} must be a whole number, 0 or more, and below"):
        load_course(tmp_path)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_that_no_command_would_take_is_a_fault_of_the_course(
    tmp_path: Path, write_problem: Write, seed: int
) -> None:
    write_problem()
    (tmp_path / "config.yaml").write_text(f"{CONFIG}seed: {seed}\n")
    with pytest.raises(AuthorError, match=f"seed: {seed} must be a whole number"):
        load_course(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{shape: [n, n]}", "[n, n]", "inputs.A: ['n', 'n'] must be a mapping"),
        ("shape: [n, n]", "shape: [n, n], family: generic", "'generic' must be a list"),
        ("checks:", "sizes: {n: 3}\nchecks:", "sizes.n: 3 must be a list"),
        ("{check: reference, points: 2}", "reference", "checks[0]: 'reference' must be a mapping"),
        ("points: 2", "points: two", "'two' must be a number"),
        ("checks:", "hints:\nchecks:", "hints: is empty, and must be a list"),
        ("trace(A @ A)", "trace(A ^ 2)", "'^' is not a power here"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_what_it_must_be(
    write_problem: Write, old: str, new: str, words: str
) -> None:
    assert words in faults(write_problem(MINIMAL.replace(old, new)))


def test_a_norm_written_as_a_number_is_its_name(write_problem: Write) -> None:
    assert load_problem(write_problem(MINIMAL + "norm: 2\n")).norm == "2"


def test_an_empty_file_is_said_to_be_empty(write_problem: Write) -> None:
    assert "the file is empty" in faults(write_problem(""))


def test_a_course_without_problems_says_that_there_are_none(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    (tmp_path / "config.yaml").write_text("course: X\nassignments:\n  a: {problems: [nope]}\n")
    with pytest.raises(GraderError, match="there is no problem 'nope'; allowed: none"):
        load_course(tmp_path)
