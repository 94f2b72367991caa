"""Count what a student's function computes: its source is run once more, with a note at every operator and every call.

The arrays are numpy's own and nothing is computed otherwise, so a function cannot tell by its arguments that it is
counted, and neither a conversion nor a loop over numbers hides anything: what is noted is the operation in the source.
A function of a library that has no rule here is noted as unknown.

Runs in the student's process, whose code could reach these counts by way of frames or closures: that a count is true
is promised of programs that compute, not of ones that attack the grader. Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import ast
import functools
import operator
import secrets
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .costs import RULES, Cost, operator_cost, ufunc_cost
from .describe_error import SourceMap, locate

_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**", ast.FloorDiv: "//",
    ast.Mod: "%",
}  # fmt: skip
_APPLY: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "@": operator.matmul,
    "**": operator.pow, "//": operator.floordiv, "%": operator.mod,
}  # fmt: skip
_FUNCTIONS = {
    operator.add: "+", operator.sub: "-", operator.mul: "*", operator.truediv: "/", operator.matmul: "@",
    operator.pow: "**", pow: "**",
}  # fmt: skip
_BY_FRAME = frozenset({"super", "locals", "globals", "vars", "dir", "eval", "exec", "compile", "__import__"})
"""Functions that look at the frame that calls them, and are left alone."""
_HIDING = frozenset({"eval", "exec", "compile"})
_HOSTS = ("numpy", "numpy.linalg", "scipy.linalg")
KINDS = Cost._fields[1:]
MOST_NOTES = 20
HIDDEN = "eval or exec"


class Tally:
    """What has been counted, and where the first of each kind was.

    Attributes:
        totals: by field of `Cost`; notes: (kind or `unknown`, name, place) → how often.
    """

    def __init__(self, sources: SourceMap, own: types.ModuleType) -> None:
        self.totals = dict.fromkeys(Cost._fields, 0.0)
        self.notes: dict[tuple[str, str, str], float] = {}
        self._sources, self._own = sources, own
        self._names = {
            id(value): name
            for host in _HOSTS
            if host in sys.modules
            for name in RULES
            if (value := getattr(sys.modules[host], name, None)) is not None
        }

    def add(self, cost: Cost, name: str, at: tuple[str, int]) -> None:
        """Add the cost of one operation."""
        for kind, amount in cost._asdict().items():
            self.totals[kind] += amount
            if amount and kind in KINDS:
                self._note(kind, name, at, amount)

    def _note(self, kind: str, name: str, at: tuple[str, int], amount: float = 1.0) -> None:
        key = (kind, name[:60], locate(*at, self._sources)[0])
        if key in self.notes or len(self.notes) < MOST_NOTES:
            self.notes[key] = self.notes.get(key, 0.0) + amount

    def start(self) -> None:
        """Forget what was counted, but not where code hides."""
        self.totals = dict.fromkeys(Cost._fields, 0.0)
        self.notes = {key: amount for key, amount in self.notes.items() if key[1] == HIDDEN}

    def to_text(self) -> str:
        """Totals and notes as one line: `flops=123;products=2|products,@,line 3,2|…`."""
        totals = ";".join(f"{kind}={amount:.17g}" for kind, amount in self.totals.items())
        notes = (",".join((*key, f"{amount:g}")) for key, amount in self.notes.items())
        return "|".join([totals, *notes])

    def binary(self, sign: str, at: tuple[str, int], left: Any, right: Any) -> Any:
        """Compute `left sign right`, and count it."""
        self._count(lambda: operator_cost(sign, left, right), sign, at)
        return _APPLY[sign](left, right)

    def update(self, sign: str, at: tuple[str, int], left: Any, right: Any) -> Any:
        """Count `left sign= right`, and return the right side."""
        self._count(lambda: operator_cost(sign, left, right), sign, at)
        return right

    def call(self, function: Any, at: tuple[str, int], *arguments: Any, **options: Any) -> Any:
        """Call a function, and count it if it is none of the student's own."""
        target: Any = function
        given = arguments
        while type(target) is functools.partial:
            target, given = target.func, (*target.args, *given)
        if target is sum and given and not hasattr(given[0], "__len__"):
            given = arguments = (list(given[0]), *given[1:])
        rule, name = self._rule_of(target)
        if rule is not None:
            self._count(lambda: rule(*given, **options), name, at)
        elif name:
            self._note("unknown", name, at)
        # A function that is handed on is called by a library, which notes nothing.
        arguments = tuple(self._watched(value, at) for value in arguments)
        options = {key: self._watched(value, at) for key, value in options.items()}
        return function(*arguments, **options)

    def _watched(self, value: Any, at: tuple[str, int]) -> Any:
        if not callable(value) or isinstance(value, type):
            return value
        rule, name = self._rule_of(value)
        return value if rule is None and not name else functools.partial(self.call, value, at)

    def _count(self, rule: Callable[[], Cost], name: str, at: tuple[str, int]) -> None:
        try:
            cost = rule()
        except Exception:  # the call itself will fail, or it has arguments of another kind
            self._note("unknown", name, at)
            return
        self.add(cost, name, at)

    def _rule_of(self, function: Any) -> tuple[Callable[..., Cost] | None, str]:
        """Its rule and its name; no rule and no name for what costs nothing by itself."""
        if isinstance(function, types.FunctionType) and function.__globals__ is self._own.__dict__:
            return None, ""
        host = getattr(function, "__self__", None)
        name = str(getattr(function, "__name__", type(function).__name__))
        if isinstance(host, np.ufunc):
            return (lambda *given, **_: ufunc_cost(host, name, given)), f"numpy.{host.__name__}.{name}"
        if isinstance(host, np.ndarray | np.generic):
            method = RULES.get(name)
            return (
                lambda *given, **options: method(host, *given, **options)
            ) if method else None, f"array.{name}"
        if isinstance(function, np.ufunc):
            return (lambda *given, **_: ufunc_cost(function, "", given)), f"numpy.{name}"

        try:
            sign = _FUNCTIONS.get(function)
        except TypeError:  # it has no hash
            sign = None
        if sign is not None:
            return (lambda A, B: operator_cost(sign, A, B)), f"operator {sign}"
        known = self._names.get(id(function))
        module = str(getattr(function, "__module__", "") or "")
        if known is not None:
            return RULES[
                known
            ], f"{'numpy.linalg' if 'linalg' in module else module.partition('.')[0]}.{known}"
        if function is sum:
            return (lambda values, *_: Cost(float(len(values)))), "sum"
        top = module.partition(".")[0]
        if isinstance(function, type) and issubclass(function, BaseException):
            return None, ""
        is_free = not top or top in sys.stdlib_module_names or top in ("answers", "_sandbox")
        return None, "" if is_free else f"{module}.{name}"


