"""Certificates in the terminal: a row for each problem, then whatever failed, with what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.core.grouping import group_pairs
from grader.core.text import count
from grader.formats.terminal.lines import print_text
from grader.reports.certificate import REAL, Certificate, GradingCost, LargestError, Margins, Survivor, Trial

_COLUMNS = ("right", "named", "killed", "equal", "gaps", "worst\nright", "nearest\nwrong")
_WIDE = 100
"""From this width on, the table says whose the nearest wrong answer is."""
_CHANGES_SHOWN = 6
"""So many of the mutants that are the same function are shown."""
_CLOSE_GAPS = (
    "Close a gap by adding, in problem.yaml, a family or a size at which the mutant is wrong. If a student might "
    "write it, list it as a mistake."
)
_LEGEND = (
    "right: right formulas that got all points. named: mistakes recognised by name. killed: mutants of the reference "
    "found wrong; equal: those that agree with the truth everywhere; gaps: wrong ones that passed. Errors are in "
    "tolerances: at most 1 is accepted."
)


def print_certificates(console: Console, certificates: Sequence[Certificate]) -> None:
    """Print a table, what failed, and a line that sums up; details of the survivors if it is about one problem."""
    console.print(_make_table(console, certificates))
    _say(console, _LEGEND, style="dim")
    bare = [item.problem for item in certificates if not item.count("reference")[1]]
    if bare:
        _say(console, f"-: there are no solutions of {', '.join(bare)}", style="dim")

    if len(certificates) == 1:
        _print_details(console, certificates[0])
    for certificate in certificates:
        if not certificate.passed:
            _print_failures(console, certificate)
    _print_sum(console, certificates)


def _make_table(console: Console, certificates: Sequence[Certificate]) -> Table:
    ascii_only, is_wide = console.options.ascii_only, console.width >= _WIDE
    frame = box.ASCII2 if ascii_only else box.SIMPLE_HEAD
    table = Table(box=frame, pad_edge=False, padding=(0, int(is_wide), 0, 0))
    table.add_column("\nproblem", overflow="fold", max_width=40)
    for name in _COLUMNS:
        table.add_column(name if "\n" in name else f"\n{name}", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("\nwhich is", no_wrap=True, overflow="ellipsis")

    for certificate in certificates:
        cells = list(_cells(certificate))
        if is_wide:
            nearest = certificate.margins.nearest_wrong
            cells.append(nearest.by if nearest else "")
        table.add_row(_mark(certificate, ascii_only).append(certificate.problem, "bold"), *cells)
    return table


def _mark(certificate: Certificate, ascii_only: bool) -> Text:
    good, bad = ("+ ", "x ") if ascii_only else ("✓ ", "✗ ")
    return Text(good, "green") if certificate.passed else Text(bad, "red")


def _cells(certificate: Certificate) -> Iterator[str | Text]:
    """The columns between the problem and the name of the nearest wrong answer; dashes without solutions."""
    if certificate.count("reference") == (0, 0):
        yield from ["-"] * len(_COLUMNS)
        return

    for kinds in (("reference", "alternative"), ("mistake",)):
        passed, all_ = certificate.count(*kinds)
        yield Text(f"{passed}/{all_}", "" if passed == all_ else "red")
    mutants = certificate.mutants
    yield f"{mutants.killed}/{mutants.made}"
    yield str(len(mutants.equivalents))
    yield Text(str(len(mutants.gaps)), "red" if mutants.gaps else "")
    yield _in_tolerances(certificate.margins.worst_right)
    yield _in_tolerances(certificate.margins.nearest_wrong)


def _in_tolerances(largest: LargestError | None) -> str:
    return "" if largest is None else f"{largest.error:.2g}"


def _print_details(console: Console, certificate: Certificate) -> None:
    """The families drawn, whose the margins are, and why each survivor counts as equal."""
    console.print()
    families = ", ".join(f"{family} {count}" for family, count in certificate.families.items())
    _say(console, f"cases: {families}")
    _say(console, f"cost: {_say_cost(certificate.cost)}")
    if len(certificate.seeds) > 1:
        _say(console, f"seeds: {', '.join(map(str, certificate.seeds))}")
    if certificate.passed:
        _print_causes(console, certificate)
        _print_notes(console, certificate)
    _print_margins(console, certificate.margins)
    _print_equivalents(console, certificate.mutants.equivalents)


def _print_margins(console: Console, margins: Margins) -> None:
    _print_margin(console, "worst right", margins.worst_right)
    if margins.reference != margins.worst_right:
        _print_margin(console, "reference", margins.reference)
    _print_margin(console, "nearest wrong", margins.nearest_wrong)
    if margins.nearest_mutant != margins.nearest_wrong:
        _print_margin(console, "nearest mutant", margins.nearest_mutant)


def _print_equivalents(console: Console, equivalents: Sequence[Survivor]) -> None:
    by_note = group_pairs(
        (f"{survivor.note} at all {survivor.points} further points", survivor) for survivor in equivalents
    )
    for note, survivors in by_note.items():
        changes = _say_changes(survivors)
        if REAL in note:
            changes = f"{count(len(survivors), 'change')} of conj"
        _say(console, f"equal, as {note}: {changes}")


def _say_changes(survivors: Sequence[Survivor]) -> str:
    shown = [f"line {item.line}, {item.before} → {item.after}" for item in survivors[:_CHANGES_SHOWN]]
    if len(survivors) > len(shown):
        shown.append(f"and {len(survivors) - len(shown)} more, which --json lists")
    return "; ".join(shown)


def _say_cost(cost: GradingCost) -> str:
    words = f"exact answers {cost.truths:.1f} s of processor time, once for each seed"
    if cost.seconds is not None:
        words += f"; {count(cost.calls, 'call')} of the reference {1000 * cost.seconds:.0f} ms"
    return words


def _print_causes(console: Console, certificate: Certificate, indent: int = 0) -> None:
    """Why cases are undecided, and why others were drawn in their place."""
    for what, causes in (("undecided", certificate.undecided), ("drawn again", certificate.redrawn)):
        for cause, number in causes.items():
            _say(console, f"{what}: {count(number, 'case')}, since {cause}", indent)


def _print_notes(console: Console, certificate: Certificate, indent: int = 0) -> None:
    for note in certificate.notes:
        about = "" if note.startswith("relation ") else "f: "
        _say(console, f"note on {about}{note}", indent)
    if certificate.accepted:
        changed = "; ".join(certificate.accepted)
        _say(
            console,
            f"note: all relations hold for these answers as well, if that is meant: {changed}",
            indent,
        )


def _print_margin(console: Console, name: str, largest: LargestError | None) -> None:
    if largest is not None:
        error = f"{largest.error:.2g} tolerances in the family {largest.family}"
        _say(console, f"{name}: {largest.by}, {error}")


def _print_failures(console: Console, certificate: Certificate) -> None:
    console.print()
    console.print(Text(certificate.problem, "bold"))

    for trial in certificate.failed:
        where = _say_seeds(trial, certificate)
        what = f"{trial.kind} {trial.id}: expected '{trial.expected}', found '{trial.found}'{where}. "
        _say(console, what + _next_step(trial), indent=2)
    _print_causes(console, certificate, indent=2)
    if any(trial.kind == "reference" for trial in certificate.failed):
        _print_notes(console, certificate, indent=2)

    by_group = group_pairs((gap.group, gap) for gap in certificate.mutants.gaps)
    for alike in by_group.values():
        gap, *others = sorted(alike, key=_length)
        change = f"line {gap.line}, {gap.what}, {gap.before} → {gap.after}"
        where = f"wrong at {gap.wrong} of {gap.points} further points: {gap.note}."
        same = f" The same function: {_say_changes(others)}." if others else ""
        _say(console, f"gap: {change}: all points, but {where}{same}", indent=2)
    if certificate.mutants.gaps:
        _say(console, _CLOSE_GAPS, indent=2)


def _length(survivor: Survivor) -> int:
    """The shortest change stands for those that are the same function."""
    return len(survivor.before) + len(survivor.after)


def _say_seeds(trial: Trial, certificate: Certificate) -> str:
    """At which seeds a trial failed, where not at all of several."""
    if len(certificate.seeds) < 2 or trial.failed_at == certificate.seeds:
        return ""
    return f" at seed {', '.join(map(str, trial.failed_at))}"


def _say(console: Console, words: str, indent: int = 0, style: str = "") -> None:
    """Print wrapped text, in which code of an author's may stand that the terminal has no letters for."""
    if console.options.ascii_only:
        words = words.replace("→", "->").replace("…", "...").encode("ascii", "backslashreplace").decode()
    print_text(console, Text(words, style), indent)


