"""Right and wrong formulas by hand, one module for each family of problems; independent of solutions/."""
