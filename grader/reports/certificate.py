"""The certificate of a problem, as `grader validate` makes it: plain values that prove and print nothing themselves."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

REAL = "(all inputs are real)"
"""What is noted of mutants that are equal since nothing is complex."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One variant put to the test.

    Args:
        kind: oracle, starter, reference, degenerate, alternative or mistake.
        expected, found: what should have come out and what did, in words; equal when it went well.
        verdict: on the answers of a formula; named: the mistake or relation that they were taken for.
        failed_at: the seeds at which it did not go well.
    """

    problem: str
    kind: str
    id: str
    expected: str
    found: str
    verdict: str = ""
    named: str = ""
    failed_at: tuple[int, ...] = ()

    @property
    def passed(self) -> bool:
        """True if it came out as it should."""
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class LargestError:
    """The largest error of one formula over all cases.

    Args:
        by: whose it is, such as `alternative two-solves`; family: of the case where it is largest.
        error: in units of the tolerance: at most 1 if right, infinite for an answer that cannot be compared.
    """

    by: str
    family: str
    error: float


@dataclass(frozen=True, slots=True)
class Margins:
    """The distance of the formulas from 1 tolerance: the worst of the right ones, the best of the wrong ones.

    Args:
        reference: how much of the tolerance the reference uses; nearest_mutant: how far off the best wrong mutant is.
    """

    worst_right: LargestError | None = None
    nearest_wrong: LargestError | None = None
    reference: LargestError | None = None
    nearest_mutant: LargestError | None = None


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant of the reference that got all points.

    Args:
        line, column, what, before, after: where and how the reference was changed.
        points: at how many further points it was compared with the truth; wrong: at how many it is wrong.
        family, sizes: of the further point that is the easiest to look at among those where it is wrong.
        error: there, in units of the tolerance; of an equivalent mutant the largest of all.
        note: why it is right all the same, or where it is not.
        group: those with the same number answer alike at all further points.
    """

    line: int
    column: int
    what: str
    before: str
    after: str
    points: int
    wrong: int
    family: str
    sizes: Mapping[str, int]
    error: float
    note: str
    group: int = 0


@dataclass(frozen=True, slots=True)
class Mutants:
    """The fate of the reference's mutants.

    Args:
        killed: how many were found to be wrong.
        equivalents: those that survived and agree with the truth at every further point.
        gaps: those that survived and are wrong at some further point: the cases let a wrong formula pass.
    """

    killed: int = 0
    equivalents: tuple[Survivor, ...] = ()
    gaps: tuple[Survivor, ...] = ()

    @property
    def made(self) -> int:
        """The number of mutants."""
        return self.killed + len(self.equivalents) + len(self.gaps)


@dataclass(frozen=True, slots=True)
class GradingCost:
    """What grading a problem takes.

    Args:
        truths: seconds of processor time that the exact answers take, once for each seed; they are kept.
        calls: how often a right function is called; seconds: that the reference takes for that, None without one.
    """

    truths: float = 0.0
    calls: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """All that was found out about one problem.

    Args:
        families: how many cases were drawn of each family at the first seed.
        seeds: of the inputs; the mutants are tried at the first of them.
        notes: what f says that its author may not have meant.
        accepted: changes of the reference's answers that relations accept as well.
        undecided: why cases have no truth → how many, over all seeds; redrawn: the same of first draws.
    """

    problem: str
    trials: tuple[Trial, ...]
    families: Mapping[str, int]
    margins: Margins = Margins()
    mutants: Mutants = Mutants()
    cost: GradingCost = GradingCost()
    seeds: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    undecided: Mapping[str, int] = field(default_factory=dict)
    redrawn: Mapping[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[Trial, ...]:
        """The trials that did not come out as they should."""
        return tuple(trial for trial in self.trials if not trial.passed)

    @property
    def passed(self) -> bool:
        """True if every trial passed and no wrong mutant survived."""
        return not self.failed and not self.mutants.gaps

    def count(self, *kinds: str) -> tuple[int, int]:
        """Count the trials of these kinds: those that passed, and all."""
        trials = [trial for trial in self.trials if trial.kind in kinds]
        return sum(trial.passed for trial in trials), len(trials)


def certificates_json(certificates: Sequence[Certificate]) -> dict[str, Any]:
    """The certificates as `grader validate --json` prints them."""
    trials = [trial for certificate in certificates for trial in certificate.trials]
    return {
        "passed": all(certificate.passed for certificate in certificates),
        "trials": [dataclasses.asdict(trial) | {"passed": trial.passed} for trial in trials],
        "problems": [_problem_json(certificate) for certificate in certificates],
    }


def _problem_json(certificate: Certificate) -> dict[str, Any]:
    mutants = certificate.mutants
    return {
        "id": certificate.problem,
        "passed": certificate.passed,
        "seeds": list(certificate.seeds),
        "notes": list(certificate.notes),
        "accepted": list(certificate.accepted),
        "undecided": dict(certificate.undecided),
        "redrawn": dict(certificate.redrawn),
        "families": dict(certificate.families),
        "margins": _plain(certificate.margins),
        "cost": _plain(certificate.cost),
        "mutants": _plain(mutants) | {"made": mutants.made, "equivalent": len(mutants.equivalents)},
    }


def _plain(value: Margins | Mutants | GradingCost) -> dict[str, Any]:
    """The fields of a value; JSON has no infinity, which is a text."""

    def finite(fields: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: str(field) if field == math.inf else field for name, field in fields}

    return dataclasses.asdict(value, dict_factory=finite)
