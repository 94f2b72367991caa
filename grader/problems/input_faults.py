"""The faults of inputs: shapes, spaces and families that do not fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.core.errors import suggest
from grader.problems.family_names import FAMILIES, FamilyName
from grader.problems.problem_yaml import InputFile, ProblemFile
from grader.problems.shapes import is_square, show_shape
from grader.problems.spaces import SPACES, Space
from grader.problems.yaml_model import FieldFault
from grader.problems.yaml_reader import FieldPath


def find_input_faults(file: ProblemFile) -> Iterator[FieldFault]:
    """Find what is wrong with each input by itself."""
    for name, argument in file.inputs.items():
        at: FieldPath = ("inputs", name)
        if name in file.sizes:
            yield at, f"'{name}' is the letter of a size as well"

        for position, side in enumerate(argument.shape):
            if isinstance(side, str) and side not in file.sizes:
                message = f"unknown size '{side}'; {suggest(side, file.sizes)} (or add it to sizes)"
                yield (*at, "shape", position), message
        for position, family in enumerate(argument.family):
            if message := _misfit(file, argument, family.name):
                yield (*at, "family", position), message

        index = argument.index
        if isinstance(index, str) and index not in file.sizes:
            yield (*at, "index"), f"unknown size '{index}'; {suggest(index, file.sizes)}"
        if index is not None and argument.space not in ("general", "integer"):
            yield (*at, "space"), f"labels (index) have no space, found {argument.space}; remove it"
        if message := _misshape(file, argument):
            yield (*at, "space"), message


def _misshape(file: ProblemFile, argument: InputFile) -> str:
    """Say why no array of that shape lies in an input's space; nothing if it can."""
    fits, shape = SPACES[argument.space].fits, show_shape(tuple(argument.shape))
    if fits == "square" and not is_square(argument.shape):
        return f"{_with_article(argument.space)} input needs a square matrix, found shape {shape}"
    if fits == "array" and not argument.shape:
        return f"{_with_article(argument.space)} input needs a vector or a matrix, found a scalar"
    if fits != "tall":
        return ""

    if len(argument.shape) != 2:
        return f"a {argument.space} input needs a matrix, found shape {shape}"
    m, n = argument.shape
    is_ordered = any(re.fullmatch(rf"\s*{m}\s*>=?\s*{n}\s*", text) for text in file.where)
    if m == n or is_ordered or min(_values(file, m)) >= max(_values(file, n)):
        return ""
    return f"{argument.space} matrices have at least as many rows as columns; write where: [{m} >= {n}]"


def _values(file: ProblemFile, side: str | int) -> Sequence[int]:
    """The sizes that a side may have; 0 if its letter is unknown."""
    return [side] if isinstance(side, int) else file.sizes.get(side, [0])


def _with_article(space: Space) -> str:
    sounds_like_vowel = space[0] in "aeiou" and not space.startswith("unit")
    return f"an {space}" if sounds_like_vowel else f"a {space}"


def _misfit(file: ProblemFile, argument: InputFile, family: FamilyName) -> str:
    """Say why an input cannot be drawn from a family; nothing if it can."""
    definition, space, shape = FAMILIES[family], argument.space_or_integer, tuple(argument.shape)
    if definition.fits == "eigenvalue":
        others = file.inputs.values()
        matrices = [other for other in others if is_square(other.shape) and other.space == "general"]
        if shape or len(matrices) != 1:
            return f"family '{family}' is for a scalar beside one square matrix that has it as an eigenvalue"
        return ""
    if definition.fits == "direction":
        return f"family '{family}' is not a family of inputs; it is drawn wherever there is a direction or cotangent"

    if family not in SPACES[space].families:
        allowed = ", ".join(SPACES[space].families)
        return f"family '{family}' is not drawn as {space}; allowed: {allowed}"
    if definition.size is not None and not all(isinstance(side, str) for side in shape):
        return f"family '{family}' needs a shape in letters"

    fits = definition.fits == "any" or (definition.fits == "matrix" and len(shape) == 2)
    if not fits and not is_square(shape):
        return f"family '{family}' needs a square matrix, found shape {show_shape(shape)}"
    return ""
