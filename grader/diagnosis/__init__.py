"""What a wrong answer is instead: a listed mistake, a relation to the right answer, or too few digits of it."""

from grader.diagnosis.guesses import Guesses
from grader.diagnosis.listed import Prediction, Suspect, call, line_up
from grader.diagnosis.naming import diagnose
from grader.diagnosis.seen import WELL_BEHAVED

__all__ = ["WELL_BEHAVED", "Guesses", "Prediction", "Suspect", "call", "diagnose", "line_up"]
