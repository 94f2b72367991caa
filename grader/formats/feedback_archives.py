"""Archives of feedback for the platforms that submissions were downloaded from: they know whose it is by the names.

Moodle takes the folders of its download, `<name>_<id>_assignsubmission_file_/`, with any file in them.
Canvas takes the files of its download, under unchanged names, and attaches each to the comments on the submission.
Sources: mod/assign/feedback/file/importziplib.php of Moodle 4, is_valid_filename_for_import;
app/models/abstract_assignment.rb of Canvas, infer_comment_context_from_filename.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping

from grader.core.errors import GraderError
from grader.core.memo import Memo
from grader.formats.html.student import student_page
from grader.formats.markdown import report_markdown
from grader.formats.terminal.student import student_text
from grader.reports.assignment import PublishedAssignment
from grader.reports.class_list import ClassList
from grader.reports.report import Report

MOODLE = "_assignsubmission_"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of every file, so that equal feedback makes equal archives."""

SeenBy = Callable[[str], PublishedAssignment]
"""Student → the assignment as they may see it."""


def moodle_archive(reports: Iterable[Report], class_list: ClassList, seen_by: SeenBy) -> bytes:
    """`moodle-feedback.zip`: the page of each student, in the folder of their submission.

    Raises:
        GraderError: no submission is from Moodle.
    """
    memo = Memo()
    return _pack("Moodle", _moodle_files(reports, class_list, seen_by, memo))


def canvas_archive(reports: Iterable[Report], class_list: ClassList, seen_by: SeenBy) -> bytes:
    """`canvas-feedback.zip`: the feedback for each file, under its name and as a file of its kind.

    Raises:
        GraderError: no submission is from Canvas.
    """
    return _pack("Canvas", _canvas_files(reports, class_list))


def _moodle_files(
    reports: Iterable[Report], class_list: ClassList, seen_by: SeenBy, memo: Memo
) -> Iterator[tuple[str, str]]:
    for report in reports:
        address = class_list.of(report.student).address
        if MOODLE in address:
            yield f"{address}feedback.html", student_page(report, seen_by(report.student), memo)


def _canvas_files(reports: Iterable[Report], class_list: ClassList) -> Iterator[tuple[str, str]]:
    for report in reports:
        address = class_list.of(report.student).address
        kind = _KIND.search(address)
        if kind is not None and MOODLE not in address:
            yield address, _KINDS[kind[1].lower()](report)


def _as_comments(report: Report) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in student_text(report).splitlines())


def _as_notebook(report: Report) -> str:
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": report_markdown(report)}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


_KINDS: Mapping[str, Callable[[Report], str]] = {
    "py": _as_comments,
    "ipynb": _as_notebook,
    "txt": student_text,
}
"""Suffix of a file's name → feedback that a program for such files shows."""
_KIND = re.compile(r"\.(ipynb|py|txt)(?=\.|$)", re.IGNORECASE)
"""Perhaps before what a browser appended, as in `.ipynb.json`."""


def _pack(platform: str, files: Iterable[tuple[str, str]]) -> bytes:
    """Pack files by their names; of several with one name, as those of a group, the first."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        names: set[str] = set()
        for name, text in files:
            if name not in names:
                names.add(name)
                archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), text.encode("utf-8", "replace"))

    if not names:
        raise GraderError(
            f"No submission was downloaded from {platform}, so there is nothing to send back to it; "
            f"grade the archive as {platform} packs it, with its names"
        )
    return out.getvalue()
