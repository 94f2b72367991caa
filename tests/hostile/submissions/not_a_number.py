"""NaN everywhere: every comparison with a tolerance is false."""
def square_gradient(A): return A * float("nan")
