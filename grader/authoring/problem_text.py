"""The text of a proposed problem's files, written as an author would write them, to be changed line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from grader.authoring.propose_solution import ProposedMistake
from grader.authoring.stub import write_shape
from grader.core.text import free_names
from grader.problems.problem import Input, Problem

_STATEMENTS: Mapping[str, str] = {
    "value": "**Return** the value of `f`.",
    "differential": """\
**Return** the differential of `f` along {directions}: the part of the change of `f` that is linear in it.""",
    "gradient": """\
**Return** {gradients}:
{answers} with $df = {pairings}$,
the sum of the products of the entries.""",
    "jacobian": """\
**Return** the Jacobian {matrices} with $\\operatorname{{vec}}(df) = {products}$,
where vec stacks columns.""",
    "pullback": """\
**Return** the pullback of `{cotangent}`, {cotangent_shape}:
{answers} with $\\langle {cotangent}, df\\rangle = {pairings}$ for every {changes}.""",
    "second_differential": """\
**Return** the second differential of `f`:
the derivative along {first} of the differential along {second}.""",
    "hessian": """\
**Return** the Hessian of `f`:
the matrix of its second derivatives in the entries of {vectors}, where vec stacks columns.""",
    "hvp": """\
**Return** the Hessian of `f` times {directions}:
{answers}, the derivative of the gradient of `f` along {directions}.""",
    "jacobian_determinant": """\
