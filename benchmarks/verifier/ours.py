"""Our own verifier on the corpus: every function at every seed, judged as a submission is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.problems.course import Course
from tests.corpus import Variant
from tests.corpus.judge import Trial, exam_on, judge_all


@dataclass(frozen=True, slots=True)
class Sitting:
    """All trials at one seed, and the seconds for the truths and for the judgements."""

    seed: int
    trials: tuple[Trial, ...]
    preparing: float
    judging: float

    def mistaken(self) -> list[Trial]:
        """False accepts, false rejects and what was left undecided."""
        right = {True: "accepted", False: "rejected"}
        return [trial for trial in self.trials if trial.verdict != right[trial.variant.is_right]]


def sit(course: Course, corpus: Sequence[Variant], seeds: Sequence[int]) -> Iterator[Sitting]:
    """The whole corpus at each seed."""
    for seed in seeds:
        start = time.perf_counter()
        exam = exam_on(course, course.problems, seed)
        prepared = time.perf_counter()
        trials = tuple(judge_all(exam, corpus))
        yield Sitting(seed, trials, prepared - start, time.perf_counter() - prepared)


def summary(sittings: Sequence[Sitting]) -> list[str]:
    """How often it was wrong at all seeds together, what was named, and how long it took: lines of Markdown."""
    trials = [trial for sitting in sittings for trial in sitting.trials]
    lines = [f"{len(sittings)} seeds, {len(trials)} judgements.", ""]
    lines += ["| kind | functions | accepted | rejected | undecided |", "|---|---|---|---|---|"]
    for kind in ("right", "wrong formula", "near miss", "breach"):
        verdicts = [trial.verdict for trial in trials if trial.variant.kind == kind]
        counts = " | ".join(str(verdicts.count(verdict)) for verdict in ("accepted", "rejected", "undecided"))
        lines.append(f"| {kind} | {len(verdicts) // len(sittings)} | {counts} |")
    lines += ["", *_naming(trials), ""]
    judging = sum(sitting.judging for sitting in sittings)
    preparing = sum(sitting.preparing for sitting in sittings) / len(sittings)
    problems = len({trial.variant.problem for trial in trials})
    lines.append(
        f"Truths of {problems} problems: {preparing:.2f} s for each seed. "
        f"Judging a function: {1e3 * judging / len(trials):.2f} ms on average."
    )
    lines += [
        f"- seed {sitting.seed}: {trial.variant.name} ({trial.variant.kind}) {trial.verdict}"
        for sitting in sittings
        for trial in sitting.mistaken()
    ]
    return lines


def _naming(trials: Sequence[Trial]) -> list[str]:
    lines = ["| kind | judgements | named | named falsely |", "|---|---|---|---|"]
    for kind in ("wrong formula", "near miss"):
        found = [trial for trial in trials if trial.variant.kind == kind]
        named = sum(trial.named is not None for trial in found)
        falsely = sum(trial.is_named_falsely for trial in found)
        lines.append(f"| {kind} | {len(found)} | {100 * named / len(found):.1f} % | {falsely} |")
    return lines
