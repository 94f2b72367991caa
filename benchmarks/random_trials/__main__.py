"""Random trials of the verifier: functions × seeds, with counts of what it gets wrong.

A *ground* is a problem with some seeds and functions: one of the exercises, or a random problem of an author, see
`problems`. Right functions are rewritten by identities of matrix algebra (`rewrite`), and wrong ones made by one change
(mutants of `grader validate`). What a function is, is found by numpy alone: it is right if it agrees with the
reference to nine digits at well-conditioned inputs of a draw of its own, and wrong if it does not to six; what is
between, and what agrees everywhere though it was changed, is not counted. Then each is judged at each seed.

    false accept   wrong, and gets all points         false reject   right, and does not
    undecided      the verifier says so               named          wrong, and named as at most seeds
    not named      wrong, without a diagnosis         named falsely  another name than at most seeds
    loses digits   right, and said to lose digits, which formulas such as det(A)·A⁻¹ do

Results are appended to a file, a line for each ground; what is there already is not run again. Functions run in this
process, without a sandbox: they are ours. They are asked, judged and named as a class's are.

    nice -n 19 python -m benchmarks.random_trials --trials 100000 --seed 1 --out trials.jsonl
"""

from __future__ import annotations

import argparse
import ast
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np

from benchmarks.random_trials.problems import draw_problem
from benchmarks.random_trials.trial import (
    Base,
    Outcome,
    Said,
    Subject,
    draw_subjects,
    find_outcomes,
    judge,
    lay_bench,
)
from grader.answers.sandbox import Limits
from grader.authoring.mutants import used_by
from grader.core.worker_pool import map_parallel
from grader.findings.diagnosis.candidates.candidates import Candidates
from grader.findings.diagnosis.candidates.neighbours import NearFormulas
from grader.grading.course_limits import limits_of
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.algebras import SOURCE
from grader.problems.course import Course, load_course
from grader.problems.language import evaluate, parse
from grader.problems.problem import Problem
from grader.problems.solution import VariantsFile, read_reference
from grader.problems.yaml_model import read_model

ROOT = Path(__file__).parents[2]
CASES = 24
FUNCTIONS, SEEDS = 120, 8
"""Of one ground. The truths of a seed are found once for all functions."""
OUTCOMES = get_args(Outcome)
EXPECTED = ("right", "named")
"""What is only counted; functions of all other outcomes are kept in the file."""
Ground = tuple[str, int]
"""Id of a problem, `random-N` for the random ones, and the first seed."""


def grounds(course: Course, first_seed: int) -> Iterator[Ground]:
    """Endless: exercises and random problems in turn, the seeds upward."""
    ids, seed, number = list(course.problems), first_seed, 0
    while True:
        for id in ids:
            yield id, seed
            yield f"random-{1000 * first_seed + number}", seed
            number += 1
        seed += SEEDS


def run_ground(
    course: Course, ground: Ground, functions: int = FUNCTIONS, seeds: int = SEEDS
) -> dict[str, Any]:
    """Run the trials of one ground; the result is a line of the file."""
    id, first = ground
    began = time.process_time()
    if id in course.problems:
        problem, bases = course.problems[id], exercise_bases(course, id)
    else:
        drawn = draw_problem(int(id.removeprefix("random-")))
        problem, bases = drawn.problem, (Base(drawn.source, drawn.problem.function),)

    rng = np.random.default_rng([first, *id.encode()])
    subjects = list(draw_subjects(lay_bench(problem, bases), bases, functions, rng))
    said: dict[Subject, dict[int, Said]] = {subject: {} for subject in subjects}
    near = [NearFormulas(problem, part) for part in range(problem.parts)]
    undecided_cases = 0
    for seed in range(first, first + seeds):
        prepared = _prepare(course, problem, seed)
        # Those of each seed would be the same.
        prepared = replace(prepared, candidates=Candidates(problem, prepared.cases, near))
        if id not in course.problems and _raises(prepared, bases[0], limits_of(course)):
            continue  # its rule divides by what happens to be 0 there, though f has a derivative
        undecided_cases += sum(solved.truth is None for solved in prepared.cases)
        for subject in subjects:
            answer = judge(prepared, subject, limits_of(course))
            if answer is not None:
                said[subject][seed] = answer

    counts: Counter[str] = Counter()
    found: list[dict[str, Any]] = []
    for subject, answers in said.items():
        if not answers:
            continue
        outcomes = find_outcomes(subject, answers)
        counts.update(outcomes.values())
        odd = {
            seed: (outcome, answers[seed].name)
            for seed, outcome in outcomes.items()
            if outcome not in EXPECTED
        }
        if odd:
            found.append(
                asdict(subject) | {"odd": odd, "names": Counter(a.name or "" for a in answers.values())}
            )
    return {
        "problem": id,
        "seed": first,
        "f": problem.f.text,
        "counts": counts,
        "functions": len(subjects),
        "undecided_cases": undecided_cases,
        "seconds": round(time.process_time() - began, 1),
        "found": found,
    }


