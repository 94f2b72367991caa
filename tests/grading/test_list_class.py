"""Who handed in what: submissions that were found, put together with the roster."""

from __future__ import annotations

from pathlib import Path

from grader.answers.collect.find_submissions import find_submissions
from grader.grading.list_class import list_class, share_with_groups
from grader.reports.roster import NO_ROSTER, Person, Roster
from tests.answers.packing import as_folder

ADA = Person("11", "Ada Lovelace", "ada", group="Team 4")
BOB = Person("12", "Bob Byte", "bob", group="team 4")
CYD = Person("13", "Cyd Cell", group="Team 5")
ROSTER = Roster((ADA, BOB, CYD))


def test_a_groups_submission_is_that_of_each_of_its_people(tmp_path: Path) -> None:
    given = {
        "Team 4_201_assignsubmission_file_/a.py": "team",
        "Cyd Cell_202_assignsubmission_file_/a.py": "own",
    }
    found = share_with_groups(find_submissions([as_folder(tmp_path / "c", given)], "hw1"), ROSTER)
    places = dict(found.submissions)
    assert places.keys() == {"Cyd Cell", "ada", "bob"} and places["ada"] == places["bob"]
    assert found.guesses == ("Team 4 is a group: Ada Lovelace, Bob Byte",)
    assert list_class(found, ROSTER).absent == () == list_class(found, ROSTER).strangers


def test_someone_of_a_group_who_handed_in_alone_keeps_their_own(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "c", {"Team 4.py": "team", "ada.py": "own"})
    found = share_with_groups(find_submissions([folder], "hw1"), ROSTER)
    assert {student: str(place) for student, place in found.submissions} == {
        "ada": str(folder / "ada.py"),
        "bob": str(folder / "Team 4.py"),
    }


def test_notes_beside_submissions_are_somebodys_only_if_the_roster_says_so(tmp_path: Path) -> None:
    folder = as_folder(tmp_path / "c", {"ada.py": "x", "bob.txt": "x", "readme.txt": "", "eve.pdf": ""})
    found = find_submissions([folder], "hw1")
    assert [one.student for one in list_class(found, NO_ROSTER).no_file] == ["eve"]
    listed = list_class(found, ROSTER)
    assert [(one.student, one.person) for one in listed.no_file] == [("bob", BOB), ("eve", None)]
    assert listed.absent == (CYD,) and [one.student for one in listed.strangers] == ["eve"]


def test_who_submitted_a_file_is_not_listed_for_another_that_cannot_be_graded(tmp_path: Path) -> None:
    given = {
        "ada.py": "x",
        "ada.txt": "notes",
        "Ada Lovelace.pdf": "",
        "eve.py": "x",
        "eve.pdf": "",
        "bob.pdf": "",
    }
    found = find_submissions([as_folder(tmp_path / "c", given)], "hw1")
    listed = list_class(found, ROSTER)
    assert [(one.student, one.person) for one in listed.no_file] == [("bob", BOB)]
    assert [one.student for one in listed.strangers] == ["eve"] and listed.absent == (CYD,)
    assert [reason.split(" is ")[0] for reason in listed.left_out] == [
        "Ada Lovelace (ada): Ada Lovelace.pdf",
        "Ada Lovelace (ada): ada.txt has no formula such as f(A) = inv(A); ada.py",
        "eve: eve.pdf",
    ]
    without_roster = list_class(found, NO_ROSTER)
    assert [one.student for one in without_roster.no_file] == ["Ada Lovelace", "bob"]
    assert len(without_roster.left_out) == 2


def test_a_text_typed_by_a_namesake_is_not_that_of_who_submitted_a_file(tmp_path: Path) -> None:
    given = {
        "Li Wei_201_assignsubmission_file_/a.py": "x",
        "Li Wei_202_assignsubmission_onlinetext_/onlinetext.html": "see my notes",
    }
    listed = list_class(find_submissions([as_folder(tmp_path / "c", given)], "hw1"), NO_ROSTER)
    assert [one.student for one in listed.no_file] == ["Li Wei"] and listed.left_out == ()
