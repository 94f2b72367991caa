"""Why K is what it is: the worst right answers and the nearest wrong ones, in units of the tolerance without K.

    tolerance = K · unit,   unit = max(n · sensitivity, u · size, …)   (grader/truths/tolerance.py)

Every function of the corpus in `tests/corpus` answers every case of every problem, at several seeds. An answer's
error is ‖answer − truth‖ / unit. Right answers must stay below K, wrong ones above.

Two tables. By problem: the worst right answer, and for the wrong functions the worst case of each, on which its
verdict depends; of these the least is shown. K must lie between. By family and size: right answers, difference
quotients, which may come close by luck at some case, and wrong formulas. Many of these give the right answer at
some inputs (a transpose at symmetric A). Such an answer is as good as a right one and hidden; it counts where the
error is below K. Between the worst hidden answer and the nearest other one there must be a gap, or the formulas would
not be told apart by rounding alone.

    python -m benchmarks.tolerance [--seeds N]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.findings.compare import compare_all
from grader.problems.course import Course, load_course
from grader.truths.tolerance import K
from tests.corpus import Variant, build_corpus
from tests.corpus.differences import SCHEMES
from tests.corpus.judge import exam_on
from tests.judging import answers

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Row:
    """One answer: what it was made by, to what, and its error in units of the tolerance without K."""

    variant: Variant
    family: str
    size: int
    seed: int
    error: float

    @property
    def group(self) -> str:
        """See `group_of`."""
        return group_of(self.variant)


def group_of(variant: Variant) -> str:
    """right, difference, wrong (by formula), or other."""
    if variant.is_right:
        return "right"
    if variant.id in SCHEMES:
        return "difference"
    return "wrong" if variant.kind == "wrong formula" else "other"


def measure(course: Course, corpus: Sequence[Variant], seed: int) -> Iterator[Row]:
    """The errors of all first answers that are arrays of the right shape."""
    exam = exam_on(course, course.problems, seed)
    questions = {question.problem.id: question for question in exam.problems}
    for variant in corpus:
        asked = questions[variant.problem]
        found = compare_all(asked.problem, asked.asked, answers(asked, variant.make()))
        for judged in found.first.values():
            case = judged.case
            size = max(case.sizes.values(), default=1)
            yield Row(variant, case.family, size, seed, judged.error * K)


def by_family(rows: Sequence[Row]) -> list[str]:
    """The table by family and size, in lines of Markdown."""
    cells: dict[tuple[str, int], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        cells[row.family, row.size][row.group].append(row.error)
    lines = [
        "| family | n | right: median | worst | differences: median | within K | wrong: nearest | hidden |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for (family, size), found in sorted(cells.items()):
        right, differences, wrong = found["right"], found["difference"], found["wrong"]
        lines.append(
            f"| {family} | {size} | {np.median(right):.2g} | {max(right):.2g} | {_median(differences)} "
            f"| {_hidden(differences)} | {_nearest(wrong)} | {_hidden(wrong)} |"
        )
    return lines


def by_problem(rows: Sequence[Row]) -> list[str]:
    """The table by problem, in lines of Markdown."""
    worst: dict[str, dict[tuple[Variant, int], float]] = defaultdict(dict)
    for row in rows:
        table, key = worst[row.variant.problem], (row.variant, row.seed)
        table[key] = max(table.get(key, 0.0), row.error)
    lines = [
        "| problem | worst right | by | nearest formula | by | nearest difference | by | nearest miss | by |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for problem, table in sorted(worst.items()):
        groups: dict[str, list[tuple[float, str]]] = defaultdict(list)
        for (variant, _), error in table.items():
            groups[group_of(variant)].append((error, variant.id))
        shown: list[tuple[float | None, str]] = [max(groups["right"])]
        shown += [min(groups[name], default=(None, "–")) for name in ("wrong", "difference", "other")]
        cells = ["– | –" if error is None else f"{error:.2g} | {id}" for error, id in shown]
        lines.append(f"| {problem} | {' | '.join(cells)} |")
    return lines


def _median(errors: Sequence[float]) -> str:
    return f"{np.median(errors):.2g}" if errors else "–"


def _nearest(errors: Sequence[float]) -> str:
    return f"{min((e for e in errors if e > K), default=np.nan):.2g}"


def _hidden(errors: Sequence[float]) -> str:
    hidden = [error for error in errors if error <= K]
    return f"{len(hidden)} of {len(errors)}, to {max(hidden, default=0):.2g}"


def main() -> None:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(description="Right and wrong answers in units of the tolerance.")
    parser.add_argument("--seeds", type=int, default=5)
    options = parser.parse_args()
    course = load_course(ROOT)
    corpus = [variant for variant in build_corpus(course) if variant.kind != "breach"]
    rows = [row for seed in range(1, options.seeds + 1) for row in measure(course, corpus, seed)]
    print(f"{len(corpus)} functions, {options.seeds} seeds, {len(rows)} answers; K = {K:g}\n")
    print("\n".join([*by_problem(rows), "", *by_family(rows)]))


if __name__ == "__main__":
    main()
