"""Other ways to the gradients of norms, right and wrong."""

import numpy as np


def _right(A, kind):
    U, _, Vt = np.linalg.svd(A, full_matrices=False)
    return {"fro": A / np.linalg.norm(A), "2": np.outer(U[:, 0], Vt[0]), "nuc": U @ Vt}[kind]


def by_eigenvectors(A, kind):
    """AᵀA = V diag(σ²) Vᵀ: u₁v₁ᵀ = Av₁v₁ᵀ/σ₁ and UVᵀ = A(AᵀA)^(−1/2), for a wide A by its transpose."""
    if kind == "fro":
        return A / np.sqrt(np.trace(A.T @ A))
    if A.shape[0] < A.shape[1]:
        return by_eigenvectors(A.T, kind).T
    squares, V = np.linalg.eigh(A.T @ A)
    if kind == "2":
        return A @ np.outer(V[:, -1], V[:, -1]) / np.sqrt(squares[-1])
    return A @ (V / np.sqrt(squares)) @ V.T


def by_sign_of_dilation(A, kind):
    """[[0, A], [Aᵀ, 0]] has the eigenvalues ±σᵢ with the eigenvectors (uᵢ, ±vᵢ)/√2."""
    m, n = A.shape
    if kind == "fro":
        return A / np.sqrt(np.sum(A * A))
    _, W = np.linalg.eigh(np.block([[np.zeros((m, m)), A], [A.T, np.zeros((n, n))]]))
    top = W[:, -1:] if kind == "2" else W[:, -min(m, n) :]
    return 2 * top[:m] @ top[m:].T


def by_polar_decomposition(A, kind):
    """A = QR, and Newton's iteration Y ← (Y + Y⁻ᵀ)/2 takes R to its orthogonal factor (Higham 1986)."""
    if kind != "nuc":
        return _right(A, kind)
    if A.shape[0] < A.shape[1]:
        return by_polar_decomposition(A.T, kind).T
    Q, Y = np.linalg.qr(A)
    Y = Y / np.linalg.norm(Y)
    for _ in range(60):
        Y = (Y + np.linalg.inv(Y).T) / 2
    return Q @ Y


def by_power_iteration(A, kind):
    """Squaring AᵀA again and again leaves a multiple of v₁v₁ᵀ, and A v₁v₁ᵀ has the norm σ₁."""
    if kind != "2":
        return _right(A, kind)
    P = A.T @ A
    for _ in range(60):
        P = P @ P
        P = P / np.linalg.norm(P)
    return A @ P / np.linalg.norm(A @ P)


def by_entries(A, kind):
    """Gᵢⱼ is the sum of wₖ dσₖ = wₖ uₖᵀ(eᵢeⱼᵀ)vₖ, w the gradient of the norm as a function of the singular values."""
    U, sigma, Vt = np.linalg.svd(A, full_matrices=False)
    weights = {"fro": sigma / np.sqrt(sigma @ sigma), "2": np.eye(len(sigma))[0], "nuc": np.ones(len(sigma))}
    return np.einsum("k,ik,kj->ij", weights[kind], U, Vt)


def transposed(A, kind):
    """The mistake: Gᵀ for every norm."""
    return _right(A, kind).T


def fro_transposed(A, kind):
    """The mistake: Aᵀ/‖A‖ for the Frobenius norm."""
    return _right(A, kind).T if kind == "fro" else _right(A, kind)


def two_transposed(A, kind):
    """The mistake: v₁u₁ᵀ for the spectral norm."""
    return _right(A, kind).T if kind == "2" else _right(A, kind)


def nuc_transposed(A, kind):
    """The mistake: VUᵀ for the nuclear norm."""
    return _right(A, kind).T if kind == "nuc" else _right(A, kind)


def svd_transposed(A, kind):
    """The mistake: Gᵀ for the two norms that need the SVD."""
    return _right(A, kind) if kind == "fro" else _right(A, kind).T


def fro_not_normalised(A, kind):
    """The mistake: A for the Frobenius norm."""
    return A.copy() if kind == "fro" else _right(A, kind)


