"""Random trials of the verifier: right formulas rewritten, and wrong ones by one change, over many seeds."""
