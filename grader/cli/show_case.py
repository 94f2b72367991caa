"""The command `grader show`: cases of a problem as they are drawn, with their truths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from grader.core.errors import GraderError, suggest
from grader.core.text import count
from grader.findings.counterexample import plain_inputs, plain_parts
from grader.formats.terminal.lines import Lines, Screen, print_lines
from grader.formats.terminal.matrices import lay_out_truth
from grader.problems.course import open_course
from grader.problems.problem import RELATION, Problem
from grader.reports.shown_numbers import format_number
from grader.truths.solve import SolvedCase, keep_decided, solve_cases


def show_problem(
    console: Console,
    problem_id: str,
    seed: int | None,
    course_folder: Path | None,
    family: str | None,
    all_cases: bool,
) -> None:
    """Print a case that is easy to look at, with its truth.

    Args:
        seed: of the random inputs; the course's if None.
        family: the one to show a case of; any if None. all_cases: show them all, also those without a truth.

    Raises:
        GraderError: there is no such problem, or it draws nothing from that family.
    """
    course = open_course(course_folder)
    problem = course.problem(problem_id)
    chosen = course.seed if seed is None else seed
    cases = solve_cases(problem, chosen, course.cases)
    shown = _choose(cases, family, all_cases)

    screen = Screen(console.width, console.options.ascii_only)
    print_lines(console, _show(screen, problem, cases, shown, chosen))


def _choose(cases: Sequence[SolvedCase], family: str | None, all_cases: bool) -> Sequence[SolvedCase]:
    families = list(dict.fromkeys(solved.case.family for solved in cases))
    if family is not None and family not in families:
        raise GraderError(f"no case of family '{family}'; {suggest(family, families)}")

    of_family = [solved for solved in cases if family in (None, solved.case.family)]
    if all_cases:
        return of_family
    decided = keep_decided(of_family) or of_family
    return sorted(decided, key=lambda solved: solved.case.weight)[:1]


def _show(
    screen: Screen, problem: Problem, cases: Sequence[SolvedCase], shown: Sequence[SolvedCase], seed: int
) -> Lines:
    yield Text.assemble((problem.id, "bold"), "  ", problem.title)
    yield from _show_question(screen, problem)

    for solved in shown:
        yield Text()
        yield from _show_case(screen, problem, solved)

    yield Text()
    families = ", ".join(dict.fromkeys(solved.case.family for solved in cases))
    undecided = len(cases) - len(keep_decided(cases))
    words = f"{count(len(cases), 'case')} with seed {seed}: {families}."
    if undecided:
        words += f" The truth of {undecided} of them is undecided; grader validate {problem.id} says why."
    yield from screen.wrap(Text(words, "dim"))


def _names(problem: Problem) -> str:
    return ", ".join(returned.name for returned in problem.returns)


def _show_question(screen: Screen, problem: Problem) -> Lines:
    """What is asked: of a map, or what an answer must satisfy."""
    if not problem.has_map:
        titles = [check.title for check in problem.checks if check.name == RELATION]
        words = f"{problem.signature}: any {_names(problem)} with: {'; '.join(titles)}"
        yield from screen.wrap(Text(words))
        return

    text = problem.f.text.strip()
    noun = f"{problem.signature}: the {problem.definition.noun} of f"
    if "\n" not in text:
        yield from screen.wrap(Text(f"{noun} = {text}"))
        return
    yield from screen.wrap(Text(f"{noun}:"))
    for line in text.splitlines():
        yield Text(f"  {line}")


def _show_case(screen: Screen, problem: Problem, solved: SolvedCase) -> Lines:
    case, truth = solved.case, solved.truth
    sizes = "".join(f", {letter} = {size}" for letter, size in case.sizes.items())
    yield from screen.wrap(Text(f"case {case.index}: {case.family}{sizes}", "bold"))
    if truth is None:
        yield from screen.wrap(Text(f"undecided: {solved.cause}", "yellow"), indent=2)
        return

    right = plain_parts(problem, [part.hi for part in truth.parts]) if problem.has_map else _names(problem)
    for line in lay_out_truth(plain_inputs(case), right, screen.width - 2, screen.ascii):
        yield Text("  ").append_text(line)
    if not problem.has_map:
        return  # what is allowed depends on the answer

    allowed = " and ".join(_allowed(truth.tolerances))
    yield from screen.wrap(Text(f"An error of {allowed} is allowed.", "dim"), indent=2)


def _allowed(tolerances: Sequence[float]) -> Iterator[str]:
    return (format_number(tolerance, 2) for tolerance in tolerances)
