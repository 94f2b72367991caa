"""The map of a problem at one point, over any algebra: here stands each formula of what an ask means.

    ask                   φ            answer                  read along V
    value                 f            φ(A)
    differential          f            φ′(A)[V]                itself
    gradient              Re f         G, ⟨G, V⟩ = φ′(A)[V]    ⟨G, V⟩
    pullback              ⟨G, f⟩       as a gradient           ⟨answer, V⟩
    jacobian              vec f        J vec V = φ′(A)[V]      J vec V, summed over inputs
    second differential   f′(·)[W]     φ′(A)[V]                itself
    Hessian               ∇f           H vec V = φ′(A)[V]      H vec V, all inputs stacked
    Hessian times V       f′(·)[V]     as a gradient           ⟨answer, W⟩
    Jacobian determinant  det f′       φ(A)

⟨P, Q⟩ = Re tr(PᴴQ), or tr(PᵀWQ) where a problem names a weight W. Where an input lies in a linear space, V and G do so
too, and vec V are its independent entries; where it lies in a curved one, they are tangent vectors at A. In doubles
these are a student's formulas, in balls they are the truth; how a map is differentiated, users of this say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Generic, TypeVar

from grader.cases.case import Case
from grader.cases.spaces import as_array, basis, coordinates, project_onto_tangent
from grader.problems.asks import Form, Reduced
from grader.problems.language import Algebra, evaluate
from grader.problems.problem import Problem

T = TypeVar("T")
Point = Mapping[str, Any]
"""Arguments and sizes by name: elements of an algebra, and what a parameter that is a word or a function stands for."""
Map = Callable[[Point], T]
Derive = Callable[[Map[T], Point, Point], T]
"""(φ, A, V) ↦ φ′(A)[V]."""


@dataclass(frozen=True, slots=True, eq=False)
class AskedMap(Generic[T]):
    """A problem's map at one point, and what is asked of it there.

    Args:
        point: A and all other arguments; f: the map, from points to elements of the algebra.
    """

    problem: Problem
    algebra: Algebra[T]
    point: Point
    f: Map[T]

    @property
    def value(self) -> T:
        """f(A)."""
        return self.f(self.point)

    def at(self, point: Point) -> AskedMap[T]:
        """The same map at another point."""
        return replace(self, point=point)

    def over(self, algebra: Algebra[T]) -> AskedMap[T]:
        """The same map, evaluated in another way."""
        return replace(self, algebra=algebra, f=_map(self.problem, self.point, algebra))

    def directions(self, order: int) -> Point:
        """The first (0) or second (1) directions, by input."""
        words = self.problem.directions_of_order(order)
        return {name: self.point[argument] for name, argument in words.items()}

    def reduced(self, derive: Derive[T]) -> Map[T]:
        """The map φ, of which the answer is the value or the first derivative."""
        return _REDUCED[self.problem.definition.reduced](self, derive)

    def weighted(self, V: T) -> T:
        """WV, the matrix with ⟨G, V⟩ = tr(Gᵀ·WV)."""
        weight = self.problem.weight
        return V if weight is None else self.algebra.operations["@"](self.point[weight], V)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of what f returns, if it returns several arrays."""
        functions = {f.name: self.point[f.name].over(self.algebra) for f in self.problem.functions}
        several: Any = evaluate(self.problem.f, {**self.point, **functions}, self.algebra)
        return [tuple(getattr(part, "shape", ())) for part in several]

    def represented(self, name: str, G: T) -> T:
        """The gradient F = RG that is asked for, given that in all arrays for tr(PᵀQ): W⁻¹G, or a projection of G.

        R is self-adjoint, so ⟨F, Z⟩ is the derivative along RZ.
        """
        given, weight = self.problem.input(name), self.problem.weight
        if given.is_curved:
            return self.tangential(name, G)
        G = self.by_convention(G)
        return G if weight is None else self.algebra.operations["solve"](self.point[weight], G)

    def by_convention(self, G: T) -> T:
        """The gradient that a convention asks for, given G with df = Re tr(GᴴdA); self-adjoint as well."""
        if self.problem.convention == "conjugate":
            return self.algebra.operations["conj"](G)
        if self.problem.convention == "wirtinger":
            return self.algebra.operations["*"](self.algebra.number(0.5), G)
        return G

    def tangential(self, name: str, V: T) -> T:
        """V, or its projection onto the tangent space where that depends on the point."""
        given = self.problem.input(name)
        if not given.is_curved:
            return V
        projected: T = project_onto_tangent(given.space, self.algebra, self.point[name], V)
        return projected

    def read_along(self, parts: Sequence[T], along: Point) -> T:
        """Read off an answer what it claims φ′(A)[V] to be."""
        reading = {name: self.weighted(along[name]) for name in self.problem.wrt}
        return read_along(self.problem, self.algebra, parts, reading)


def asked_map(problem: Problem, case: Case, algebra: Algebra[T]) -> AskedMap[T]:
    """The map of a problem at a case."""
    point = case.lift(algebra)
    return AskedMap(problem, algebra, point, _map(problem, point, algebra))


