"""False accepts and false rejects of our verifier and of the checkers that install from PyPI, on one corpus.

Every checker gets the same `f`, the same claimed derivative and the same few inputs (see `claim.py`), in its own
idiom and with its own defaults (see `checkers.py`). It has accepted a function if it accepts it at every input, and
rejected it if it rejects it at one. If it raised something else than a rejection and rejected nothing, that is
undecided; if it cannot be asked at all, for want of complex numbers or of a derivative, the function does not count.

A wrong function counts if it is *identifiably wrong*: if its claim differs from the right one by a relative 2e-12 at
one of the inputs that the checker was given. Near misses that go wrong at other inputs only do not count against
it. Right functions are right everywhere.

Two tables: at well-conditioned inputs of ordinary size, and with ill-conditioned and badly scaled ones as well. Ours
draws its own inputs, which are of both kinds, so its verdicts are the same in both. Times are for all inputs of a
function, and taken in turn: each function is judged by ours, then by the others.

    pip install -r benchmarks/verifier/requirements.txt
    python -m benchmarks.verifier [--seeds 20] [--only-ours] > benchmarks/verifier/RESULTS.md
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verifier.checkers import CHECKERS
from benchmarks.verifier.claim import Claim, NotExpressibleError, Place, places
from benchmarks.verifier.ours import sit, summary
from grader.problems.course import Course, load_course
from tests.corpus import Variant, build_corpus
from tests.corpus.build import REALLY_WRONG
from tests.corpus.judge import exam_on, judge_all

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("torch", "jax", "autograd", "scipy", "numdifftools", "pymanopt", "numpy")
SEED = 1
"""The seed of the inputs that all checkers are given."""
OURS = "ours"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a checker said of one function at one input: accepted, rejected, or None if it raised.

    Args:
        is_hard: whether that input is ill-conditioned or badly scaled; wrong: whether the claim is identifiably
            wrong there; seconds: for this check.
    """

    variant: Variant
    is_hard: bool
    wrong: bool
    said: bool | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Count:
    """What came of one function at several inputs."""

    variant: Variant
    verdict: str
    counts: bool
    seconds: float


def ask(course: Course, corpus: Sequence[Variant]) -> Iterator[tuple[str, Answer]]:
    """Ours about every function, then every other checker at every input, with the checker's name."""
    exam = exam_on(course, course.problems, SEED)
    drawn = {id: places(problem, SEED) for id, problem in course.problems.items()}
    solutions = {id: course.solution(id) for id in course.problems}
    for variant in corpus:
        solution = solutions[variant.problem]
        assert solution is not None
        start = time.perf_counter()
        (trial,) = judge_all(exam, [variant])
        yield OURS, Answer(variant, False, True, trial.verdict == "accepted", time.perf_counter() - start)
        for place in drawn[variant.problem]:
            right = Claim(place, solution.reference)
            wrong = not variant.is_right and Claim(place, variant.make()).is_wrong(right, REALLY_WRONG)
            yield from _ask_others(variant, place, wrong)


def _ask_others(variant: Variant, place: Place, wrong: bool) -> Iterator[tuple[str, Answer]]:
    for name, checker in CHECKERS.items():
        start = time.perf_counter()
        try:
            said: bool | None = checker(Claim(place, variant.make()))
        except NotExpressibleError:
            continue
        except Exception:  # raised by the checker or by the function; neither is a verdict
            said = None
        yield name, Answer(variant, place.is_hard, wrong, said, time.perf_counter() - start)


def count(answers: Sequence[Answer], hard: bool) -> list[Count]:
    """One verdict for each function; without `hard`, from the well-conditioned inputs only."""
    by_name: dict[str, list[Answer]] = {}
    for answer in answers:
        if hard or not answer.is_hard:
            by_name.setdefault(answer.variant.name, []).append(answer)
    found = []
    for group in by_name.values():
        said = [answer.said for answer in group]
        verdict = "rejected" if False in said else "undecided" if None in said else "accepted"
        counts = group[0].variant.kind in ("right", "breach") or any(answer.wrong for answer in group)
        found.append(Count(group[0].variant, verdict, counts, sum(answer.seconds for answer in group)))
    return found


