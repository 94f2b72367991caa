"""Students who check at home read the words of the full course, and can read nothing else in the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.linalg import det, inv, solve

from grader.answers.sandbox import Answer
from grader.authoring.release import release_files, sealed_files, write_release
from grader.findings.diagnosis import SealedMistake, seal_mistakes, sealing
from grader.grading.judge import judge_answers
from grader.grading.prepare import PreparedProblem, prepare_problem
from grader.grading.self_check import grade_file
from grader.problems.course import Course, load_course
from grader.problems.sealed_mistakes import FILE, read_sealed, write_sealed
from grader.truths.cache import find_truths
from tests.corpus.build import variants_of
from tests.judging import answers

pytestmark = pytest.mark.slow

IDS = ("det-gradient", "inv-differential", "gram-gradient", "charpoly-derivative", "norm-gradient")
SEED, CASES = 5, 24
Pair = tuple[PreparedProblem, PreparedProblem]


@contextmanager
def quick_keys() -> Iterator[None]:
    """Guessing is slow on purpose; what is said does not depend on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sealing._SCRYPT, "n", 2)
        yield


@pytest.fixture
def pairs(sealed_pairs: dict[str, Pair]) -> Iterator[dict[str, Pair]]:
    """Each problem with its solution, and as it is at home."""
    with quick_keys():
        yield sealed_pairs


@pytest.fixture(scope="module")
def sealed_pairs(course: Course) -> dict[str, Pair]:
    found: dict[str, Pair] = {}
    for id in IDS:
        problem, solution = course.problems[id], course.solution(id)
        assert solution is not None
        full = prepare_problem(problem, SEED, CASES, solution, find_truths)
        with quick_keys():
            sealed = tuple(map(SealedMistake, seal_mistakes(problem, solution.mistakes, full.cases)))
        found[id] = full, replace(full, mistakes=sealed)
    return found


Words = tuple[str, str, str] | None


def said(prepared: PreparedProblem, function: Callable[..., Any]) -> Words:
    return said_of(prepared, answers(prepared, function))


def said_of(prepared: PreparedProblem, given: Sequence[Answer]) -> Words:
    diagnosis = judge_answers(prepared, given).diagnosis
    return None if diagnosis is None else (diagnosis.id, diagnosis.lead, diagnosis.step)


def test_a_guess_takes_four_megabytes() -> None:
    assert 128 * sealing._SCRYPT["n"] * sealing._SCRYPT["r"] == 4 * 2**20


@pytest.mark.parametrize("id", IDS)
def test_every_listed_mistake_has_the_words_of_the_full_course(
    course: Course, pairs: dict[str, Pair], id: str
) -> None:
    solution = course.solution(id)
    assert solution is not None
    full, home = pairs[id]
    for mistake in solution.mistakes:
        words = (mistake.id, mistake.message, mistake.step)
        assert said(home, mistake.answer) == said(full, mistake.answer) == words, mistake.id


@pytest.mark.parametrize("id", ["det-gradient", "inv-differential"])
def test_other_wrong_functions_have_the_words_of_the_full_course(
    course: Course, pairs: dict[str, Pair], id: str
) -> None:
    full, home = pairs[id]
    problem, solution = course.problems[id], course.solution(id)
    assert solution is not None
    wrong = [variant for variant in variants_of(problem, solution) if not variant.is_right]
    assert len(wrong) > 30
    given = {variant.id: answers(full, variant.make()) for variant in wrong}  # at home the same is asked
    other = {name for name, answered in given.items() if said_of(home, answered) != said_of(full, answered)}
    # Right at every invertible A and 0 elsewhere: at home that is said as such, not in the words of det(A)·A⁻ᵀ.
    assert other <= {"only-nonsingular"}


@pytest.mark.parametrize(
    ("id", "function"),
    [
        ("inv-differential", lambda A, dA: -solve(A, solve(A, dA))),
        ("inv-differential", lambda A, dA: solve(A, dA) @ inv(A)),
        ("det-gradient", lambda A: solve(A, np.eye(len(A))) * det(A.T)),
    ],
)
def test_a_mistake_is_recognised_whatever_algorithm_computes_it(
    pairs: dict[str, Pair], id: str, function: Any
) -> None:
    full, home = pairs[id]
    assert said(home, function) == said(full, function) is not None


def test_numbers_that_are_off_by_little_do_not_open_it(pairs: dict[str, Pair]) -> None:
    full, home = pairs["inv-differential"]
    sign = said(home, lambda A, dA: inv(A) @ dA @ inv(A))
    assert sign is not None and sign == said(full, lambda A, dA: inv(A) @ dA @ inv(A))
    assert said(home, lambda A, dA: 1.01 * inv(A) @ dA @ inv(A)) != sign


def test_the_file_holds_no_word_no_formula_and_no_number_of_any_mistake(course: Course) -> None:
    for name, data in sealed_files(course, course.assignment("lecture05"), course.seed).items():
        solution = course.solution(Path(name).parent.name)
        assert solution is not None
        text, content = data.decode(), json.loads(data)
        for mistake in solution.mistakes:
            assert mistake.id not in text and mistake.message[:12] not in text
        assert set(content) == {"about", "seed", "cases", "mistakes"}
        for row in content["mistakes"]:
            assert set(row) == {"fine", "coarse", "words"}
            assert all(isinstance(index, int) and 0 <= index < 1000 for index in row["fine"] + row["coarse"])
        readable = json.dumps(
            {**content, "about": "", "mistakes": [row["words"] for row in content["mistakes"]]}
        )
        assert "inv" not in readable and "." not in readable


def test_a_release_is_the_same_bytes_each_time(course: Course) -> None:
    first, second = (release_files(course, course.assignment("lecture05")) for _ in range(2))
    assert first == second and f"exercises/det-gradient/{FILE}" in first


WRONG = (
    "import numpy as np\n\n\ndef inv_differential(A, dA):\n    X = np.linalg.inv(A)\n    return -X @ X @ dA\n"
)


def test_grader_check_in_a_released_folder_says_what_the_full_course_says(
    course: Course, tmp_path: Path
) -> None:
    write_release(course, course.assignment("lecture05"), tmp_path / "out")
    (tmp_path / "out" / "mine.py").write_text(WRONG)
    home = load_course(tmp_path / "out")
    assert home.solution("inv-differential") is None

    def diagnose(where: Course, seed: int) -> Any:
        report = grade_file(tmp_path / "out" / "mine.py", where, "lecture05", seed)
        return next(item.diagnosis for item in report.problems if item.id == "inv-differential")

    found = diagnose(home, course.seed)
    assert found.kind == "mistake" and found == diagnose(course, course.seed)
    assert diagnose(home, course.seed + 1).kind != "mistake"  # sealed for the public seed alone


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{", b"\xff", b'{"seed": 5, "cases": 24, "mistakes": [{"fine": 1}]}']
)
def test_a_spoilt_file_costs_the_names_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert read_sealed(tmp_path, 5, 24) == ()


def test_what_is_written_is_read_for_its_own_seed_and_count(pairs: dict[str, Pair], tmp_path: Path) -> None:
    _, home = pairs["det-gradient"]
    folder = tmp_path / "det-gradient"
    folder.mkdir()
    written = [item.words for item in home.mistakes if isinstance(item, SealedMistake)]
    (folder / FILE).write_bytes(write_sealed(written, 5, 24))
    assert read_sealed(folder, 5, 24) == tuple(written) != ()
    assert read_sealed(folder, 6, 24) == read_sealed(folder, 5, 25) == ()
