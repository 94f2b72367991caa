"""Forward through four steps, then back."""

import numpy as np


def neural_flow(W, x):
    states = [x]
    for _ in range(4):
        states.append(states[-1] + np.tanh(W @ states[-1]) / 4)
    g, G = 2 * states[-1], np.zeros_like(W)
    for y in reversed(states[:-1]):
        inner = g / np.cosh(W @ y) ** 2 / 4
        G = G + np.outer(inner, y)
        g = g + W.T @ inner
    return G
