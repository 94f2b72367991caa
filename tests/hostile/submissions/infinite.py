"""Infinity, which minus infinity is NaN."""
def square_gradient(A): return A * float("inf")
