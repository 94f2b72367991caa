"""Random formulas as answers: `python -m benchmarks.random_formulas [--count 2000] [--seed 1]`.

Right formulas are rewritten by identities that hold for all matrices: transposes of products, cyclic traces, inverses
of multiples and sums. Wrong ones have one change, a mutant of `grader validate`; one that still equals the exact answer
is counted apart. Counted are false verdicts, and the wrong formulas of which a part is named. No part is named falsely:
the search ends with a formula that is equal to the exact answer and differs in that part alone.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from grader.authoring.mutants import mutate
from grader.formulas.answers_file import Signature, read_formula
from grader.formulas.equality import ExactAnswers
from grader.formulas.faults import signature_of
from grader.formulas.show import as_text
from grader.formulas.wrong_factor import find_wrong_factor
from grader.grading.formula_grading import exact_answers, judge_formula
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.problems.course import load_course
from grader.problems.language import FUNCTIONS, Name, Node, Number, Operation, parse
from grader.truths.cache import find_truths
from tests.conftest import ROOT

RIGHT: Mapping[str, str] = {
    "det-gradient": "adj(A).T",
    "adjugate": "adj(A)",
    "det-differential": "trace(adj(A) @ dA)",
    "inv-differential": "-inv(A) @ dA @ inv(A)",
    "inv-jacobian": "-kron(inv(A).T, inv(A))",
    "inv-pullback": "-inv(A).H @ G @ inv(A).H",
    "det-pullback": "g * adj(A).H",
    "solve-differential": "inv(A) @ (db - dA @ inv(A) @ b)",
    "trace-inverse-gradient": "-(inv(A) @ B @ inv(A)).T",
    "gram-gradient": "2 * A @ adj(A.T @ A)",
}
STEPS = 3
"""Rewritings of a right formula, at most."""


def _op(name: str, *arguments: Node) -> Operation:
    return Operation(name, arguments, 1)


def _identities(node: Node) -> Iterator[Node]:
    """What equals a node, whatever the matrices in it are."""
    if not isinstance(node, Operation):
        return
    name, arguments = node.name, node.arguments
    yield _op("neg", _op("neg", node))
    if name == "@":
        left, right = arguments
        yield _op(".T", _op("@", _op(".T", right), _op(".T", left)))
        yield _op("-", _op("@", left, _op("+", right, right)), node)
    if name == "trace" and isinstance(arguments[0], Operation) and arguments[0].name == "@":
        left, right = arguments[0].arguments
        yield _op("trace", _op("@", right, left))
        yield _op("trace", _op(".T", arguments[0]))
    if name in ("inv", "adj"):
        (inner,) = arguments
        yield _op(".T", _op(name, _op(".T", inner)))
    if name == "inv":
        yield _op("inv", _op("inv", _op("inv", inner)))
        # The resolvent identity, inv(A) = inv(A + cA) (1 + c), and Woodbury's for A + cA.
        yield _op("*", Number(1.375, 1), _op("inv", _op("*", Number(1.375, 1), inner)))
        moved = _op("inv", _op("+", inner, _op("*", Number(0.625, 1), inner)))
        yield _op("+", moved, _op("*", Number(0.625, 1), _op("@", _op("@", moved, inner), node)))
    if name in ("+", "kron"):
        yield from () if name == "kron" else [_op("+", *arguments[::-1])]


def rewrite(node: Node, draw: random.Random) -> Node:
    """Rewrite one node of a formula, drawn at random, by an identity; the same formula if none holds there."""
    places = list(_places(node))
    inner, put = draw.choice(places)
    equal = list(_identities(inner))
    return put(draw.choice(equal)) if equal else node


def _places(node: Node) -> Iterator[tuple[Node, Callable[[Node], Node]]]:
    yield node, lambda new: new
    if isinstance(node, Operation):
        for k, argument in enumerate(node.arguments):
            if isinstance(argument, Name | Operation):
                for inner, put in _places(argument):

                    def at(new: Node, k: int = k, put: Callable[[Node], Node] = put) -> Node:
                        return Operation(
                            node.name,
                            (*node.arguments[:k], put(new), *node.arguments[k + 1 :]),
                            node.column,
                            node.kind,
                            node.options,
                        )

                    yield inner, at


def wrong_formula(text: str, signature: Signature, draw: random.Random) -> str | None:
    """A formula with one change; None if the change is nothing that the language can say."""
    source = f"def {signature}:\n    return {text}\n"
    mutants = list(mutate(source, signature.function))
    if not mutants:
        return None
    changed = draw.choice(mutants).source.partition("return ")[2].strip()
    answer = read_formula(changed, signature)
    return None if answer.faults else changed


def run(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Try so many formulas; what is counted, and the formulas of false verdicts and without a name."""
    draw, course = random.Random(seed), load_course(ROOT)
    problems = [course.problems[id] for id in RIGHT]
    prepared = {one.id: prepare_problem(one, seed, course.cases, None, find_truths) for one in problems}
    exact = {id: exact_answers(one) for id, one in prepared.items()}
    counts: Counter[str] = Counter()
    odd: list[str] = []
    while counts["right"] + counts["wrong"] < count:
        id = draw.choice(list(RIGHT))
        signature = signature_of(prepared[id].problem)
        tree = parse(RIGHT[id], {*signature.arguments, *signature.letters}).tree
        assert tree is not None
        for _ in range(draw.randint(0, STEPS)):
            tree = rewrite(tree, draw)
        text = as_text(tree)
        _try_right(text, prepared[id], exact[id], counts, odd)
        changed = wrong_formula(RIGHT[id], signature, draw)
        if changed is not None:
            _try_wrong(changed, prepared[id], exact[id], counts, odd)
    return counts, odd


def _try_right(
    text: str, prepared: PreparedProblem, exact: ExactAnswers, counts: Counter[str], odd: list[str]
) -> None:
    counts["right"] += 1
    report = judge_formula(prepared, read_formula(text, signature_of(prepared.problem)), exact)
    if report.verdict != "right":
        counts["false reject"] += 1
        odd.append(f"rejected: {prepared.problem.id}: {text}")


def _try_wrong(
    text: str, prepared: PreparedProblem, exact: ExactAnswers, counts: Counter[str], odd: list[str]
) -> None:
    answer = read_formula(text, signature_of(prepared.problem))
    if exact.compare(exact.values_of(answer)).digits is not None:
        counts["changed, and equal"] += 1
        return
    counts["wrong"] += 1
    report = judge_formula(prepared, answer, exact)
    if report.verdict == "right":
        counts["false accept"] += 1
        odd.append(f"accepted: {prepared.problem.id}: {text}")
    if find_wrong_factor(answer, exact) is not None:
        counts["part named"] += 1
    elif report.verdict == "error":
        counts["shapes do not fit"] += 1
    elif report.diagnosis is not None:
        counts["named otherwise"] += 1
        odd.append(f"{report.diagnosis.id}: {prepared.problem.id}: {text}")
    else:
        counts["not named"] += 1
        odd.append(f"not named: {prepared.problem.id}: {text}")


def main() -> None:
    """Print the counts, and what was odd."""
    parser = argparse.ArgumentParser(description="Random formulas as answers.")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    assert {"inv", "adj", "trace"} <= FUNCTIONS.keys()
    began = time.process_time()
    counts, odd = run(options.count, options.seed)
    print("\n".join(f"{number:6} {what}" for what, number in counts.most_common()))
    print(f"{time.process_time() - began:6.0f} s of processor time")
    print("\n".join(odd[:40]))


if __name__ == "__main__":
    main()
