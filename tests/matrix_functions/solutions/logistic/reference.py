import numpy as np


def logistic_gradient(r, a):
    e = np.exp(-r)
    d = a + (1 - a) * e
    return a * (1 - a) * e / d**2, e / d**2
