"""A class of 25 with all that goes wrong when students hand in, in the layouts in which it arrives."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

RIGHT = "def square_gradient(A):\n    return 2 * A.T\n"
WRONG = "def square_gradient(A):\n    return 2 * A\n"
STUB = "def square_gradient(A):\n    raise NotImplementedError\n"
HELPER = "def plot(x):\n    return x\n"
BROKEN = "def square_gradient(A:\n    return 2 * A.T\n"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": RIGHT}]})

Outcome = Literal["right", "wrong", "ungradable", "no_file", "not_submitted"]
Kind = Literal[
    "plain",
    "late",
    "twice",
    "typed",
    "pdf",
    "docx",
    "absent",
    "untitled",
    "disguised",
    "helper",
    "older",
    "stub",
    "broken",
]
FILES: Mapping[Kind, Mapping[str, str]] = {
    "plain": {"answers.py": RIGHT},
    "late": {"answers.py": RIGHT},
    "twice": {"answers.py": WRONG},
    "typed": {},
    "pdf": {"answers.pdf": "%PDF"},
    "docx": {"my answers.docx": "PK"},
    "absent": {},
    "untitled": {"Untitled (1).ipynb": NOTEBOOK},
    "disguised": {"answers.ipynb.json": NOTEBOOK},
    "helper": {"helper.py": HELPER, "final version.py": RIGHT, "._final version.py": "\0"},
    "older": {"answers.py": RIGHT, "answers (1).py": WRONG},
    "stub": {
        "answers.py": RIGHT,
        "answers.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": STUB}]}),
    },
    "broken": {"answers.py": BROKEN},
}
OUTCOMES: Mapping[Kind, Outcome] = {
    "typed": "no_file",
    "pdf": "ungradable",
    "docx": "ungradable",
    "absent": "not_submitted",
    "broken": "ungradable",
}


@dataclass(frozen=True, slots=True)
class Pupil:
    """One of the class, with what they handed in."""

    id: str
    first: str
    last: str
    login: str
    kind: Kind

    @property
    def outcome(self) -> Outcome:
        return OUTCOMES.get(self.kind, "right")


_NAMES: tuple[tuple[str, str, str, Kind], ...] = (
    ("Ada", "Lovelace", "ada", "plain"),
    ("Zoë", "Müller", "zm1", "plain"),
    ("Łukasz", "Żółć", "lz7", "plain"),
    ("Bob", "O'Neil", "bon", "plain"),
    ("伟", "李", "lw1", "plain"),
    ("Wei", "Li", "wl1", "plain"),
    ("Wei", "Li", "wl2", "untitled"),
    ("Late", "Comer", "lc1", "late"),
    ("Try", "Twice", "tt1", "twice"),
    ("Ty", "Ped", "tp1", "typed"),
    ("Pia", "Deff", "pd1", "pdf"),
    ("Wo", "Rd", "wr1", "docx"),
    ("Abe", "Sent", "as1", "absent"),
    ("Una", "Titled", "ut1", "untitled"),
    ("Dis", "Guised", "dg1", "disguised"),
    ("Hel", "Per", "hp1", "helper"),
    ("Old", "Copy", "oc1", "older"),
    ("Anna Maria", "de la Cruz", "ac1", "plain"),
    ("Jean-Luc", "Saint-Just", "js1", "plain"),
    ("Stu", "Bb", "sb1", "stub"),
    ("Syn", "Tax", "st1", "broken"),
    ("Søren", "Ångström", "sa1", "plain"),
    ("Émile", "Zola", "ez1", "disguised"),
    ("Nguyễn", "Văn An", "nv1", "plain"),
    ("X Æ", "Jones", "xj1", "plain"),
)
CLASS = tuple(Pupil(str(101 + k), *name) for k, name in enumerate(_NAMES))
ROSTER = "id,name,login\n" + "".join(f'{one.id},"{one.last}, {one.first}",{one.login}\n' for one in CLASS)
JUNK = {"__MACOSX/._x.py": "\0", ".DS_Store": "", "readme.txt": "hello"}


def folders() -> dict[str, str]:
    """A folder each, named after the login or the whole name; a stray file lies beside them."""
    files = {**JUNK, "helper.py": HELPER}
    for number, one in enumerate(CLASS):
        is_shared = (one.first, one.last) == ("Wei", "Li")
        folder = one.login if number % 2 or is_shared else f"{one.first} {one.last}"
        files |= {f"{folder}/{name}": text for name, text in FILES[one.kind].items()}
        if one.kind == "older":
            files[f"{folder}/backup/answers.py"] = WRONG
        if one.kind == "typed":
            files[f"{folder}.txt"] = "f'(A) = 2 A^T"
        if one.kind == "twice":
            files[f"{folder}/answers.py"] = RIGHT
    return files


def canvas() -> dict[str, str]:
    """All in one folder; files that Canvas marked as late, and a stray one."""
    files = {**JUNK, "helper.py": HELPER}
    number = 9000
    for one in CLASS:
        name = re.sub(r"\W", "", one.last + one.first).lower()
        late = "_LATE" if one.kind == "late" else ""
        for file, text in FILES[one.kind].items():
            number += 1
            files[f"{name}{late}_{one.id}_{number}_{file}"] = text
        if one.kind == "twice":
            files[f"{name}_LATE_{one.id}_{number + 500}_answers-1.py"] = RIGHT
        if one.kind == "typed":
            files[f"{name}_{one.id}_text.html"] = "<p>2A</p>"
    return files


def moodle() -> dict[str, str]:
    """A folder each, in which older copies lie in further folders."""
    files = dict(JUNK)
    for one in CLASS:
        folder = f"{one.first} {one.last}_{one.id}_assignsubmission"
        files |= {f"{folder}_file/{name}": text for name, text in FILES[one.kind].items()}
        if one.kind == "older":
            files[f"{folder}_file/backup/answers.py"] = WRONG
        if one.kind == "typed":
            files[f"{folder}_onlinetext/onlinetext.html"] = "<p>2A</p>"
        if one.kind == "twice":
            files[f"{folder}_file/answers.py"] = RIGHT
    return files


def nbgrader() -> dict[str, str]:
    """What nbgrader collected: a folder for the assignment in one for each student, with the time."""
    files = dict(JUNK)
    for one in CLASS:
        folder = f"{one.login}/hw1"
        given = {name: RIGHT if one.kind == "twice" else text for name, text in FILES[one.kind].items()}
        if given:
            day = 3 if one.kind == "late" else 1
            given["timestamp.txt"] = f"2026-10-0{day} 10:00:00.000000 UTC\n"
        files |= {f"{folder}/{name}": text for name, text in given.items()}
        if one.kind == "typed":
            files[f"{one.login}.txt"] = "f'(A) = 2 A^T"
    return files


def gradescope() -> dict[str, str]:
    """Numbered folders and a file that names the people; two submissions of one student, and one without files."""
    files, metadata, number = dict(JUNK), "", 500
    for one in CLASS:
        attempts = [FILES[one.kind]]
        if one.kind == "twice":
            attempts.append({"answers.py": RIGHT})
        for given in attempts:
            number += 1
            files |= {f"submission_{number}/{name}": text for name, text in given.items()}
            if given or one.kind == "typed":
                who = json.dumps({":name": f"{one.first} {one.last}", ":sid": one.id}, ensure_ascii=False)
                metadata += f"submission_{number}:\n  :submitters:\n  - {who}\n"
    return files | {"submission_metadata.yml": metadata}


LAYOUTS: Mapping[str, Callable[[], dict[str, str]]] = {
    "folders": folders,
    "canvas": canvas,
    "moodle": moodle,
    "nbgrader": nbgrader,
    "gradescope": gradescope,
}
