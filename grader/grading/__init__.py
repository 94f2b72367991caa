"""Grading: an assignment prepared, one submission, a class, its store and files."""
