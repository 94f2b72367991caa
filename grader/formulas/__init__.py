"""Answers that are formulas: read as students write them, evaluated in balls, and compared with the exact truth."""
