"""What a wrong answer is instead: a listed mistake, a relation to the right answer, or too few digits of it."""

from grader.findings.diagnosis.agreement import WELL_BEHAVED
from grader.findings.diagnosis.candidates.candidates import Guesses
from grader.findings.diagnosis.diagnose import diagnose
from grader.findings.diagnosis.known_mistakes import Prediction, Suspect, call, line_up

__all__ = ["WELL_BEHAVED", "Guesses", "Prediction", "Suspect", "call", "diagnose", "line_up"]
