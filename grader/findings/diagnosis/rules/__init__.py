"""Independent rules, each of which may name what an answer is instead."""
