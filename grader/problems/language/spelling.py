"""Help with a function's name: what it is called here, or the right spelling."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

OTHER_NAMES: Mapping[str, str] = {
    **{
        "tr": "trace(A)",
        "Tr": "trace(A)",
        "determinant": "det(A)",
        "inverse": "inv(A)",
        "slogdet": "logdet(A)",
    },
    **{
        "identity": "eye(n)",
        "diagonal": "diag(A)",
        "adjugate": "adj(A)",
        "transpose": "A.T",
        "matmul": "A @ B",
    },
    **{
        "kronecker": "kron(A, B)",
        "kroneckerproduct": "kron(A, B)",
        "conjugate": "conj(x)",
        "pseudoinverse": "pinv(A)",
    },
    **dict.fromkeys(("conjugatetranspose", "ctranspose", "hermitian"), "A.H"),
    **{
        "matrixexp": "expm(A)",
        "mul": "A @ B",
        "multi_dot": "A @ B",
        "mldivide": "solve(A, b)",
        "matrixpower": "power(A, k)",
        "diagonalmatrix": "diag(x)",
        "identitymatrix": "eye(n)",
    },
    **{"cofactor": "adj(A).T", "cof": "adj(A).T", "adjoint": "adj(A) for the adjugate, A.H for the adjoint"},
    **{"matrix_power": "power(A, k)", "mpower": "power(A, k)", "multiply": "A * B", "hadamard": "A * B"},
    **{"pow": "x ** k", "ln": "log(x)", "log2": "log(x) / log(2)", "log10": "log(x) / log(10)"},
    **{"lgamma": "gammaln(x)", "loggamma": "gammaln(x)", "gamma": "exp(gammaln(x))"},
    **{"expit": "sigmoid(x)", "logistic": "sigmoid(x)", "normcdf": "erfc(-x / sqrt(2)) / 2"},
    **{"norm_cdf": "erfc(-x / sqrt(2)) / 2", "Phi": "erfc(-x / sqrt(2)) / 2"},
    **{"asin": "arcsin(x)", "acos": "arccos(x)", "atan": "arctan(x)", "atan2": "arctan2(y, x)"},
    **{"asinh": "arcsinh(x)", "acosh": "arccosh(x)", "atanh": "arctanh(x)"},
    **{"log_softmax": "x - logsumexp(x)", "concat": "concatenate([a, b])", "array": "[[a, b], [c, d]]"},
    **{
        "column_stack": "stack([a, b], axis=1)",
        "average": "mean(x)",
        "linspace": "a + (b - a) * arange(n) / (n - 1)",
    },
    **{"vander": "x[:, None] ** arange(n)", "poly": "prod(x - roots)", "polyval": "sum(c * x ** arange(n))"},
    **{"round": "nothing: it has no derivative", "floor": "nothing: it has no derivative"},
    **dict.fromkeys(("odeint", "solve_ivp"), "ode(lambda y, t: …, y0, t)"),
    **dict.fromkeys(("fsolve", "newton", "brentq", "root_scalar"), "root(lambda x: …, x0)"),
    **{"lambda": "def g(x): …", "len": "the letter of the size", "range": "arange(n) outside of a for"},
}
"""What people call functions → how they are written here."""


_MOST_LISTED = 12


def help_with(name: str, allowed: Collection[str]) -> str:
    """What a function is called here, the right spelling if one is near, else what there is."""
    for spelling in (name, name.lower()):
        if spelling in OTHER_NAMES and spelling not in allowed:
            return f"write {OTHER_NAMES[spelling]}"
    if near := find_near(name, allowed):
        return f"did you mean '{near}'?"
    words = sorted(allowed)
    if len(words) > _MOST_LISTED:
        return f"allowed: {', '.join(words[:2])}, … ({len(words)}, listed under 'The expression language')"
    return f"allowed: {', '.join(words) or 'none'}"


def find_near(name: str, allowed: Iterable[str]) -> str:
    """The right spelling of a name that is nearly one of these; empty if it is not."""
    words = sorted(allowed)
    same = [word for word in words if word.lower() == name.lower()]
    if same:
        return same[0]
    least, nearest = min(((distance(name, word), word) for word in words), default=(len(name), ""))
    return nearest if least <= max(1, len(name) // 3) else ""


def distance(a: str, b: str) -> int:
    """The number of letters that are missing, added, wrong or swapped with the next."""
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            least = min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, above = above, row
    return above[-1]
