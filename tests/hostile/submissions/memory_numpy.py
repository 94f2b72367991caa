"""A gigabyte of numpy's, every page of it touched."""
import numpy as np
kept = []
def square_gradient(A):
    for _ in range(16): kept.append(np.ones(1 << 23))
    return 2 * A.T
