"""Rosters are read as people write them and as platforms export them."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from grader.core.errors import GraderError
from grader.grading.roster_file import read_roster
from grader.reports.roster import Person

ADA = Person("11", "Lovelace, Ada", "ada", "", "Tuesday", "", ("u1",))
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,hw1 (17)\r\n"
    ",,,,,Manual Posting\r\n"
    "    Points Possible,,,,,10\r\n"
    '"Lovelace, Ada",11,u1,ada,Tuesday,\r\n'
    '"Müller, Zoë",12,u2,zoe,,7\r\n'
    '"Student, Test",99,,abc,Tuesday,\r\n'
)
OURS = "id,name,login,email,section\n11,Ada Lovelace,ada,ada@x.org,A\n"


def read(path: Path, content: str | bytes) -> tuple[Person, ...]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_roster(path).people


@pytest.mark.parametrize(
    "data",
    [
        CANVAS.encode(),
        codecs.BOM_UTF8 + CANVAS.encode(),
        CANVAS.encode("utf-16"),
        CANVAS.encode("cp1252"),
        CANVAS.replace(", ", "\0").replace(",", ";").replace("\0", ", ").encode(),
        b"sep=,\r\n" + CANVAS.encode(),
        CANVAS.replace(", ", "\0").replace(",", "\t").replace("\0", ", ").encode(),
    ],
    ids=["plain", "mark", "utf-16", "cp1252", "semicolons", "excel", "tabs"],
)
def test_canvas_gradebook_is_a_roster_without_its_own_rows(tmp_path: Path, data: bytes) -> None:
    ada, zoe = read(tmp_path / "roster.csv", data)
    assert ada == ADA and zoe == Person("12", "Müller, Zoë", "zoe", others=("u2",))


@pytest.mark.parametrize(
    ("text", "person"),
    [
        (OURS, Person("11", "Ada Lovelace", "ada", "ada@x.org", "A")),
        ("login\nada\n", Person(login="ada")),
        (
            "First name,Last name,ID number,Email address,Groups\nAda,Lovelace,11,a@x.org,Team 4\n",
            Person("11", "Ada Lovelace", email="a@x.org", group="Team 4"),
        ),
        (
            '"First name",Surname,"ID number",Institution,Department,"Email address","Assignment: hw1 (Real)"\n'
            "Ada,Lovelace,11,,,a@x.org,-\n",
            Person("11", "Ada Lovelace", email="a@x.org"),
        ),
        (
            "Vorname;Nachname;E-Mail-Adresse\nAda;Lovelace;a@x.org\n",
            Person("", "Ada Lovelace", email="a@x.org"),
        ),
        (
            "Identifier,Full name,Email address,Status,Grade\nParticipant 201,Ada Lovelace,a@x.org,-,\n",
            Person("201", "Ada Lovelace", email="a@x.org"),
        ),
        (
            "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score\n"
            "ps1,,,ada,Lovelace,Ada,a@x.org,3\nps2,,,ada,Lovelace,Ada,a@x.org,4\n",
            Person("ada", "Ada Lovelace", email="a@x.org"),
        ),
        (
            "First Name,Last Name,SID,Email,Sections,hw1\nAda,Lovelace,11,a@x.org,B,\n",
            Person("11", "Ada Lovelace", email="a@x.org", section="B"),
        ),
    ],
)
def test_other_exports_are_rosters_as_they_are(tmp_path: Path, text: str, person: Person) -> None:
    assert read(tmp_path / "roster.csv", text) == (person,)


@pytest.mark.parametrize(
    "title",
    [
        "matrikel",
        "Matrikelnummer",
        "Matrikel-Nr.",
        "MatrikelNr",
        "Matr.-Nr.",
        "matriculation number",
        "Matriculation_Number",
        "Student number",
        "Numéro d'étudiant",
        "Matrícula",
    ],
)
def test_a_universitys_number_is_an_id_by_its_usual_titles(tmp_path: Path, title: str) -> None:
    assert read(tmp_path / "roster.csv", f"{title};note\n0117;1,3\n") == (Person("0117"),)


def test_an_id_of_the_platform_goes_before_a_universitys_number(tmp_path: Path) -> None:
    people = read(tmp_path / "roster.csv", "Matrikel,Benutzername,ID\n0117,ada,11\n")
    assert people == (Person("11", login="ada", others=("0117",)),)


def test_a_student_in_two_sections_stands_there_once(tmp_path: Path) -> None:
    text = OURS + "11,Ada Lovelace,ada,ada@x.org,B\n11,Ada Lovelace,ada,other@x.org,C\n"
    assert [person.section for person in read(tmp_path / "roster.csv", text)] == ["A"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no column that is known"),
        ("colour,size\nred,1\n", "found 'colour', 'size'"),
        (f'id,"name\n{"x" * 200_000}', "has no column that is known"),
        ("id,name\n", "names nobody"),
        ("id,name,section\n,,A\n", "names nobody"),
        (
            "section,group\nA,1\n",
            "has no column for students; add one of: id, name, first name, last name, login, email "
            "(found 'section', 'group')",
        ),
        ("id,name\n11,Ada\n12,Bob\n11,Cyd\n", "line 4, id: '11' is 'Cyd' here and 'Ada' in line 2"),
    ],
)
def test_what_is_no_roster_is_refused_with_what_was_found(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(GraderError, match=r"roster\.csv") as told:
        read(tmp_path / "roster.csv", text)
    assert words in str(told.value)


def test_a_roster_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="Cannot read"):
        read_roster(tmp_path / "none.csv")


def test_a_misspelt_path_is_told_with_the_file_that_may_be_meant(tmp_path: Path) -> None:
    (tmp_path / "roster-2026.csv").write_text("id,name\n11,Ada\n")
    with pytest.raises(GraderError) as told:
        read_roster(tmp_path / "rooster2026.csv")
    assert str(told.value).endswith(f"did you mean {tmp_path / 'roster-2026.csv'}?")

    with pytest.raises(GraderError, match="No such file") as told:
        read_roster(tmp_path / "nothing" / "people.txt")
    assert "did you mean" not in str(told.value)
