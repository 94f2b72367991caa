"""Count what a student's function computes: its source is run once more, with a note at every operator and every call.

The arrays are numpy's own and nothing is computed otherwise, so a function cannot tell by its arguments that it is
counted, and neither a conversion nor a loop over numbers hides anything: what is noted is the operation in the source.
A function of a library that has no rule here is noted as unknown.

Runs in the student's process, whose code could reach these counts by way of frames or closures: that a count is true
is promised of programs that compute, not of ones that attack the grader. Imports nothing of ours but its neighbours.
"""

from __future__ import annotations

import ast
import copy
import functools
import numbers
import operator
import secrets
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from .costs import OF_NUMPY, RULES, SIGNS, Cost, method_rule, operator_cost, total_size, ufunc_cost
from .describe_error import SourceMap, locate
from .run_cells import new_module, run_statements

_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.MatMult: "@", ast.Pow: "**", ast.FloorDiv: "//",
    ast.Mod: "%",
}  # fmt: skip
_APPLY: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "@": operator.matmul,
    "**": operator.pow, "//": operator.floordiv, "%": operator.mod,
}  # fmt: skip
_FUNCTIONS = {getattr(operator, word): sign for word, sign in SIGNS.items() if hasattr(operator, word)} | {
    pow: "**"
}
_SUMMING = frozenset({"math", "cmath", "statistics", "_statistics", "fractions", "decimal"})
"""Modules whose functions look at each number that they are given."""
_UNCOUNTED = frozenset({"ctypes", "_ctypes", "runpy", "code", "timeit", "subprocess"})
"""Modules of Python that run what has no notes."""
_FREE_MODULES = (sys.stdlib_module_names - _UNCOUNTED) | {"answers", "_sandbox"}
_OPERANDS = ("a", "b", "n", "x1", "x2")
"""Names that libraries give to operands, in their order."""
_BY_FRAME = frozenset({"super", "locals", "globals", "vars", "dir", "eval", "exec", "compile", "__import__"})
"""Functions that look at the frame that calls them, and are left alone."""
_HIDING = frozenset({"eval", "exec", "compile"})
_HOSTS = ("numpy", "numpy.linalg", "scipy.linalg")
KINDS = Cost._fields[1:]
MOST_NOTES = 20
HIDDEN = "eval or exec"

Ruled = tuple[Callable[..., Cost] | None, str]
"""The rule of a function, if there is one, and the name by which it is noted."""
_FREE: Ruled = (None, "")


