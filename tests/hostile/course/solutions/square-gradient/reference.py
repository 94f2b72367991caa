"""The gradient of trace(A²) is 2Aᵀ, as d trace(A²) = 2 trace(A dA)."""


def square_gradient(A):
    return 2 * A.T
