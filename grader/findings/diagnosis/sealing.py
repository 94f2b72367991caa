"""Listed mistakes for students who check at home: the words on a mistake, encrypted with its wrong numbers.

Each answer that is the same on every machine gives a word, and all of these the key. Whoever made the mistake has the
numbers, and with them the key. To others the file tells neither the sentence nor a number; guessing is slow (scrypt),
and whoever guesses the formula knew it before. The word of a case says that the answer is right, that it is wrong, or,
where rounding cannot change it, how wrong it is, to three digits:

    r = 1.2·‖d‖ + ⟨W, d⟩,   d = (answer − truth)·K·u / tol,   W random, ‖W‖ = 1

For an answer of another shape it is the shape, and r of the answer itself. At nearly singular inputs the formula is
evaluated at some neighbours as well, to see whether its numbers are its own or those of rounding.

Source: C. Percival and S. Josefsson, The scrypt password-based key derivation function, RFC 7914, 2016.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.answers.sandbox import Answer, Failed, Returned
from grader.cases.case import Case
from grader.cases.families import generator
from grader.core.encryption import decrypt, encrypt
from grader.core.norms import UNIT, norm
from grader.findings.compare import JudgedAnswer, JudgedAnswers, compare_answer
from grader.findings.diagnosis.known_mistakes import call
from grader.findings.error_fingerprint import is_delicate, scaled_errors, shape_word
from grader.problems.problem import Problem
from grader.problems.sealed_mistakes import SealedWords
from grader.problems.solution import Function, Variant
from grader.reports.report import Diagnosis, Failure
from grader.truths.solve import SolvedCase, keep_decided
from grader.truths.tolerance import K

RIGHT, WRONG, ZERO = "=", "~", "0"
STILL_RIGHT = 4.0
"""So many tolerances off, an answer may be the right one of another algorithm."""
SURELY_WRONG = 100.0
_NEIGHBOURS = 3
_ULPS = 4
_OBLIQUE = 1.2
_NOISE = 1e-5
"""How far two programs of one formula may be apart, as a part of the residual."""
_SCRYPT: Mapping[str, int] = {"n": 2**12, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True, slots=True)
class SealedMistake:
    """A listed mistake without its formula."""

    words: SealedWords

    def recognise(self, answers: JudgedAnswers) -> Diagnosis | None:
        """What is said of the mistake, if these are its numbers."""
        sealed = self.words
        if not {*sealed.fine, *sealed.coarse} <= answers.first.keys():
            return None
        words = {index: describe(answers.first[index], fine=True) for index in sealed.fine}
        words |= {index: describe(answers.first[index], fine=False) for index in sealed.coarse}
        if _all_right(words):
            return None

        text = decrypt(sealed.data, _key(sealed.salt, words))
        if text is None:
            return None
        id, message, step = json.loads(text)
        return Diagnosis("mistake", id, message, step)


def seal_mistakes(
    problem: Problem, mistakes: Sequence[Variant], cases: Sequence[SolvedCase]
) -> Iterator[SealedWords]:
    """Seal what is said of each mistake; those that no case shows are left out."""
    decided = keep_decided(cases)
    for position, mistake in enumerate(mistakes):
        fine, coarse = _words(problem, mistake.answer, decided)
        if _all_right(fine) and _all_right(coarse):
            continue
        salt = f"{problem.id}/{position}"
        words = json.dumps([mistake.id, mistake.message, mistake.step], ensure_ascii=False)
        data = encrypt(words.encode(), _key(salt, {**fine, **coarse}))
        yield SealedWords(salt, tuple(fine), tuple(coarse), data)


def _words(
    problem: Problem, function: Function, cases: Sequence[SolvedCase]
) -> tuple[dict[int, str], dict[int, str]]:
    """The words of a formula by case: those that tell numbers, and others."""
    fine: dict[int, str] = {}
    coarse: dict[int, str] = {}
    alone: dict[int, str] = {}
    for solved in cases:
        index = solved.case.index
        answers = list(_answers(problem, function, solved))
        numbers = {describe(judged, fine=True) for judged in answers}
        rough = {describe(judged, fine=False) for judged in answers}
        if len(numbers) == 1 and all(map(_is_settled, answers)):
            fine[index] = numbers.pop()
        elif len(rough) == 1 and not any(map(_may_be_right, answers)):
            coarse[index] = rough.pop()
        elif not _may_be_right(answers[0]):
            alone[index] = describe(answers[0], fine=False)

    if not _all_right(fine):
        return fine, {}  # where the formula fails, another program of the same formula need not
    if not _all_right(coarse):
        return fine, coarse
    # What is wrong at singular inputs alone may be so by a test of its own, which their neighbours pass.
    return fine, {**coarse, **alone}


def _all_right(words: Mapping[int, str]) -> bool:
    return set(words.values()) <= {RIGHT}


def describe(judged: JudgedAnswer, fine: bool) -> str:
    """The word of an answer.

    Args:
        fine: tell its numbers, not only that it is wrong.
    """
    if not judged.is_finite:
        return WRONG
    if judged.parts is not None and judged.error <= STILL_RIGHT:
        return RIGHT
    if fine:
        return _number(judged)
    return WRONG if any(part.any() for part in judged.raw) else ZERO


def _number(judged: JudgedAnswer) -> str:
    return f"{_shapes(judged)}{_residual(judged):.3g}"


def _shapes(judged: JudgedAnswer) -> str:
    if judged.parts is not None:
        return ""
    return "".join(f"{shape_word(part)}:" for part in judged.raw)


def _residual(judged: JudgedAnswer) -> float:
    """r, which rounding changes by little."""
    if judged.truth.open:
        # Where answers are not unique, the signs of a wrong one are nobody's.
        parts = [np.abs(part) for part in judged.raw]
    elif judged.parts is None:
        parts = [np.asarray(part, np.complex128) for part in judged.raw]
    else:
        parts = scaled_errors(judged)

    flat = np.concatenate([np.ravel(part) for part in parts])
    d = np.concatenate([flat.real, flat.imag])
    W = generator(f"sealed/{judged.case.index}").standard_normal(d.size)
    with np.errstate(all="ignore"):
        return float(_OBLIQUE * norm(d) + W @ d / (np.linalg.norm(W) or 1.0))


def _is_settled(judged: JudgedAnswer) -> bool:
    """Does another program of the same formula give the same word?"""
    if not judged.is_finite:
        return False
    if judged.parts is not None and judged.error <= 1:
        return True

    r = _residual(judged)
    noise = _NOISE * r
    if judged.parts is not None and not judged.truth.open:
        pairs = zip(judged.parts, judged.right, strict=True)
        growth = max(norm(part) / (norm(right) or np.inf) for part, right in pairs)
        noise += 12 * K * UNIT * max(1.0, growth)
    return noise < 1e-2 * r < np.inf and f"{r - noise:.3g}" == f"{r + noise:.3g}"


def _may_be_right(judged: JudgedAnswer) -> bool:
    """Is it neither right nor surely wrong?"""
    return judged.is_finite and judged.parts is not None and 1 < judged.error < SURELY_WRONG


def _answers(problem: Problem, function: Function, solved: SolvedCase) -> Iterator[JudgedAnswer]:
    """A formula's answer to a case; at a nearly singular input those at some neighbours too."""
    case = solved.case
    yield compare_answer(problem, solved, _ask(function, case))
    if not is_delicate(problem, case):
        return

    rng = generator(f"{problem.id}/{case.index}/neighbours")
    for _ in range(_NEIGHBOURS):
        values = {name: _nearby(value, rng) for name, value in case.values.items()}
        yield compare_answer(problem, solved, _ask(function, replace(case, values=values)))


def _nearby(value: Any, rng: np.random.Generator) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return value * (1 + _ULPS * UNIT * rng.uniform(-1, 1, value.shape))


def _ask(function: Function, case: Case) -> Answer:
    try:
        return Returned(call(function, case), inputs_changed=False, aliased=False)
    except Exception as error:  # an author's formula may fail in any way
        return Failed(Failure("raised", str(error)))


def _key(salt: str, words: Mapping[int, str]) -> bytes:
    text = " ".join(f"{index}{words[index]}" for index in sorted(words))
    return hashlib.scrypt(text.encode(), salt=salt.encode(), **_SCRYPT)
