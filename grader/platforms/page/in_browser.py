"""The checker inside a browser: what the page's worker calls, and nothing that it does not need."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from markupsafe import escape

from grader.formats.html.prose import formula_html
from grader.formats.html.student import formula_feedback
from grader.formulas.answers_file import FormulaAnswer, name_answer, read_formula
from grader.formulas.equality import ExactAnswers
from grader.formulas.faults import signature_of
from grader.formulas.fit import find_excess, find_misuse, fit_shapes
from grader.formulas.formula_lines import Fault
from grader.formulas.judge import JudgedProblem, judge
from grader.formulas.latex import as_latex
from grader.formulas.read_back import find_roots
from grader.platforms.page.course_json import read_course
from grader.problems.language import FUNCTIONS, Operation, walk
from grader.problems.language.nodes import Assign
from grader.problems.problem import Problem
from grader.reports.feedback import VERDICTS
from grader.truths.core_algebra import CORE


class Page:
    """The problems of a page. Results are JSON, as they go from a worker to its page.

    Args:
        problems: by id, each with the exact answers that were found for it.
    """

    def __init__(self, problems: Mapping[str, JudgedProblem]) -> None:
        self._problems = problems
        self._exact = {
            id: ExactAnswers(judged.problem, judged.cases, CORE, len(judged.cases))
            for id, judged in problems.items()
        }

    def read(self, id: str, text: str) -> str:
        """How a formula is read: its mathematics, or its first fault and where that is."""
        return json.dumps(self._read(id, text))

    def check(self, id: str, text: str) -> str:
        """Judge a formula: how it is read, what is said of it, and the words for the overview."""
        judged = self._problems[id]
        report = judge(judged, self._answer(id, text), self._exact[id], CORE)
        words = VERDICTS[report.verdict]

        reading = self._read(id, text)
        badge = "cannot be read" if reading["fault"] else words.badge
        state = {"tone": words.tone, "words": badge}
        diagnosis = report.diagnosis.id if report.diagnosis else ""
        return json.dumps(
            {
                "reading": reading,
                "html": str(formula_feedback(report, f"{id}-feedback")),
                "state": state,
                "verdict": report.verdict,
                "diagnosis": diagnosis,
            }
        )

    def warm(self, id: str, text: str = "") -> str:
        """Find the exact answers to a problem before they are needed, and load all that a check uses."""
        self.check(id, self._problems[id].problem.arguments[0])
        return "{}"

    def rehearse(self) -> None:
        """Do all that a page does, for every problem."""
        for id in self._problems:
            self.read(id, "(")
            self.warm(id)

    def write(self, id: str, texts: str) -> str:
        """The file of answers to submit.

        Args:
            id: empty, as it is of all problems. texts: the title, then pairs of an id and its formula, as JSON.
        """
        title, pairs = json.loads(texts)
        answers = [name_answer(text.strip(), signature_of(self._problems[id].problem)) for id, text in pairs]
        return json.dumps("\n\n".join([f"# {title}", *filter(None, answers)]) + "\n")

    def _answer(self, id: str, text: str) -> FormulaAnswer:
        """A formula as it was read, with what else is a fault here."""
        problem = self._problems[id].problem
        answer = read_formula(text, signature_of(problem))
        if answer.faults or answer.expression is None:
            return answer

        faults = [*self._find_names(id, answer), *_find_missing(answer, problem)]
        misuse = find_misuse(answer, problem)
        if misuse is not None:
            faults.append(misuse)
        return replace(answer, faults=tuple(faults))

    def _find_names(self, id: str, answer: FormulaAnswer) -> Iterator[Fault]:
        """Helpers with the name of another problem's function, which the file would take for its answer."""
        assert answer.expression is not None
        others = {judged.problem.function for other, judged in self._problems.items() if other != id}
        for statement in answer.expression.body:
            if isinstance(statement, Assign) and others.intersection(statement.names):
                message = f"'{statement.names[0]}' is another problem's function; choose another name for this value"
                yield answer.fault_at(statement.line, statement.column, message)

    def _read(self, id: str, text: str) -> Mapping[str, Any]:
        answer, judged = self._answer(id, text), self._problems[id]
        fault = answer.faults[0] if answer.faults else fit_shapes(answer, judged.problem).misfit
        if fault is None:
            fault = find_excess(answer, judged.problem, judged.cases)
        if fault is not None:
            return {"html": str(escape(fault.message)), "fault": _place(fault, text)}

        roots = find_roots(answer)
        if not roots:
            return {"html": str(escape(answer.text)), "fault": None}
        return {"html": str(formula_html(", ".join(map(as_latex, roots)))), "fault": None}


def _find_missing(answer: FormulaAnswer, problem: Problem) -> Iterator[Fault]:
    """Functions of the language that a browser does not have."""
    assert answer.expression is not None
    missing = FUNCTIONS.keys() - CORE.operations.keys() - {given.name for given in problem.functions}
    for node in walk(answer.expression.roots):
        if isinstance(node, Operation) and node.name in missing:
            message = f"{node.name} is not available on this page; check this formula with grader check"
            yield answer.fault_at(node.line, node.column, message)


def _place(fault: Fault, text: str) -> Mapping[str, int]:
    """The characters of a text that a fault is at: one, or the word that begins there."""
    lines = text.splitlines(keepends=True) or [""]
    row = min(fault.line, len(lines)) - 1
    line = lines[row].rstrip("\r\n")
    begin = min(max(fault.column - 1, 0), max(len(line) - 1, 0))

    end = begin + 1
    while end < len(line) and line[begin:end].isidentifier() and (line[end].isalnum() or line[end] == "_"):
        end += 1
    before = _units("".join(lines[:row]))
    return {"from": before + _units(line[:begin]), "to": before + _units(line[:end])}


def _units(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2


def open_page(course: str) -> Page:
    """The page of a course that `write_course` wrote."""
    return Page({judged.problem.id: judged for judged in read_course(course)})
