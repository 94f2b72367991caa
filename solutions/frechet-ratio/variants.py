"""Other ways to the ratio in the definition of the derivative, right and wrong."""

import numpy as np

ORDERS = {"fro": "fro", "2": 2, "nuc": "nuc", "1": 1, "inf": np.inf}


def size(M, kind):
    """A norm of a matrix, by its word."""
    return np.linalg.norm(M, ORDERS[kind])


def by_definitions(f, L, A, V, h, norm_in, norm_out):
    """Every norm from its definition."""
    norms = {
        "fro": lambda M: np.sqrt(np.sum(np.abs(M) ** 2)),
        "2": lambda M: np.max(np.linalg.svd(M, compute_uv=False)),
        "nuc": lambda M: np.sum(np.linalg.svd(M, compute_uv=False)),
        "1": lambda M: np.max(np.sum(np.abs(M), axis=0)),
        "inf": lambda M: np.max(np.sum(np.abs(M), axis=1)),
    }
    step = h * V
    return norms[norm_out](f(A + step) - f(A) - L(step)) / norms[norm_in](step)


def by_quotient(f, L, A, V, h, norm_in, norm_out):
    """‖(f(A + hV) − f(A))/h − L(V)‖ / ‖V‖: norms are homogeneous, so |h| cancels."""
    return size((f(A + h * V) - f(A)) / h - L(V), norm_out) / size(V, norm_in)


def by_unit_step(f, L, A, V, h, norm_in, norm_out):
    """V scaled to norm 1 first: δA = t·U with t = |h|·‖V‖."""
    t = abs(h) * size(V, norm_in)
    U = np.sign(h) * V / size(V, norm_in)
    return size((f(A + t * U) - f(A)) / t - L(U), norm_out)


def by_duality(f, L, A, V, h, norm_in, norm_out):
    """Norms of operators: "1" of M is "inf" of Mᵀ; "2" from MᴴM; "nuc" as ⟨UQᴴ, M⟩."""

    def dual(M, kind):
        if kind in ("1", "inf"):
            return size(M.T, {"1": "inf", "inf": "1"}[kind])
        if kind == "2":
            return np.sqrt(np.linalg.eigvalsh(M.conj().T @ M)[-1])
        if kind == "nuc":
            U, _, Qh = np.linalg.svd(M)
            return np.vdot(U @ Qh, M).real
        return np.sqrt(np.trace(M.conj().T @ M).real)

    return dual(f(A + h * V) - f(A) - h * L(V), norm_out) / dual(h * V, norm_in)


def divided_by_h(f, L, A, V, h, norm_in, norm_out):
    """The mistake: |h| for ‖hV‖."""
    return size(f(A + h * V) - f(A) - h * L(V), norm_out) / abs(h)


def divided_by_signed_h(f, L, A, V, h, norm_in, norm_out):
    """The mistake: h for ‖hV‖."""
    return size(f(A + h * V) - f(A) - h * L(V), norm_out) / h


def signed_step(f, L, A, V, h, norm_in, norm_out):
    """The mistake: h‖V‖ for ‖hV‖."""
    return size(f(A + h * V) - f(A) - h * L(V), norm_out) / (h * size(V, norm_in))


def divided_by_direction(f, L, A, V, h, norm_in, norm_out):
    """The mistake: ‖V‖ for ‖hV‖."""
    return size(f(A + h * V) - f(A) - h * L(V), norm_out) / size(V, norm_in)


def not_divided(f, L, A, V, h, norm_in, norm_out):
    """The mistake: the numerator alone."""
    return size(f(A + h * V) - f(A) - h * L(V), norm_out)


def derivative_not_scaled(f, L, A, V, h, norm_in, norm_out):
    """The mistake: L(V) for L(hV)."""
    return size(f(A + h * V) - f(A) - L(V), norm_out) / size(h * V, norm_in)


