"""Whose submission is where: what Gradescope, Moodle and Canvas let one download, packed and unpacked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from grader.answers.collect.find_submissions import find_submissions, read_submitted_files
from grader.answers.collect.gradescope import read_metadata
from grader.answers.submission import SubmittedFile
from grader.core.errors import GraderError
from tests.answers.packing import PACKED, add, as_folder, as_tar, as_zip, left_out, texts
from tests.conftest import ROOT

METADATA = """\
---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '17'
    :email: ada@example.org
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2024-02-01 10:00:00.000000000 Z
  :score: 3.0
submission_102:
  :submitters:
  - :name: Bob "=cmd" O'Neil
    :sid: 18
  - :name: Zoë Ångström
    :email: zoe@example.org
submission_109:
  :submitters:
  - :name: Ada Lovelace
    :sid: '17'
"""
GRADESCOPE = {
    "submission_metadata.yml": METADATA,
    "submission_101/answers.py": "x = 'early'",
    "submission_102/answers.py": "x = 'both'",
    "submission_102/notes.txt": "",
    "submission_109/sub/answers.py": "x = 'late'",
}
MOODLE = {
    "Ada Lovelace_201_assignsubmission_file_/answers.py": "x = 1",
    "Ada Lovelace_201_assignsubmission_onlinetext_/onlinetext.html": "<p>",
    "Jürgen Müller_202_assignsubmission_file_/hw1.ipynb": json.dumps({"cells": []}),
    "Jürgen Müller_202_assignsubmission_file_/helper.py": "x = 2",
    "John Smith_203_assignsubmission_file_/answers.py": "x = 3",
    "John Smith_204_assignsubmission_file_/answers.py": "x = 4",
}
CANVAS = {
    "lovelaceada_11_9001_answers.py": "x = 'early'",
    "lovelaceada_11_9007_answers-1.py": "x = 'late'",
    "oneiljr_LATE_12_9003_answers.py": "x = 2",
    "lovelaceada_13_9004_hw1.py": "x = 'another person'",
    "lovelaceada_13_9005_helper.py": "x = 'help'",
}
PLATFORMS = {
    "gradescope": (
        GRADESCOPE,
        {"Ada Lovelace": "x = 'late'", 'Bob "=cmd" O\'Neil': "x = 'both'", "Zoë Ångström": "x = 'both'"},
        ["submission_101/answers.py: Ada Lovelace also has answers.py, which is later"],
    ),
    "moodle": (
        MOODLE,
        {
            "Ada Lovelace": "x = 1",
            "Jürgen Müller": json.dumps({"cells": []}),
            "John Smith_203": "x = 3",
            "John Smith_204": "x = 4",
        },
        [],
    ),
    "canvas": (
        CANVAS,
        {"lovelaceada_11": "x = 'late'", "oneiljr_12": "x = 2", "lovelaceada_13": "x = 'another person'"},
        [
            "lovelaceada_11_9001_answers.py: lovelaceada_11 also has",
            "lovelaceada_13_9005_helper.py: lovelaceada_13 also has",
        ],
    ),
    "flat": ({"ann.py": "x = 1", "bob.ipynb": "{}", "readme.txt": ""}, {"ann": "x = 1", "bob": "{}"}, []),
    "nbgrader": ({"ann/hw1/a.py": "x = 1", "bob/hw1/hw1.ipynb": "{}"}, {"ann": "x = 1", "bob": "{}"}, []),
}


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_platforms_let_one_download_is_understood(tmp_path: Path, platform: str, packed: str) -> None:
    given, wanted, dropped = PLATFORMS[platform]
    path = PACKED[packed](tmp_path / "class", given)
    assert texts(path) == wanted
    said = left_out(path)
    assert all(reason in said for reason in dropped) and len(said.splitlines()) == len(dropped)


def test_moodles_files_without_folders_are_understood(tmp_path: Path) -> None:
    given = {
        "Ada Lovelace_201_assignsubmission_file_answers.py": "x = 1",
        "Bob_202_assignsubmission_file_hw1.ipynb": "{}",
    }
    assert texts(as_zip(tmp_path / "class", given)) == {"Ada Lovelace": "x = 1", "Bob": "{}"}


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        "",
        "{",
        "- 1",
        "submission_101: 7",
        "a: &a [*a]",
        "\x00",
        "x: !!python/object/apply:os.getpid []",
        "x: !!timestamp 1",
        f"0x{'F' * 5000}: {{':submitters': [{{':sid': 0x{'F' * 5000}}}]}}",
        "x: !!bool 1",
        "x: !!int ''",
    ],
)
def test_gradescopes_students_are_called_by_their_submissions_where_nothing_tells_their_names(
    tmp_path: Path, metadata: str | None
) -> None:
    given = {name: text for name, text in GRADESCOPE.items() if not name.endswith(".yml")}
    if metadata is not None:
        given["submission_metadata.yml"] = metadata
    path = as_zip(tmp_path / "class", given)
    assert set(texts(path)) == {"submission_101", "submission_102", "submission_109"}
    assert "it does not name submission_101 and 2 more, so the folder's name is used" in left_out(path)


def test_a_name_that_cannot_be_a_files_gives_way_to_the_submissions(tmp_path: Path) -> None:
    metadata = 'submission_101: {":submitters": [{":name": "../../etc/cron\\x1b[2J", ":sid": "1"}]}'
    given = {"submission_metadata.yml": metadata, "submission_101/a.py": "x"}
    assert texts(as_zip(tmp_path / "class", given)) == {"submission_101": "x"}
    assert read_metadata(b'submission_1: {":submitters": [{":sid": 5}, {":name": [1]}, 7]}') == {
        "submission_1": [("5", "5")]
    }


def test_a_folder_in_the_place_of_the_metadata_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "class.tar"
    with tarfile.open(path, "w") as archive:
        add(archive, "submission_1/a.py", b"x")
        add(archive, "submission_metadata.yml", kind=tarfile.DIRTYPE)
    assert texts(path) == {"submission_1": "x"}


def test_people_of_one_name_are_told_apart_by_their_numbers(tmp_path: Path) -> None:
    people = {1: "17", 2: "18"}
    metadata = "\n".join(
        f'submission_{k}: {{":submitters": [{{":name": "Li Wei", ":sid": "{sid}"}}]}}'
        for k, sid in people.items()
    )
    given = {"submission_metadata.yml": metadata, "submission_1/a.py": "one", "submission_2/a.py": "two"}
    assert texts(as_folder(tmp_path / "class", given)) == {"Li Wei_17": "one", "Li Wei_18": "two"}


def test_several_files_and_none_are_faults_of_that_student_alone(tmp_path: Path) -> None:
    given = {
        "A_1_assignsubmission_file_/one.py": "x",
        "A_1_assignsubmission_file_/two.py": "x",
        "B_2_assignsubmission_file_/answers.docx": "x",
        "C_3_assignsubmission_file_/inner.zip": "PK",
        "D_4_assignsubmission_file_/__MACOSX/._d.py": "x",
        "D_4_assignsubmission_file_/d.py": "d",
    }
    for path in (as_folder(tmp_path / "class", given), as_zip(tmp_path / "class", given)):
        assert texts(path) == {"A": "[ambiguous]", "B": "[empty]", "C": "[empty]", "D": "d"}


def test_an_archive_beside_submissions_is_left_out_and_told(tmp_path: Path) -> None:
    given = {"ann.py": "x", "bob.zip": "PK"}
    for path in (as_folder(tmp_path / "class", given), as_zip(tmp_path / "class", given)):
        assert texts(path) == {"ann": "x"}
        assert "bob.zip: an archive among submissions is not opened; unpack it" in left_out(path)


@pytest.mark.parametrize("name", ["Ann_{}_1{}_{}", "Ann{0}_{0}_assignsubmission_file_{2}"])
@pytest.mark.parametrize("other", ["answers.zip", "answers.docx"])
def test_who_a_platform_says_handed_in_something_else_is_not_forgotten(
    tmp_path: Path, name: str, other: str
) -> None:
    given = {
        name.format(1, 1, "a.py"): "x",
        name.format(2, 2, other): "PK",
        name.format(3, 3, "b.py"): "y",
        name.format(3, 4, other): "PK",
        "table.csv": "",
    }
    for path in (as_folder(tmp_path / "class", given), as_zip(tmp_path / "class", given)):
        assert sorted(texts(path).values()) == ["[empty]", "x", "y"]
        faults = [
            p.fault for _, p in find_submissions([path], "hw1").submissions if isinstance(p, SubmittedFile)
        ]
        assert [fault.message for fault in faults if fault] == [
            f"{name.format(2, 2, other)} is neither a .py nor an .ipynb file, nor formulas in answers.txt; submit one"
        ]


@pytest.mark.parametrize("ending", ["", "_"])
def test_feedback_for_an_empty_folder_of_moodles_goes_into_that_folder(tmp_path: Path, ending: str) -> None:
    folder = f"B_2_assignsubmission_file{ending}"
    path = as_folder(tmp_path / "class", {"A_1_assignsubmission_file_/a.py": "x"})
    (path / folder).mkdir()
    assert texts(path) == {"A": "x", "B": "[empty]"}
    assert find_submissions([path], "hw1").files["B"].address == f"{folder}/"


def test_a_text_typed_into_moodle_is_nobodys_file(tmp_path: Path) -> None:
    given = {"A_1_assignsubmission_file_a.py": "x", "B_2_assignsubmission_onlinetext_typed.html": "y"}
    assert texts(as_folder(tmp_path / "class", given)) == {"A": "x"}


def test_the_same_student_in_two_archives_is_graded_once_and_named(tmp_path: Path) -> None:
    one, two = (
        as_zip(tmp_path / "one", {"ann.py": "1"}),
        as_tar(tmp_path / "two", {"ann.py": "2", "bob.py": "3"}),
    )
    assert texts(one, two) == {"ann": "1", "bob": "3"}
    found = find_submissions([one, two], "hw1")
    assert len(found.left_out) == 1 and "ann also has ann.py" in found.left_out[0]


def test_links_to_other_peoples_folders_and_files_are_told_and_not_graded(tmp_path: Path) -> None:
    work = tmp_path / "bob" / "hw1"
    work.mkdir(parents=True)
    (work / "hw1.py").write_text("x = 1\n")
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / "hw1").symlink_to(work)
    (tmp_path / "mal").symlink_to(tmp_path / "bob")
    (tmp_path / "tom" / "hw1").mkdir(parents=True)
    (tmp_path / "tom" / "hw1" / "hw1.py").symlink_to(work / "hw1.py")
    files = {
        file.student: file for file in read_submitted_files(find_submissions([tmp_path], "hw1").submissions)
    }
    assert files.keys() == {"bob", "eve", "mal", "tom"}
    assert files["bob"].data and files["bob"].fault is None
    for name in ("eve", "mal", "tom"):
        fault = files[name].fault
        assert fault is not None and fault.kind == "not_regular" and not files[name].data


CLOSED = """
import os, sys
from pathlib import Path
from grader.answers.collect.find_submissions import find_submissions, read_submitted_files
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(12345); os.setuid(12345)
found = find_submissions([Path(sys.argv[1])], "hw1").submissions
for file in read_submitted_files(found):
    print(file.student, file.fault.kind if file.fault else file.data.decode())
