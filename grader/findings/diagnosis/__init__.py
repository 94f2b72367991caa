"""Name what a wrong answer is instead: a listed mistake, a relation to the right answer, or too few digits of it."""

from grader.findings.diagnosis.candidates.candidates import Candidates
from grader.findings.diagnosis.diagnose import diagnose
from grader.findings.diagnosis.known_mistakes import KnownMistake, Prediction, call, evaluate_mistakes
from grader.findings.diagnosis.localise import localise
from grader.findings.diagnosis.part_case import WELL_BEHAVED
from grader.findings.diagnosis.sealing import SealedMistake, seal_mistakes

__all__ = [
    "WELL_BEHAVED",
    "Candidates",
    "KnownMistake",
    "Prediction",
    "SealedMistake",
    "call",
    "diagnose",
    "evaluate_mistakes",
    "localise",
    "seal_mistakes",
]
