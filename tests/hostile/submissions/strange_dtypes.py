"""Structured, text and date dtypes in turn."""
import numpy as np
turn = 0
def square_gradient(A):
    global turn
    turn += 1
    kinds = [[("x", "f8")], "U20", "M8[s]", "V8", "S4"]
    return np.zeros(A.shape, kinds[turn % len(kinds)])
