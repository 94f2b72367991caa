"""The checker inside a browser: what the page's worker calls, and nothing that it does not need."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import escape

from grader.formats.html.prose import formula_html
from grader.formats.html.student import formula_feedback
from grader.formulas.answers_file import Fault, FormulaAnswer, read_formula
from grader.formulas.equality import ExactAnswers
from grader.formulas.faults import signature_of
from grader.formulas.fit import fit_shapes
from grader.formulas.judge import JudgedProblem, judge
from grader.formulas.show import as_latex
from grader.formulas.wrong_factor import find_roots
from grader.platforms.page.course_json import read_course
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
            id: ExactAnswers(judged.problem, judged.cases, CORE) for id, judged in problems.items()
        }

    def read(self, id: str, text: str) -> str:
        """How a formula is read: its mathematics, or its first fault and where that is."""
        return json.dumps(self._read(id, text))

    def check(self, id: str, text: str) -> str:
        """Judge a formula: how it is read, what is said of it, and the words for the overview."""
        judged = self._problems[id]
        report = judge(judged, self._answer(id, text), self._exact[id], CORE)
        words = VERDICTS[report.verdict]
        state = {"tone": words.tone, "words": words.badge}
        diagnosis = report.diagnosis.id if report.diagnosis else ""
        return json.dumps(
            {
                "reading": self._read(id, text),
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

    def _answer(self, id: str, text: str) -> FormulaAnswer:
        return read_formula(text, signature_of(self._problems[id].problem))

    def _read(self, id: str, text: str) -> Mapping[str, Any]:
        answer = self._answer(id, text)
        faults = answer.faults
        if not faults:
            misfit = fit_shapes(answer, self._problems[id].problem).misfit
            faults = (misfit,) if misfit is not None else ()
        if faults:
            return {"html": str(escape(faults[0].message)), "fault": _place(faults[0], text)}

        roots = find_roots(answer)
        if not roots:
            return {"html": str(escape(answer.text)), "fault": None}
        return {"html": str(formula_html(", ".join(map(as_latex, roots)))), "fault": None}


def _place(fault: Fault, text: str) -> Mapping[str, int]:
    """The characters of a text that a fault is at: one, or the word that begins there."""
    lines = text.split("\n")
    row = min(fault.line, len(lines)) - 1
    before = sum(len(line) + 1 for line in lines[:row])
    begin = min(max(fault.column - 1, 0), max(len(lines[row]) - 1, 0))

    end = begin + 1
    while end < len(lines[row]) and lines[row][begin:end].isidentifier() and lines[row][end].isalnum():
        end += 1
    return {"from": before + begin, "to": before + end}


def open_page(course: str) -> Page:
    """The page of a course that `write_course` wrote."""
    return Page({judged.problem.id: judged for judged in read_course(course)})