"""


def test_what_a_student_has_closed_is_that_students_fault_alone() -> None:
    folder = Path(tempfile.mkdtemp(prefix="closed-"))
    try:
        folder.chmod(0o755)
        for student in ("ann", "bob", "kim"):
            (folder / student / "hw1").mkdir(parents=True)
            (folder / student / "hw1" / "hw1.py").write_text("x")
        (folder / "eve.py").write_text("x")
        for closed in ("ann", "bob/hw1", "eve.py"):
            (folder / closed).chmod(0)
        if os.geteuid() == 0:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, 12345, 12345)
        done = subprocess.run(
            [sys.executable, "-c", CLOSED, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.stdout.splitlines() == ["ann unreadable", "bob unreadable", "eve unreadable", "kim x"], (
            done.stderr
        )
    finally:
        for closed in ("ann", "bob/hw1"):
            (folder / closed).chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("names", "students"),
    [
        (
            ("annlee_1_2_hw1.py", "bob_3_4_hw1.py", "eve_5_6_x_1_assignsubmission_file_a.py"),
            {"annlee_1", "bob_3", "eve_5"},
        ),
        (("ann/hw1/a.py", "bob/hw1/b.py", "submission_7/hw1/c.py"), {"ann", "bob", "submission_7"}),
        (
            ("ann.py", "bob.py", "x_1_assignsubmission_file_a.py"),
            {"ann", "bob", "x_1_assignsubmission_file_a"},
        ),
    ],
)
def test_a_name_that_a_student_has_chosen_does_not_decide_who_arranged_the_class(
    tmp_path: Path, names: tuple[str, ...], students: set[str]
) -> None:
    for make in (as_folder, as_zip):
        place = make(tmp_path / make.__name__, dict.fromkeys(names, "x"))
        assert {student for student, _ in find_submissions([place], "hw1").submissions} == students


def test_a_text_in_a_folder_is_a_submission_if_it_has_an_answer_and_else_may_be_a_note(
    tmp_path: Path,
) -> None:
    given = {
        "ann.py": "x",
        "bob.txt": "det_gradent(A) = A\n",
        "cyd.txt": "",
        "dan.txt": "I have sent a mail\n",
    }
    found = find_submissions([as_folder(tmp_path / "class", given)], "hw1")
    assert [student for student, _ in found.submissions] == ["ann", "bob"]
    assert [(note.student, note.certain) for note in found.without_file] == [("cyd", False), ("dan", False)]
    assert all("no formula" in note.what for note in found.without_file)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("submited", "submitted"),
        ("class.zp", "class.zip"),
        ("annn.py", "anna.py"),
        ("submited/hw1", "submitted"),
        ("submitted/hw2", None),
        ("roster.cvs", None),
    ],
)
def test_a_path_that_does_not_exist_is_told_with_the_one_that_is_meant(
    tmp_path: Path, given: str, meant: str | None
) -> None:
    as_folder(tmp_path / "submitted", {"ann.py": "x"})
    as_zip(tmp_path / "class", {"ann.py": "x"})
    for name in ("anna.py", "roster.csv"):
        (tmp_path / name).write_text("")
    with pytest.raises(GraderError) as told:
        find_submissions([tmp_path / given], "hw1")
    step = f"did you mean {tmp_path / meant}?" if meant else "allowed: a folder"
    assert str(told.value).startswith(f"There is no file or folder {tmp_path / given}; {step}")


def test_an_empty_folder_is_told_as_empty(tmp_path: Path) -> None:
    empty, other = as_folder(tmp_path / "empty", {".DS_Store": ""}), as_folder(tmp_path / "other", {})
    other.mkdir(exist_ok=True)
    with pytest.raises(GraderError, match=r"in \S+empty: it is empty; put") as told:
        find_submissions([empty], "hw1")
    assert "allowed" not in str(told.value)
    with pytest.raises(GraderError, match=r"in \S+empty, \S+other: it is empty;"):
        find_submissions([empty, other], "hw1")
    full = as_folder(tmp_path / "full", {"ann.py": "x"})
    assert find_submissions([full, empty], "hw1").left_out == (f"{empty}: the folder is empty",)
