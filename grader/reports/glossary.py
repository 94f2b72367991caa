"""The words of the field where students meet them: a short title in plain words, and one paragraph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grader.reports.report import ProblemReport


@dataclass(frozen=True, slots=True)
class ExplainedWord:
    """A word, what it asks in plain words, and a paragraph on it."""

    name: str
    title: str
    text: str


_ALL = (
    ExplainedWord(
        "taylor",
        "does the remainder shrink fast enough?",
        "f(A + hV) is compared with f(A) + h·L(V), where V is a direction, h a small step and L(V) your "
        "answer along V. If L is the derivative, what is left over shrinks like h²: in a plot with logarithms"
        " on both axes it falls with slope 2. A wrong L leaves an error in proportion to h, which falls with "
        "slope 1.",
    ),
    ExplainedWord(
        "remainder",
        "what is left of f(A + hV) after f(A) and h·L(V)",
        "V is a direction in which A is moved, h how far, and L the linear map that you claim to be the "
        "derivative. The remainder is f(A + hV) − f(A) − h·L(V). The derivative is the one L for which it "
        "shrinks faster than h.",
    ),
    ExplainedWord(
        "finite_difference",
        "does it agree with small steps of f?",
        "(f(A + hV) − f(A − hV)) / 2h comes close to the derivative along V when the step h is small. This "
        "compares your answer with such a quotient, computed with many digits.",
    ),
    ExplainedWord(
        "linear",
        "is it linear in the direction?",
        "A differential is a linear map: for directions V and W and a number c, L(V + cW) = L(V) + c·L(W). An"
        " answer with a square of the direction, or with the size of the step in it, is not.",
    ),
    ExplainedWord(
        "adjoint",
        "does the pullback match the derivative?",
        "A pullback takes a weight G on the output back to the input. It is the adjoint of the derivative L: "
        "for every direction V, ⟨G, L(V)⟩ = ⟨pullback of G, V⟩, where ⟨P, Q⟩ = Re tr(PᴴQ).",
    ),
    ExplainedWord(
        "inner_product",
        "does the gradient give the derivative along a direction?",
        "The gradient G of f is the matrix with ⟨G, V⟩ = derivative of f along V for every direction V, where"
        " ⟨P, Q⟩ = Re tr(PᴴQ), unless the problem names another inner product.",
    ),
    ExplainedWord(
        "symmetric",
        "can the two directions be swapped?",
        "A second differential takes two directions V and W, and gives the same for (V, W) and for (W, V).",
    ),
    ExplainedWord(
        "pure",
        "does it leave its inputs unmodified and return the same result each time?",
        "A function is pure if it modifies none of its arguments and returns the same result whenever it is "
        "called with the same ones. A += B changes the caller's A; A = A + B does not.",
    ),
    ExplainedWord(
        "relation",
        "does the answer satisfy what is asked of it?",
        "Where many answers are right, such as every orthonormal basis, yours is not compared with one of "
        "them: what it must satisfy is evaluated with your numbers, and what is left over must be rounding.",
    ),
    ExplainedWord(
        "cost",
        "does it take few enough operations?",
        "The operations on numbers that your function makes are counted at several sizes, and compared with "
        "what a good formula needs.",
    ),
)
WORDS: Mapping[str, ExplainedWord] = {word.name: word for word in _ALL}


def words_for(problem: ProblemReport) -> tuple[ExplainedWord, ...]:
    """The words that stand in what a student reads of a wrong answer."""
    names: Iterable[str] = dict.fromkeys(finding.check.partition(" ")[0] for finding in problem.failed)
    return tuple(WORDS[name] for name in names if name in WORDS)
