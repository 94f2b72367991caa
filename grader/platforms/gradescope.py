"""An autograder for Gradescope: the zip that is uploaded, and what runs in its container.

Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.authoring.release import Files
from grader.core.errors import GraderError, suggest
from grader.core.files import write_file
from grader.core.text import count, one_line
from grader.formats.gradescope_json import ALL, VISIBILITIES, Visibility, gradescope_json
from grader.formats.terminal.student import print_report
from grader.platforms.packed_course import (
    PackOptions,
    grade_packed,
    pack_course,
    pack_program,
    prepare_packed,
    read_packed,
)

_MODE = 0o755 << 16
_SETUP = """\
#!/usr/bin/env bash
# Runs once, when Gradescope builds the image. Python and numpy in the versions that this was built with.
set -euo pipefail
root="${{AUTOGRADER_ROOT:-/autograder}}"
cd "$root/source"
if ! command -v uv > /dev/null; then
    curl -LsSf https://astral.sh/uv/install.sh | env UV_INSTALL_DIR=/usr/local/bin UV_NO_MODIFY_PATH=1 sh
fi
export UV_PYTHON_INSTALL_DIR="$root/source/python"
uv venv --quiet --clear --python {python} .venv
uv pip install --quiet --python .venv/bin/python -r requirements.txt
# Truths depend on problems and seed alone: they are found now, so that no student waits for them.
export PYTHONPATH="$root/source/package" XDG_CACHE_HOME="$root/source/cache"
.venv/bin/python -m grader gradescope run --prepare --root "$root"
(cd course && ../.venv/bin/python -m grader doctor) || true
"""
_RUN = """\
#!/usr/bin/env bash
# Runs for every submission.
set -euo pipefail
root="${AUTOGRADER_ROOT:-/autograder}"
# Where nothing but modes closes files to submissions, these must be closed.
mkdir -p "$root/source/cache"
chmod -R go-rwx "$root/source/course" "$root/source/cache" "$root/submission"
export PYTHONPATH="$root/source/package" XDG_CACHE_HOME="$root/source/cache"
exec "${AUTOGRADER_PYTHON:-$root/source/.venv/bin/python}" -m grader gradescope run --root "$root"
"""


def build_autograder(console: Console, options: PackOptions, out: Path, visible: Iterable[str]) -> None:
    """`grader gradescope build`: write the zip to upload.

    Args:
        visible: see `read_visibility`.
    """
    course, chosen = options.open()
    checks = {check.name for problem in chosen.points for check in course.problems[problem].checks}
    settings = options.settings(course, read_visibility(visible, checks))
    data = zip_files({**make_scripts(), **pack_program(), **pack_course(course, chosen, settings)})
    _write(out, data)

    console.print(Text(f"wrote {out}: {count(len(chosen.points), 'problem')}, seed {settings.seed}"))
    if options.trusted:
        console.print(Text("Submissions are trusted, so the solutions were left out of it.", "yellow"))
    console.print(
        Text(f"Next: in Gradescope, Configure Autograder, upload {out.name}; any Ubuntu image will do.")
    )


def _write(out: Path, data: bytes) -> None:
    try:
        write_file(out, data)
    except OSError as error:
        raise GraderError(f"Cannot write {out}: {error.strerror}; choose another place with -o") from None


def make_scripts() -> Files:
    """The two scripts that Gradescope runs."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return {"setup.sh": _SETUP.format(python=python).encode(), "run_autograder": _RUN.encode()}


def zip_files(files: Files) -> bytes:
    """A zip that depends on its files alone; scripts at its top can be executed."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _MODE if files[name].startswith(b"#!") else 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def read_visibility(texts: Iterable[str], checks: Iterable[str]) -> dict[str, Visibility]:
    """Read when students may see the checks: `WHEN` for all of them, or `CHECK=WHEN` for one.

    Args:
        checks: the names of the assignment's checks.

    Raises:
        GraderError: an unknown word.
    """
    known = sorted(checks)
    visibility: dict[str, Visibility] = {}
    for text in texts:
        check, equals, when = text.rpartition("=")
        if when not in VISIBILITIES:
            raise GraderError(f"There is no visibility '{when}'; {suggest(when, VISIBILITIES)}")
        if equals and check not in known:
            raise GraderError(f"The assignment has no check '{check}'; {suggest(check, known)}")
        visibility[check if equals else ALL] = when
    return visibility


def run_autograder(console: Console, root: Path, only_prepare: bool) -> None:
    """`grader gradescope run`: grade in the container, from `submission/` to `results/results.json`.

    Args:
        root: Gradescope's folder.
        only_prepare: find the truths and grade nothing.

    Raises:
        GraderError: there is no score. Gradescope then says that the autograder failed, and shows why to the
            instructor; no student gets a zero for it.
    """
    course, settings = read_packed(root / "source")
    if only_prepare:
        prepare_packed(course, settings)
        return

    report = grade_packed(course, settings, root / "submission", _find_student(root))
    text = gradescope_json(report, settings.visibility)
    write_file(root / "results" / "results.json", text)
    print_report(console, report)


def _find_student(root: Path) -> str:
    """The names in Gradescope's metadata, for the log; a submission may be a group's."""
    try:
        users = json.loads((root / "submission_metadata.json").read_text("utf-8"))["users"]
        return one_line(", ".join(str(user["name"]) for user in users), 200) or "unknown"
    except (OSError, ValueError, KeyError, TypeError):
        return "unknown"
