"""What is behind text that is not Python, and behind names and attributes that are not known."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping

from grader.problems.language.functions import FUNCTIONS, NUMBERS
from grader.problems.language.spelling import OTHER_NAMES, help_with

_WORD = r"[^\W\d]\w*"
_KEYWORDS = r"(?:return|for|in|if|else|elif|and|or|not|lambda|def|import|from|as|while|pass|is)\b"
_JOINED = re.compile(r"\S[^\n]* (?:return\b|(?:for|if)\b[^\n]*: *$)", re.MULTILINE)
"""Lines of a program behind each other: `return`, or the head of a block, that does not begin its line."""
_SIGNS: Mapping[str, str] = {
    **dict.fromkeys("·⋅×", "@ for a matrix product, * for entries"),
    **dict.fromkeys("∘⊙", "* for entries"),
    **dict.fromkeys("−–—", "- for minus"),
    **{"²": "A @ A, or x ** 2 for entries", "³": "x ** 3", "⁻": "inv(A)", "⊗": "kron(A, B)", "√": "sqrt(x)"},
    **dict.fromkeys("ᵀ⊤", ".T"),
    **{"‖": "norm(A)", "≤": "<=", "≥": ">=", "≠": "!=", "∑": "sum(x)", "∏": "prod(x)", "′": ".T"},
    **{"†": "A.H for the conjugate transpose, or pinv(A)", "½": "1/2", "⟨": "trace(A.T @ B) for ⟨A, B⟩"},
    **dict.fromkeys("“”„", "plain quotes"),
    **dict.fromkeys("‘’", ".T for the transpose"),
}
"""Letters that Python does not know → what is written."""
_EQUALS = re.compile(r"[^=<>!]=(?!=)")
"""A name that is set, as lines of a program do."""
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\\[A-Za-z]"), "LaTeX is for the statement; write trace(A), inv(A) and so on"),
    (re.compile(r"[\w)\]]\s*\\"), "write solve(A, b) for A \\ b"),
    (re.compile(r"[\w)\]]'"), "write A.T for A' (A.H to conjugate as well)"),
    (re.compile(r"\|[^|]+\|"), "write abs(x), norm(A) or det(A) for |A|"),
    (re.compile(r"<[^<>]*,[^<>]*>"), "write trace(A.T @ B) for <A, B>"),
    (re.compile(r"(?<![\w.])(\d+)(?!j\b|[eE][+-]?\d)[A-Za-z]"), "write 2 * A for 2A"),
    (_EQUALS, "write the value alone, without a name and ="),
    (
        re.compile(rf"(?<!\w)(?!{_KEYWORDS})(?:{_WORD}|\d+|\)) +(?!{_KEYWORDS})[^\W\d]"),
        "write A @ B for the matrix product, or A * B for entries",
    ),
)
"""What is found in an expression → how it is written here."""
_MODULES = frozenset(
    {"np", "numpy", "scipy", "sp", "la", "LA", "linalg", "nla", "sla", "npl", "spla", "special"}
    | {"math", "cmath", "jnp", "jax", "torch", "tf", "F", "autograd", "anp"}
)
"""What people import functions from."""
_ENTRY = re.compile(r"([^\W\d_]+)(?:_(?:\d+|[ijk]+)|\d\d|ij)")
"""An entry as A_ij, or the A₁₁ that Python reads as A11."""
_LONGEST_PRODUCT = 12
"""Letters of a name that may be a product of others."""


def explain_syntax(error: SyntaxError, code: str) -> str:
    """Say what makes a text no Python, and how it is written."""
    for letter in code:
        if letter in _SIGNS and not _is_quoted(letter, code):
            return f"'{letter}' is not known here; write {_SIGNS[letter]}"

    if _JOINED.search(code):
        return "YAML has joined its lines; write f: | (not f: >, not quotes) and indent the lines below"

    is_program = "\n" in code
    line = _faulty_line(error, code) if is_program else code
    for pattern, words in _PATTERNS:
        is_right = is_program and pattern is _EQUALS
        if pattern.search(line) and not is_right:
            return words

    if error.msg.startswith(("invalid character", "invalid non-printable")):
        return f"{error.msg.partition(' (')[0]}; remove it"
    if error.msg.startswith("invalid syntax"):
        return _say_unexpected(error, line)
    return str(error.msg)


def _faulty_line(error: SyntaxError, code: str) -> str:
    """The line that Python cannot read; all of them if it names none."""
    lines, number = code.splitlines(), error.lineno or 0
    return lines[number - 1] if 1 <= number <= len(lines) else code


def _say_unexpected(error: SyntaxError, line: str) -> str:
    """What Python calls invalid syntax: the word or sign that does not fit where it is."""
    found = re.match(r"\w+|\W", line[max((error.offset or 1) - 1, 0) :])
    if found is None:
        return "it ends too early"
    return f"'{found[0]}' is not expected here; look for what is missing before it"


_LETTERS: Mapping[str, str] = {
    "T": "write A.T for the transpose",
    "H": "write A.H for the conjugate transpose",
    **dict.fromkeys(("I", "Id"), "write eye(n) for the identity"),
    "e": "write exp(x) for e to the power x, expm(A) for a matrix, and exp(1) for e",
    **dict.fromkeys(("i", "j"), "write 1j for the imaginary unit"),
}
"""Names that mean something in mathematics → what is written."""


def explain_name(name: str, names: Collection[str]) -> str:
    """Say what an unknown name may stand for; nothing if nobody knows."""
    if name in _LETTERS:
        return _LETTERS[name]
    for find in (_find_direction, _find_entry, _find_call, _find_transpose, _find_product):
        if meant := find(name, names):
            return f"write {meant}"
    if name in _MODULES:
        return "imports are not needed; write the function alone, as in inv(A)"
    return ""


def _find_direction(name: str, names: Collection[str]) -> str:
    """The direction that `d` or `δA` may stand for; empty if there is none."""
    if name == "d":
        directions = sorted(known for known in names if known.startswith("d"))
        return f"{directions[0]} as one word" if directions else ""
    direction = f"d{name[1:]}"
    return direction if name[0] in "δΔ" and direction in names else ""


def _find_entry(name: str, names: Collection[str]) -> str:
    entry = _ENTRY.fullmatch(name)
    if entry is None or entry[1] not in names:
        return ""
    return f"{entry[1]}[0, 1] for an entry, where indices begin with 0"


def _find_transpose(name: str, names: Collection[str]) -> str:
    array = name.removesuffix("T")
    return f"{array}.T" if array in names else ""


def _find_product(name: str, names: Collection[str]) -> str:
    factors = _split(name, names)
    if not factors:
        return ""
    return f"{' @ '.join(factors)} for the matrix product, or {' * '.join(factors)} for entries"


def _find_call(name: str, names: Collection[str]) -> str:
    """The call that a name may stand for, as `Inverse` or `detA`; empty if there is none."""
    calls = {function: f"{function}({takes.text})" for function, takes in FUNCTIONS.items()}
    calls |= OTHER_NAMES
    if name.lower() in calls:
        return calls[name.lower()]

    for function, call in calls.items():
        argument = name.removeprefix(function)
        if argument in names:
            return f"{call.partition('(')[0]}({argument})"
    return ""


def _split(name: str, names: Collection[str]) -> list[str]:
    """The known names that a name is made of, as `AdA` of A and dA; empty if it is not."""
    for first in names:
        rest = name.removeprefix(first)
        if rest == name or len(name) > _LONGEST_PRODUCT:
            continue
        factors = [rest] if rest in names else _split(rest, names)
        if factors:
            return [first, *factors]
    return []


def explain_attribute(node: ast.Attribute, names: Collection[str]) -> str:
    """Say what is written instead of an attribute, such as `A.inv` or `np.pi`."""
    name, outer = node.attr, ast.unparse(node.value)
    if is_module(node.value, names):
        if name in NUMBERS:
            return f"write {name} without {outer}"
        if name in FUNCTIONS:
            return f"write {name}(…) without {outer}"
        if name == "e":
            return "write exp(1)"
        return f"{outer}.{name} is not known here; {help_with(name, FUNCTIONS)}"

    hint = _ATTRIBUTES.get(name, "allowed: .T, .H")
    return f"unknown attribute '.{name}'; {hint.format(outer)}"


_ATTRIBUTES: Mapping[str, str] = {
    **{name: f"allowed: .T, .H; write {name}({{}})" for name in FUNCTIONS},
    **dict.fromkeys(("t", "transpose", "mT"), "write {}.T"),
    **dict.fromkeys(("shape", "size", "ndim"), "allowed: .T, .H (a size has its own letter)"),
    "I": "write inv({})",
}
"""Attributes of arrays → what is written, where `{}` is the array."""


def explain_call(node: ast.Call, names: Collection[str]) -> str:
    """Say what is called instead of a method or a function of a module."""
    only, function = "only the listed functions can be called", node.func
    if not isinstance(function, ast.Attribute):
        return only
    name, outer = function.attr, ast.unparse(function.value)
    if is_module(function.value, names):
        if name in FUNCTIONS:
            return f"{only}; write {name}(…) without {outer}"
        return f"{only}, and {name} is none of them; {help_with(name, FUNCTIONS)}"

    if name in ("T", "H"):
        return f"write {outer}.{name} without ()"
    if name in ("transpose", "t"):
        return f"write {outer}.T"
    if name in FUNCTIONS:
        return f"{only}; write {name}({', '.join([outer, *map(ast.unparse, node.args)])})"
    return f"{only}, and {name} is none of them; {help_with(name, FUNCTIONS)}"


def is_module(node: ast.expr, names: Collection[str]) -> bool:
    """Is it a module of Python's, such as `np.linalg`, and no array?"""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in _MODULES and node.id not in names


def _is_quoted(letter: str, code: str) -> bool:
    """Does a letter stand in words only, such as 'fro', or behind a #?"""
    return letter not in re.sub(r"'[^'\n]*'|\"[^\"\n]*\"|#[^\n]*", "", code)
