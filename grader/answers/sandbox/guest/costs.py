"""What operations and functions of numpy and scipy cost, by the shapes of their arguments.

A cost is a kind, how often, and multiplications with additions: `products` are of two matrices, `solves` of linear
systems, `inverses` and `factorisations` are what their names say. An inverse solves a system as well, so that it is no
way around a bound on these. Counts are those of the textbook algorithms, whatever the processor does. Imports nothing
of ours.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

_shape, _size = np.shape, np.size
OF_NUMPY = (np.ndarray, np.generic)


class Cost(NamedTuple):
    """The cost of one call: how often it is of each kind, and how many operations on numbers it takes."""

    flops: float
    products: float = 0
    solves: float = 0
    inverses: float = 0
    factorisations: float = 0


Rule = Callable[..., Cost]


def product(A: Any, B: Any, *_: Any, **__: Any) -> Cost:
    """`A @ B` of vectors, matrices and stacks of them."""
    a, b = _shape(A), _shape(B)
    if not a or not b:
        return Cost(max(_size(A), _size(B)))

    batch = max(math.prod(a[:-2]), math.prod(b[:-2]))
    m, k = (1, *a)[-2:]  # a vector is one row on the left, one column on the right
    n = b[-1] if len(b) > 1 else 1
    is_product = min(m, k, n) > 1
    return Cost(2.0 * batch * m * k * n, products=batch * is_product)


def _dot(A: Any, B: Any, *_: Any, **__: Any) -> Cost:
    return product(A, B) if len(_shape(B)) < 3 else Cost(2.0 * _size(A) * _size(B))


def _square(A: Any) -> tuple[int, int]:
    """The number of matrices in a stack, and their order."""
    shape = _shape(A)
    return math.prod(shape[:-2]), max(shape[-2:], default=1)


def _factor(cubic: float) -> Rule:
    def rule(A: Any, *_: Any, **__: Any) -> Cost:
        batch, n = _square(A)
        return Cost(cubic * batch * n**3, factorisations=batch)

    return rule


def _solve(A: Any, b: Any, *_: Any, **__: Any) -> Cost:
    batch, n = _square(A)
    columns = _size(b) / max(n * batch, 1)
    # Solving with the identity on the right is an inverse by another name.
    is_inverse = n > 1 and _shape(b) == (n, n) and bool(np.array_equal(b, np.eye(n)))
    return Cost(batch * (2 / 3 * n**3 + 2 * n * n * columns), solves=batch, inverses=batch * is_inverse)


def _substitute(A: Any, b: Any, *_: Any, **__: Any) -> Cost:
    A = A[0] if isinstance(A, tuple) else A
    return Cost(2.0 * _square(A)[1] * _size(b), solves=1)


def _inverse(A: Any, *_: Any, **__: Any) -> Cost:
    batch, n = _square(A)
    return Cost(2.0 * batch * n**3, solves=batch, inverses=batch)


def _pseudoinverse(A: Any, *_: Any, **__: Any) -> Cost:
    return _inverse(A)._replace(flops=12.0 * _square(A)[1] ** 3, factorisations=1)


def _least_squares(A: Any, b: Any, *_: Any, **__: Any) -> Cost:
    return Cost(12.0 * _square(A)[1] ** 3, solves=1, factorisations=1)


def _power(A: Any, k: Any, *_: Any, **__: Any) -> Cost:
    n, k = _square(A)[1], int(k)
    products = max(0, abs(k).bit_length() + abs(k).bit_count() - 2)
    inverse = _inverse(A) if k < 0 else Cost(0)
    return inverse._replace(flops=inverse.flops + 2.0 * products * n**3, products=products)


def _chain(arrays: Any, *_: Any, **__: Any) -> Cost:
    """`multi_dot`, which takes the cheapest order."""
    shapes = [_shape(A) for A in arrays]
    first = (1, *shapes[0])[-2]  # vectors may be at the ends
    last = (*shapes[-1], 1)[1]
    sides = [first, *(shape[0] for shape in shapes[1:]), last]

    cheapest = {(i, i + 1): Cost(0) for i in range(len(shapes))}
    for length in range(2, len(shapes) + 1):
        for i in range(len(shapes) - length + 1):
            j = i + length
            ways = [(cheapest[i, k], cheapest[k, j], (sides[i], sides[k], sides[j])) for k in range(i + 1, j)]
            cheapest[i, j] = min(_in_turn(*way) for way in ways)
    return cheapest[0, len(shapes)]


def _in_turn(left: Cost, right: Cost, sides: tuple[int, int, int]) -> Cost:
    """The cost of two factors and of their product, whose sides are m, k and n."""
    flops = left.flops + right.flops + 2.0 * math.prod(sides)
    return Cost(flops, products=left.products + right.products + (min(sides) > 1))


def _contracted(A: Any, B: Any, summed: int, results: int) -> Cost:
    """Sums of `summed` products, `results` of them: a product of matrices if both sides are used again and again."""
    rows = max(_size(A), _size(B)) / max(summed, 1)
    is_product = summed > 1 and results > rows
    return Cost(2.0 * summed * results, products=int(is_product))


def _vecdot(A: Any, B: Any, *_: Any, **__: Any) -> Cost:
    stack = np.broadcast_shapes(_shape(A)[:-1], _shape(B)[:-1])
    return _contracted(A, B, _shape(A)[-1], math.prod(stack))


def _matvec(A: Any, x: Any, *_: Any, **__: Any) -> Cost:
    stack = np.broadcast_shapes(_shape(A)[:-2], _shape(x)[:-1])
    return _contracted(A, x, _shape(x)[-1], math.prod(stack) * _shape(A)[-2])


def _vecmat(x: Any, A: Any, *_: Any, **__: Any) -> Cost:
    stack = np.broadcast_shapes(_shape(x)[:-1], _shape(A)[:-2])
    return _contracted(x, A, _shape(x)[-1], math.prod(stack) * _shape(A)[-1])


def _contract(subscripts: Any, *operands: Any, **options: Any) -> Cost:
    """`einsum`: all its indices run in one loop, unless it may take operands two by two."""
    if not isinstance(subscripts, str):
        raise TypeError("the form of einsum with lists of indices")

    terms, arrow, output = subscripts.replace(" ", "").partition("->")
    if "." in terms:
        raise TypeError("an ellipsis in einsum")
    sides: dict[str, int] = {}
    for term, operand in zip(terms.split(","), operands, strict=True):
        sides |= dict(zip(term, _shape(operand), strict=True))
    if not arrow:
        output = "".join(letter for letter in sides if terms.count(letter) == 1)

    pairs = max(len(operands) - 1, 0)
    loop = float(math.prod(sides.values()))
    if options.get("optimize"):
        report = np.einsum_path(subscripts, *operands, optimize=options["optimize"])[1]
        loop = float(report.split("Optimized FLOP count:")[1].split()[0]) / (pairs + 1)

    long_sides = [side for side in sides.values() if side > 1]
    is_product = len(long_sides) > 2 and len(output) > 1
    return Cost(loop * (pairs + 1), products=pairs * is_product)


def _tensordot(A: Any, B: Any, axes: Any = 2, *_: Any, **__: Any) -> Cost:
    common = math.prod(_summed(_shape(A), axes))
    is_product = common > 1 and min(_size(A), _size(B)) > common
    return Cost(2.0 * _size(A) * _size(B) / max(common, 1), products=int(is_product))


def _summed(shape: Sequence[int], axes: Any) -> Sequence[int]:
    """The sides over which `tensordot` sums: so many last ones, or those at the axes that are listed."""
    if isinstance(axes, int):
        return shape[len(shape) - axes :]

    of_first = axes[0]
    if isinstance(of_first, int):
        return [shape[of_first]]
    return [shape[axis] for axis in of_first]


def _outer(A: Any, B: Any, *_: Any, **__: Any) -> Cost:
    return Cost(float(_size(A) * _size(B)))


def _norm(A: Any, ord: Any = None, *_: Any, **__: Any) -> Cost:
    needs_values = len(_shape(A)) == 2 and ord in (2, -2, "nuc")
    return _factor(8.0)(A) if needs_values else Cost(float(_size(A)))


def _sizes(arguments: Sequence[Any]) -> list[int]:
    return [_size(x) for x in arguments if not isinstance(x, (str, dict))]


def _each(*arguments: Any, **_: Any) -> Cost:
    return Cost(float(max(_sizes(arguments), default=1)))


def _all(*arguments: Any, **_: Any) -> Cost:
    return Cost(float(sum(_sizes(arguments))))


def _free(*_: Any, **__: Any) -> Cost:
    return Cost(0.0)


def _each_of(rule: Rule, names: str) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


RULES: Mapping[str, Rule] = {
    "matmul": product, "dot": _dot, "vdot": _outer, "inner": lambda A, B: product(A, np.transpose(B)), "outer": _outer,
    "kron": _outer, "convolve": _outer, "correlate": _outer,
    "einsum": _contract, "tensordot": _tensordot, "multi_dot": _chain, "matrix_power": _power,
    "vecdot": _vecdot, "matvec": _matvec, "vecmat": _vecmat,
    "solve": _solve, "lstsq": _least_squares, "tensorsolve": _solve,
    "inv": _inverse, "pinv": _pseudoinverse,
    "det": _factor(2 / 3), "slogdet": _factor(2 / 3), "qr": _factor(4.0), "svd": _factor(12.0), "svdvals": _factor(8.0),
    "eig": _factor(25.0), "eigvals": _factor(10.0), "eigh": _factor(9.0), "eigvalsh": _factor(4.0),
    "cholesky": _factor(1 / 3), "cond": _factor(8.0), "matrix_rank": _factor(8.0), "norm": _norm,
    "vector_norm": _all, "matrix_norm": _norm, "lu": _factor(2 / 3), "lu_factor": _factor(2 / 3),
    "cho_factor": _factor(1 / 3), "schur": _factor(25.0), "ldl": _factor(1 / 3), "polar": _factor(12.0),
    "null_space": _factor(12.0), "orth": _factor(12.0), "solve_triangular": _substitute, "lu_solve": _substitute,
    "cho_solve": _substitute,
    **_each_of(_all, """
        sum prod trace mean cumsum cumprod max min amax amin argmax argmin sort argsort any all std var median
        diff count_nonzero allclose array_equal isclose average ptp nansum cross polyval interp unique nonzero
        argwhere flatnonzero
        searchsorted nanmean nanmax nanmin percentile quantile gradient"""),
    **_each_of(_each, """
        where clip round real imag conj conjugate angle nan_to_num real_if_close sinc around select choose"""),
    **_each_of(_free, """
        array asarray asanyarray ascontiguousarray asfortranarray copy zeros ones empty full eye identity
        zeros_like ones_like empty_like full_like arange linspace reshape ravel flatten transpose swapaxes
        moveaxis squeeze expand_dims broadcast_to atleast_1d atleast_2d atleast_3d concatenate stack vstack
        hstack dstack column_stack block split diag diagonal diagflat fill_diagonal tril triu tril_indices
        triu_indices diag_indices ix_ indices meshgrid ndindex ndenumerate take put repeat tile flip fliplr
        flipud roll rot90 delete insert append shape size ndim astype view tolist item fill resize iscomplexobj
        isrealobj isscalar errstate finfo iinfo dtype result_type may_share_memory shares_memory require vander
        tri unravel_index ravel_multi_index matrix_transpose float64 float32 complex128 int64 int32 bool_
        vectorize frompyfunc fromfunction broadcast_arrays issubdtype iscomplex isreal ndarray can_cast
        broadcast_shapes triu_indices_from tril_indices_from diag_indices_from mask_indices array_split hsplit
        vsplit pad apply_along_axis apply_over_axes copyto take_along_axis put_along_axis
        set_printoptions block_diag toeplitz companion hankel"""),
}  # fmt: skip
"""Name → rule, of functions of numpy, numpy.linalg and scipy.linalg, and of methods of arrays."""


_WORDS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "matmul": "@", "pow": "**", "floordiv": "//", "mod": "%",
}  # fmt: skip
SIGNS: Mapping[str, str] = {
    f"{prefix}{word}": sign for word, sign in _WORDS.items() for prefix in ("", "i", "r")
}
"""Name in `operator`, or of a method without its underscores → operator; those of methods with `r` turn their sides."""
_FREE_METHODS = frozenset(
    [
        "__getitem__",
        "__setitem__",
        "__len__",
        "__iter__",
        "__contains__",
        "__array__",
        "__copy__",
        "__deepcopy__",
        "__float__",
        "__int__",
        "__complex__",
        "__bool__",
        "__repr__",
        "__str__",
        "__format__",
        "__getattribute__",
        "__init__",
        "__new__",
        "__class__",
        "__sizeof__",
    ]
)
_ENTRYWISE_METHODS = frozenset(
    ["__neg__", "__pos__", "__abs__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"]
)


def method_rule(name: str) -> Rule | None:
    """The rule of a method of arrays, whose first argument is the array; None if it has none."""
    if name in _FREE_METHODS:
        return _free
    if name in _ENTRYWISE_METHODS:
        return _each

    word = name[2:-2] if name.startswith("__") else ""
    sign = SIGNS.get(word)
    if sign is None:
        return RULES.get(name)
    if word.startswith("r"):
        return lambda A, B, *_: operator_cost(sign, B, A)
    return lambda A, B, *_: operator_cost(sign, A, B)


def total_size(*arguments: Any, **options: Any) -> Cost:
    """The cost of a function that looks at each number that it is given once."""
    return Cost(float(sum(map(_count_numbers, (*arguments, *options.values())))))


def _count_numbers(x: Any) -> int:
    if isinstance(x, np.ndarray):
        return int(x.size)
    if isinstance(x, str) or not hasattr(x, "__len__"):
        return 1
    return sum(int(value.size) if isinstance(value, np.ndarray) else 1 for value in x)


def ufunc_cost(ufunc: Any, method: str, arguments: Sequence[Any]) -> Cost:
    """The cost of a ufunc, or of one of its methods; those of numpy.linalg's own module have names such as `solve1`."""
    if ufunc.signature is not None:
        rule = product if ufunc.__name__ == "matmul" else RULES[core_name(ufunc.__name__)]
        return rule(*arguments)
    if method == "outer":
        return _outer(*arguments[:2])
    if method:
        return _all(*arguments[:1])
    shape = np.broadcast_shapes(*map(_shape, arguments[: ufunc.nin]))
    return Cost(float(math.prod(shape)))


def core_name(name: str) -> str:
    """The public name of what numpy.linalg computes with: `solve` of `solve1`, `eigh` of `eigh_lo`."""
    return name.partition("_")[0].rstrip("1")


def operator_cost(operator: str, A: Any, B: Any) -> Cost:
    """The cost of `A + B`, `A @ B` and so on."""
    for x in (A, B):
        if isinstance(x, np.ndarray) and type(x) is not np.ndarray:
            raise TypeError("a matrix or another kind of array, whose operators mean something else")
    if operator == "@":
        return product(A, B)

    has_array = isinstance(A, OF_NUMPY) or isinstance(B, OF_NUMPY)
    are_numbers = isinstance(A, numbers.Number) and isinstance(B, numbers.Number)
    if not has_array and not are_numbers:
        return Cost(0.0)
    return Cost(float(math.prod(np.broadcast_shapes(_shape(A), _shape(B)))))