def _raises(prepared: PreparedProblem, base: Base, limits: Limits) -> bool:
    """Whether the function that a random problem comes with has no value at some input of a seed."""
    said = judge(prepared, Subject(base.source, base.function, is_right=True), limits)
    return said is not None and said.name == "raised"


def _prepare(course: Course, problem: Problem, seed: int) -> PreparedProblem:
    solution = course.solution(problem.id) if problem.id in course.problems else None
    return prepare_problem(problem, seed, CASES, solution)


def exercise_bases(course: Course, id: str) -> tuple[Base, ...]:
    """The reference of an exercise, and its alternatives as text."""
    problem, folder = course.problems[id], course.folder / "solutions" / id
    bases = [Base(read_reference(folder), problem.function)]
    for variant in read_model(folder / "variants.yaml", VariantsFile).alternatives:
        if variant.python is not None:
            text = (folder / "variants.py").read_text(encoding="utf-8")
            bases.append(Base(_cut_to(text, variant.python), variant.python))
        elif (written := _as_source(problem, variant.formulas)) is not None:
            bases.append(Base(written, problem.function))
    return tuple(bases)


def _cut_to(source: str, function: str) -> str:
    """The text of a module without what a function does not use."""
    tree = ast.parse(source)
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return ast.unparse(ast.Module([*imports, *used_by(tree, function)], []))


def _as_source(problem: Problem, formulas: Sequence[str]) -> str | None:
    """The text of a function that returns formulas; None if numpy has no name for something in them."""
    names = {name: name for name in problem.arguments}
    try:
        texts = [evaluate(parse(formula, names), names, SOURCE) for formula in formulas]
    except (KeyError, ValueError):
        return None
    answer = texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
    source = f"import numpy as np\n\n\ndef {problem.signature}:\n    return {answer}\n"
    ast.parse(source)
    return source


def main() -> None:
    """Run what is missing, and print the counts."""
    parser = argparse.ArgumentParser(description="Random trials of the verifier.")
    parser.add_argument("--trials", type=int, default=1000, help="how many in all, those of before included")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--jobs", type=int, default=1, choices=(1, 2), help="processes")
    parser.add_argument("--out", type=Path, default=Path("trials.jsonl"), help="the file of results")
    options = parser.parse_args()

    course = load_course(ROOT)
    lines = _read(options.out)
    before = {(line["problem"], line["seed"]) for line in lines}
    wanted = -(-options.trials // (FUNCTIONS * SEEDS))
    ahead = grounds(course, options.seed)
    waiting = [ground for ground in (next(ahead) for _ in range(wanted)) if ground not in before]

    with options.out.open("a", encoding="utf-8") as file:
        file.write("\n")  # ends a line that was cut
        run = partial(_guarded, course)
        for k, (_, line) in enumerate(map_parallel(run, waiting, min(options.jobs, len(waiting))), 1):
            lines.append(line)
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            if k % 20 == 0:
                print(f"{k} of {len(waiting)} grounds: {dict(_total(lines))}", file=sys.stderr, flush=True)
    print("\n".join(table(lines)))


def _guarded(course: Course, ground: Ground) -> dict[str, Any]:
    """A ground that fails is told, and stops no other."""
    try:
        return run_ground(course, ground)
    except Exception as error:
        return {"problem": ground[0], "seed": ground[1], "counts": {}, "failed": repr(error)}


def _read(path: Path) -> list[dict[str, Any]]:
    """The lines that are whole; the last may have been cut when the program was ended."""
    if not path.exists():
        return []
    lines = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            lines.append(json.loads(text))
        except ValueError:
            continue
    return lines


def _total(lines: Sequence[dict[str, Any]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for line in lines:
        total.update(line["counts"])
    return total


def table(lines: Sequence[dict[str, Any]]) -> list[str]:
    """The counts as Markdown: exercises, random problems, and all."""
    random = [line for line in lines if line["problem"].startswith("random-")]
    exercises = [line for line in lines if not line["problem"].startswith("random-")]
    shown = [
        f"| | grounds | trials | {' | '.join(OUTCOMES)} |",
        "|---" * (3 + len(OUTCOMES)) + "|",
    ]
    for name, group in (("exercises", exercises), ("random problems", random), ("all", lines)):
        total = _total(group)
        cells = " | ".join(str(total[outcome]) for outcome in OUTCOMES)
        shown.append(f"| {name} | {len(group)} | {sum(total.values())} | {cells} |")
    failed = [line for line in lines if "failed" in line]
    shown += [f"\nfailed: {line['problem']} at seed {line['seed']}: {line['failed']}" for line in failed]
    return shown


if __name__ == "__main__":
    main()
