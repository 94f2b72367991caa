"""A masked array, equal to all where it is masked."""
import numpy as np
def square_gradient(A): return np.ma.masked_all(A.shape)