class _Noting(ast.NodeTransformer):
    """Puts a note at every operator and call of a cell."""

    def __init__(self, label: str, tally: str) -> None:
        self._label, self._tally = label, tally
        self.hides = False

    def _call(self, method: str, node: ast.AST, *arguments: ast.expr) -> ast.Call:
        function = ast.Attribute(ast.Name(self._tally, ast.Load()), method, ast.Load())
        return ast.copy_location(ast.Call(function, list(arguments), []), node)

    def _at(self, node: Any) -> ast.expr:
        return ast.Tuple([ast.Constant(self._label), ast.Constant(node.lineno)], ast.Load())

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        sign = _OPERATORS.get(type(node.op))
        if sign is None:
            return node
        return self._call("binary", node, ast.Constant(sign), self._at(node), node.left, node.right)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        sign = _OPERATORS.get(type(node.op))
        is_plain = not any(isinstance(part, ast.Call) for part in ast.walk(node.target))
        node.value = self.visit(node.value)
        if sign is None or not is_plain:
            return node
        read = ast.parse(ast.unparse(node.target), mode="eval").body
        node.value = self._call("update", node.value, ast.Constant(sign), self._at(node), read, node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in _BY_FRAME:
            self.hides = self.hides or node.func.id in _HIDING
            return node
        noted = self._call("call", node, node.func, self._at(node), *node.args)
        noted.keywords = node.keywords
        return noted


def load_counted(sources: SourceMap, names: Mapping[str, Any]) -> tuple[dict[str, Any], Tally]:
    """Run cells with notes at all operations; one that fails is left where it stopped, as it was before.

    Args:
        sources: label → source of each cell, without magics; names: what cells find there besides.
    """
    module = types.ModuleType("answers")
    sys.modules["answers"] = module
    tally, word = Tally(sources, module), f"_{secrets.token_hex(8)}"
    namespace = module.__dict__
    namespace.update(names, **{word: tally})
    for label, source in sources.items():
        noting = _Noting(label, word)
        try:
            tree = ast.fix_missing_locations(noting.visit(ast.parse(source)))
            exec(compile(tree, label, "exec", dont_inherit=True), namespace)
        except BaseException:  # it was reported when the cells ran for the first time
            continue
        if noting.hides:
            tally.notes["unknown", HIDDEN, label] = 1.0
    tally.start()
    return namespace, tally
