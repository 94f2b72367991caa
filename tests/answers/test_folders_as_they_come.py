"""Folders as they come: copies, strays, late files, odd suffixes; whoever handed in is graded or listed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from grader.answers.collect import find_submissions as collecting
from grader.answers.collect.archives import read_archive
from grader.answers.collect.find_submissions import FoundSubmissions, find_submissions, read_submitted_files
from grader.answers.collect.student_files import Rules
from grader.answers.collect.timestamps import read_time
from grader.answers.submission import SubmittedFile, parse_submission
from grader.answers.written_functions import count_written, defined_names
from grader.reports.lateness import LatePolicy
from tests.answers.packing import as_folder, as_tar, as_zip

FULL = "def one(A):\n    return A\n\n\ndef two(A):\n    return A\n"
HALF = "def one(A):\n    return A\n\n\ndef two(A):\n    raise NotImplementedError\n"
STUB = FULL.replace("return A", 'raise NotImplementedError("write it")')
PLOTS = "def plot(x):\n    return x\n"
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": FULL}]})
RULES = Rules(frozenset({"one", "two"}), frozenset({"hw2"}))


def find(path: Path, rules: Rules = RULES) -> FoundSubmissions:
    return find_submissions([path], "hw1", rules)


def texts(found: FoundSubmissions) -> dict[str, str]:
    """Student → name and text of the file, or the kind of its fault in brackets."""
    files = read_submitted_files(found.submissions)
    return {file.student: f"[{file.fault.kind}]" if file.fault else file.data.decode() for file in files}


CASES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], list[str]]] = {
    "a folder for each student": (
        {"ann/answers.py": FULL, "bob/work.ipynb": NOTEBOOK, "cid/src/answers.py": FULL, "notes.txt": ""},
        {"ann": FULL, "bob": NOTEBOOK, "cid": FULL},
        [],
    ),
    "a stray file beside folders": (
        {"ann/answers.py": FULL, "bob/answers.py": FULL, "helper.py": PLOTS},
        {"ann": FULL, "bob": FULL},
        ["helper.py"],
    ),
    "an empty folder and one of another kind": (
        {"ann/answers.py": FULL, "bob/answers.pdf": "%PDF", "cid/.keep": ""},
        {"ann": FULL, "bob": "[empty]"},
        ["cid"],
    ),
    "another assignment's folder": (
        {
            "ann/answers.py": FULL,
            "bob/answers.py": FULL,
            "bob/hw2/answers.py": "x",
            "cid/hw2/answers.py": "x",
        },
        {"ann": FULL, "bob": FULL},
        ["cid"],
    ),
    "an older copy below the answer": (
        {"Ann_1_assignsubmission_file_/backup/hw1.py": HALF, "Ann_1_assignsubmission_file_/hw1.py": FULL},
        {"Ann": FULL},
        ["backup/hw1.py"],
    ),
    "an untouched file above the answer": (
        {"Ann_1_assignsubmission_file_/answers.py": STUB, "Ann_1_assignsubmission_file_/work/final.py": FULL},
        {"Ann": FULL},
        ["Ann_1_assignsubmission_file_/answers.py"],
    ),
    "the fullest of files with other names": (
        {"Ann_1_assignsubmission_file_/a.py": HALF, "Ann_1_assignsubmission_file_/b.py": FULL},
        {"Ann": FULL},
        ["a.py"],
    ),
    "two that are as good": (
        {"Ann_1_assignsubmission_file_/a.py": FULL, "Ann_1_assignsubmission_file_/b.py": FULL},
        {"Ann": "[ambiguous]"},
        [],
    ),
    "the released notebook beside the answers": (
        {
            "ann/answers.py": FULL,
            "ann/answers.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": STUB}]}),
        },
        {"ann": FULL},
        ["ann/answers.ipynb"],
    ),
    "a copy that a browser numbered": (
        {"ann/answers.py": FULL, "ann/answers (1).py": FULL},
        {"ann": FULL},
        ["answers (1).py"],
    ),
    "two files of one Canvas hand-in": (
        {
            "ann_1_11_answers.py": FULL,
            "ann_1_12_plots.py": PLOTS,
            "bob_2_13_plots.py": PLOTS,
            "bob_2_14_a.py": FULL,
        },
        {"ann_1": FULL, "bob_2": FULL},
        ["plots.py", "plots.py"],
    ),
    "a stray file among Canvas's": (
        {"ann_1_11_answers.py": FULL, "bob_2_12_answers.py": FULL, "helper.py": PLOTS, "cid.pdf": ""},
        {"ann_1": FULL, "bob_2": FULL},
        ["helper.py", "cid.pdf"],
    ),
    "odd names among Canvas's": (
        {
            "ann_1_11_answers.py": FULL,
            "ada_l_2_12_answers.py": HALF,
            "anon_3_13_a.py": FULL,
            "anon_Zx3aB_14_a.py": HALF,
        },
        {"ann_1": FULL, "ada_l_2": HALF, "anon_3": FULL, "anon_Zx3aB": HALF},
        [],
    ),
    "a file from a Mac among Canvas's": (
        {"ann_1_11_answers.py": FULL, "ann_1_12_._answers.py": "\0\5\x16\7"},
        {"ann_1": FULL},
        [],
    ),
    "a copy beside a file whose name has other capitals": (
        {
            "Ann (1).py": FULL,
            "ann.py": HALF,
            "bob.py": FULL,
            "Bob.py": HALF,
            "BOB (1).py": FULL,
        },
        {"ann": FULL, "bob": FULL, "Bob": HALF, "BOB (1)": FULL},
        ["ann.py"],
    ),
    "a copy beside a file in a plain folder": (
        {
            "ann.py": FULL,
            "ann (1).py": HALF,
            "bob - Copy.py": HALF,
            "bob.py": FULL,
            "cid (1).py": FULL,
            "team-1.py": FULL,
            "team.py": HALF,
        },
        {"ann": FULL, "bob": FULL, "cid (1)": FULL, "team-1": FULL, "team": HALF},
        ["ann (1).py", "bob - Copy.py"],
    ),
    "an untitled notebook": (
        {"ann_1_11_Untitled (1).ipynb": NOTEBOOK, "bob_2_12_Untitled-1.ipynb": NOTEBOOK},
        {"ann_1": NOTEBOOK, "bob_2": NOTEBOOK},
        [],
    ),
    "what systems leave behind": (
        {
            "ann/answers.py": FULL,
            "ann/.ipynb_checkpoints/answers-checkpoint.py": HALF,
            "ann/__MACOSX/._answers.py": "",
            "ann/._answers.py": "",
            "__MACOSX/ann/._answers.py": "",
        },
        {"ann": FULL},
        [],
    ),
    "suffixes that a browser appended": (
        {
            "ann.py": FULL,
            "bob.ipynb.json": NOTEBOOK,
            "cid.py.html": FULL,
            "dan.ipynb.txt": NOTEBOOK,
            "eve.py.txt": HALF,
        },
        {"ann": FULL, "bob": NOTEBOOK, "cid": FULL, "dan": NOTEBOOK, "eve": HALF},
        [],
    ),
    "a web page in place of the file": (
        {"ann.py": FULL, "cid.ipynb.html": "<!DOCTYPE html>"},
        {"ann": FULL, "cid": "[unknown_type]"},
        [],
    ),
}


@pytest.mark.parametrize("packed", [as_folder, as_zip])
@pytest.mark.parametrize("case", CASES)
def test_the_right_file_is_graded_and_the_others_are_listed(
    tmp_path: Path, case: str, packed: object
) -> None:
    files, graded, listed = CASES[case]
    found = find(
        as_folder(tmp_path / "class", files) if packed is as_folder else as_zip(tmp_path / "c", files)
    )
    if packed is as_zip and case == "an empty folder and one of another kind":
        listed = []  # a zip of files has no folder that is empty
    assert texts(found) == graded
    said = "\n".join((*found.left_out, *found.guesses))
    assert all(said.count(name) >= listed.count(name) for name in listed), said
    if not listed:
        assert not found.left_out


@pytest.mark.parametrize(
    "case", [case for case, (_, _, listed) in CASES.items() if any(".py" in n for n in listed)]
)
def test_what_is_chosen_or_left_out_for_its_name_is_a_guess(tmp_path: Path, case: str) -> None:
    assert find(as_folder(tmp_path / "class", CASES[case][0])).guesses


def test_names_with_backslashes_are_read_as_folders(tmp_path: Path) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (
            "submitted\\",
            "submitted\\ann.py",
            "submitted\\bob.py",
            "..\\up.py",
            "C:\\up.py",
            "\\\\s\\up.py",
        ):
            info = zipfile.ZipInfo("x")
            info.filename = name
            archive.writestr(info, FULL if name.endswith("py") else "")
    found = find(path)
    assert texts(found) == {"ann": FULL, "bob": FULL} and len(found.left_out) == 3


LATE = {
    "ann_1_11_answers.py": HALF,
    "ann_LATE_1_12_answers-1.py": FULL,
    "bob_late_2_13_answers.py": FULL,
    "cid_3_14_answers.py": FULL,
    "cid_LATE_3_15_plots.py": PLOTS,
}


@pytest.mark.parametrize(
    ("policy", "graded"),
    [
        ("last", {"ann_1": FULL, "bob_2": FULL, "cid_3": FULL}),
        ("last_on_time", {"ann_1": HALF, "bob_2": FULL, "cid_3": FULL}),
        ("both", {"ann_1": HALF, "ann_1_late": FULL, "bob_2": FULL, "cid_3": FULL}),
    ],
)
def test_late_files_of_canvas_count_as_the_course_says(
    tmp_path: Path, policy: LatePolicy, graded: dict[str, str]
) -> None:
    found = find(as_folder(tmp_path / "class", LATE), Rules(RULES.functions, late=policy))
    assert texts(found) == graded
    assert found.files["bob_2"].late and not found.files["cid_3"].late
    assert "cid_LATE_3_15_plots.py" in "\n".join(found.left_out)
    if policy == "last":
        assert any("ann_LATE_1_12_answers-1.py is late and is graded" in guess for guess in found.guesses)


@pytest.mark.parametrize(
    ("files", "student"),
    [
        ({"a_1_2_x.py": FULL, "bob_7_text.html": "<p>", "cid_LATE_8_link.html": ""}, {"bob_7", "cid_8"}),
        (
            {
                "A_1_assignsubmission_file_/x.py": FULL,
                "B_2_assignsubmission_onlinetext_/onlinetext.html": "",
                "A_1_assignsubmission_onlinetext_/onlinetext.html": "",
            },
            {"B"},
        ),
        ({"ann.py": FULL, "bob.pdf": "", "cid.docx": ""}, {"bob", "cid"}),
    ],
)
def test_who_handed_in_something_else_is_listed_by_name(
    tmp_path: Path, files: Mapping[str, str], student: set[str]
) -> None:
    found = find(as_folder(tmp_path / "class", files))
    assert {entry.student for entry in found.without_file if entry.certain} == student
    assert len(found.submissions) == 1


def test_a_platforms_folder_inside_one_folder_is_found(tmp_path: Path) -> None:
    as_folder(
        tmp_path / "download" / "Class 3",
        {"A_1_assignsubmission_file_/x.py": FULL, "B_2_assignsubmission_file_/y.py": HALF},
    )
    assert texts(find(tmp_path / "download")) == {"A": FULL, "B": HALF}


def test_times_of_nbgrader_and_gradescope_are_kept(tmp_path: Path) -> None:
    metadata = (
        "submission_1:\n  :submitters:\n  - :name: Ann\n  :created_at: 2026-10-01 10:00:00.5 +0200\n"
        "submission_2:\n  :submitters:\n  - :name: Bob\n  :created_at: !ruby/object:ActiveSupport::TimeWithZone\n"
        "    utc: 2026-10-01 10:00:00.000000000 Z\n    zone: !ruby/object:ActiveSupport::TimeZone\n      name: UTC\n"
    )
    given = {"submission_metadata.yml": metadata, "submission_1/a.py": FULL, "submission_2/a.py": FULL}
    found = find(as_folder(tmp_path / "scope", given))
    assert found.files["Ann"].submitted == "2026-10-01T10:00:00.500000+02:00"
    assert found.files["Bob"].submitted == "2026-10-01T10:00:00+00:00"

    nbgrader = {"ann/hw1/hw1.ipynb": NOTEBOOK, "ann/hw1/timestamp.txt": "2026-10-01 10:00:00.000000 UTC\n"}
    assert find(as_folder(tmp_path / "nb", nbgrader)).files["ann"].submitted == "2026-10-01T10:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-10-01 17:59:00.123456 UTC", "2026-10-01T17:59:00.123456+00:00"),
        ("2026-10-01 17:59:00 Europe/Berlin", "2026-10-01T17:59:00+02:00"),
        ("2026-10-01 17:59:00 +0530", "2026-10-01T17:59:00+05:30"),
        ("2026-10-01 17:59:00", "2026-10-01T17:59:00"),
        ("2026-10-01 17:59:00 ../../etc/passwd", "2026-10-01T17:59:00"),
        ("", ""),
        ("yesterday", ""),
        ("2026-13-01 00:00:00", ""),
    ],
)
def test_times_are_read_as_they_are_written(text: str, time: str) -> None:
    assert read_time(text) == time


def test_functions_left_as_they_were_released_do_not_count() -> None:
    wanted = {"one", "two"}
    counts = {
        text: count_written(SubmittedFile("", "a.py", text.encode()), wanted)
        for text in (FULL, HALF, STUB, PLOTS)
    }
    assert list(counts.values()) == [2, 1, 0, 0]
    lines = b"one = lambda A: A\ntwo: int = 3\nx == two\n"
    assert count_written(SubmittedFile("", "a.py", lines), wanted) == 2
    assert count_written(SubmittedFile("", "a.py", b"def one(A): pass\ndef two(A):\n    ...\n"), wanted) == 0
    assert defined_names(parse_submission(SubmittedFile("", "a.py", HALF.encode())).cells) == wanted


def test_closed_files_do_not_stop_the_choice(tmp_path: Path) -> None:
    path = as_folder(tmp_path / "class", {"ann/answers.py": FULL, "ann/other.py": FULL})
    (path / "ann" / "other.py").unlink()
    (path / "ann" / "other.py").symlink_to("/dev/zero")
    assert texts(find(path)) == {"ann": FULL}


def test_members_of_an_archive_are_counted_in_one_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"p{n}_{n}_{n}{k}_{name}.py": FULL for n in range(20) for k, name in enumerate(("a", "answers"))}
    path = as_tar(tmp_path / "class", files)
    passes = []

    def read(*arguments: Any) -> Any:
        passes.append(arguments)
        return read_archive(*arguments)

    monkeypatch.setattr(collecting, "read_archive", read)
    assert len(find(path).submissions) == 20 and len(passes) == 1
