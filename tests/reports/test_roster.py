"""A roster says who is meant: by number, login, address, or name in any order and spelling."""

from __future__ import annotations

import pytest

from grader.reports.class_list import ClassList, NoFile, Submitter
from grader.reports.roster import Person, Roster
from tests.report_factory import make_report

ADA = Person("11", "Lovelace, Ada", "ada", "a.lovelace@example.org")
ZOE = Person("12", "Zoë Müller", "zm3")
BOB = Person("15", "O'Neil, Bob", others=("4711",))
ANNA = Person("16", "Anna Maria de la Cruz", group="Team 4, Tutors")
WEI, OTHER_WEI = Person("13", "Li Wei"), Person("14", "Li Wei")
ROSTER = Roster((ADA, ZOE, BOB, ANNA, WEI, OTHER_WEI))


@pytest.mark.parametrize(
    ("name", "identity", "person"),
    [
        ("Ada Lovelace", "", ADA),
        ("lovelaceada", "", ADA),
        ("lovelaceada_999", "999", ADA),
        ("ADA", "", ADA),
        ("A.Lovelace@example.org", "", ADA),
        ("11", "", ADA),
        ("ada (1)", "", ADA),
        ("Muller_Zoe", "", ZOE),
        ("muellerzoe", "", ZOE),
        ("Zoë Müller", "", ZOE),
        ("oneilbob", "", BOB),
        ("4711", "", BOB),
        ("delacruzannamaria", "", ANNA),
        ("anon", "15", BOB),
        ("Li Wei_13", "13", WEI),
        ("Li Wei", "", None),
        ("Ada Lovelace", "12", ADA),
        ("ad", "", None),
        ("", "", None),
    ],
)
def test_a_name_means_the_one_person_who_may_be_meant(
    name: str, identity: str, person: Person | None
) -> None:
    assert ROSTER.find(name, identity) is person


@pytest.mark.parametrize(
    ("name", "person"),
    [("lovlaceada", ADA), ("lovelac_77", ADA), ("Zoe Mueler", ZOE), ("helper", None), ("x", None)],
)
def test_near_misses_are_suggested_and_nothing_else(name: str, person: Person | None) -> None:
    assert ROSTER.find(name) is None and ROSTER.suggest(name) is person


def test_a_group_has_the_people_whose_groups_it_is_among() -> None:
    assert ROSTER.members("team 4") == (ANNA,) and ROSTER.members("Team 5") == () == ROSTER.members("")


def test_a_class_list_tells_the_absent_the_unknown_and_the_double() -> None:
    submitters = {"ada": Submitter(ADA), "lovelace": Submitter(ADA), "mueller_z": Submitter()}
    found = ClassList(ROSTER.people, submitters, (NoFile("Bob", "a text typed online", BOB),))
    assert found.absent == (ZOE, ANNA, WEI, OTHER_WEI)
    assert [(stranger.student, stranger.near) for stranger in found.strangers] == [("mueller_z", ZOE)]
    assert (
        found.repeated == ("Lovelace, Ada (ada): ada, lovelace",) and "keep one file" in found.repeated_advice
    )
    assert ClassList(ROSTER.people, {"ada": Submitter(ADA)}).repeated_advice == ""
    assert found.complete(make_report(student="ada")).person is ADA
    assert found.complete(make_report(student="mueller_z")).person is None


def test_without_a_roster_nobody_is_unknown() -> None:
    found = ClassList((), {"ada": Submitter()})
    assert found.absent == () == found.strangers