def _next_step(trial: Trial) -> str:
    is_mistake = trial.kind == "mistake"
    if is_mistake and trial.verdict == "right":
        return "Add a family or a size at which it is wrong."
    if is_mistake and trial.named:
        return (
            "Both give the same answers in every case: drop one of them, or add inputs that tell them apart."
        )
    if trial.kind == "reference" and trial.verdict in ("error", "missing"):
        return "Change reference.py until its function returns an answer."
    return _NEXT_STEPS[trial.kind]


_NEXT_STEPS = {
    "constant": "An answer of 0 would get all points: change f, or ask for something else.",
    "oracle": "Draw inputs at which f has a derivative, away from singular ones.",
    "starter": "Give the points to checks that the stub cannot pass.",
    "degenerate": "Add a relation that it does not satisfy, such as is_not.",
    "reference": "Work out a small case by hand: either reference.py or problem.yaml (f, ask, relations) is wrong.",
    "alternative": "Either its formula is wrong, or it loses too many digits; see its error with --json.",
    "mistake": "It fails or is not recognised: run its formula on a small case.",
}


def _print_sum(console: Console, certificates: Sequence[Certificate]) -> None:
    trials = sum(len(certificate.trials) for certificate in certificates)
    failed = sum(len(certificate.failed) for certificate in certificates)
    mutants = sum(certificate.mutants.made for certificate in certificates)
    gaps = sum(len(certificate.mutants.gaps) for certificate in certificates)

    words = f"{failed} of {trials} trials failed" if failed else f"all {trials} trials passed"
    if gaps:
        words += f", {gaps} of {mutants} mutants are gaps"
    elif mutants:
        words += f", no gap among {mutants} mutants"
    console.print()
    console.print(Text(words, "bold red" if failed or gaps else "bold green"))
