"""Read programs: lines of assignments, loops over whole numbers and branches on sizes, and a value that is returned."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

from grader.problems.language.functions import FUNCTIONS
from grader.problems.language.nodes import Argument, Assign, For, Function, If, Name, Node, Return, Statement
from grader.problems.language.reader import MAX_DEPTH, Reader, argument_names, elements_of
from grader.problems.language.sharing import NOTHING, WHOLE, Binding


class ProgramReader(Reader):
    """Reads statements; a reader is the scope at one place, and each statement makes the scope of the next."""

    __slots__ = ()

    def read_program(self, body: Sequence[ast.stmt]) -> tuple[Statement, ...]:
        """Read a whole program, which ends with `return`."""
        read, _ = self.read_body(body, 0)
        if not self.faults and not _returns(read):
            last = body[-1] if body else ast.Pass()
            self.fault(last, _say_no_return(last, len(body)))
        return read

    def read_body(self, body: Sequence[ast.stmt], depth: int) -> tuple[tuple[Statement, ...], ProgramReader]:
        """Read statements, and the scope behind them."""
        read: list[Statement] = []
        scope = self
        for statement in body:
            found, scope = scope.read_statement(statement, depth)
            read += found
        return tuple(read), scope

    def read_statement(self, node: ast.stmt, depth: int) -> tuple[list[Statement], ProgramReader]:
        """Read one statement, and the scope behind it."""
        if depth > MAX_DEPTH:
            self.fault(node, f"nested deeper than {MAX_DEPTH} levels")
            return [], self

        line, column = self.place(node)
        match node:
            case ast.Assign(targets=[target], value=value):
                return self.assign(node, target, value)
            case ast.AugAssign(target=target, op=op, value=value):
                if isinstance(target, ast.Name):
                    self.check_in_place(node, target.id)
                loaded = _loaded(target)
                return self.assign(node, target, ast.copy_location(ast.BinOp(loaded, op, value), node))
            case ast.For(target=ast.Name(id=name), orelse=[]):
                return self.loop(node, name, depth)
            case ast.If():
                return self.branch(node, depth)
            case ast.FunctionDef(name=name):
                return self.define(node, name, depth)
            case ast.Return(value=value) if value is not None:
                values = self.read_all(elements_of(value, ast.Tuple), 0)
                return [Return(tuple(values), column, line)], self
            case ast.Pass():
                return [], self
        self.fault(node, _say_unknown(node))
        return [], self

    def assign(
        self, node: ast.stmt, target: ast.expr, value: ast.expr
    ) -> tuple[list[Statement], ProgramReader]:
        """Read `x = value`, `a, b = value` or `x[i] = value`."""
        line, column = self.place(node)
        if isinstance(target, ast.Subscript):
            return self.assign_entries(node, target, value), self
        if isinstance(value, ast.Lambda) and isinstance(target, ast.Name):
            function = self.function(value, 1)
            self.check_new(target, target.id)
            return [Assign((target.id,), function, column, line)], self.with_function(target.id, function)

        targets = elements_of(target, ast.Tuple | ast.List)
        names = tuple(part.id for part in targets if isinstance(part, ast.Name))
        if len(names) != len(targets):
            self.fault(target, "what is assigned to is a name, several names, or entries such as x[i]")
            return [], self
        for name in names:
            self.check_new(target, name)

        if isinstance(value, ast.Tuple) and len(value.elts) == len(names) > 1:
            return self.assign_all(node, names, value.elts)
        read = self.read(value, 1)
        binding = self.sharing.binding(read)
        scope = self.with_names(*names).with_bindings(dict.fromkeys(names, binding))
        return [Assign(names, read, column, line)], scope

    def assign_all(
        self, node: ast.stmt, names: Sequence[str], values: Sequence[ast.expr]
    ) -> tuple[list[Statement], ProgramReader]:
        """Read `a, b = b, a + b`: all values are found before any name is set."""
        line, column = self.place(node)
        pairs = list(zip(names, self.read_all(values, 1), strict=True))
        kept = [Assign((f"{name}′",), value, column, line) for name, value in pairs]
        moved = [Assign((name,), Name(f"{name}′", column, line), column, line) for name in names]
        bindings = {name: self.sharing.binding(value) for name, value in pairs}
        return [*kept, *moved], self.with_names(*names).with_bindings(bindings)

    def assign_entries(self, node: ast.stmt, target: ast.Subscript, value: ast.expr) -> list[Statement]:
        """Read `x[i] = value` of an array that the program has made."""
        line, column = self.place(node)
        if not isinstance(target.value, ast.Name):
            self.fault(target, "entries are set by one pair of brackets, as in x[i, j] = value")
            return []

        name = target.value.id
        array = self.read(target.value, 1)
        if name in self.names and not self.sharing.axes(name):
            words = f"'{name}' is not an array of the program's own: in numpy, others would change with it"
            instead = f"{name} = copy({name})"
            if (name, WHOLE) in self.sharing.views:
                words = f"'{name}' may be an array of whole numbers in numpy, which truncates what is set"
                instead = f"{name} = {name} / 1"
            self.fault(target, f"{words}; write {instead} above")

        self.check_unshared(target, name)
        parts = (array, self.read(value, 1), *self.index(target.slice, 1))
        return [Assign((name,), replace(self.operation("[]=", node, *parts)), column, line)]

    def loop(self, node: ast.For, name: str, depth: int) -> tuple[list[Statement], ProgramReader]:
        """Read `for k in range(…)`."""
        line, column = self.place(node)
        self.check_new(node, name)
        bounds = self.bounds(node.iter)
        if self.loops == MAX_LOOPS:
            self.fault(node, f"loops are nested deeper than {MAX_LOOPS} levels")
            return [], self

        inside = replace(self.with_names(name), loops=self.loops + 1)
        while True:
            entered = inside.with_bindings({name: Binding(0)})
            body, end = entered.read_body(node.body, depth + 1)
            # Functions of the body are defined again in each iteration; names keep what the last one left.
            carried = end.sharing.without(end.functions - self.functions)
            met = inside.sharing.meet(carried)
            if self.faults or met == inside.sharing:
                break
            inside = replace(inside, sharing=met)
        scope = replace(end, sharing=inside.sharing.meet(end.sharing), loops=self.loops)
        return [For(name, bounds, body, column, line)], scope

    def bounds(self, node: ast.expr) -> tuple[Node, ...]:
        """Read the arguments of range."""
        match node:
            case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]) if 1 <= len(arguments) <= 3:
                return tuple(self.read(argument, 1) for argument in arguments)
        self.fault(node, "a loop is over range(…) of sizes, parameters and numbers, as in for i in range(n)")
        return ()

    def branch(self, node: ast.If, depth: int) -> tuple[list[Statement], ProgramReader]:
        """Read `if`, `elif` and `else`."""
        line, column = self.place(node)
        condition = self.condition(node.test, 1)
        body, after = self.read_body(node.body, depth + 1)
        otherwise, beside = self.read_body(node.orelse, depth + 1)
        scope = after.with_names(*beside.names)
        sharing = after.sharing.meet(beside.sharing)
        scope = replace(scope, functions=scope.functions | beside.functions, sharing=sharing)
        return [If(condition, body, otherwise, column, line)], scope

    def define(self, node: ast.FunctionDef, name: str, depth: int) -> tuple[list[Statement], ProgramReader]:
        """Read a function of the program's own; it does not know itself."""
        line, column = self.place(node)
        self.check_new(node, name)
        names = argument_names(node.args)
        if names is None or node.decorator_list:
            self.fault(node, f"{name} takes plain arguments only")
            return [], self

        inside = replace(self.with_names(*names), sharing=NOTHING)
        body, _ = inside.read_body(node.body, depth + 1)
        if not self.faults and not _returns(body):
            self.fault(node, f"{name} does not end with return")
        function = Function(names, body, column, line)
        return [Assign((name,), function, column, line)], self.with_function(name, function)

    def check_new(self, node: ast.AST, name: str) -> None:
        """A name that is set is no function's."""
        if name in FUNCTIONS or name in self.functions:
            self.fault(node, f"'{name}' is a function; choose another name")
        for function in self.sharing.readers(name)[:1]:
            words = f"the function {function} reads '{name}', and in Python it would see the new value"
            self.fault(node, f"{words}; choose another name here, or make '{name}' an argument of {function}")

    def check_unshared(self, node: ast.AST, name: str) -> None:
        """No other name holds entries of an array that changes."""
        for holder in self.sharing.holders(name)[:1]:
            if holder in self.functions:
                words = f"the function {holder} reads '{name}', and in numpy it would see the new entries"
                self.fault(node, f"{words}; make '{name}' an argument of {holder}")
            else:
                words = f"'{holder}' may be a view of '{name}' in numpy and change with it"
                self.fault(node, f"{words}; write {holder} = copy(…) where it is set")

    def check_in_place(self, node: ast.AST, name: str) -> None:
        """`x += …` changes an array of numpy's in place."""
        if name in self.names and self.sharing.axes(name) is None:
            words = f"'{name}' may be an array that others hold, which numpy changes in place"
            self.fault(node, f"{words}; write {name} = {name} + … (or the sign that you mean)")
        self.check_unshared(node, name)

    def with_names(self, *names: str) -> ProgramReader:
        """The scope in which some more names are set."""
        return replace(self, names=self.names | {*names})

    def with_function(self, name: str, function: Argument) -> ProgramReader:
        """The scope in which one more function is defined."""
        sharing = self.sharing.define(name, function) if isinstance(function, Function) else self.sharing
        return replace(self, functions=self.functions | {name}, sharing=sharing)

    def with_bindings(self, bindings: Mapping[str, Binding]) -> ProgramReader:
        """The scope in which names are bound to other arrays."""
        return replace(self, sharing=self.sharing.bind(bindings))


