"""What a student writes for a command of LaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping

_GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "iota", "kappa"),
    *("lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "phi", "varphi", "chi", "psi", "omega"),
    *("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega"),
)
_FUNCTIONS = (
    *("det", "log", "ln", "exp", "sin", "cos", "tan"),
    *("sinh", "cosh", "tanh", "max", "min", "tr", "diag"),
)
_FONTS = (
    *("operatorname", "mathrm", "mathbf", "mathsf", "mathit", "mathcal"),
    *("boldsymbol", "bm", "text", "textbf", "rm", "bf"),
    *("hat", "bar", "tilde", "vec", "dot"),
)
_SPACES = (*("left", "right", "big", "Big", "bigl", "bigr", "quad", "qquad", "displaystyle"), *",;:! ")

_INSTEAD: Mapping[str, str] = {
    **dict.fromkeys(_GREEK, "write the letter itself for '{}'"),
    **dict.fromkeys(_FUNCTIONS, "leave out the '\\' of '{}', and write brackets, as in det(A)"),
    **dict.fromkeys(_FONTS, "write the letters alone, without '{}'"),
    **dict.fromkeys(_SPACES, "leave out '{}'"),
    **dict.fromkeys(("cdot", "times"), "leave out '{}', or write @ for the product"),
    **dict.fromkeys(("frac", "dfrac", "tfrac"), "write (a) / (b) for {}{{a}}{{b}}"),
    **dict.fromkeys(("begin", "end", "\\"), "write a matrix as [[1, 2], [3, 4]]"),
    **dict.fromkeys(("circ", "odot", "ast"), "write ∘ for a product entry by entry"),
    **dict.fromkeys(("lVert", "rVert", "|"), "write norm(A)"),
    **dict.fromkeys(("lvert", "rvert", "vert"), "write det(A), norm(A) or abs(x)"),
    **dict.fromkeys(("langle", "rangle"), "write tr(A^T B) for ⟨A, B⟩"),
    **dict.fromkeys(("le", "leq", "ge", "geq"), "write <= or >= to compare"),
    "otimes": "write ⊗, or kron(A, B)",
    "sqrt": "write sqrt(x), or sqrtm(A) for a matrix",
    "sum": "write sum(x), or tr(A)",
    "prod": "write prod(x)",
    "dagger": "write A^H for the conjugate transpose, or A^+ for the pseudoinverse",
    "partial": "write the name of the direction for {}A, such as dA",
    "prime": "write A' or A^T for the transpose",
    "neq": "write != to compare",
}
"""Command → what is written instead of it."""
_DIVIDED = re.compile(r"[\w)\]}'ᵀᴴ]\s*$")


def explain_command(command: str, before: str) -> str:
    """Say what to write instead of a backslash with what follows it.

    Args:
        before: the text before it, which it may divide.
    """
    divides = command == "\\ " and _DIVIDED.search(before)
    if not divides and (words := _INSTEAD.get(command[1:])):
        return f"LaTeX is not read here; {words.format(command)}"
    if _DIVIDED.search(before):
        return "write A^-1 b or solve(A, b) for A \\ b"
    return "LaTeX is not read here; write tr(A), det(A), A^-1, A^T and so on"
