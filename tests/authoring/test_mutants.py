"""Mutants have one change each, in the formula and in what it uses, and say what was done where."""

from __future__ import annotations

import ast

import pytest

from grader.authoring.mutants import Mutant, mutate


def of(body: str, arguments: str = "A, B, C, b") -> list[Mutant]:
    return list(mutate(f"import numpy as np\n\ndef f({arguments}):\n    {body}\n", "f"))


def changes(body: str) -> dict[str, list[str]]:
    """What was done → what the last statement became."""
    found: dict[str, list[str]] = {}
    for mutant in of(body):
        found.setdefault(mutant.what, []).append(mutant.source.splitlines()[-1].strip())
    return found


@pytest.mark.parametrize(
    ("formula", "what", "becomes"),
    [
        ("A.T @ B", "dropped .T", "A @ B"),
        ("A.conj() @ B", "dropped .conj()", "A @ B"),
        ("np.conj(A) @ B", "dropped conj(…)", "A @ B"),
        ("A.conj().T @ B", "dropped .conj().T", "A @ B"),
        ("A.T.conj() @ B", "dropped .T.conj()", "A @ B"),
        ("np.tril(A)", "dropped tril(…)", "A"),
        ("A @ B", "added .T", "A.T @ B"),
        ("A @ B", "added .T", "A @ B.T"),
        ("A @ B", "added .T", "(A @ B).T"),
        ("A @ B", "added .conjugate()", "A.conjugate() @ B"),
        ("np.linalg.inv(A)", "added .T", "np.linalg.inv(A.T)"),
        ("A @ B", "swapped A and B", "B @ A"),
        ("A @ B @ C", "swapped A and C", "C @ B @ A"),
        ("A @ B @ C", "swapped B and C", "A @ C @ B"),
        ("A @ B", "@ became *", "A * B"),
        ("A * B", "* became @", "A @ B"),
        ("A / B", "/ became *", "A * B"),
        ("A / B", "swapped the operands of /", "B / A"),
        ("A + B", "+ became -", "A - B"),
        ("A - B", "- became +", "A + B"),
        ("-A", "dropped the minus", "A"),
        ("A @ B", "added a minus", "-(A @ B)"),
        ("A @ B @ C", "dropped C", "A @ B"),
        ("A @ B @ C", "dropped A", "B @ C"),
        ("A / B", "dropped B", "A"),
        ("A - B", "dropped B", "A"),
        ("A - B", "dropped A", "-B"),
        ("np.linalg.inv(A)", "inv became .T", "A.T"),
        ("np.linalg.inv(A)", "dropped inv(…)", "A"),
        ("A.T", ".T became inv", "np.linalg.inv(A)"),
        ("np.linalg.solve(A, b)", "solve became @", "A @ b"),
        ("np.linalg.solve(A, b)", "swapped arguments of solve", "np.linalg.solve(b, A)"),
        ("2 * A", "2 became 3", "3 * A"),
        ("2 * A", "2 became 1", "1 * A"),
        ("np.sum(A, axis=0)", "0 became 1", "np.sum(A, axis=1)"),
        ("A.ravel(order='F')", "'F' became 'C'", "A.ravel(order='C')"),
        ("np.linalg.svd(A, full_matrices=False)", "False became True", "np.linalg.svd(A, full_matrices=True)"),
        ("A if b > 0 else B", "reversed a condition", "A if b <= 0 else B"),
    ],
)  # fmt: skip
def test_each_operator_makes_what_it_says(formula: str, what: str, becomes: str) -> None:
    assert f"return {becomes}" in changes(f"return {formula}").get(what, [])


@pytest.mark.parametrize(
    ("body", "lost"),
    [
        ("total = 0\n    total += A\n    return total", "total += A"),
        ("np.fill_diagonal(A, 0)\n    return A", "np.fill_diagonal(A, 0)"),
        ("A = A.T\n    return A", "A = A.T"),
        ("A[0] = 1\n    return A", "A[0] = 1"),
    ],
)
def test_a_statement_is_lost_where_the_rest_still_runs(body: str, lost: str) -> None:
    dropped = [mutant for mutant in of(body) if mutant.what == "dropped the statement"]
    assert [(mutant.before, mutant.after) for mutant in dropped] == [(lost, "(nothing)")]
    assert lost not in dropped[0].source


def test_a_statement_that_names_something_first_is_not_lost() -> None:
    assert not [mutant for mutant in of("X = A.T\n    return X") if mutant.what == "dropped the statement"]


def test_every_mutant_is_python_differs_from_the_original_and_from_the_others() -> None:
    source = "def f(A, B):\n    X = A.T @ B\n    return -X @ X + 2 * X\n"
    texts = [mutant.source for mutant in mutate(source, "f")]
    assert len(texts) > 30
    assert len({ast.dump(ast.parse(text)) for text in [source, *texts]}) == len(texts) + 1


def test_place_and_snippets_are_those_of_the_author() -> None:
    source = '"""Δ"""\n\n\ndef f(A):\n    """Returns -A.T."""\n    # a comment\n    δ = A @ A.T; return δ\n'
    (mutant,) = [mutant for mutant in mutate(source, "f") if mutant.what == "dropped .T"]
    assert (mutant.line, mutant.column, mutant.before, mutant.after) == (7, 13, "A.T", "A")
    assert source.splitlines()[6][mutant.column - 1 :].startswith("A.T")
    (last,) = [mutant for mutant in mutate(source, "f") if mutant.before == "δ" and mutant.after == "δ.T"]
    assert source.splitlines()[6][last.column - 1 :] == "δ"  # letters are counted, not bytes


def test_helpers_and_constants_that_are_used_are_mutated_and_nothing_else() -> None:
    source = (
        "FACTOR = 2\nOTHER = 3\n\ndef helper(A):\n    return FACTOR * A\n\n"
        "def unused(A):\n    return A.T\n\ndef f(A):\n    return helper(A)\n"
    )
    assert {mutant.line for mutant in mutate(source, "f")} == {1, 5, 11}


def test_docstrings_messages_and_annotations_are_left_alone() -> None:
    source = (
        'def f(A: "F") -> "F":\n    """F"""\n'
        '    if A is None:\n        raise ValueError(f"{-1} F" + "F")\n    return 1\n'
    )
    whats = {mutant.what for mutant in mutate(source, "f")}
    assert whats == {"reversed a condition", "1 became 2", "1 became 0"}


def test_numbers_are_not_transposed() -> None:
    added = {
        mutant.before
        for mutant in of("return np.linalg.det(A) * A[0, 1] * len(A) * B[0]")
        if mutant.what == "added .T"
    }
    assert "B[0]" in added and "A" in added
    assert not added & {"np.linalg.det(A)", "A[0, 1]"}


def test_long_pieces_are_cut() -> None:
    long = " + ".join(["A @ B @ C"] * 20)
    assert max(len(mutant.before) for mutant in of(f"return {long}")) == 60


def test_a_function_that_is_not_there_has_no_mutants() -> None:
    assert list(mutate("def g(A):\n    return A.T\n", "f")) == []


def test_what_two_changes_make_is_made_once() -> None:
    made = [mutant.source.splitlines()[-1].strip() for mutant in of("return A @ A")]
    assert made.count("return A") == 1 and "return A @ A" not in made