def derivative_scaled_twice(f, L, A, V, h, norm_in, norm_out):
    """The mistake: h·L(hV)."""
    return size(f(A + h * V) - f(A) - h * L(h * V), norm_out) / size(h * V, norm_in)


def step_not_scaled(f, L, A, V, h, norm_in, norm_out):
    """The mistake: f(A + V)."""
    return size(f(A + V) - f(A) - h * L(V), norm_out) / size(h * V, norm_in)


def derivative_left_out(f, L, A, V, h, norm_in, norm_out):
    """The mistake: nothing is subtracted from the difference."""
    return size(f(A + h * V) - f(A), norm_out) / size(h * V, norm_in)


def derivative_added(f, L, A, V, h, norm_in, norm_out):
    """The mistake: + for −."""
    return size(f(A + h * V) - f(A) + h * L(V), norm_out) / size(h * V, norm_in)


def value_left_out(f, L, A, V, h, norm_in, norm_out):
    """The mistake: f(A) is not subtracted."""
    return size(f(A + h * V) - h * L(V), norm_out) / size(h * V, norm_in)


def derivative_at_point(f, L, A, V, h, norm_in, norm_out):
    """The mistake: L(A) for L(V)."""
    return size(f(A + h * V) - f(A) - h * L(A), norm_out) / size(h * V, norm_in)


def norms_separately(f, L, A, V, h, norm_in, norm_out):
    """The mistake: ‖f(A + hV) − f(A)‖ − ‖hL(V)‖, the norm of each part by itself."""
    difference = size(f(A + h * V) - f(A), norm_out) - size(h * L(V), norm_out)
    return abs(difference) / size(h * V, norm_in)


def norms_swapped(f, L, A, V, h, norm_in, norm_out):
    """The mistake: each norm in the place of the other."""
    return size(f(A + h * V) - f(A) - h * L(V), norm_in) / size(h * V, norm_out)


def one_norm_out(f, L, A, V, h, norm_in, norm_out):
    """The mistake: norm_out above and below the line."""
    return size(f(A + h * V) - f(A) - h * L(V), norm_out) / size(h * V, norm_out)


def one_norm_in(f, L, A, V, h, norm_in, norm_out):
    """The mistake: norm_in above and below the line."""
    return size(f(A + h * V) - f(A) - h * L(V), norm_in) / size(h * V, norm_in)


def _with(norm, f, L, A, V, h, norm_in, norm_out):
    return norm(f(A + h * V) - f(A) - h * L(V), norm_out) / norm(h * V, norm_in)


def always_frobenius(*arguments):
    """The mistake: the Frobenius norm whatever the word."""
    return _with(lambda M, kind: np.linalg.norm(M), *arguments)


def frobenius_for_two(*arguments):
    """The mistake: the 2-norm of the entries in one long vector."""
    return _with(lambda M, kind: size(M, "fro" if kind == "2" else kind), *arguments)


def norms_of_entries(*arguments):
    """The mistake: the 1-, 2- and inf-norm of the entries in one long vector."""

    def norm(M, kind):
        return size(M, kind) if kind in ("fro", "nuc") else np.linalg.norm(M.ravel(), ORDERS[kind])

    return _with(norm, *arguments)


def rows_for_columns(*arguments):
    """The mistake: row sums for "1", column sums for "inf"."""
    return _with(lambda M, kind: size(M, {"1": "inf", "inf": "1"}.get(kind, kind)), *arguments)


def spectral_radius_for_two(*arguments):
    """The mistake: the largest eigenvalue for "2"."""

    def norm(M, kind):
        return size(M, kind) if kind != "2" else np.max(np.abs(np.linalg.eigvals(M)))

    return _with(norm, *arguments)


def trace_for_nuclear(*arguments):
    """The mistake: |tr M| for "nuc"."""
    return _with(lambda M, kind: size(M, kind) if kind != "nuc" else abs(np.trace(M)), *arguments)
