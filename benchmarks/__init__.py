"""Measurements: how fast, how right, beside what."""
