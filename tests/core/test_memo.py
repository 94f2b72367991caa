"""Texts are made once for the same objects, and the memory of them stays bounded."""

from __future__ import annotations

from grader.core import memo
from grader.core.memo import Memo


def test_a_text_is_made_once_for_the_same_objects_and_equal_words() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("x")
        return f"text {len(made)}"

    kept, values = Memo(), [1.5]
    assert kept.once(make, "page", "".join(["p", "1"]), values) == "text 1"
    assert kept.once(make, "page", "p1", values) == "text 1"
    assert kept.once(make, "page", "p1", [1.5]) == "text 2"
    assert kept.once(make, "page", "p2", values) == "text 3"
    assert kept.once(make, "json", "p1", values) == "text 4"
    assert Memo().once(make, "page", "p1", values) == "text 5"


def test_an_object_that_is_gone_is_not_taken_for_a_new_one() -> None:
    kept = Memo()
    texts = [kept.once(lambda k=k: f"{k}", "number", [k]) for k in range(100)]  # type: ignore[misc]
    assert texts == [f"{k}" for k in range(100)]


def test_a_memo_does_not_grow_without_end() -> None:
    kept = Memo()
    for k in range(3 * memo._MOST_TEXTS):
        kept.once(lambda: "short", "number", k)
        assert len(kept._kept) <= memo._MOST_TEXTS
    for k in range(10):
        kept.once(lambda: "x" * (memo._MOST_CHARACTERS // 3), "long", k)
        assert sum(len(text) for _, text in kept._kept.values()) <= memo._MOST_CHARACTERS
