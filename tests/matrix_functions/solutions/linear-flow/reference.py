"""y and its sensitivity solve a linear equation together."""

import numpy as np


def linear_flow(A, y0, dA):
    n = len(A)
    step = np.block([[A, np.zeros((n, n))], [dA, A]]) / 1024
    start = np.concatenate([y0, np.zeros(n)])
    propagator = power = np.eye(2 * n)
    for k in range(1, 12):
        power = power @ step / k
        propagator = propagator + power
    for _ in range(10):
        propagator = propagator @ propagator
    return (propagator @ start)[n:]