MAX_LOOPS = 6
"""Loops are nested no deeper, since the body of each is read more than once."""


def _loaded(target: ast.expr) -> ast.expr:
    """The target of an assignment as a value."""
    if isinstance(target, ast.Name):
        return ast.copy_location(ast.Name(target.id, ast.Load()), target)
    return target


def _returns(body: Sequence[Statement]) -> bool:
    """Does a program end with a value on every way through?"""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, If):
        return _returns(last.body) and _returns(last.otherwise)
    return isinstance(last, Return)


_WORDS: dict[type[ast.stmt], str] = {
    ast.While: "a while loop is not part of the language; write for k in range(…)",
    ast.Import: "imports are not needed; all listed functions are available",
    ast.ImportFrom: "imports are not needed; all listed functions are available",
    ast.For: "a loop has one name, and no else",
    ast.Return: "return needs a value",
    ast.Expr: "a line is name = value, x[i] = value, for, if or return",
}


def _say_no_return(last: ast.stmt, lines: int) -> str:
    """What is wrong with the last line of a program."""
    match last:
        case ast.Assign(targets=[ast.Name(id=name)]) if lines == 1:
            return f"the last line is not a return; write the value alone, without {name} ="
        case ast.FunctionDef(name=name, args=arguments):
            head = f"def {name}({ast.unparse(arguments)}):"
            return f"{name} is defined and not called; write its lines alone, without {head}"
    return "the last line is not a return; write return and the value of f"


def _say_unknown(node: ast.stmt) -> str:
    known = "a line is name = value, x[i] = value, for, if or return"
    if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
        return f"write return before {ast.unparse(node)}, or a name and ="
    return _WORDS.get(type(node), f"{type(node).__name__} is not part of the language: {known}")
