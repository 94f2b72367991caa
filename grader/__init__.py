"""Autograded exercises in matrix calculus: exact derivatives, derived tolerances, feedback that says why."""

__version__ = "0.1.0"