def _map(problem: Problem, point: Point, algebra: Algebra[T]) -> Map[T]:
    functions = {function.name: point[function.name].over(algebra) for function in problem.functions}
    evaluated: Map[Any] = lambda at: evaluate(problem.f, {**at, **functions}, algebra)  # noqa: E731
    return evaluated if problem.outputs == 1 else lambda at: in_one_vector(algebra, evaluated(at))


def in_one_vector(algebra: Algebra[Any], arrays: Sequence[Any]) -> Any:
    """Several arrays one after the other, each with its columns stacked."""
    return algebra.operations["concatenate"](*map(algebra.operations["vec"], arrays))


def read_along(problem: Problem, algebra: Algebra[T], parts: Sequence[T], reading: Mapping[str, T]) -> T:
    """Read off an answer, or its defect, what it claims φ′(A)[V] to be.

    Args:
        reading: V, or WV with a weight, by input.
    """
    if problem.has_tuple:
        together: T = in_one_vector(algebra, parts)
        return together

    along = [reading[name] for name in problem.wrt]
    if problem.form in ("matrix", "stacked"):
        along = _coordinates(problem, algebra, along)
    if problem.convention == "holomorphic":
        products = [algebra.operations["*"](part, V) for part, V in zip(parts, along, strict=True)]
        return reduce(algebra.operations["+"], map(algebra.operations["sum"], products))
    value: T = _READ[problem.form](algebra, parts, along)
    return value


def _coordinates(problem: Problem, algebra: Algebra[Any], along: Sequence[Any]) -> list[Any]:
    """The entries of each direction, or the independent ones in a linear space; or those of all in one vector."""
    take, vec = algebra.operations["[]"], algebra.operations["vec"]
    entries = []
    for name, V in zip(problem.wrt, along, strict=True):
        places = coordinates(problem.input(name).ambient, V.shape)
        entries.append(take(vec(V), (places,)))
    return [algebra.operations["concatenate"](*entries)] if problem.form == "stacked" else entries


def norm_along(problem: Problem, dimensions: int) -> str:
    """The norm for what is read along a direction: the problem's for f's own shape, else the Euclidean one."""
    return problem.norm if problem.form == "along" and dimensions == 2 else "fro"


def _real(asked: AskedMap[Any], derive: Derive[Any]) -> Map[Any]:
    return asked.f if asked.problem.convention == "holomorphic" else _after("real")(asked, derive)


def _after(operation: str) -> Callable[[AskedMap[Any], Derive[Any]], Map[Any]]:
    def reduced(asked: AskedMap[Any], derive: Derive[Any]) -> Map[Any]:
        apply = asked.algebra.operations[operation]
        return lambda at: apply(asked.f(at))

    return reduced


def _paired(asked: AskedMap[Any], derive: Derive[Any]) -> Map[Any]:
    assert asked.problem.cotangent is not None
    inner, G = asked.algebra.operations["⟨,⟩"], asked.point[asked.problem.cotangent]
    return lambda at: inner(G, asked.f(at))


def _differentiated(order: int) -> Callable[[AskedMap[Any], Derive[Any]], Map[Any]]:
    def reduced(asked: AskedMap[Any], derive: Derive[Any]) -> Map[Any]:
        V = asked.directions(order)
        return lambda at: derive(asked.f, at, V)

    return reduced


def _in_all_entries(asked: AskedMap[Any], f: Map[Any], derive: Derive[Any], at: Point) -> list[Any]:
    """The derivatives of a map in the independent entries of all inputs, one after the other."""
    slopes = []
    for name in asked.problem.wrt:
        shape = getattr(asked.point[name], "shape", ())
        for element in basis(asked.problem.input(name).ambient, shape):
            B = asked.algebra.number(as_array(element, shape))
            slopes.append(derive(f, at, {name: B}))
    return slopes


def _all_slopes(asked: AskedMap[Any], derive: Derive[Any]) -> Map[Any]:
    return lambda at: asked.algebra.operations["stack"](*_in_all_entries(asked, asked.f, derive, at))


def _determinant(asked: AskedMap[Any], derive: Derive[Any]) -> Map[Any]:
    vec, stack, det = (asked.algebra.operations[name] for name in ("vec", "stack", "det"))
    return lambda at: det(stack(*_in_all_entries(asked, lambda point: vec(asked.f(point)), derive, at)))


_REDUCED: Mapping[Reduced, Callable[[AskedMap[Any], Derive[Any]], Map[Any]]] = {
    "f": lambda asked, derive: asked.f,
    "Re f": _real,
    "vec f": _after("vec"),
    "⟨G, f⟩": _paired,
    "f′[V]": _differentiated(0),
    "f′[W]": _differentiated(1),
    "∇f": _all_slopes,
    "det f′": _determinant,
}


def _sum_of(operation: str) -> Callable[[Algebra[Any], Sequence[Any], Sequence[Any]], Any]:
    def read(algebra: Algebra[Any], parts: Sequence[Any], V: Sequence[Any]) -> Any:
        products = [algebra.operations[operation](part, v) for part, v in zip(parts, V, strict=True)]
        return reduce(algebra.operations["+"], products)

    return read


_READ: Mapping[Form, Callable[[Algebra[Any], Sequence[Any], Sequence[Any]], Any]] = {
    "along": lambda algebra, parts, V: parts[0],
    "gradient": _sum_of("⟨,⟩"),
    "matrix": _sum_of("@"),
    "stacked": _sum_of("@"),
}
