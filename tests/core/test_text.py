"""Sentences are split and joined where people would."""

from __future__ import annotations

from itertools import islice

import pytest

from grader.core.text import (
    count,
    end_sentence,
    free_names,
    lower_opening,
    name_key,
    raise_opening,
    split_sentence,
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Keep the sign. Then divide. Twice.", ("Keep the sign.", "Then divide. Twice.")),
        ("One sentence", ("One sentence", "")),
        ("  Not at 0.5, e.g. at I.\nA is I! ", ("Not at 0.5, e.g. at I.", "A is I!")),
        ("Is it? `inv` says so.", ("Is it?", "`inv` says so.")),
        ("It ends. with a small letter", ("It ends. with a small letter", "")),
        ("", ("", "")),
    ],
)
def test_the_first_sentence_is_split_from_the_others(text: str, parts: tuple[str, str]) -> None:
    assert split_sentence(text) == parts


def test_letters_and_stops_fit_what_stands_around() -> None:
    assert [lower_opening("You did."), lower_opening("A is I.")] == ["you did.", "A is I."]
    assert [raise_opening("you did."), raise_opening("inv_d did."), raise_opening("a is 1.")] == [
        "You did.",
        "inv_d did.",
        "a is 1.",
    ]
    assert [end_sentence("so"), end_sentence("so?"), end_sentence("")] == ["so.", "so?", ""]
    assert [count(1, "file"), count(0, "file")] == ["1 file", "0 files"]


def test_names_are_ordered_as_people_do() -> None:
    names = ["Zoe", "anton", "Ändern", "Bob", "Zoë", "andere"]
    assert sorted(names, key=name_key) == ["andere", "Ändern", "anton", "Bob", "Zoe", "Zoë"]


def test_free_names_are_letters_first_and_then_the_first_with_numbers() -> None:
    assert [*islice(free_names("GHK", ["A", "H"]), 4)] == ["G", "K", "G1", "G2"]
    assert next(free_names("G", {"G", "G1"})) == "G2"
