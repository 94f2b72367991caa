"""Right for most inputs; for the others, such as singular ones, something is done to the right answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress

from grader.findings.diagnosis.agreement import PartAnswers
from grader.findings.diagnosis.context import PartContext
from grader.findings.diagnosis.rules.near_formula import name_relation_among
from grader.findings.diagnosis.rules.right_on_a_subset import inputs_with_errors
from grader.reports.report import Diagnosis


def name_elsewhere(context: PartContext) -> Diagnosis | None:
    """Name what the answers are at the only inputs where some are wrong."""
    for words, pattern in inputs_with_errors(context):
        inside = PartAnswers(compress(context.part_answers, pattern))
        named = name_relation_among(context, inside)
        if named is not None:
            return replace(named, lead=f"your answer is right but {words}: there {named.lead}")
    return None
