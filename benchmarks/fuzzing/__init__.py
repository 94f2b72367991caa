"""Files as they should be, and what is done to them: a module for each kind that `benchmarks/fuzz.py` reads."""
