"""Read a roster: our own `roster.csv`, or what Canvas, Moodle, Gradescope and nbgrader export, as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from grader.core.errors import AuthorError, Fault, GraderError
from grader.grading.class_table import Line, read_table
from grader.problems.course import Course
from grader.reports.roster import Person, Roster

ROSTER = "roster.csv"
_COLUMNS: Mapping[str, Sequence[str]] = {
    "id": (
        "id",
        "student id",
        "sid",
        "id number",
        "idnumber",
        "sis user id",
        "identifier",
        "lms user id",
        "id nummer",
        "matrikelnummer",
        "matrikel",
        "matrikelnr",
        "matrikelnr.",
        "matrikel nr",
        "matrikel nr.",
        "matr.nr.",
        "matr. nr.",
        "matriculation number",
        "matriculation no.",
        "matriculation",
        "student number",
        "student no.",
        "numéro d'identification",
        "número de id",
        "numéro d'étudiant",
        "número de matrícula",
        "matrícula",
    ),
    "name": (
        "name",
        "student",
        "student name",
        "full name",
        "fullname",
        "first name last name",
        "vollständiger name",
        "nom complet",
        "nombre completo",
    ),
    "first name": ("first name", "firstname", "given name", "vorname", "prénom", "nombre"),
    "last name": (
        "last name",
        "lastname",
        "surname",
        "family name",
        "nachname",
        "nom",
        "nom de famille",
        "apellido(s)",
        "apellidos",
    ),
    "login": (
        "login",
        "sis login id",
        "username",
        "user name",
        "login id",
        "anmeldename",
        "benutzername",
        "nutzername",
        "kennung",
        "nom d'utilisateur",
    ),
    "email": (
        "email",
        "email address",
        "e mail",
        "e mail address",
        "mail",
        "e mail adresse",
        "email adresse",
        "adresse de courriel",
        "dirección de correo",
    ),
    "section": ("section", "sections"),
    "group": ("group", "groups", "gruppe", "gruppen", "groupe", "groupes", "grupos"),
}
_NAMING = tuple(field for field in _COLUMNS if field not in ("section", "group"))
"""The fields that tell one of a class from the others."""
_NOBODY = re.compile(r"points possible|student, test|test student", re.IGNORECASE)
"""Rows of Canvas's that are nobody's."""
_PARTICIPANT = re.compile(r"\D+ (\d+)")
"""Moodle's number in a grading worksheet, `Participant 201` in any language."""


def read_roster(path: Path) -> Roster:
    """Read a table of people.

    Raises:
        GraderError: it cannot be read, no column is known or names people, or one id, login or address stands for two.
    """
    lines = read_table(path, _COLUMNS, {"students": _NAMING})
    people = [(line.number, _read_person(line)) for line in lines if not _NOBODY.match(_name(line))]
    kept = [(number, person) for number, person in people if person.title]
    if not kept:
        raise GraderError(
            f"{path} names nobody; it needs a row for each student, with an id, a name or a login"
        )

    if faults := _find_faults(kept):
        raise AuthorError(path, faults)
    return Roster(_first_of_each(person for _, person in kept))


def find_beside(name: str, course: Course, submissions: Iterable[Path]) -> Path | None:
    """Find a file about a class beside the submissions, else in the course's folder."""
    places = (*(path.absolute().parent for path in submissions), course.folder)
    return next((place / name for place in places if (place / name).is_file()), None)


def _name(line: Line) -> str:
    parts = (line["first name"], line["last name"])
    return line["name"] or " ".join(filter(None, parts))


def _number(text: str) -> str:
    """The number of a participant, without what stands around it; any other text as it is."""
    match = _PARTICIPANT.fullmatch(text)
    return match[1] if match else text


def _read_person(line: Line) -> Person:
    return Person(
        id=_number(line["id"]),
        name=_name(line),
        login=line["login"],
        email=line["email"],
        section=line["section"],
        group=line["group"],
        others=tuple(map(_number, line.others)),
    )


def _find_faults(people: Sequence[tuple[int, Person]]) -> list[Fault]:
    """Find the ids, logins and addresses that stand for people of two names."""
    faults = []
    for field in ("id", "login", "email"):
        first: dict[str, tuple[int, str]] = {}
        for number, person in people:
            key = str(getattr(person, field)).casefold()
            line, name = first.setdefault(key, (number, person.name))
            if key and name != person.name:
                message = f"{getattr(person, field)!r} is {person.name!r} here and {name!r} in line {line}"
                faults.append(Fault(message, field, number))
    return faults


def _first_of_each(people: Iterable[Person]) -> tuple[Person, ...]:
    """Only the first row of each person: tables have one for each section or assignment."""
    first: dict[str, Person] = {}
    for person in people:
        key = person.id or person.login or person.email or f"{person.name} {len(first)}"
        first.setdefault(key.casefold(), person)
    return tuple(first.values())
