"""What the derivative rules of torch.linalg and of HIPS/autograd get as submissions to problems of ours.

Every rule is called by its own library, in double precision, and judged by `grader.check_derivative` in each family
of inputs that its problem can be drawn from: torch's backward and forward, autograd's backward. A case is wrong if
the answer is wrong or not finite, or if the library raises; it is undecided where what is asked does not exist, as
the derivative of a norm at its kinks and that of single eigenvectors of a repeated eigenvalue.

    pip install -r benchmarks/rules_of_others/requirements.txt
    python -m benchmarks.rules_of_others [--library "torch backward"] [--cases 6] [--only det]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.rules_of_others import of_autograd, of_torch
from benchmarks.rules_of_others.rule import Rule
from grader import GraderError, check_derivative
from grader.problems.asks import Ask

PACKAGES = ("torch", "autograd", "scipy", "numpy")
SEED = 1


@dataclass(frozen=True, slots=True)
class Mode:
    """A library in one of its modes, and what is asked of it."""

    name: str
    ask: Ask
    rules: Sequence[Rule]
    answer: Callable[[Rule], Callable[..., Any]]


MODES = (
    Mode("torch backward", "pullback", of_torch.RULES, of_torch.backward),
    Mode("torch forward", "differential", of_torch.RULES, of_torch.forward),
    Mode("autograd", "pullback", of_autograd.RULES, of_autograd.backward),
)


@dataclass(frozen=True, slots=True)
class Result:
    """What a rule got in one family.

    Args:
        raised: how many of the wrong answers are none.
        said: the id of the diagnosis, or the verdict.
    """

    family: str
    right: int
    wrong: int
    raised: int
    undecided: int
    said: str


def judge(rule: Rule, mode: Mode, cases: int) -> Iterator[Result]:
    """Judge a rule in each family."""
    first, *others = rule.inputs
    for family in rule.families:
        inputs = {first: {**rule.inputs[first], "family": [family]}, **{n: rule.inputs[n] for n in others}}
        checks = [{"check": "reference", "points": 1}]
        try:
            report = check_derivative(
                rule.f,
                mode.ask,
                mode.answer(rule),
                inputs,
                seed=SEED,
                cases=cases,
                raise_exception=False,
                checks=checks,
                **rule.fields,
            ).report
        except GraderError as error:
            yield Result(family, 0, 0, 0, cases, str(error) if "no derivative" not in str(error) else "")
            continue

        (finding,) = report.findings
        wrong = finding.failed + finding.unanswered
        said = report.diagnosis.id if report.diagnosis is not None else report.verdict
        yield Result(family, finding.cases - wrong, wrong, finding.unanswered, 0, said)


def row(rule: Rule, mode: Mode, results: Sequence[Result]) -> str:
    """A line of the table."""
    right = sum(result.right for result in results)
    wrong = sum(result.wrong for result in results)
    undecided = sum(result.undecided for result in results)
    failed = [result for result in results if result.wrong]
    families = ", ".join(result.family for result in failed)
    said = ", ".join(dict.fromkeys(result.said for result in failed))
    verdict = "wrong" if failed else "right" if right else "undecided"
    cells = (rule.operation, mode.name, right, wrong, undecided, families or "–", verdict, said or "–")
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Print the table as Markdown; progress goes to stderr."""
    parser = argparse.ArgumentParser(description="Derivative rules of other libraries, judged by ours.")
    parser.add_argument("--library", choices=[mode.name for mode in MODES], help="one of them")
    parser.add_argument("--cases", type=int, default=6, help="in each family (default: 6)")
    parser.add_argument("--only", default="", help="operations whose names begin so")
    options = parser.parse_args()
    warnings.simplefilter("ignore")

    print("With " + ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES) + ".\n")
    print(
        "| operation | library | right | wrong | undecided | families in which it is wrong | verdict | diagnosis |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for mode in MODES:
        if options.library in (None, mode.name):
            for rule in mode.rules:
                if rule.operation.startswith(options.only):
                    start = time.perf_counter()
                    results = list(judge(rule, mode, options.cases))
                    print(row(rule, mode, results), flush=True)
                    for result in results:
                        print(f"  {result} {time.perf_counter() - start:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
