"""The faults of inputs: shapes, spaces and families that do not fit together."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from grader.core.errors import suggest
from grader.problems.family_names import FAMILIES, FamilyName
from grader.problems.problem_yaml import InputFile, ProblemFile
from grader.problems.shapes import is_square, show_shape
from grader.problems.sides import letters_among, split_joined
from grader.problems.spaces import SPACES, Space
from grader.problems.yaml_model import FieldFault
from grader.problems.yaml_reader import FieldPath


def find_input_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Find what is wrong with each input by itself."""
    for name, argument in file.inputs.items():
        at: FieldPath = ("inputs", name)
        if name in file.sizes:
            yield at, f"'{name}' is the letter of a size as well"

        yield from _size_faults(file, argument, at)
        yield from _family_faults(file, argument, (*at, "family"))
        yield from _space_faults(file, argument, (*at, "space"))


def _size_faults(file: ProblemFile, argument: InputFile, at: FieldPath) -> Iterator[FieldFault]:
    for position, side in enumerate(argument.shape):
        if isinstance(side, str) and side not in file.sizes:
            hint = _say_how_to_write(side, file.sizes)
            yield (*at, "shape", position), f"unknown size '{side}'; {hint} (or add it to sizes)"

    index = argument.index
    if isinstance(index, str) and index not in file.sizes:
        yield (*at, "index"), f"unknown size '{index}'; {suggest(index, file.sizes)}"


def _say_how_to_write(side: str, sizes: Collection[str]) -> str:
    """Say how an unknown side is written: as the sides that it joins, such as `nxn`, or as a similar letter."""
    joined = split_joined(side)
    if len(joined) > 1:
        return f"write {', '.join(joined)}"
    return suggest(side, sizes)


def _space_faults(file: ProblemFile, argument: InputFile, at: FieldPath) -> Iterator[FieldFault]:
    if argument.index is not None and argument.space not in ("general", "integer"):
        yield at, f"labels (index) have no space, found {argument.space}; remove it"
    if message := _misshape(file, argument):
        yield at, message


def _misshape(file: ProblemFile, argument: InputFile) -> str:
    """Say why no array of that shape lies in an input's space; nothing if it can."""
    shape = tuple(argument.shape)
    subject = f"{_with_article(argument.space)} input"

    match SPACES[argument.space].fits:
        case "square" if not is_square(shape):
            return f"{subject} needs a square matrix, found shape {show_shape(shape)}"
        case "array" if not shape:
            return f"{subject} needs a vector or a matrix, found a scalar"
        case "tall":
            return _say_not_tall(file, argument)
    return ""


def _say_not_tall(file: ProblemFile, argument: InputFile) -> str:
    """Say why matrices may have fewer rows than columns; nothing if they cannot."""
    if len(argument.shape) != 2:
        return f"a {argument.space} input needs a matrix, found shape {show_shape(tuple(argument.shape))}"

    m, n = argument.shape
    is_order = re.compile(rf"\s*{m}\s*>=?\s*{n}\s*").fullmatch
    if m == n or any(map(is_order, file.where)):
        return ""
    if min(_values(file, m)) >= max(_values(file, n)):
        return ""
    return f"{argument.space} matrices have at least as many rows as columns; write where: [{m} >= {n}]"


def _values(file: ProblemFile, side: str | int) -> Sequence[int]:
    """The sizes that a side may have; 0 if its letter is unknown."""
    return [side] if isinstance(side, int) else file.sizes.get(side, [0])


def _with_article(space: Space) -> str:
    sounds_like_vowel = space[0] in "aeiou" and not space.startswith("unit")
    article = "an" if sounds_like_vowel else "a"
    return f"{article} {space}"


def _family_faults(file: ProblemFile, argument: InputFile, at: FieldPath) -> Iterator[FieldFault]:
    for position, family in enumerate(argument.family):
        if message := _misfit(file, argument, family.name):
            yield (*at, position), message


def _misfit(file: ProblemFile, argument: InputFile, family: FamilyName) -> str:
    """Say why an input cannot be drawn from a family; nothing if it can."""
    definition, space, shape = FAMILIES[family], argument.space_or_integer, tuple(argument.shape)
    if definition.fits == "eigenvalue":
        if shape == () and _has_one_matrix(file):
            return ""
        return f"family '{family}' is for a scalar beside one square matrix that has it as an eigenvalue"
    if definition.fits == "direction":
        return f"family '{family}' is not a family of inputs; it is drawn wherever there is a direction or cotangent"

    if family not in SPACES[space].families:
        allowed = ", ".join(SPACES[space].families)
        return f"family '{family}' is not drawn as {space}; allowed: {allowed}"
    is_in_letters = letters_among(shape) == {*shape}
    if definition.size is not None and not is_in_letters:
        return f"family '{family}' needs a shape in letters"

    fitting = {"any": True, "matrix": len(shape) == 2, "square": is_square(shape)}
    if not fitting[definition.fits]:
        return f"family '{family}' needs a square matrix, found shape {show_shape(shape)}"
    return ""


def _has_one_matrix(file: ProblemFile) -> bool:
    """Whether exactly one input is a square matrix without a space, whose eigenvalues can be drawn."""
    squares = [given for given in file.inputs.values() if is_square(given.shape)]
    return sum(given.space == "general" for given in squares) == 1