class Tally:
    """What has been counted, and where the first of each kind was.

    Attributes:
        totals: by field of `Cost`; notes: (kind or `unknown`, name, place) → how often.
    """

    def __init__(self, sources: SourceMap, own: types.ModuleType) -> None:
        self.totals = dict.fromkeys(Cost._fields, 0.0)
        self.notes: dict[tuple[str, str, str], float] = {}
        self._sources, self._own = sources, own
        self._names = _names_by_id()

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
        function, arguments, options = _unwrapped(function, arguments, options)
        # It was handed on, and is called by the student.
        if isinstance(function, types.MethodType) and function.__func__ is Tally.call:
            return function(*arguments, **options)
        if type(function) is operator.methodcaller and arguments:
            return self._call_method(function, at, arguments[0])

        if function is sum or str(getattr(function, "__module__", "")) in _SUMMING:
            arguments = tuple(map(_without_iterator, arguments))
        self._count_call(function, at, arguments, options)
        if function is isinstance or function is issubclass:
            return function(*arguments, **options)

        # A function that is handed on is called by a library, which notes nothing.
        arguments = tuple(self._watched(value, at) for value in arguments)
        options = {key: self._watched(value, at) for key, value in options.items()}
        result = function(*arguments, **options)
        if isinstance(result, np.ndarray) and type(result) is not np.ndarray:
            self._note("unknown", f"numpy.{type(result).__name__}", at)
        return result

    def _count_call(
        self, function: Any, at: tuple[str, int], arguments: Sequence[Any], options: Mapping[str, Any]
    ) -> None:
        rule, name = self._rule_of(function)
        if rule is None:
            if name:
                self._note("unknown", name, at)
            return

        operands = (*arguments, *(options[key] for key in _OPERANDS if key in options))
        others = {key: value for key, value in options.items() if key not in _OPERANDS}
        self._count(lambda: rule(*operands, **others), name, at)

    def _call_method(self, caller: Any, at: tuple[str, int], host: Any) -> Any:
        """Call the method that an `operator.methodcaller` names."""
        maker, words = caller.__reduce__()[:2]
        options: dict[str, Any] = {}
        if isinstance(maker, functools.partial):
            words, options = (*maker.args, *words), maker.keywords
        name, rest = words[0], words[1:]
        return self.call(getattr(host, name), at, *rest, **options)

    def _watched(self, value: Any, at: tuple[str, int]) -> Any:
        """What counts the calls of a function that is handed on; other values, and free functions, as they are."""
        if isinstance(value, type):
            if issubclass(value, np.ndarray) and value is not np.ndarray:
                self._note("unknown", f"numpy.{value.__name__}", at)
            return value
        if not callable(value):
            return value

        calls_another = type(value) is operator.methodcaller or _is_call(value)
        if not calls_another and self._rule_of(value) == _FREE:
            return value
        return functools.partial(self.call, value, at)

    def _count(self, rule: Callable[[], Cost], name: str, at: tuple[str, int]) -> None:
        try:
            cost = rule()
        except Exception:  # the call itself will fail, or it has arguments of another kind
            self._note("unknown", name, at)
            return
        self.add(cost, name, at)

    def _rule_of(self, function: Any) -> Ruled:
        """Its rule and its name; no rule and no name for what costs nothing by itself."""
        if isinstance(function, types.FunctionType) and function.__globals__ is self._own.__dict__:
            return _FREE
        return _rule_of_arrays(function) or self._rule_by_name(function) or _rule_by_library(function)

    def _rule_by_name(self, function: Any) -> Ruled | None:
        """The rule of a function of `operator`, or of one that has a rule of its own."""
        try:
            sign = _FUNCTIONS.get(function)
        except TypeError:  # it has no hash
            sign = None
        if sign is not None:
            return (lambda A, B: operator_cost(sign, A, B)), f"operator {sign}"

        known = self._names.get(id(function))
        if known is None:
            return None
        module = _module_of(function)
        library = "numpy.linalg" if "linalg" in module else module.partition(".")[0]
        return RULES[known], f"{library}.{known}"


def _names_by_id() -> dict[int, str]:
    """The names of the functions that have rules, by what they are known: not all of them have a hash."""
    names = {}
    for host in map(sys.modules.get, _HOSTS):
        if host is None:
            continue
        for name in RULES.keys() & vars(host).keys():
            function = getattr(host, name)
            unwrapped = getattr(function, "__wrapped__", function)
            names[id(function)] = names[id(unwrapped)] = name
    return names


def _without_iterator(value: Any) -> Any:
    """The values of an iterator, so that they can be counted and still be used; everything else as it is."""
    return list(value) if hasattr(value, "__next__") else value


