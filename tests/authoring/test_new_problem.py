from pathlib import Path

import pytest
import yaml

from grader.authoring.new_problem import new_problem, propose
from grader.authoring.problem_text import problem_yaml
from grader.authoring.propose_inputs import CASES, SEED, Wish, draft_problems
from grader.authoring.validate import validate_problem
from grader.core.errors import GraderError
from grader.problems.asks import Ask
from grader.problems.course import Course, load_course
from grader.truths.solve import solve_cases

pytestmark = pytest.mark.slow

PROGRAM = """\
s = zeros(2)
for k in range(2):
    s[k] = trace(power(A, k + 2))
return s
"""


def course_with(folder: Path, wish: Wish, problem_id: str | None = None) -> tuple[Course, str]:
    new = propose(folder, problem_id, wish)
    return load_course(folder), new.id


@pytest.mark.parametrize(
    ("wish", "ask"),
    [
        (Wish("x @ A @ x", ("x",)), "gradient"),
        (Wish("norm(X @ w - y) ** 2", ("w",)), "gradient"),
        (Wish("A @ B @ A", ask="pullback"), "pullback"),
        (Wish("A @ A", ask="jacobian"), "jacobian"),
        (Wish("A @ B", ask="second_differential"), "second_differential"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.f,
)
def test_a_problem_proposed_from_its_map_is_certified(wish: Wish, ask: str, tmp_path: Path) -> None:
    course, problem_id = course_with(tmp_path, wish)

    certificate = validate_problem(course, problem_id, 1)

    assert certificate.passed, [trial for trial in certificate.trials if not trial.passed]
    assert course.problem(problem_id).ask == ask


def test_a_statement_names_the_directions_of_a_second_differential(tmp_path: Path) -> None:
    course, problem_id = course_with(tmp_path, Wish("A @ B", ask="second_differential"))
    problem = course.problem(problem_id)
    assert list(problem.directions) == ["VA", "VB", "WA", "WB"]
    assert all(f"`{name}`" in problem.statement for name in problem.directions)


@pytest.mark.parametrize(("ask", "words"), [("hvp", ["`dA`", "$P$"]), ("hessian", ["vec}(A)"])])
def test_a_statement_says_what_a_second_derivative_is(tmp_path: Path, ask: Ask, words: list[str]) -> None:
    course, problem_id = course_with(tmp_path, Wish("trace(A @ A @ B)", ("A",), ask=ask))
    statement = course.problem(problem_id).statement
    assert all(word in statement for word in words)


def test_the_mistakes_proposed_are_told_as_themselves(tmp_path: Path) -> None:
    course, problem_id = course_with(tmp_path, Wish("inv(A) @ B", ("A",)))

    mistakes = [trial for trial in validate_problem(course, problem_id, 1).trials if trial.kind == "mistake"]

    assert len(mistakes) >= 4
    assert all(trial.passed for trial in mistakes)


def test_inputs_are_drawn_where_the_map_is_defined(tmp_path: Path) -> None:
    course, problem_id = course_with(tmp_path, Wish("sum(log(x))"))
    assert course.problem(problem_id).input("x").space == "positive"

    course, problem_id = course_with(tmp_path, Wish("inv(A)"), "inverse")
    families = {family.name for family in course.problem("inverse").input("A").families}
    assert "generic" in families and not families & {"corank_1", "corank_2", "zero"}


def test_shapes_that_fit_are_found_or_taken_as_given(tmp_path: Path) -> None:
    course, problem_id = course_with(tmp_path, Wish("X @ w - y"), "guessed")
    assert len(course.problem(problem_id).input("w").shape) == 1

    course, problem_id = course_with(
        tmp_path, Wish("A @ B", shapes={"A": ("m", "n"), "B": ("n", "k")}), "given"
    )
    assert course.problem(problem_id).output == ("m", "k")


def test_where_no_rule_is_known_the_reference_is_a_difference_quotient(tmp_path: Path) -> None:
    new = propose(tmp_path, "traces", Wish(PROGRAM))

    assert not new.is_formula
    assert new.is_right
    assert validate_problem(load_course(tmp_path), "traces", 1).passed


def test_where_numpy_has_no_code_for_the_map_the_reference_is_left_to_write(tmp_path: Path) -> None:
    new = propose(tmp_path, "area", Wish("sum(erf(x))", shapes={"x": ("n",)}))
    assert new.without_code == ("erf",) and not new.is_right
    assert "raise NotImplementedError" in (tmp_path / "solutions/area/reference.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wish("trace(A @"), "not an expression"),
        (Wish("A @ A", ("C",)), "does not occur"),
        (Wish("A @ x", shapes={"A": ("n", "n"), "x": ("m",)}), "no shapes"),
        (Wish("log(0 - x * x)"), "can be decided at no input"),
    ],
)
def test_a_map_that_cannot_be_used_is_refused_and_nothing_is_written(
    wish: Wish, words: str, tmp_path: Path
) -> None:
    with pytest.raises(GraderError, match=words):
        propose(tmp_path, "mine", wish)
    assert not list(tmp_path.iterdir())


def test_all_that_is_in_the_way_is_told_at_once_before_anything_is_solved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_problem(tmp_path, "first")
    (tmp_path / "config.yaml").write_text("course: x\nassignments: {}\n", encoding="utf-8")
    monkeypatch.setattr("grader.authoring.new_problem.propose_problem", None)

    with pytest.raises(GraderError) as told:
        propose(tmp_path, "first", Wish("ode(lambda y: A @ y, x, 1)", ("B",)))

    words = str(told.value)
    assert words.startswith("3 faults:")
    assert "already exist" in words
    assert "no assignment with a list of problems" in words
    assert "'B' does not occur" in words


@pytest.mark.parametrize(
    ("wish", "signature", "said"),
    [
        (
            Wish("A @ x", ("A",), "pullback"),
            "named(A, x, G)",
            (
                "pullback of `G`, of shape `(n,)`:\nthe array $P$ of the shape of `A`",
                "= \\langle P, dA\\rangle$",
            ),
        ),
        (
            Wish("P @ x", ask="pullback"),
            "named(P, x, G)",
            (
                "the array $Q_{x}$ of the shape of `x`",
                "= \\langle Q_{P}, dP\\rangle + \\langle Q_{x}, dx\\rangle$",
            ),
        ),
        (
            Wish("G @ x", ("G",), "pullback"),
            "named(G, x, H)",
            ("pullback of `H`", "\\langle H, df\\rangle = \\langle P, dG\\rangle$"),
        ),
        (
            Wish("trace(G @ A)", ("A",)),
            "named(G, A)",
            ("the array $P$ of the shape of `A`", "\\langle P, dA\\rangle$"),
        ),
        (
            Wish("J @ x", ask="jacobian"),
            "named(J, x)",
            ("= K_{J} \\operatorname{vec}(dJ) + K_{x} \\operatorname{vec}(dx)$",),
        ),
        (Wish("trace(V @ W)", ("V",), "second_differential"), "named(V, W, U, H)", ()),
    ],
    ids=lambda value: value.f if isinstance(value, Wish) else "",
)
def test_an_answer_and_a_cotangent_have_names_that_nothing_else_has(
    wish: Wish, signature: str, said: tuple[str, ...]
) -> None:
    draft = draft_problems(wish, "named", "named")[0]

    written = yaml.safe_load(problem_yaml(draft.problem, draft.fields))

    assert written["signature"] == signature
    assert [words for words in said if words not in written["statement"]] == []


@pytest.mark.parametrize("name", ["exercises", "solutions"])
def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_written(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).touch()
    with pytest.raises(GraderError, match="Cannot write to"):
        new_problem(tmp_path, "first")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_config_that_is_not_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("course: x\nassignments: [a\n", encoding="utf-8")
    with pytest.raises(GraderError, match="line 3: is not YAML"):
        new_problem(tmp_path, "first")


def test_what_is_proposed_is_decided_in_all_its_cases_and_said_while_it_is_made(tmp_path: Path) -> None:
    said: list[str] = []
    propose(tmp_path, "growth", Wish("sum(log(x))"), say=said.append)

    assert "trying formulas for the reference" in said
    assert [words for words in said if "inputs: decided 1 of" in words]
    problem = load_course(tmp_path).problem("growth")
    assert all(solved.truth is not None for solved in solve_cases(problem, SEED, CASES))


def test_a_second_problem_joins_the_last_assignment(tmp_path: Path) -> None:
    assert new_problem(tmp_path, "first").assignment is None
    assert new_problem(tmp_path, "second").assignment == "week1"

    config = yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8"))
    assert config["assignments"]["week1"]["problems"] == ["first", "second"]


def test_an_unknown_assignment_leaves_nothing_behind(tmp_path: Path) -> None:
    new_problem(tmp_path, "first")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(GraderError, match="week1"):
        new_problem(tmp_path, "second", "week2")

    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