**Return** the determinant, with its sign, of the Jacobian matrix of `f`
in the entries of {vectors}, where vec stacks columns.""",
}
_HINTS: Mapping[str, str] = {
    "value": "Follow the definition of f from the inside out.",
    "gradient": "Write df first. Then bring it to the form {pairings}.",
}
_HINT = "Write df: one term for each factor that changes, and keep every factor in its place."
_LETTERS: Mapping[str, str] = {"gradient": "GPQHKRS", "pullback": "PQHKRST", "jacobian": "JKLMPQR"}
"""What answers are called, in order of preference."""


def problem_yaml(problem: Problem, fields: Mapping[str, Any]) -> str:
    """The text of problem.yaml.

    Args:
        fields: those of the file; the title and the statement are written here.
    """
    return "".join(f"{line}\n" for line in _lines(problem, fields))


def _lines(problem: Problem, fields: Mapping[str, Any]) -> Iterator[str]:
    yield "# yaml-language-server: $schema=../problem.schema.json"
    yield f"title: {json.dumps(title(problem), ensure_ascii=False)}"
    yield "# Say what students need to know: shapes, conventions, and an example that can be worked by hand."
    yield "statement: |"
    yield from (f"  {line}" if line else "" for line in _statement(problem))
    yield f"signature: {problem.signature}"
    yield from _block("f", problem.f.text)
    yield f"ask: {problem.ask}"
    if "wrt" in fields:
        yield f"wrt: [{', '.join(fields['wrt'])}]"
    if "directions" in fields:
        yield f"directions: {_flow(fields['directions'])}"

    is_real = problem.is_slow or any(argument.space != "general" for argument in problem.inputs)
    more = "" if is_real else " One more, `complex`, draws complex inputs."
    yield f"# Families where the truth is decided.{more}"
    yield "inputs:"
    for name, given in fields["inputs"].items():
        yield from _input_lines(name, given)
    if fields["sizes"]:
        yield f"sizes: {_flow(fields['sizes'])}"

    yield "checks:"
    yield from (f"  - {_flow(check)}" for check in fields["checks"])
    yield "hints:"
    pairings = " + ".join(f"⟨{answer}, d{name}⟩" for name, answer in _answers(problem).items())
    hint = _HINTS.get(problem.ask, _HINT).format(pairings=pairings)
    yield f"  - {json.dumps(hint, ensure_ascii=False)}"


def _input_lines(name: str, given: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {name}:"
    yield f"    shape: {_flow(given['shape'])}"
    if "space" in given:
        yield f"    space: {given['space']}"
    yield f"    family: {_flow(given['family'])}"


def title(problem: Problem) -> str:
    """`Gradient of trace(inv(A) @ B) with respect to A`."""
    noun, f = problem.definition.noun, " ".join(problem.f.text.split())
    of = f if len(f) <= 60 else problem.function
    has_others = len(problem.wrt) < len(problem.inputs) and problem.order > 0
    about = f" with respect to {' and '.join(problem.wrt)}" if has_others else ""
    return f"{noun[0].upper()}{noun[1:]} of {of}{about}"


def _statement(problem: Problem) -> list[str]:
    f = problem.f.text.strip()
    definition = [f"Let `f = {f}`"]
    if "\n" in f:
        definition = ["Let `f` be computed by", *(f"    {line}" for line in f.splitlines())]
    shapes = [_describe_input(given) for given in problem.inputs]
    return [
        *definition,
        f"for {', '.join(shapes)}.",
        "",
        *_STATEMENTS[problem.ask].format(**_words(problem)).splitlines(),
    ]


def _words(problem: Problem) -> dict[str, str]:
    """What the sentence about an ask says of a problem."""
    answers = {name: _in_latex(answer) for name, answer in _answers(problem).items()}
    pairings = [f"\\langle {answer}, d{name}\\rangle" for name, answer in answers.items()]
    products = [f"{answer} \\operatorname{{vec}}(d{name})" for name, answer in answers.items()]
    described = [_describe_answer(problem.input(name), answer) for name, answer in answers.items()]
    directions = list(problem.directions)
    matrix = "matrix" if len(answers) == 1 else "matrices"

    return {
        "directions": _list_names(directions),
        "first": _list_names(directions[: len(problem.wrt)]),
        "second": _list_names(directions[len(problem.wrt) :]),
        "vectors": " and then of ".join(f"$\\operatorname{{vec}}({name})$" for name in problem.wrt),
        "gradients": " and ".join(f"the gradient with respect to `{name}`" for name in answers),
        "answers": " and ".join(described),
        "matrices": f"{matrix} {' and '.join(f'${answer}$' for answer in answers.values())}",
        "pairings": " + ".join(pairings),
        "products": " + ".join(products),
        "changes": " and ".join(f"$d{name}$" for name in answers),
        "cotangent": problem.cotangent or "",
        "cotangent_shape": _describe_shape(problem.output),
    }


def _answers(problem: Problem) -> dict[str, str]:
    """What the answer for each differentiated input is called: `P`, or `P_A` and `P_x`; f has no such name."""
    taken = {*re.findall(r"\w+", problem.f.text), *problem.arguments, *problem.sizes}
    letter = next(free_names(_LETTERS.get(problem.ask, "P"), taken))
    if len(problem.wrt) == 1:
        return {problem.wrt[0]: letter}
    return {name: f"{letter}_{name}" for name in problem.wrt}


def _list_names(names: Iterable[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _in_latex(name: str) -> str:
    """`P_{A_1}` for `P_A_1`."""
    letter, _, index = name.partition("_")
    return f"{letter}_{{{index}}}" if index else letter


def _describe_answer(given: Input, answer: str) -> str:
    if not given.shape:
        return f"the number ${answer}$"
    return f"the array ${answer}$ of the shape of `{given.name}`"


def _describe_input(given: Input) -> str:
    space = "" if given.space == "general" else f" ({given.space.replace('_', ' ')})"
    comma = "" if given.shape else ","
    return f"`{given.name}`{space}{comma} {_describe_shape(given.shape)}"


def _describe_shape(shape: Sequence[int | str]) -> str:
    return f"of shape `{write_shape(shape)}`" if shape else "a number"


def _block(key: str, text: str) -> Iterator[str]:
    if "\n" not in text.strip():
        yield f"{key}: {json.dumps(text, ensure_ascii=False)}"
        return
    yield f"{key}: |"
    yield from (f"  {line}" for line in text.strip("\n").splitlines())


def _flow(value: Any) -> str:
    """Plain data in YAML's flow style."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return f"{value:g}".replace("e+0", "e") if isinstance(value, float) else str(value)


def variants_yaml(mistakes: Sequence[ProposedMistake]) -> str:
    """The text of variants.yaml."""
    lines = ["# yaml-language-server: $schema=../variants.schema.json", "alternatives: []"]
    lines.append("mistakes:" if mistakes else "mistakes: []")
    for mistake in mistakes:
        quoted = [json.dumps(text, ensure_ascii=False) for text in mistake.formulas]
        formula = quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"
        lines += [
            f"  - id: {mistake.id}",
            f"    formula: {formula}",
            f"    message: {json.dumps(mistake.message, ensure_ascii=False)}",
            f"    step: {json.dumps(mistake.step, ensure_ascii=False)}",
        ]
    return "\n".join([*lines, ""])
