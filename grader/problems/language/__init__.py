"""The language of problems: text → checked syntax tree → value in any algebra.

The text is parsed by Python's own parser and then copied, node by node, into the few node types of `nodes`.
Whatever is not copied does not exist: no attribute but `.T` and `.H`, no call but the listed functions and
those that the expression was given, no name but the given ones. The same tree is evaluated with numpy
arrays, with exact balls, and with shapes alone, by giving `evaluate` another table of operations.
"""

from grader.problems.language.algebra import Algebra, Several
from grader.problems.language.errors import (
    Excess,
    ExcessError,
    ExpressionError,
    ExpressionFault,
    ShapeError,
    UndeterminedError,
)
from grader.problems.language.functions import (
    APPLY,
    COMPARISONS,
    FUNCTIONS,
    INTERNAL,
    MATRIX_FUNCTIONS,
    NORMS,
    split_whole,
    tell_whole,
)
from grader.problems.language.interpreter import Closure, evaluate, function_of
from grader.problems.language.nodes import Expression, Name, Node, Number, Operation, Word, walk
from grader.problems.language.parse import MAX_LENGTH, MAX_POWER, names_read, parse

__all__ = [
    "APPLY",
    "COMPARISONS",
    "FUNCTIONS",
    "INTERNAL",
    "MATRIX_FUNCTIONS",
    "MAX_LENGTH",
    "MAX_POWER",
    "NORMS",
    "Algebra",
    "Closure",
    "Excess",
    "ExcessError",
    "Expression",
    "ExpressionError",
    "ExpressionFault",
    "Name",
    "Node",
    "Number",
    "Operation",
    "Several",
    "ShapeError",
    "UndeterminedError",
    "Word",
    "evaluate",
    "function_of",
    "names_read",
    "parse",
    "split_whole",
    "tell_whole",
    "walk",
]
