"""The plan of a problem's cases: what meets what, before a number is drawn.

Which inputs are drawn is half of the verdict: a path of code that no input reaches is accepted whatever it does. So
every family is drawn at each size that it can have, sizes of several letters are combined (m < n, m = n, m > n), every
value of a parameter meets a complex, a singular and a badly scaled input where these are listed, some cases are
larger than all sizes listed, and each direction is zero once, large twice and small twice; several are zero together
as well. What else meets what is up to the seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import cycle, islice, product
from typing import Any

from grader.cases.families import GENERIC, Generator, generator
from grader.cases.sizes import Sizes, cover_sizes, larger_sizes, middle_sizes, sizes_of
from grader.core.grouping import group_pairs
from grader.problems.family_names import Family, Group
from grader.problems.problem import Parameter, Problem

DIRECTIONS = 8
"""Generic cases with a direction or cotangent, at least: so many that no error 10 tolerances large hides from them."""
FURTHER = 2
"""Further values of a parameter that are drawn between its bounds."""
EXPONENTS = (11, -10)
"""Of large and small directions and cotangents: the largest entry is at least 1024, or below 1/1024."""
_MEET_ALL: frozenset[Group] = frozenset({"integer", "complex", "singular", "scaled", "one_by_one"})
"""Groups of which every value of a parameter meets some case."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A case before it is drawn.

    Args:
        point: keys the random numbers of the inputs; line: those of the linear arguments.
        values: of the parameters; choice: which of their expressions the given functions are.
        combination_of: the cases whose linear arguments this one combines.
        sign: that of the determinant where the family leaves it free; 0 leaves it to chance.
        transposed: upper triangular where the family is lower triangular.
        exponent: the largest entry of directions and cotangents is between 2^(exponent − 1) and 2^exponent; None leaves
            it to chance.
        zero: the directions, or the cotangent, that are 0.
    """

    family: Family
    sizes: Sizes
    point: str
    line: str
    values: Mapping[str, Any]
    choice: int = 0
    combination_of: tuple[int, int] | None = None
    sign: int = 0
    transposed: bool = False
    exponent: int | None = None
    zero: tuple[str, ...] = ()


@dataclass(slots=True)
class _Deck:
    """Deals values in random order, all of them before any a second time."""

    values: Sequence[Any]
    rng: Generator
    left: list[Any] = field(default_factory=list)

    def deal(self) -> Any:
        if not self.left:
            self.left = [self.values[k] for k in self.rng.permutation(len(self.values))]
        return self.left.pop()


@dataclass(frozen=True, slots=True)
class _Decks:
    """The decks of all parameters, and of the given functions, for one group of families."""

    parameters: Mapping[str, _Deck]
    choices: _Deck

    @property
    def longest(self) -> int:
        return max(len(deck.values) for deck in (*self.parameters.values(), self.choices))

    def count_values(self, name: str) -> int:
        """How many values a parameter has; of the choices if the name is empty."""
        return len(self.parameters.get(name, self.choices).values)

    def deal(self) -> tuple[dict[str, Any], int]:
        return {name: deck.deal() for name, deck in self.parameters.items()}, self.choices.deal()


def plan_cases(problem: Problem, seed: int, count: int) -> list[Plan]:
    """Plan all cases of a problem.

    Args:
        seed: what meets what by chance depends on it.
        count: how many cases there are at least, unless the map is slow.
    """
    rng = generator(f"{seed}/{problem.id}/plan")
    values = {parameter.name: _values(parameter, rng) for parameter in problem.parameters}
    choices = max((len(function.choices) for function in problem.functions), default=1)

    def decks() -> _Decks:
        parameters = {name: _Deck(listed, rng) for name, listed in values.items()}
        return _Decks(parameters, _Deck(range(choices), rng))

    plans: list[Plan] = []
    groups = _families_by_group(problem)
    for group, families in groups.items():
        plans += _plan_group(problem, group, families, decks(), rng)
    if any(check.name == "linear" for check in problem.checks):
        plans += _plan_line(problem, len(plans), decks())
    missing = 0 if problem.is_slow else count - len(plans)
    plans += _plan_generic(problem, missing, decks(), rng)
    if not problem.is_slow:
        plans += _plan_larger(problem, groups, decks(), rng)
    plans += _plan_zeros(problem, decks())
    return plans


def _values(parameter: Parameter, rng: Generator) -> list[Any]:
    """The values listed, and some between the bounds given, so that a table of the listed ones does not do."""
    if parameter.between is None:
        return list(parameter.values)

    low, high = parameter.between
    if all(isinstance(value, int) for value in (*parameter.values, low, high)):
        numbers = [k for k in range(int(low), int(high) + 1) if k not in parameter.values]
        further: list[Any] = [numbers[k] for k in rng.permutation(len(numbers))[:FURTHER]]
    else:
        further = [low + (high - low) * int(k) / (1 << 20) for k in rng.integers(1, 1 << 20, FURTHER)]
    return [*parameter.values, *further]


def _families_by_group(problem: Problem) -> dict[Group, list[Family]]:
    """The families listed but the generic one, in order; a listed factor is one of complex inputs too."""
    families = dict.fromkeys(family for argument in problem.inputs for family in argument.families)
    groups = group_pairs((family.definition.group, family) for family in families if family != GENERIC)
    if "complex" in groups:
        factors = [family.parameter for family in families if family.name == "scaled" and family.parameter]
        groups["complex"] += [Family("complex", factor) for factor in factors]
    return groups


def _plan_group(
    problem: Problem, group: Group, families: Iterable[Family], decks: _Decks, rng: Generator
) -> Iterator[Plan]:
    """Each family at each of its sizes, and again until every value of every parameter has been met."""
    listed = [(family, sizes) for family in families for sizes in sizes_of(problem, family, rng)]
    wanted = len(listed)
    if group in _MEET_ALL:
        wanted = max(wanted, decks.longest)

    drawn: Counter[Family] = Counter()
    for family, sizes in islice(cycle(listed), wanted):
        yield _plan(family, drawn[family], sizes, decks)
        drawn[family] += 1


def _plan(family: Family, k: int, sizes: Sizes, decks: _Decks) -> Plan:
    """The k-th case of a family, with determinants of both signs in turn, each of them lower and upper triangular."""
    sign, factor = (1, 1e3) if k % 2 == 0 else (-1, 1e-3)
    if family.name == "scaled" and family.parameter is None:
        family = Family("scaled", factor)
    key = f"{family.name}/{family.parameter}/{k}"
    values, choice = decks.deal()
    transposed = family.definition.is_one_sided and k % 4 in (1, 2)
    return Plan(family, sizes, key, key, values, choice, sign=sign, transposed=transposed)


def _plan_line(problem: Problem, start: int, decks: _Decks) -> list[Plan]:
    """Three cases at one point, with the linear arguments V, W and a combination of both."""
    values, choice = decks.deal()
    sizes, point = middle_sizes(problem), "generic/line"
    first, second, both = (Plan(GENERIC, sizes, point, f"{point}/{k}", values, choice) for k in "VWZ")
    return [first, second, replace(both, combination_of=(start, start + 1))]


def _plan_generic(problem: Problem, wanted: int, decks: _Decks, rng: Generator) -> Iterator[Plan]:
    """Generic cases: every value of the parameters twice, at different sizes, and all of it with both signs.

    When each size has been drawn once, directions and cotangents are large and small in turn.
    """
    covering = cover_sizes(problem, problem.sizes, rng)
    by_size = {tuple(sizes.values()): sizes for sizes in covering}
    least = DIRECTIONS if problem.definition.is_linear else 1
    twice = 2 * decks.longest if decks.longest > 1 else 1
    met: Counter[Any] = Counter()

    for k in range(max(wanted, least, twice, 2 * len(covering))):
        plan = _plan(GENERIC, k, covering[0], decks)
        weights = _weigh(plan, decks)
        size = min(by_size, key=lambda size: (_times_met(met, weights, size), met[size]))
        sign = min((-1, 1), key=lambda sign: (_times_met(met, weights, sign), met[size, sign]))

        met.update([size, (size, sign), *product(weights, (size, sign))])
        exponent = None if k < len(covering) else EXPONENTS[k % len(EXPONENTS)]
        yield replace(plan, sizes=by_size[size], sign=sign, exponent=exponent)


def _weigh(plan: Plan, decks: _Decks) -> dict[tuple[str, Any], int]:
    """What a plan was dealt, and its say in what that meets: the more values there are, the rarer each is dealt."""
    dealt = {**plan.values, "": plan.choice}
    return {(name, value): decks.count_values(name) ** 2 for name, value in dealt.items()}


def _times_met(met: Mapping[Any, int], weights: Mapping[Any, int], what: Any) -> int:
    return sum(weight * met[item, what] for item, weight in weights.items() if weight > 1)


def _plan_larger(
    problem: Problem, groups: Mapping[Group, Sequence[Family]], decks: _Decks, rng: Generator
) -> Iterator[Plan]:
    """A generic case and one of a family of the seed's choice, of sizes larger than all that are listed."""
    listed = [family for families in groups.values() for family in families]
    fitting = [family for family in listed if family.definition.can_be_larger]
    others = fitting or [GENERIC]
    chosen = others[int(rng.integers(len(others)))]
    for family, sizes in zip((GENERIC, chosen), cycle(larger_sizes(problem, rng)), strict=False):
        key = f"larger/{family.name}"
        yield replace(_plan(family, 0, sizes, decks), point=key, line=key)


def _plan_zeros(problem: Problem, decks: _Decks) -> Iterator[Plan]:
    """For each direction or cotangent a case in which it is 0, and for several directions one in which all are."""
    alone = [(name,) for name in problem.linear_arguments]
    together = [group for group in problem.linear_groups if len(group) > 1]
    for zero in (*alone, *together):
        values, choice = decks.deal()
        key = f"zero_direction/{','.join(zero)}"
        yield Plan(Family("zero_direction"), middle_sizes(problem), key, key, values, choice, zero=zero)
