"""The commands of an instructor: `grader grade`, `grader report` and `grader demo`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from grader.answers.collect.find_submissions import FoundSubmissions, find_submissions
from grader.core.errors import GraderError
from grader.core.text import count, one_line
from grader.core.worker_pool import count_cores
from grader.formats import CLASS_FORMATS
from grader.formats.terminal.class_table import print_class_summary
from grader.formats.terminal.left_out import print_left_out
from grader.grading.class_run import (
    ClassOptions,
    ClassRun,
    begin_run,
    read_decisions,
    refuse_output_among,
    reopen_files,
)
from grader.grading.deadlines import EXTENSIONS, make_deadlines, read_extensions
from grader.grading.list_class import list_class, make_rules, share_with_groups
from grader.grading.overrides_file import find_overrides
from grader.grading.result_files import DEFAULT_FORMATS, ResultFiles, choose_formats
from grader.grading.result_store import ResultStore, open_results
from grader.grading.roster_file import ROSTER, find_beside, read_roster
from grader.problems.course import Assignment, Course, bundled_course, load_course, open_course
from grader.reports.assignment import PublishedAssignment
from grader.reports.class_list import ClassList
from grader.reports.overrides import say_unreached
from grader.reports.roster import NO_ROSTER

if TYPE_CHECKING:
    from grader.grading.engines import Workers

MOST_LEFT_OUT = 10
"""So many of the files and folders that are not graded are listed."""

_MOST_NAMED = 30
_MOST_GUESSES = 3
_SAMPLE_CLASS = Path(__file__).parents[1] / "sample_class"
_SEED_ORIGINS = {"given": "", "kept": ", as before", "drawn": ", drawn for this run"}


@dataclass(frozen=True, slots=True)
class ClassFiles:
    """Where a class is, and what an instructor says about whose the files are.

    Args:
        submissions: files, folders and archives.
        course: its folder; found upward from here if None. assignment: its id; the course's first if None.
        roster, extensions: files about the class; those beside the submissions or in the course if None.
        overrides: the file of what people have decided; that in the results folder if None.
        strict: refuse where something was guessed.
    """

    submissions: Sequence[Path]
    course: Path | None = None
    assignment: str | None = None
    roster: Path | None = None
    extensions: Path | None = None
    overrides: Path | None = None
    strict: bool = False

    def find_class(
        self, course: Course, chosen: Assignment, out: Path
    ) -> tuple[FoundSubmissions, ClassList, Path | None]:
        """Find the submissions, and who is in the class by which roster."""
        roster_file = self.roster or find_beside(ROSTER, course, self.submissions)
        roster = read_roster(roster_file) if roster_file else NO_ROSTER
        extensions_file = self.extensions or find_beside(EXTENSIONS, course, self.submissions)
        extensions = read_extensions(extensions_file, course) if extensions_file else ()
        deadlines = make_deadlines(chosen, extensions, roster)

        found = find_submissions(list(self.submissions), chosen.id, make_rules(course, chosen, deadlines))
        found = share_with_groups(found, roster)
        class_list = list_class(found, roster, deadlines)
        _require_certain(class_list, self.strict)

        decided = self.overrides or find_overrides(out)
        if decided is not None:
            class_list = read_decisions(decided, course, chosen, class_list)
        return found, class_list, roster_file


def grade_submissions(
    console: Console, files: ClassFiles, out: Path, options: ClassOptions, names: bool = False
) -> None:
    """Grade every submission found that the store in `out` has no result for, and write the results.

    Args:
        names: say while it lasts whose the worst and the slow submissions are.
    """
    course = open_course(files.course)
    chosen = course.assignment(files.assignment)
    print_left_out(course.faulty.values())
    refuse_output_among(files.submissions, out)
    found, class_list, roster_file = files.find_class(course, chosen, out)

    with open_results(out) as results:
        _print_head(console, course, chosen, class_list)
        _print_repaired(console, results)
        run = begin_run(results, course, chosen, found, options, class_list)
        _print_run(console, run)
        _print_class(console, run.files.class_list, roster_file)
        _print_missing_solutions(console, course)
        run.files.refresh_students(options.jobs or count_cores())

        is_stopped = False
        if run.waiting:
            workers = run.open_workers()
            _print_isolation(console, workers, options)
            is_stopped = not _grade(console, run, workers, names)
        _finish(console, run.files)

    if is_stopped:
        raise KeyboardInterrupt


def report_class(
    console: Console,
    out: Path,
    formats: Sequence[str] | None,
    show: bool,
    solutions: bool | None = None,
    overrides: Path | None = None,
) -> None:
    """Write every file of a results folder anew, from its store and what people have decided.

    Args:
        show: open the class's page in a browser.
        solutions: see `ClassOptions`. overrides: see `ClassFiles`.
    """
    # Nothing can be opened that is not written.
    wanted = choose_formats([*formats, "class"] if show and formats else formats)
    with open_results(out, create=False) as results:
        _print_repaired(console, results)
        run, files = reopen_files(results, wanted, solutions, overrides or find_overrides(out))
        graded = count(len(results.graded_students()), "result")
        console.print(Text(f"{run.title}: {graded}, seed {run.seed}"))
        if files.class_list.overrides:
            decided = count(len(files.class_list.overrides), "decision")
            console.print(Text(f"{decided} on points merged"))
        _print_solutions(console, files.published)
        files.refresh_students(count_cores())
        _finish(console, files)

    if show:
        _open_page(out / CLASS_FORMATS["class"].name)


def grade_sample_class(console: Console, out: Path) -> None:
    """Grade the sample class with the bundled course."""
    folder = bundled_course()
    options = ClassOptions(DEFAULT_FORMATS, seed=load_course(folder).seed)
    grade_submissions(console, ClassFiles([_SAMPLE_CLASS], folder, "lecture05"), out, options)
    console.print(Text(f"\nOpen {out / 'class.html'} in a browser. This was the sample class, of the folder"))
    console.print(Text(str(_SAMPLE_CLASS)), soft_wrap=True)


def _print_head(console: Console, course: Course, chosen: Assignment, found: ClassList) -> None:
    problems = count(len(chosen.points), "problem")
    submissions = count(len(found.submitters), "submission")
    console.print(f"{course.title}, {chosen.title}: {problems}, {submissions}")

    if found.guesses:
        shown = "; ".join(one_line(guess, 200) for guess in found.guesses[:_MOST_GUESSES])
        more = (
            f"; and {len(found.guesses) - _MOST_GUESSES} more" if len(found.guesses) > _MOST_GUESSES else ""
        )
        said = f"Guessed ({len(found.guesses)}; --strict refuses, class.html lists all): {shown}{more}"
        console.print(Text(said, "yellow"), soft_wrap=True)
    for reason in found.left_out[:MOST_LEFT_OUT]:
        console.print(Text(f"Left out: {one_line(reason)}", "yellow"))
    if len(found.left_out) > MOST_LEFT_OUT:
        console.print(Text(f"… and {len(found.left_out) - MOST_LEFT_OUT} more left out", "yellow"))


def _require_certain(people: ClassList, strict: bool) -> None:
    if strict and people.guesses:
        guesses = "".join(f"\n  {one_line(guess)}" for guess in people.guesses)
        raise GraderError(
            f"Not graded, since --strict allows no guesses; fix these, or leave out --strict:{guesses}"
        )


def _print_class(console: Console, people: ClassList, roster: Path | None) -> None:
    """Say who submitted nothing, or nothing to grade, and who is not on the roster."""
    if roster is not None:
        submitted = len(people.people) - len(people.absent)
        console.print(Text(f"{submitted} of {count(len(people.people), 'student')} of {roster} submitted"))
    _print_listed(console, "Late", people.late)
    _print_listed(console, "Submitted nothing that can be graded", [one.sentence for one in people.no_file])
    _print_listed(console, "Did not submit", [person.label for person in people.absent])
    _print_listed(console, "Not on the roster", [stranger.sentence for stranger in people.strangers])
    _print_listed(console, "One person, several submissions", people.repeated)
    if people.repeated:
        console.print(Text(people.repeated_advice, "yellow"), soft_wrap=True)


def _print_listed(console: Console, title: str, lines: Sequence[str]) -> None:
    if lines:
        shown = "; ".join(one_line(line, 100) for line in lines[:_MOST_NAMED])
        more = f" and {len(lines) - _MOST_NAMED} more, see class.html" if len(lines) > _MOST_NAMED else ""
        console.print(Text(f"{title} ({len(lines)}): {shown}{more}", "yellow"))


def _print_repaired(console: Console, results: ResultStore) -> None:
    if results.repaired:
        console.print(Text(results.repaired, "yellow"))


def _print_run(console: Console, run: ClassRun) -> None:
    console.print(f"seed {run.seed}{_SEED_ORIGINS[run.seed_origin]}")
    if run.replaced:
        message = f"The files here were about {run.replaced}. They are replaced; its results are kept."
        console.print(Text(message, "yellow"))

    done = len(run.found.submissions) - len(run.waiting)
    if done:
        console.print(f"{done} graded already, {len(run.waiting)} to grade")
    _print_solutions(console, run.files.published)


def _print_solutions(console: Console, published: PublishedAssignment) -> None:
    """Say so where students see more than the statements."""
    if any(problem.solution for problem in published.problems):
        why = "as you asked" if published.show_solutions else f"the assignment was due {published.due}"
        console.print(f"worked solutions are shown: {why}")
    elif published.show_solutions:
        console.print(Text("There are no worked solutions to show.", "yellow"))


def _print_missing_solutions(console: Console, course: Course) -> None:
    """Say what a copy of a course for students cannot do."""
    if not course.has_solutions:
        what = f"Without solutions/, listed mistakes are recognised only at seed {course.seed}"
        console.print(Text(f"{what}; {course.solutions_hint}", "yellow"))


def _print_isolation(console: Console, workers: Workers, options: ClassOptions) -> None:
    level = workers.isolation.level
    if level == "none":
        message = "Submissions are trusted: they can read your files and use the network."
        console.print(Text(message, "yellow"))
        return

    tried = ", not tested: submissions are trusted" if options.trusted else ""
    least = ", or stronger, on every worker" if options.scheduler else ""
    console.print(f"isolation {level}{tried}{least}")


def _grade(console: Console, run: ClassRun, workers: Workers, names: bool) -> bool:
    """Grade who is waiting, and show how far it is; return False if it was stopped with Ctrl-C."""
    from grader.grading.progress import show_progress

    total, done = len(run.waiting), 0
    try:
        with show_progress(console, total, names) as shown:
            for summary in run.grade(workers, shown.postpone):
                done += 1
                shown.add(summary)
    except KeyboardInterrupt:
        console.print(f"\nStopped: {done} of {total} are graded and kept; the same command grades the rest.")
        return False
    return True


def _finish(console: Console, files: ResultFiles) -> None:
    files.write_class()
    print_class_summary(console, files.reports())
    for sentence in say_unreached(files.class_list.overrides, files.results.summaries()):
        console.print(Text(f"In the decisions: {sentence}", "yellow"), soft_wrap=True)
    waiting = len(files.results.waiting())
    if waiting:
        console.print(Text(f"\n{count(waiting, 'submission')} not graded yet.", "yellow"))

    console.print()
    for place in files.places():
        console.print(Text(f"  {place}"))


def _open_page(page: Path) -> None:
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        raise GraderError(f"Everything is written, but no browser could be started; open {page} yourself")