def _unwrapped(
    function: Any, arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """What is called behind `functools.partial` and `__call__`, and with what."""
    while type(function) is functools.partial or _is_call(function):
        if _is_call(function):
            function = function.__self__
        else:
            arguments, options = (*function.args, *arguments), {**function.keywords, **options}
            function = function.func
    return function, arguments, options


def _origin(function: Any) -> tuple[Any, type | None, str]:
    """What a method is bound to, the type in C that defines it, and its name."""
    host = getattr(function, "__self__", None)
    owner = getattr(function, "__objclass__", None)
    name = str(getattr(function, "__name__", type(function).__name__))
    return host, owner if isinstance(owner, type) else None, name


def _rule_of_arrays(function: Any) -> Ruled | None:
    """The rule of a ufunc, or of a method of arrays or of numbers."""
    host, owner, name = _origin(function)
    if isinstance(function, np.ufunc):
        return (lambda *given, **_: ufunc_cost(function, "", given)), f"numpy.{name}"
    if isinstance(host, np.ufunc):
        return (lambda *given, **_: ufunc_cost(host, name, given)), f"numpy.{host.__name__}.{name}"

    if isinstance(host, OF_NUMPY):
        method = method_rule(name)
        bound = None if method is None else functools.partial(method, host)
        return bound, f"array.{name}"
    if host is None and owner is not None and issubclass(owner, OF_NUMPY):
        return method_rule(name), f"array.{name}"
    if isinstance(host, numbers.Number) or owner in (int, float, complex, Decimal):
        return (lambda *_, **__: Cost(1.0)), name
    return None


def _rule_by_library(function: Any) -> Ruled:
    """What a function costs by where it comes from: nothing, once each number it is given, or nobody knows."""
    module = _module_of(function)
    name, top = _origin(function)[2], module.partition(".")[0]
    is_type = isinstance(function, type)
    if function is sum or (top in _SUMMING and not is_type):
        return total_size, name

    # What is made a function of arrays was noted when it was handed on.
    if isinstance(function, np.vectorize) or (is_type and issubclass(function, BaseException)):
        return _FREE
    return _FREE if top in _FREE_MODULES else (None, f"{module}.{name}")


def _module_of(function: Any) -> str:
    """The module of a function; that of its type for a method of a type in C, which has none."""
    module = getattr(function, "__module__", "")
    if module:
        return str(module)

    host, owner, _ = _origin(function)
    if owner is not None:
        return owner.__module__
    if host is None:
        return "an unknown library"
    return host.__module__ if isinstance(host, type) else type(host).__module__


def _is_call(function: Any) -> bool:
    """Is it the `__call__` of a function, which is that function by another name?"""
    return type(function) is types.MethodWrapperType and function.__name__ == "__call__"


class _Naming(ast.NodeTransformer):
    """Names what a target computes, so that it can be read again and is computed once."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.names: list[str] = []

    def _named(self, node: ast.expr) -> ast.expr:
        self.names.append(f"{self._word}_{len(self.names)}")
        return ast.copy_location(ast.NamedExpr(ast.Name(self.names[-1], ast.Store()), node), node)

    visit_Call = visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_Lambda = _named
    visit_Await = visit_Yield = visit_YieldFrom = _named


class _Reading(ast.NodeTransformer):
    """Reads the names that a target was given."""

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        return ast.copy_location(ast.Name(node.target.id, ast.Load()), node)


class _Noting(ast.NodeTransformer):
    """Puts a note at every operator and call of a cell."""

    def __init__(self, label: str, tally: str) -> None:
        self._label, self._tally = label, tally
        self.hides = False

    def _call(self, method: str, node: ast.AST, *arguments: ast.expr) -> ast.Call:
        function = ast.Attribute(ast.Name(self._tally, ast.Load()), method, ast.Load())
        return ast.copy_location(ast.Call(function, list(arguments), []), node)

    def note(self, tree: ast.Module) -> ast.Module:
        """Change statements so that what they compute is noted."""
        noted: ast.Module = self.visit(tree)
        return ast.fix_missing_locations(noted)

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
        self.generic_visit(node)
        if sign is None:
            return node
        node.target = _Naming(self._tally).visit(node.target)
        read = _Reading().visit(copy.deepcopy(node.target))
        read.ctx = ast.Load()
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
    module = new_module(list(sources), names)
    tally, word = Tally(sources, module), f"_{secrets.token_hex(8)}"
    namespace = module.__dict__
    namespace[word] = tally

    for label, source in sources.items():
        noting = _Noting(label, word)
        try:
            for _ in run_statements(ast.parse(source).body, label, namespace, noting.note):
                pass  # an import that is left out
        except BaseException:  # it was reported when the cells ran for the first time
            continue
        if noting.hides:
            tally.notes["unknown", HIDDEN, label] = 1.0

    tally.start()
    return namespace, tally
