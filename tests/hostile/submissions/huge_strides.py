"""A view of one number that claims to be a terabyte."""
import numpy as np
def square_gradient(A): return np.broadcast_to(1.0, (10**6, 10**6))
