"""What the derivative rules of torch.linalg and of HIPS/autograd get as submissions to problems of ours.

Every rule is called by its own library, in double precision, and judged as `grader.check_derivative` judges, at inputs
of all families that its problem can be drawn from: torch's backward and forward, autograd's backward. A case is wrong
if the answer is wrong or not finite, or if the library raises. It is undecided where what is asked does not exist, as
the derivative of a norm at its kinks and that of single eigenvectors of a repeated eigenvalue.

    pip install -r benchmarks/rules_of_others/requirements.txt
    python -m benchmarks.rules_of_others [--library "torch backward"] [--cases 4] [--only det]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.rules_of_others import of_autograd, of_torch
from benchmarks.rules_of_others.rule import Rule
from grader.answers.in_process import call_here
from grader.answers.sandbox import Limits
from grader.findings.compare import compare_all
from grader.grading.check_derivative import arguments_of
from grader.grading.judge import judge_answers
from grader.grading.prepare import prepare_problem
from grader.problems.asks import Ask
from grader.problems.load import make_problem

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


def judge(rule: Rule, mode: Mode, cases: int) -> str:
    """Judge a rule in all of its families, as `check_derivative` does: a line of the table."""
    problem = make_problem(problem_fields(rule, mode.ask), "rules_of_others")
    prepared = prepare_problem(problem, SEED, cases * len(rule.families))
    answers = call_here(problem.function, mode.answer(rule), prepared.calls, Limits())
    report = judge_answers(prepared, answers)
    judged = compare_all(problem, prepared.asked, answers).first.values()

    right = sum(answer.is_right for answer in judged)
    failed = Counter(answer.case.family for answer in judged if not answer.is_right)
    undecided = Counter(solved.case.family for solved in prepared.cases if solved.truth is None)
    said = report.verdict if report.diagnosis is None else report.diagnosis.id
    cells = (rule.operation, mode.name, right, failed.total(), undecided.total())
    words = (_list(failed), report.verdict, "–" if report.verdict == "right" else said, _list(undecided))
    return f"| {' | '.join(map(str, (*cells, *words)))} |"


def problem_fields(rule: Rule, ask: Ask) -> dict[str, Any]:
    """The fields of the problem that a rule is an answer to."""
    fields = {
        "title": rule.operation,
        "statement": rule.f,
        "f": rule.f,
        "ask": ask,
        "inputs": rule.inputs,
        "checks": [{"check": "reference", "points": 1}],
        **rule.problem,
    }
    return {**fields, "signature": f"function({', '.join(arguments_of(ask, fields))})"}


def _list(families: Counter[str]) -> str:
    return ", ".join(f"{family} {count}" for family, count in families.items()) or "–"


def main() -> None:
    """Print the table as Markdown."""
    parser = argparse.ArgumentParser(description="Derivative rules of other libraries, judged by ours.")
    parser.add_argument("--library", choices=[mode.name for mode in MODES], help="one of them")
    parser.add_argument("--cases", type=int, default=4, help="in each family (default: 4)")
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
                    print(judge(rule, mode, options.cases), flush=True)


if __name__ == "__main__":
    main()
