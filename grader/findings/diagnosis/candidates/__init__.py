"""Formulas that a wrong answer is compared with."""
