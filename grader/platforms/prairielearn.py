"""A question for PrairieLearn with this grader as its external grader.

Source: https://docs.prairielearn.com/externalGrading/
"""

from __future__ import annotations

import json
import uuid
from html import escape
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.authoring.release import Files
from grader.core.errors import GraderError
from grader.core.files import write_file
from grader.formats.prairielearn_json import GRADER_FAILED, prairielearn_json
from grader.platforms.packed_course import PackOptions, grade_packed, pack_course, read_packed
from grader.problems.course import Assignment, Course

_IMAGE = "frechet-grader"
_ENTRY = """\
#!/usr/bin/env bash
# The entry point in PrairieLearn's container.
exec python3 -m grader prairielearn run --root "${GRADE_ROOT:-/grade}"
"""
_FORMULAS = """\
<pl-question-panel>
  <p>Write the formulas of {title}, one a line.</p>
  <pl-file-editor file-name="answers.txt" normalize-to-ascii="false">{stub}</pl-file-editor>
</pl-question-panel>
<pl-submission-panel>
  <pl-external-grader-results></pl-external-grader-results>
  <pl-file-preview></pl-file-preview>
</pl-submission-panel>
"""
_QUESTION = """\
<pl-question-panel>
  <p>Upload <code>answers.py</code> with the functions of {title}, or <code>answers.txt</code> with formulas.</p>
  <pl-file-upload optional-file-names="answers.py, answers.txt"></pl-file-upload>
</pl-question-panel>
<pl-submission-panel>
  <pl-external-grader-results></pl-external-grader-results>
  <pl-file-preview></pl-file-preview>
</pl-submission-panel>
"""


def build_question(
    console: Console, options: PackOptions, out: Path, image: str | None, formulas: bool = False
) -> None:
    """`grader prairielearn build`: write the folder of a question.

    Args:
        image: Docker's, with the grader installed.
        formulas: ask for formulas, in an editor on the page, in the place of a file.
    """
    image = image or _IMAGE
    course, chosen = options.open()
    settings = options.settings(course)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise GraderError(f"{out} already exists; choose another folder with -o, or remove it")

    files = {f"tests/{name}": data for name, data in pack_course(course, chosen, settings).items()}
    for name, data in {**files, **make_question(course, chosen, image, formulas)}.items():
        write_file(out / name, data)
    (out / "tests" / "run.sh").chmod(0o755)
    console.print(Text(f"wrote {out}: seed {settings.seed}, image {image}"))


def make_question(course: Course, chosen: Assignment, image: str, formulas: bool = False) -> Files:
    """PrairieLearn's own files of a question: `info.json`, the page, the entry point."""
    page = _FORMULAS if formulas else _QUESTION
    stub = "".join(f"{course.problems[id].signature} = \n" for id in chosen.points)

    info = {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_URL, f"frechet-grader:{course.title}/{chosen.id}")),
        "title": chosen.title,
        "topic": course.title,
        "type": "v3",
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": True,
            "image": image,
            "entrypoint": "/grade/tests/run.sh",
            "timeout": 120,
        },
    }

    return {
        "info.json": (json.dumps(info, indent=4, ensure_ascii=False) + "\n").encode(),
        "question.html": page.format(title=escape(chosen.title), stub=escape(stub)).encode(),
        "tests/run.sh": _ENTRY.encode(),
    }


def run_grader(root: Path) -> None:
    """`grader prairielearn run`: grade in the container, from `student/` to `results/results.json`.

    Trouble of the grader's own is written as "not gradable", which costs no attempt.
    """
    try:
        course, settings = read_packed(root / "tests")
        text = prairielearn_json(grade_packed(course, settings, root / "student", "student"))
    except GraderError as error:
        text = json.dumps({"gradable": False, "format_errors": [GRADER_FAILED, str(error)]})
    write_file(root / "results" / "results.json", text)
