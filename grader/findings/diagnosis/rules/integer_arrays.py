"""Right for arrays of floats, and not for arrays of integers, which a student types first."""

from __future__ import annotations

import numpy as np

from grader.findings.compare import JudgedAnswers
from grader.findings.diagnosis.shared_phrases import relation
from grader.reports.report import Diagnosis


def name_integer_arrays(answers: JudgedAnswers) -> Diagnosis:
    """Say that integers are what it goes wrong at, and how not to compute in them."""
    values = answers.integers[0].case.values
    name = next(name for name, value in values.items() if isinstance(value, np.ndarray))
    lead = (
        "your answers are right for arrays of floats, but not for arrays of integers, "
        "such as np.array([[1, 2], [3, 4]])"
    )
    step = (
        f"np.zeros_like({name}) and {name}.copy() are then arrays of integers and drop all decimals: "
        f"begin with {name} = {name} + 0.0."
    )
    return relation("integer-arrays", lead, step)
