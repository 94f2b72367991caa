"""Other ways to the differential of a matrix power, right and wrong."""

import numpy as np
from numpy.linalg import inv, matrix_power


def by_block_matrix(A, k, dA):
    """The power of [[A, dA], [0, A]] has d(Aᵏ) in its upper right block, for negative k too."""
    n = len(A)
    return matrix_power(np.block([[A, dA], [np.zeros((n, n)), A]]), k)[:n, n:]


def by_recursion(A, k, dA):
    """The product rule on A·Aᵏ⁻¹, from d(A⁰) = 0 upwards; for k < 0 on A·Aᵏ = Aᵏ⁺¹, from 0 downwards."""
    P, D = np.eye(len(A)), np.zeros_like(A @ dA + 0.0)
    for _ in range(k):
        P, D = A @ P, dA @ P + A @ D
    for _ in range(-k):
        P = np.linalg.solve(A, P)
        D = np.linalg.solve(A, D - dA @ P)
    return D


def by_quotient_rule(A, k, dA):
    """For k < 0: A⁻ᵐ is the inverse of Aᵐ, so that d(A⁻ᵐ) = −A⁻ᵐ d(Aᵐ) A⁻ᵐ."""
    total = terms(A, abs(k), dA)
    return total if k >= 0 else -matrix_power(A, k) @ total @ matrix_power(A, k)


def by_squaring(A, k, dA):
    """Binary powers of the pair (A, dA), which multiply as (P, dP)(Q, dQ) = (PQ, dP·Q + P·dQ)."""
    P, D = np.eye(len(A)), np.zeros_like(A @ dA + 0.0)
    B, E = (A, dA) if k >= 0 else (inv(A), -inv(A) @ dA @ inv(A))
    m = abs(k)
    while m:
        if m % 2:
            P, D = P @ B, D @ B + P @ E
        B, E, m = B @ B, E @ B + B @ E, m // 2
    return D


def by_jacobian(A, k, dA):
    """Under vec, P V Q is (Qᵀ ⊗ P) vec V: the Jacobian is a sum of Kronecker products."""
    n = len(A)
    places = range(k) if k >= 0 else range(k, 0)
    J = sum(
        (np.kron(matrix_power(A, k - 1 - j).T, matrix_power(A, j)) for j in places), np.zeros((n * n, n * n))
    )
    return np.sign(k) * (J @ dA.ravel(order="F")).reshape((n, n), order="F")


def terms(A, k, dA):
    """Σⱼ Aʲ dA Aᵏ⁻¹⁻ʲ for k ≥ 0; 0 for k < 0, where the range is empty."""
    zero = np.zeros_like(A @ dA + 0.0)
    return sum((matrix_power(A, j) @ dA @ matrix_power(A, k - 1 - j) for j in range(k)), zero)


def empty_sum(A, k, dA):
    """The mistake: as `terms`, but Python's number 0 for k ≤ 0."""
    return terms(A, k, dA) if k > 0 else 0


def zero_is_a_number(A, k, dA):
    """The mistake: Python's number 0 for k = 0."""
    return by_quotient_rule(A, k, dA) if k != 0 else 0


def sandwiched(A, k, dA):
    """The mistake: k equal terms with dA in the middle, 3 A dA A for k = 3."""
    left = (k - 1) // 2
    return k * matrix_power(A, left) @ dA @ matrix_power(A, k - 1 - left)


def mean_of_ends(A, k, dA):
    """The mistake: k times the mean of the first and the last term."""
    P = matrix_power(A, k - 1)
    return k * (P @ dA + dA @ P) / 2


def sign_for_negative(A, k, dA):
    """The mistake: +X dA X for the differential of the inverse."""
    return terms(A, k, dA) if k >= 0 else terms(inv(A), -k, inv(A) @ dA @ inv(A))


def inverse_not_differentiated(A, k, dA):
    """The mistake: for k < 0, dA in the place of dX."""
    return terms(A, k, dA) if k >= 0 else terms(inv(A), -k, dA)


def signed_but_not_differentiated(A, k, dA):
    """The mistake: for k < 0, −dA in the place of dX."""
    return terms(A, k, dA) if k >= 0 else -terms(inv(A), -k, dA)


def as_positive_power(A, k, dA):
    """The mistake: |k| for k."""
    return terms(A, abs(k), dA)


def last_term_missing(A, k, dA):
    """The mistake: one term too few, `range(k - 1)`."""
    if k < 0:
        return last_term_missing(inv(A), -k, -inv(A) @ dA @ inv(A))
    P = np.zeros_like(A @ dA + 0.0)
    return sum((matrix_power(A, j) @ dA @ matrix_power(A, k - 1 - j) for j in range(k - 1)), P)


def powers_not_lowered(A, k, dA):
    """The mistake: Aʲ dA Aᵏ⁻ʲ, one factor too many."""
    if k < 0:
        return powers_not_lowered(inv(A), -k, -inv(A) @ dA @ inv(A))
    return terms(A, k, dA) @ A


def zero_moves(A, k, dA):
    """The mistake: I for d(A⁰)."""
    return terms(A, k, dA) if k > 0 else np.eye(len(A)) if k == 0 else by_quotient_rule(A, k, dA)


def elementwise(A, k, dA):
    """The mistake: the rule for numbers in each entry."""
    return k * A ** (k - 1.0) * dA


def transposed(A, k, dA):
    """The mistake: Aᵀ for A, as in the adjoint."""
    return by_quotient_rule(A.T, k, dA)


def difference(A, k, dA):
    """The mistake: the change of Aᵏ, with all its higher terms."""
    return matrix_power(A + dA, k) - matrix_power(A, k)
