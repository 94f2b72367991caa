"""Random problems of an author, with right answers by rules of differentiation that the grader knows nothing of.

An expression over matrices A, B, vectors x, y and numbers is drawn, and differentiated forwards (for a differential) or
backwards (for a gradient) into the text of a function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from grader.problems.load import make_problem
from grader.problems.problem import Problem

Kind = Literal["matrix", "vector", "number"]
SHAPES: Mapping[Kind, list[str]] = {"matrix": ["n", "n"], "vector": ["n"], "number": []}
INPUTS: Mapping[str, Kind] = {"A": "matrix", "B": "matrix", "x": "vector", "y": "vector", "t": "number"}
SQUARE_FAMILIES = ("symmetric", "triangular", "orthogonal", "ill_conditioned")
DEPTH = 3


@dataclass(frozen=True, slots=True)
class Node:
    """A subexpression: an operation, or the name of an input."""

    name: str
    kind: Kind
    arguments: tuple[Node, ...] = ()


OPERATIONS: Mapping[str, tuple[Kind, tuple[Kind, ...]]] = {
    "matmul": ("matrix", ("matrix", "matrix")),
    "add": ("matrix", ("matrix", "matrix")),
    "sub": ("matrix", ("matrix", "matrix")),
    "mul": ("matrix", ("matrix", "matrix")),
    "T": ("matrix", ("matrix",)),
    "inv": ("matrix", ("matrix",)),
    "scale": ("matrix", ("number", "matrix")),
    "square": ("matrix", ("matrix",)),
    "apply": ("vector", ("matrix", "vector")),
    "solve": ("vector", ("matrix", "vector")),
    "vadd": ("vector", ("vector", "vector")),
    "vmul": ("vector", ("vector", "vector")),
    "vscale": ("vector", ("number", "vector")),
    "tanh": ("vector", ("vector",)),
    "trace": ("number", ("matrix",)),
    "det": ("number", ("matrix",)),
    "dot": ("number", ("vector", "vector")),
    "sum": ("number", ("vector",)),
    "frobenius": ("number", ("matrix",)),
    "times": ("number", ("number", "number")),
    "plus": ("number", ("number", "number")),
    "log": ("number", ("number",)),
    "root": ("number", ("number",)),
}
"""Name → kind of the result and of the arguments."""

TEXTS: Mapping[str, str] = {
    "matmul": "({0} @ {1})",
    "add": "({0} + {1})",
    "sub": "({0} - {1})",
    "mul": "({0} * {1})",
    "T": "{0}.T",
    "inv": "inv({0})",
    "scale": "({0} * {1})",
    "square": "({0} ** 2)",
    "apply": "({0} @ {1})",
    "solve": "solve({0}, {1})",
    "vadd": "({0} + {1})",
    "vmul": "({0} * {1})",
    "vscale": "({0} * {1})",
    "tanh": "(1 - 2 / (exp(2 * {0}) + 1))",
    "trace": "trace({0})",
    "det": "det({0})",
    "dot": "({0} @ {1})",
    "sum": "sum({0})",
    "frobenius": "sum({0} ** 2)",
    "times": "({0} * {1})",
    "plus": "({0} + {1})",
    "log": "log(1 + {0} ** 2)",
    "root": "sqrt(1 + {0} ** 2)",
}
NUMPY: Mapping[str, str] = {
    **TEXTS,
    "inv": "np.linalg.inv({0})",
    "solve": "np.linalg.solve({0}, {1})",
    "tanh": "np.tanh({0})",
    "trace": "np.trace({0})",
    "det": "np.linalg.det({0})",
    "sum": "np.sum({0})",
    "frobenius": "np.sum({0} ** 2)",
    "log": "np.log(1 + {0} ** 2)",
    "root": "np.sqrt(1 + {0} ** 2)",
}

FORWARD: Mapping[str, tuple[str, ...]] = {
    "matmul": ("{d0} @ {1}", "{0} @ {d1}"),
    "add": ("{d0}", "{d1}"),
    "sub": ("{d0}", "-({d1})"),
    "mul": ("{d0} * {1}", "{0} * {d1}"),
    "T": ("({d0}).T",),
    "inv": ("-(np.linalg.inv({0}) @ ({d0}) @ np.linalg.inv({0}))",),
    "scale": ("({d0}) * {1}", "{0} * ({d1})"),
    "square": ("2 * {0} * ({d0})",),
    "apply": ("({d0}) @ {1}", "{0} @ ({d1})"),
    "solve": (
        "-np.linalg.solve({0}, ({d0}) @ np.linalg.solve({0}, {1}))",
        "np.linalg.solve({0}, {d1})",
    ),
    "vadd": ("{d0}", "{d1}"),
    "vmul": ("({d0}) * {1}", "{0} * ({d1})"),
    "vscale": ("({d0}) * {1}", "{0} * ({d1})"),
    "tanh": ("(1 - np.tanh({0}) ** 2) * ({d0})",),
    "trace": ("np.trace({d0})",),
    "det": ("np.linalg.det({0}) * np.trace(np.linalg.inv({0}) @ ({d0}))",),
    "dot": ("({d0}) @ {1}", "{0} @ ({d1})"),
    "sum": ("np.sum({d0})",),
    "frobenius": ("2 * np.sum({0} * ({d0}))",),
    "times": ("({d0}) * {1}", "{0} * ({d1})"),
    "plus": ("{d0}", "{d1}"),
    "log": ("2 * {0} * ({d0}) / (1 + {0} ** 2)",),
    "root": ("{0} * ({d0}) / np.sqrt(1 + {0} ** 2)",),
}
"""Name → for each argument the term that its differential brings."""

BACKWARD: Mapping[str, tuple[str, ...]] = {
    "matmul": ("({g}) @ {1}.T", "{0}.T @ ({g})"),
    "add": ("{g}", "{g}"),
    "sub": ("{g}", "-({g})"),
    "mul": ("({g}) * {1}", "({g}) * {0}"),
    "T": ("({g}).T",),
    "inv": ("-(np.linalg.inv({0}).T @ ({g}) @ np.linalg.inv({0}).T)",),
    "scale": ("np.sum(({g}) * {1})", "{0} * ({g})"),
    "square": ("2 * {0} * ({g})",),
    "apply": ("np.outer({g}, {1})", "{0}.T @ ({g})"),
    "solve": (
        "-np.outer(np.linalg.solve({0}.T, {g}), np.linalg.solve({0}, {1}))",
        "np.linalg.solve({0}.T, {g})",
    ),
    "vadd": ("{g}", "{g}"),
    "vmul": ("({g}) * {1}", "({g}) * {0}"),
    "vscale": ("np.sum(({g}) * {1})", "{0} * ({g})"),
    "tanh": ("(1 - np.tanh({0}) ** 2) * ({g})",),
    "trace": ("({g}) * np.eye(len({0}))",),
    "det": ("({g}) * np.linalg.det({0}) * np.linalg.inv({0}).T",),
    "dot": ("({g}) * {1}", "({g}) * {0}"),
    "sum": ("({g}) * np.ones(len({0}))",),
    "frobenius": ("2 * ({g}) * {0}",),
    "times": ("({g}) * {1}", "({g}) * {0}"),
    "plus": ("{g}", "{g}"),
    "log": ("({g}) * 2 * {0} / (1 + {0} ** 2)",),
    "root": ("({g}) * {0} / np.sqrt(1 + {0} ** 2)",),
}
"""Name → for each argument what a cotangent g of the result brings to it."""


@dataclass(frozen=True, slots=True)
class RandomProblem:
    """A problem and the text of a right answer."""

    problem: Problem
    source: str


def draw_problem(number: int) -> RandomProblem:
    """The random problem of that number."""
    rng = np.random.default_rng([number, 7])
    is_gradient = bool(rng.integers(2))
    while True:
        kind: Kind = "number" if is_gradient else ("matrix", "vector", "number")[rng.integers(3)]
        tree = _grow(kind, DEPTH, rng)
        names = _names(tree)
        text = _write(tree, TEXTS)
        has_work = any(name in names for name in ("A", "B", "x", "y")) and tree.arguments
        if has_work and len(text) <= 120:
            break

    wrt = tuple(name for name in INPUTS if name in names)
    return _make(f"random-{number}", tree, text, wrt, is_gradient, rng)


def _make(
    id: str, tree: Node, text: str, wrt: Sequence[str], is_gradient: bool, rng: np.random.Generator
) -> RandomProblem:
    function = id.replace("-", "_")
    arguments = [*wrt] if is_gradient else [*wrt, *(f"d{name}" for name in wrt)]
    signature = f"{function}({', '.join(arguments)})"
    fields: dict[str, Any] = {
        "title": id,
        "statement": f"The {'gradient' if is_gradient else 'differential'} of {text}.",
        "signature": signature,
        "f": text,
        "ask": "gradient" if is_gradient else "differential",
        "inputs": {name: _input(INPUTS[name], rng) for name in wrt},
        "wrt": list(wrt),
        "sizes": {"n": [2, 3, 4]},
        "checks": [{"check": "shape", "points": 1}, {"check": "reference", "points": 3}],
    }
    if is_gradient:
        parts = [_backward(tree, name) for name in wrt]
        answer = parts[0] if len(parts) == 1 else f"({', '.join(parts)})"
    else:
        answer = _forward(tree) or "0.0"
    source = f"import numpy as np\n\n\ndef {signature}:\n    return {answer}\n"
    return RandomProblem(make_problem(fields, id), source)


def _input(kind: Kind, rng: np.random.Generator) -> dict[str, Any]:
    families: list[Any] = ["integer", "generic"]
    if rng.integers(2):
        families.append({"scaled": float(10.0 ** rng.integers(-2, 3))})
    if kind == "matrix":
        families += [str(name) for name in rng.permutation(SQUARE_FAMILIES)[: rng.integers(3)]]
    return {"shape": SHAPES[kind], "family": families}


def _grow(kind: Kind, depth: int, rng: np.random.Generator) -> Node:
    """A random expression of a kind; leaves are inputs."""
    leaves = [name for name, of in INPUTS.items() if of == kind]
    if depth == 0 or (depth < DEPTH and rng.random() < 0.35):
        return Node(leaves[rng.integers(len(leaves))], kind)
    names = [name for name, (result, _) in OPERATIONS.items() if result == kind]
    name = names[rng.integers(len(names))]
    arguments = tuple(_grow(argument, depth - 1, rng) for argument in OPERATIONS[name][1])
    return Node(name, kind, arguments)


def _names(node: Node) -> set[str]:
    if not node.arguments:
        return {node.name}
    return set().union(*map(_names, node.arguments))


def _write(node: Node, texts: Mapping[str, str]) -> str:
    if not node.arguments:
        return node.name
    return texts[node.name].format(*(_write(argument, texts) for argument in node.arguments))


def _forward(node: Node) -> str:
    """The differential in the directions dA, dB, …"""
    if not node.arguments:
        return f"d{node.name}"
    values = [_write(argument, NUMPY) for argument in node.arguments]
    differentials = {f"d{k}": _forward(argument) for k, argument in enumerate(node.arguments)}
    terms = [f"({term.format(*values, **differentials)})" for term in FORWARD[node.name]]
    return f"({' + '.join(terms)})"


def _backward(node: Node, name: str) -> str:
    """The gradient with respect to an input: the sum over its places."""
    terms = _cotangents(node, name, "1.0")
    return f"({' + '.join(f'({term})' for term in terms)})"


def _cotangents(node: Node, name: str, g: str) -> list[str]:
    if not node.arguments:
        return [g] if node.name == name else []
    values = [_write(argument, NUMPY) for argument in node.arguments]
    found: list[str] = []
    for argument, rule in zip(node.arguments, BACKWARD[node.name], strict=True):
        found += _cotangents(argument, name, f"({rule.format(*values, g=g)})")
    return found