def table(answers: Mapping[str, Sequence[Answer]], hard: bool) -> list[str]:
    """A line for each checker, ours first: shares in per cent, and the time as a multiple of ours."""
    lines = [
        "| checker | false accepts | of wrong formulas | of near misses | false rejects | undecided "
        "| breaches accepted | ms per function | ours = 1 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    counts = {name: count(given, hard) for name, given in answers.items()}
    unit = _mean(counts[OURS])
    for name, found in counts.items():
        wrong = [c for c in found if c.counts and c.variant.kind in ("wrong formula", "near miss")]
        right = [c for c in found if c.variant.is_right]
        columns = [
            _share(wrong, "accepted"),
            _share([c for c in wrong if c.variant.kind == "wrong formula"], "accepted"),
            _share([c for c in wrong if c.variant.kind == "near miss"], "accepted"),
            _share(right, "rejected"),
            _share([*wrong, *right], "undecided"),
            _share([c for c in found if c.variant.kind == "breach"], "accepted"),
            f"{1e3 * _mean(found):.1f}",
            f"{_mean(found) / unit:.1f}",
        ]
        lines.append(f"| {name} | {' | '.join(columns)} |")
    return lines


def by_way(answers: Mapping[str, Sequence[Answer]]) -> list[str]:
    """How many of each near miss every checker accepted at the well-conditioned inputs, of how many that count."""
    counts = {name: count(given, hard=False) for name, given in answers.items() if name != OURS}
    ways = dict.fromkeys(
        c.variant.id for found in counts.values() for c in found if c.variant.kind == "near miss"
    )
    lines = [f"| near miss | {' | '.join(counts)} |", "|---" * (1 + len(counts)) + "|"]
    for way in ways:
        cells = []
        for found in counts.values():
            asked = [c for c in found if c.variant.id == way and c.variant.kind == "near miss" and c.counts]
            accepted = sum(c.verdict == "accepted" for c in asked)
            cells.append(f"{accepted} of {len(asked)}" if asked else "–")
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return lines


def _share(found: Sequence[Count], verdict: str) -> str:
    hits = sum(c.verdict == verdict for c in found)
    return f"{100 * hits / len(found):.1f} % ({hits} of {len(found)})" if found else "–"


def _mean(found: Sequence[Count]) -> float:
    return sum(c.seconds for c in found) / len(found)


def main() -> None:
    """Print all tables as Markdown; progress goes to stderr."""
    parser = argparse.ArgumentParser(description="Our verifier and the checkers from PyPI on one corpus.")
    parser.add_argument("--seeds", type=int, default=20, help="how many seeds ours is tried at")
    parser.add_argument("--only-ours", action="store_true", help="leave the other checkers out")
    options = parser.parse_args()
    os.environ |= {"MPLBACKEND": "Agg", "JAX_ENABLE_X64": "1", "JAX_PLATFORMS": "cpu"}
    warnings.simplefilter("ignore")
    course = load_course(ROOT)
    corpus = build_corpus(course)
    start = time.perf_counter()
    print("# Results of benchmarks/verifier\n")
    print("Output of `python -m benchmarks.verifier`; its docstring says what is counted.\n")
    sittings = []
    for sitting in sit(course, corpus, range(1, options.seeds + 1)):
        sittings.append(sitting)
        print(f"seed {sitting.seed}: {len(sitting.mistaken())} mistaken", file=sys.stderr)
    print("## Ours\n\n" + "\n".join(summary(sittings)) + "\n")
    if not options.only_ours:
        _print_others(course, corpus)
    print(f"All of this took {(time.perf_counter() - start) / 60:.1f} minutes.")


def _print_others(course: Course, corpus: Sequence[Variant]) -> None:
    answers: dict[str, list[Answer]] = {}
    for name, answer in ask(course, corpus):
        answers.setdefault(name, []).append(answer)
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    print(f"## Beside the others\n\nWith {versions}.\n\nAt well-conditioned inputs of ordinary size:\n")
    print("\n".join(table(answers, hard=False)))
    print("\nWith ill-conditioned and badly scaled inputs as well:\n")
    print("\n".join(table(answers, hard=True)))
    print("\n### Accepted near misses, at well-conditioned inputs\n")
    print("\n".join(by_way(answers)) + "\n")


if __name__ == "__main__":
    main()
