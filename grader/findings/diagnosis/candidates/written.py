"""Formulas as people write them: `−A⁻¹·dA·A⁻ᵀ`, `tr(A⁻¹·dA)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from grader.findings.diagnosis.candidates.formulas import ALONG, PAIRS_OF_ROWS, POWER_RULES
from grader.findings.diagnosis.candidates.trees import op
from grader.findings.diagnosis.candidates.written_sums import is_negative, minus
from grader.problems.language import APPLY, Name, Node, Number, Operation

_SUM, _ENTRIES, _PRODUCT, _SIGN, _ATOM = range(5)
"""How tightly the outermost operation of a text binds."""

_Text = tuple[str, int]

_FUNCTIONS: Mapping[str, str] = {
    "trace": "tr({})",
    "det": "det({})",
    "logdet": "log|det {}|",
    "adj": "adj({})",
    "truncated": "int({})",
    "real": "Re({})",
    "abs": "|{}|",
    "sum": "sum({})",
    "diagonal": "diag(diag({}))",
    "symmetric part": "sym({})",
    "tril": "tril({})",
    "triu": "triu({})",
    "sqrt": "√({})",
    "sign": "sign({})",
    "with transpose": "({0} + {0}ᵀ)",
    "halves off diagonal": "({0}, halved off its diagonal)",
    "both triangles": "({0} + {0}ᵀ − diag(diag({0})))",
    "entry norm": "‖entries of {}‖",
    "sum of sizes": "sum(|{}|)",
    "largest entry": "max|{}|",
    "product of diagonal": "(the product of the diagonal of {})",
    "trace without last": "(the sum of the diagonal of {} without its last entry)",
    "trace without first": "(the sum of the diagonal of {} without its first entry)",
    "alternating trace": "(the sum of the diagonal of {} with alternating signs)",
    "adj without signs": "adj({}) without the signs (−1)ⁱ⁺ʲ",
    "adj with signs by row": "adj({}) with the signs (−1)ⁱ",
    "adj with signs by column": "adj({}) with the signs (−1)ʲ",
    "adj with signs of ij": "adj({}) with the signs (−1)ⁱʲ",
}
_SUPERSCRIPTS: Mapping[str, str] = {"inv": "⁻¹", ".T": "ᵀ", ".H": "ᴴ"}
_DIGITS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_RULES: Mapping[str, str] = {
    "power rule": "Σⱼ {0}ʲ·{2}·{0}ᵏ⁻¹⁻ʲ",
    "power rule without first": "Σⱼ {0}ʲ·{2}·{0}ᵏ⁻¹⁻ʲ without its first term",
    "power rule without last": "Σⱼ {0}ʲ·{2}·{0}ᵏ⁻¹⁻ʲ without its last term",
    "power rule with one more": "Σⱼ {0}ʲ·{2}·{0}ᵏ⁻ʲ for j = 0 … k",
    "power rule with higher powers": "Σⱼ {0}ʲ·{2}·{0}ᵏ⁻ʲ for j = 0 … k − 1",
    "power rule with equal powers": "Σⱼ {0}ʲ·{2}·{0}ʲ for j = 0 … k − 1",
    "power rule on the left": "k·{0}ᵏ⁻¹·{2}",
    "power rule on the right": "k·{2}·{0}ᵏ⁻¹",
    "power rule at the ends": "{0}ᵏ⁻¹·{2} + {2}·{0}ᵏ⁻¹",
    "power rule with one term": "{0}ᵏ⁻¹·{2}",
    "power rule with one term on the right": "{2}·{0}ᵏ⁻¹",
}


def write(node: Node) -> str:
    """A formula as people write it."""
    return _write(node)[0]


def _write(node: Node) -> _Text:
    if isinstance(node, Number):
        text = str(node.value) if isinstance(node.value, complex) else f"{node.value:.6g}"
        return text, _ATOM
    if isinstance(node, Name):
        return node.name, _ATOM

    rule = _SPECIAL.get(node.name)
    if rule is not None:
        return rule(node)
    if node.name in POWER_RULES:
        return _RULES[node.name].format(*(_atom(argument) for argument in node.arguments)), _SUM
    if node.name in PAIRS_OF_ROWS:
        return _write_pairs(node), _SUM
    if node.name in _FUNCTIONS:
        text = _FUNCTIONS[node.name].format(*map(write, node.arguments))
        return text, _SUM if " with" in node.name else _ATOM

    arguments = list(map(write, node.arguments))
    if node.kind:
        arguments.append(node.kind)
    arguments += [f"{word}={value}" for word, value in node.options]
    if node.name == "[]":
        return f"{_atom(node.arguments[0])}[{', '.join(arguments[1:])}]", _ATOM
    return f"{node.name}({', '.join(arguments)})", _ATOM


def _write_pairs(node: Operation) -> str:
    A, V, W = map(write, node.arguments)
    pairs = node.name.removeprefix("pairs of rows ").removeprefix("pairs of ")
    pairs = pairs.replace("with i = j", "also for i = j").removeprefix("with ")
    return f"Σ det({A} with row i of {V} and row j of {W}), {pairs}"


def _atom(node: Node) -> str:
    text, level = _write(node)
    return text if level == _ATOM else f"({text})"


def _infix(sign: str, level: int) -> Callable[[Operation], _Text]:
    def write_infix(node: Operation) -> _Text:
        left, right = map(_write, node.arguments)
        first = left[0] if left[1] >= level else f"({left[0]})"
        # What stands on the right of a minus or a division needs brackets of its own.
        closed = level + (sign in (" − ", "/", " * "))
        second = right[0] if right[1] >= max(closed, level) and right[1] != _SIGN else f"({right[0]})"
        return f"{first}{sign}{second}", level

    return write_infix


def _negated(node: Operation) -> _Text:
    text, level = _write(node.arguments[0])
    positive = text if level >= _PRODUCT else f"({text})"
    return f"−{positive}", _SIGN


def _superscript(mark: str) -> Callable[[Operation], _Text]:
    def write_superscript(node: Operation) -> _Text:
        text = _atom(node.arguments[0])
        for other in ("ᵀ", "ᴴ"):
            if {mark, text[-len(other) :]} == {"⁻¹", other}:
                return f"{text.removesuffix(other)}⁻{other}", _ATOM
        if mark in "ᵀᴴ" and text.endswith("⁻¹"):
            return f"{text.removesuffix('⁻¹')}⁻{mark}", _ATOM
        return f"{text}{mark}", _ATOM

    return write_superscript


def _conjugated(node: Operation) -> _Text:
    return f"conj({write(node.arguments[0])})", _ATOM


def _solution(node: Operation) -> _Text:
    A, b = node.arguments
    if is_negative(b):
        return _negated(op("neg", op("solve", A, minus(b))))
    inverse, _ = _write(Operation("inv", (A,), 0))
    text, level = _write(b)
    second = text if level >= _PRODUCT else f"({text})"
    return f"{inverse}·{second}", _PRODUCT


def _power(node: Operation) -> _Text:
    A, k = node.arguments
    exponent = write(k).replace("−", "-").replace(" ", "")
    if all(character in "0123456789+-" for character in exponent):
        return f"{_atom(A)}{exponent.translate(_DIGITS)}", _ATOM
    return f"{_atom(A)}^({write(k)})", _ATOM


def _norm(node: Operation) -> _Text:
    x, *rest = node.arguments
    kind = node.kind or ", ".join(map(write, rest))
    return f"‖{write(x)}‖_{kind}", _ATOM


def _norm_as(node: Operation) -> _Text:
    of, other = node.kind.split(" as ")
    x, word = node.arguments[:2]
    return f"‖{write(x)}‖_{write(word)}, with the norm {other} for {of},", _ATOM


def _norm_gradient(node: Operation) -> _Text:
    return "the gradient of the norm", _ATOM


def _norm_gradient_as(node: Operation) -> _Text:
    of, other = node.kind.split(" as ")
    others = {
        "A": "A itself",
        "sign": "the signs of the entries",
        "last": "u·vᵀ for the smallest singular value",
        "first": "σ₁·u₁·v₁ᵀ",
        "squared": "the right one divided by the norm a second time",
        "by size": "A divided by that norm",
        "by sum": "A divided by the sum of the sizes of its entries",
    }
    return f"the right answer, but for {of} it is {others.get(other, f'that for {other}')}", _ATOM


_SPECIAL: Mapping[str, Callable[[Operation], _Text]] = {
    "+": _infix(" + ", _SUM),
    "-": _infix(" − ", _SUM),
    "@": _infix("·", _PRODUCT),
    "*": _infix(" * ", _ENTRIES),
    "·": _infix("·", _PRODUCT),
    "/": _infix("/", _PRODUCT),
    "outer": lambda node: (f"{_atom(node.arguments[0])}·{_atom(node.arguments[1])}ᵀ", _PRODUCT),
    "⟨,⟩": lambda node: (f"⟨{write(node.arguments[0])}, {write(node.arguments[1])}⟩", _ATOM),
    "neg": _negated,
    **{operation: _superscript(mark) for operation, mark in _SUPERSCRIPTS.items()},
    ".C": _conjugated,
    "reciprocal": lambda node: (f"(1/{_atom(node.arguments[0])})", _ATOM),
    "square": lambda node: (f"({write(node.arguments[0])})²", _ATOM),
    "solve": _solution,
    "power": _power,
    "**": _power,
    "norm": _norm,
    "norm as": _norm_as,
    "norm squared": lambda node: (f"{_norm(node)[0]}²", _ATOM),
    "norm gradient": _norm_gradient,
    "norm gradient as": _norm_gradient_as,
    "identity": lambda node: ("I", _ATOM),
    "eye": lambda node: ("I", _ATOM),
    "ones like": lambda node: ("1", _ATOM),
    "everywhere": lambda node: (f"{write(node.arguments[0])} in every entry", _SUM),
    APPLY: lambda node: (f"{node.kind}({write(node.arguments[0])})", _ATOM),
    ALONG: lambda node: (f"the Jacobian of E ↦ {write(node.arguments[0])}", _SUM),
}
