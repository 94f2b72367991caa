"""Faults of `returns`, `relations` and `up_to` are told, all at once, each at its place."""

from __future__ import annotations

from typing import Any

import pytest

from grader.core.errors import AuthorError
from grader.problems.load import make_problem

QR: dict[str, Any] = {
    "title": "QR factors",
    "statement": "Any.",
    "signature": "qr_factors(A)",
    "returns": {"Q": ["n", "n"], "R": ["n", "n"]},
    "inputs": {"A": {"shape": ["n", "n"]}},
    "relations": [{"holds": "Q @ R - A", "points": 1}],
}
VALUE: dict[str, Any] = {
    "title": "A vector",
    "statement": "Any.",
    "signature": "vector(b)",
    "f": "2 * b",
    "ask": "value",
    "inputs": {"b": {"shape": ["n"]}},
    "checks": [{"check": "reference", "points": 1}],
}


def faults(fields: dict[str, Any], **changes: Any) -> list[str]:
    with pytest.raises(AuthorError) as raised:
        make_problem({**fields, **changes}, "some-problem")
    return [str(fault) for fault in raised.value.faults]


def holds(*texts: str) -> dict[str, Any]:
    return {"relations": [{"holds": text, "points": 1} for text in texts]}


def test_all_faults_of_expressions_come_at_once() -> None:
    found = faults(QR, **holds("Qq @ R - A", "Q @ R - trace", "Q @ R - ones(n)[:, 1:]"))
    assert len(found) == 3
    assert "relations[0].holds" in found[0] and "unknown name 'Qq'" in found[0]


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"relations": [{"points": 1}]}, "exactly one of holds, at_least, is_not and span_of; found none"),
    ({"relations": [{"holds": "Q", "is_not": "R", "points": 1}]}, "found holds and is_not"),
    ({"relations": [{"holds": "Q @ R", "strict": True, "points": 1}]}, "only at_least can be strict"),
    ({"relations": [{"span_of": "A", "points": 1}]}, "span_of needs of, one of Q, R"),
    ({"relations": [{"span_of": "A", "of": "S", "points": 1}]}, "'S' is not returned"),
    ({"relations": [{"holds": "Q @ R", "of": "Q", "points": 1}]}, "only span_of"),
    ({"relations": [{"is_not": "Q @ R", "backward_stable": True, "points": 1}]}, "only holds can be"),
    (holds("Q @ Q - A"), "no relation uses 'R'"),
    ({"relations": [{"holds": "Q @ R - A", "points": 0}]}, "a relation needs points"),
    ({"returns": {"Q": ["n", "k"], "R": ["n", "n"]}}, "'k' is not a size of an input"),
    ({"returns": {"A": ["n", "n"], "R": ["n", "n"]}}, "'A' is the name of an input"),
    ({"returns": {}}, "returns: is missing"),
    (
        {"returns": {"Q": ["n"]}, "relations": [{"span_of": "A", "points": 1}]},
        "returns.Q: span_of is about columns",
    ),
    (
        {"returns": {"Q": ["n", "n"]}, "relations": [{"span_of": "A[1:]", "points": 1}]},
        "must be a matrix with 2 rows",
    ),
    ({"checks": [{"check": "reference", "points": 1}]}, "'reference' compares with f, and there is none"),
    ({"up_to": "sign"}, "there is no f"),
    ({"returns": {"Q": ["n", "1 - n"], "R": ["n", "n"]}}, "returns.Q"),
]


@pytest.mark.parametrize(("changes", "words"), FAULTS)
def test_a_fault_is_said_where_it_is(changes: dict[str, Any], words: str) -> None:
    assert any(words in fault for fault in faults(QR, **changes)), faults(QR, **changes)


def test_names_of_what_is_returned_need_relations() -> None:
    without = {key: value for key, value in QR.items() if key != "relations"}
    assert faults(without) == ["relations: is missing"]


def test_a_problem_without_relations_lacks_what_it_always_did() -> None:
    for name in ("f", "ask", "inputs", "checks"):
        without = {key: value for key, value in VALUE.items() if key != name}
        assert f"{name}: is missing" in faults(without)


def test_a_choice_is_for_values_and_differentials() -> None:
    fields = {**VALUE, "f": "b @ b", "ask": "gradient", "up_to": "sign"}
    assert any("not for a gradient" in fault for fault in faults(fields))


def test_beside_f_there_is_a_name_for_each_array_that_it_returns() -> None:
    beside = {**VALUE, "relations": [{"holds": "x - 2 * b", "points": 1}]}
    make_problem({**beside, "returns": {"x": ["n"]}}, "some-problem")
    two = {**beside, "returns": {"x": ["n"], "y": ["n"]}}
    assert any("f returns 1 array, and here are 2" in fault for fault in faults(two))
    pair = {**VALUE, "f": "x = 2 * b\nreturn x, b", "up_to": "sign"}
    assert any("for several arrays write relations" in fault for fault in faults(pair))


def test_sides_may_be_differences_of_sizes_if_they_stay_so() -> None:
    fields: dict[str, Any] = {
        **QR,
        "returns": {"X": ["m", "m - n"]},
        "inputs": {"A": {"shape": ["m", "n"]}},
        "sizes": {"m": [3, 4], "n": [1, 2, 4]},
        **holds("A.T @ X"),
    }
    assert any("negative side" in fault for fault in faults(fields))
    problem = make_problem({**fields, "where": ["m >= n"]}, "some-problem")
    assert problem.returns[0].shape == ("m", "m - n")