def fro_squared(A, kind):
    """The mistake: the gradient 2A of ‖A‖²."""
    return 2 * A if kind == "fro" else _right(A, kind)


def fro_over_square(A, kind):
    """The mistake: A/‖A‖² for the Frobenius norm."""
    return A / np.sum(A * A) if kind == "fro" else _right(A, kind)


def fro_half(A, kind):
    """The mistake: A/(2‖A‖) for the Frobenius norm."""
    return _right(A, kind) / 2 if kind == "fro" else _right(A, kind)


def fro_doubled(A, kind):
    """The mistake: 2A/‖A‖ for the Frobenius norm."""
    return 2 * _right(A, kind) if kind == "fro" else _right(A, kind)


def two_scaled_matrix(A, kind):
    """The mistake: A/‖A‖₂ for the spectral norm."""
    return A / np.linalg.norm(A, 2) if kind == "2" else _right(A, kind)


def two_all_vectors(A, kind):
    """The mistake: UVᵀ for the spectral norm."""
    return _right(A, "nuc" if kind == "2" else kind)


def two_of_square(A, kind):
    """The mistake: the gradient 2σ₁u₁v₁ᵀ of σ₁²."""
    return _right(A, kind) * (2 * np.linalg.norm(A, 2) if kind == "2" else 1.0)


def two_with_value(A, kind):
    """The mistake: σ₁u₁v₁ᵀ."""
    return _right(A, kind) * (np.linalg.norm(A, 2) if kind == "2" else 1.0)


def two_last_vectors(A, kind):
    """The mistake: the singular vectors of the smallest singular value, as an ascending `eigh` puts them first."""
    if kind != "2":
        return _right(A, kind)
    U, _, Vt = np.linalg.svd(A, full_matrices=False)
    return np.outer(U[:, -1], Vt[-1])


def two_column_of_vt(A, kind):
    """The mistake: a column of Vᵀ for v₁."""
    if kind != "2":
        return _right(A, kind)
    U, _, Vt = np.linalg.svd(A)
    return np.outer(U[:, 0], Vt[:, 0])


def nuc_vt_transposed(A, kind):
    """The mistake: UV for UVᵀ."""
    if kind != "nuc":
        return _right(A, kind)
    U, _, Vt = np.linalg.svd(A, full_matrices=False)
    return U @ Vt.T


def vt_transposed(A, kind):
    """The mistake: V for Vᵀ in both norms that need the SVD."""
    return two_column_of_vt(A, kind) if kind == "2" else nuc_vt_transposed(A, kind)


def nuc_square_only(A, kind):
    """The mistake: the full SVD, whose factors do not fit together unless m = n."""
    if kind != "nuc":
        return _right(A, kind)
    U, _, Vt = np.linalg.svd(A)
    return U @ Vt


def nuc_first_only(A, kind):
    """The mistake: u₁v₁ᵀ for the nuclear norm."""
    return _right(A, "2" if kind == "nuc" else kind)


def nuc_with_values(A, kind):
    """The mistake: UΣVᵀ, which is A."""
    return A.copy() if kind == "nuc" else _right(A, kind)


def nuc_normalised(A, kind):
    """The mistake: A/‖A‖* for the nuclear norm."""
    return A / np.linalg.norm(A, "nuc") if kind == "nuc" else _right(A, kind)


def nuc_signs(A, kind):
    """The mistake: the signs of the entries, the gradient of Σ|Aᵢⱼ|."""
    return np.sign(A) if kind == "nuc" else _right(A, kind)


def each_normalised(A, kind):
    """The mistake: A/‖A‖ in each norm."""
    return A / np.linalg.norm(A, {"2": 2}.get(kind, kind))


def exchanged(A, kind):
    """The mistake: spectral and nuclear norm exchanged."""
    return _right(A, {"fro": "fro", "2": "nuc", "nuc": "2"}[kind])


def kind_ignored(A, kind):
    """The mistake: A/‖A‖_F, whatever the norm."""
    return _right(A, "fro")
