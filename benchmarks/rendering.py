"""What the formats cost beside the grading, and whether a page for thousands of students is quick.

The sample class, without the program that never ends, is graded again and again; then every format is made of every
report. Both are processor time, of this process and of the sandbox's, measured in one run. Then the page of a large
class, whose students mix the answers of the sample class, is made and opened in headless Chromium: from the start of
loading until the script has run and the next frame is drawn, and from a click on the head of a column until the
sorted table is. Usage:

    python -m benchmarks.rendering [--submissions 1000] [--students 5000] [--problems 0]
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from benchmarks.many import ROOT, SAMPLE, busy, family
from grader.answers.sandbox import Sandbox
from grader.answers.submission import read_submission
from grader.formats import CLASS_FORMATS, STUDENT_FORMATS
from grader.formats.html.class_page import class_page
from grader.grading.grade import Grader
from grader.grading.prepare import prepare
from grader.problems.course import load_course, publish_assignment
from grader.reports.assignment import PublishedAssignment
from grader.reports.report import Report
from grader.reports.serialize import read_exact, shorten, to_exact_json
from grader.truths.cache import user_cache
from tests.browser_tools import NAMES
from tests.report_factory import mix_reports

T = TypeVar("T")
NEVER_ENDS = "infinite-loop"
_FRAME = "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))"
_CLICK = (
    "new Promise(done => { const start = performance.now();"
    " document.querySelector('#roster th:last-child button').click();"
    " requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))); })"
)


def spent() -> float:
    """Processor time of this process and all below it, in seconds."""
    return sum(map(busy, family(os.getpid())))


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """The processor time of this process for some work, and what came of it."""
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def grade_many(count: int) -> tuple[float, list[Report], PublishedAssignment]:
    """Grade so many submissions; processor time, without that for finding the truths."""
    course = load_course(ROOT)
    assignment = course.assignment("lecture05")
    exam = prepare(course, assignment, course.seed, store=user_cache())
    paths = [path for path in sorted(SAMPLE.iterdir()) if path.suffix in (".py", ".ipynb")]
    handed_in = [read_submission(path) for path in paths if path.stem != NEVER_ENDS]
    with Sandbox(exam.limits, exam.libraries) as sandbox:
        Grader(exam, sandbox).grade(handed_in[0])
        start = spent()
        reports = [
            replace(Grader(exam, sandbox).grade(submission), student=f"student-{k:05}")
            for k, submission in enumerate(itertools.islice(itertools.cycle(handed_in), count))
        ]
        return spent() - start, reports, publish_assignment(course, assignment)


def print_formats(reports: Sequence[Report], sheet: PublishedAssignment, grading: float) -> None:
    """A line for each format, and one for all of them."""
    n = len(reports)
    print(f"{n} submissions, processor time")
    print(f"{'grading':12} {grading:>8.2f} s {1e3 * grading / n:>9.2f} ms each")
    total = 0.0
    for name, format in STUDENT_FORMATS.items():
        seconds, _ = timed(lambda: [len(format.render(report, sheet)) for report in reports])  # noqa: B023
        total += seconds
        print(
            f"{name:12} {seconds:>8.2f} s {1e3 * seconds / n:>9.2f} ms each {seconds / grading:>8.1%}",
            flush=True,
        )
    kept = [to_exact_json(shorten(report)) for report in reports]
    seconds, short = timed(lambda: [read_exact(Report, text) for text in kept])
    print(f"{'(summaries':12} {seconds:>8.2f} s {1e3 * seconds / n:>9.2f} ms each, read for each of these:)")
    for name, of_class in CLASS_FORMATS.items():
        seconds, _ = timed(lambda: of_class.render(iter(short), sheet))  # noqa: B023
        total += seconds
        print(
            f"{name:12} {seconds:>8.2f} s {1e3 * seconds / n:>9.2f} ms each {seconds / grading:>8.1%}",
            flush=True,
        )
    print(
        f"{'all formats':12} {total:>8.2f} s {1e3 * total / n:>9.2f} ms each {total / grading:>8.1%} of grading"
    )


def widen(reports: Sequence[Report], problems: int) -> Iterator[Report]:
    """The reports with so many problems, those there are again and again."""
    for report in reports:
        taken = itertools.islice(itertools.cycle(report.problems), problems or len(report.problems))
        yield replace(report, problems=tuple(replace(p, id=f"{p.id}-{k}") for k, p in enumerate(taken)))


def print_page(reports: Sequence[Report], students: int, problems: int) -> None:
    """How long the page of a large class takes to make and to open."""
    short = [shorten(report) for report in widen(reports[:20], problems)]
    large = list(mix_reports(short, students))
    seconds, text = timed(lambda: class_page(large))
    print(f"\n{students} students, {len(large[0].problems)} problems")
    print(f"class page   {seconds:.2f} s to make, {len(text.encode()) / 1e6:.2f} MB")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "class.html"
        path.write_text(text, encoding="utf-8")
        print_browser(path)


def print_browser(path: Path) -> None:
    """Times in Chromium, if there is one: the median of five, each in a new tab."""
    chromium = next(filter(None, map(shutil.which, NAMES)), None)
    if chromium is None:
        print("no Chromium is installed, so nothing was opened")
        return
    from playwright.sync_api import sync_playwright

    opened, sorted_ = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        for _ in range(5):
            context = browser.new_context(viewport={"width": 1400, "height": 900})
            page = context.new_page()
            page.goto(path.as_uri())
            opened.append(page.evaluate(_FRAME))
            sorted_.append(page.evaluate(_CLICK))
            context.close()
        browser.close()
    print(f"interactive  {sorted(opened)[2]:.0f} ms after the start of loading (largest {max(opened):.0f})")
    print(f"sorted       {sorted(sorted_)[2]:.0f} ms after a click (largest {max(sorted_):.0f})")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--submissions", type=int, default=1000, help="graded and rendered (default: 1000)")
    parser.add_argument("--students", type=int, default=5000, help="on the class page (default: 5000)")
    parser.add_argument(
        "--problems", type=int, default=0, help="on the class page (default: as many as there are)"
    )
    given = parser.parse_args()
    grading, reports, sheet = grade_many(given.submissions)
    print_formats(reports, sheet, grading)
    print_page(reports, given.students, given.problems)


if __name__ == "__main__":
    main()
