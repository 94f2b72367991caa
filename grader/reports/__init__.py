"""Reports: what is said of a submission, a class or a problem, as plain values."""
