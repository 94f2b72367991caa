"""Reading and finding submissions."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from grader.answers.collect.find_submissions import find_submissions, read_submitted_files
from grader.answers.collect.student_files import Rules
from grader.answers.submission import (
    MAX_BYTES,
    Submission,
    parse_submission,
    read_submission,
    show_lines,
)
from grader.core.errors import GraderError
from grader.reports.code import CodeCell
from grader.reports.report import Failure


def read(folder: Path, name: str, data: str | bytes, max_bytes: int = MAX_BYTES) -> Submission:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_submission(path, max_bytes=max_bytes)


def kind(submission: Submission) -> str:
    assert submission.fault is not None
    assert submission.cells == ()
    assert submission.fault.message and not submission.fault.message.endswith(".")
    return submission.fault.kind


def notebook(*cells: object, **others: object) -> str:
    return json.dumps({"nbformat": 4, "cells": list(cells), **others})


def test_a_python_file_is_one_cell_and_its_name_is_the_student(tmp_path: Path) -> None:
    submission = read(tmp_path, "ann.py", b"\xef\xbb\xbfx = 1\r\ny = 2\r\n")
    assert (submission.student, submission.fault) == ("ann", None)
    assert submission.cells == (CodeCell("ann.py", "x = 1\ny = 2\n"),)


def test_code_cells_keep_their_position_in_the_notebook(tmp_path: Path) -> None:
    text = notebook(
        {"cell_type": "markdown", "source": "# title"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "x = 1"], "outputs": [{"data": 7}]},
        {"cell_type": "code", "source": "y = 2\ud800"},
    )
    assert read(tmp_path, "a.ipynb", text).cells == (
        CodeCell("cell 2", "%matplotlib inline\nx = 1"),
        CodeCell("cell 3", "y = 2?"),
    )


def test_the_older_notebook_format_is_read(tmp_path: Path) -> None:
    text = json.dumps({"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]})
    assert read(tmp_path, "a.ipynb", text).cells == (CodeCell("cell 1", "x = 1"),)


@pytest.mark.parametrize("size", [10, 11])
def test_the_size_is_capped(tmp_path: Path, size: int) -> None:
    submission = read(tmp_path, "a.py", "x" * size, max_bytes=10)
    assert submission.fault is None if size == 10 else kind(submission) == "too_large"


def test_what_is_not_utf8_is_a_fault(tmp_path: Path) -> None:
    assert kind(read(tmp_path, "a.py", "é".encode("latin-1"))) == "not_utf8"
    assert kind(read(tmp_path, "b.py", "x = 1".encode("utf-16"))) == "not_utf8"


@pytest.mark.parametrize(
    ("data", "what", "advice"),
    [
        (b"PK\x03\x04\x14\0\xff", "Word document", "plain text"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF", "plain text"),
        (b"{\\rtf1\\ansi x = 1}", "rich text", "plain text"),
        (b"\x1f\x8b\x08\0", "compressed", "unpack"),
        (b"\x89PNG\r\n", "picture", "plain text"),
        ("x = 1".encode("utf-16"), "UTF-16", "as UTF-8"),
    ],
)
def test_the_first_bytes_say_what_a_file_is(tmp_path: Path, data: bytes, what: str, advice: str) -> None:
    for name in ("a.py", "a.ipynb", "a.txt"):
        submission = read(tmp_path, name, data)
        assert kind(submission) == "not_utf8"
        assert submission.fault is not None
        assert what in submission.fault.what
        assert advice in submission.fault.advice


def test_the_line_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    fault = read(tmp_path, "a.py", "x = 1\r\ny = 'Zoë'\r\n".encode("latin-1")).fault
    assert fault is not None and "in line 2 that" in fault.what
    assert fault.text == "y = 'Zoë'"
    assert "save it again as UTF-8" in fault.advice


def test_the_number_that_jupyter_shows_is_told(tmp_path: Path) -> None:
    counts = (7, None, True, -1, 10**9)
    text = notebook(*({"cell_type": "code", "source": "1", "execution_count": count} for count in counts))
    labels = [cell.label for cell in read(tmp_path, "a.ipynb", text).cells]
    assert labels == ["cell 1 (In [7])", "cell 2", "cell 3", "cell 4", "cell 5"]
    failure = show_lines(Failure("raised", "x", place="cell 1 (In [7]), line 1"), (CodeCell(labels[0], "1"),))
    assert failure.excerpt is not None and failure.excerpt.lines == ("1",)


@pytest.mark.parametrize(
    "head", ["# -*- coding: latin-1 -*-", "#!/usr/bin/env python\n# vim: set fileencoding=latin-1 :"]
)
def test_the_encoding_that_a_script_declares_is_its_own(tmp_path: Path, head: str) -> None:
    submission = read(tmp_path, "a.py", f"{head}\nx = 'Zoë'\n".encode("latin-1"))
    assert submission.cells[0].source.endswith("x = 'Zoë'\n")


@pytest.mark.parametrize("name", ["nonsense", "rot13", "utf-8", "hex"])
def test_another_encoding_is_taken_for_utf8(tmp_path: Path, name: str) -> None:
    text = f"# coding: {name}\nx = 'é'\n"
    assert read(tmp_path, "a.py", text).cells[0].source == text
    assert kind(read(tmp_path, "b.py", text.encode("latin-1"))) == "not_utf8"


def test_saved_plots_do_not_count_for_the_size_of_a_notebook_and_code_does(tmp_path: Path) -> None:
    def read_one(source: str, output: str) -> Submission:
        cell = {"cell_type": "code", "source": source, "outputs": [{"data": {"image/png": output}}]}
        (tmp_path / "a.ipynb").write_text(notebook(cell))
        return read_submission(tmp_path / "a.ipynb")

    assert read_one("x = 1", "A" * 1_500_000).fault is None
    assert kind(read_one("x = 1 " * 200_000, "")) == "too_large"


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff"])
@pytest.mark.parametrize("name", ["a.py", "a.ipynb"])
def test_no_code_is_a_fault(tmp_path: Path, name: str, text: str) -> None:
    submission = read(tmp_path, name, text)
    assert kind(submission) == "empty"


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "[]",
        "7",
        '{"cells": 3}',
        '{"cells": [3]}',
        '{"worksheets": {}}',
        notebook({"cell_type": "code"}),
        notebook({"cell_type": "code", "source": ["x", 3]}),
        notebook({"cell_type": "code", "source": {"x": 1}}),
        "[" * 100_000,
        '{"cells":' * 50_000,
        "1" * 10_000,
    ],
)
def test_what_is_not_a_notebook_is_a_fault(tmp_path: Path, text: str) -> None:
    assert kind(read(tmp_path, "a.ipynb", text)) == "not_a_notebook"


def test_odd_types_beside_the_cells_do_no_harm(tmp_path: Path) -> None:
    text = notebook(
        {"cell_type": ["code"]}, {"cell_type": "code", "source": "x = 1", "outputs": 3}, metadata=7
    )
    assert read(tmp_path, "a.ipynb", text).cells == (CodeCell("cell 2", "x = 1"),)


def test_a_thousand_cells_are_enough(tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "source": "x"}] * 1001
    assert kind(read(tmp_path, "a.ipynb", notebook(*cells))) == "too_large"


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("x = 1")
    (tmp_path / "a.py").symlink_to(tmp_path / "secret.py")
    assert kind(read_submission(tmp_path / "a.py")) == "not_regular"


def test_a_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.py")
    assert kind(read_submission(tmp_path / "a.py")) == "not_regular"


def test_devices_and_missing_files_are_faults(tmp_path: Path) -> None:
    assert kind(read_submission(Path("/dev/zero"))) == "not_regular"
    assert kind(read_submission(tmp_path / "none.py")) == "unreadable"


def test_other_types_of_file_are_faults(tmp_path: Path) -> None:
    assert kind(read(tmp_path, "a.docx", b"PK\x03\x04\xff")) == "unknown_type"


def test_a_flat_folder_has_a_file_per_student(tmp_path: Path) -> None:
    for name in ("bob.ipynb", "ann.py", ".hidden.py", "notes.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "__pycache__").mkdir()
    assert find_submissions([tmp_path], "ps1").submissions == (
        ("ann", tmp_path / "ann.py"),
        ("bob", tmp_path / "bob.ipynb"),
    )


def test_nbgraders_folders_have_a_folder_per_student(tmp_path: Path) -> None:
    for name in ("ann/ps1/ps1.ipynb", "ann/ps1/helper.py", "bob/ps1/answers.py", "bob/ps1/timestamp.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "cid" / "ps2").mkdir(parents=True)
    right = (("ann", tmp_path / "ann/ps1/ps1.ipynb"), ("bob", tmp_path / "bob/ps1/answers.py"))
    assert find_submissions([tmp_path], "ps1").submissions == right
    assert find_submissions([tmp_path / "ann"], "ps1").submissions == right[:1]


def test_several_candidates_are_a_fault_of_that_student_alone(tmp_path: Path) -> None:
    folder = tmp_path / "ann" / "ps1"
    folder.mkdir(parents=True)
    (folder / "one.py").write_text("x")
    (folder / "two.py").write_text("x")
    (tmp_path / "bob" / "ps1").mkdir(parents=True)
    ann, bob = read_submitted_files(find_submissions([tmp_path], "ps1").submissions)
    assert (ann.student, kind(parse_submission(ann))) == ("ann", "ambiguous")
    assert (bob.student, kind(parse_submission(bob))) == ("bob", "empty")


def test_a_folder_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "answers.py").write_text("x")
    (tmp_path / "class" / "ann").mkdir(parents=True)
    (tmp_path / "class" / "ann" / "ps1").symlink_to(tmp_path / "other")
    ((student, path),) = find_submissions([tmp_path / "class"], "ps1").submissions
    assert student == "ann" and isinstance(path, Path)
    assert kind(read_submission(path, student)) == "not_regular"


def test_a_second_file_of_one_student_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "ann.py").write_text("x")
    (tmp_path / "ann.ipynb").write_text("x")
    found = find_submissions([tmp_path], "ps1")
    assert found.submissions == (("ann", tmp_path / "ann.ipynb"),)
    assert "ann.py: ann also has ann.ipynb" in found.left_out[0]


def test_the_same_file_twice_is_one_submission(tmp_path: Path) -> None:
    (tmp_path / "ann.py").write_text("x")
    assert len(find_submissions([tmp_path, tmp_path / "ann.py"], "ps1").submissions) == 1


@pytest.mark.parametrize("name", ["a\x1b[2Jn", "a:b", "back\\slash", "x" * 230, "line\nbreak"])
def test_an_odd_name_is_left_out_and_stops_nobody_else(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("x")
    with pytest.raises(GraderError, match="cannot be graded under that name"):
        find_submissions([tmp_path], "ps1")
    (tmp_path / "ann.py").write_text("x")
    found = find_submissions([tmp_path], "ps1")
    assert [student for student, _ in found.submissions] == ["ann"]
    assert len(found.left_out) == 1


def test_a_folder_without_the_assignment_is_named(tmp_path: Path) -> None:
    (tmp_path / "ann.py").write_text("x")
    (tmp_path / "dora").mkdir()
    (tmp_path / "dora" / "mine.py").write_text("x")
    assert find_submissions([tmp_path], "ps1").left_out == (
        f"{tmp_path / 'dora'}: there is nothing for ps1 in it",
    )


def test_a_folder_with_answers_among_files_is_a_guess_that_is_told(tmp_path: Path) -> None:
    answer = "def square_gradient(A):\n    return 2 * A.T\n"
    for name in ("ann.py", "bob.py"):
        (tmp_path / name).write_text(answer)
    (tmp_path / "dora").mkdir()
    (tmp_path / "dora" / "answers.py").write_text(answer)
    found = find_submissions([tmp_path], "ps1", Rules(functions=frozenset({"square_gradient"})))
    assert [student for student, _ in found.submissions] == ["ann", "bob"]
    assert len(found.guesses) == 1 and str(tmp_path / "dora") in found.left_out[0]


def test_a_path_that_does_not_exist_says_what_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"allowed: a folder of <student>\.py"):
        find_submissions([tmp_path / "none"], "ps1")
    with pytest.raises(GraderError, match="No submission for assignment 'ps1'"):
        find_submissions([tmp_path], "ps1")
