"""Right."""

import numpy as np

print("by formula")


def square_gradient(A):
    return 2.0 * np.asarray(A).T
