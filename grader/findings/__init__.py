"""Findings: what answers show when they are compared with the truth."""
