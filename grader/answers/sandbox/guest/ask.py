"""Call a student's function once, and pack what comes of it: an answer, or the reason why there is none.

Runs in the student's process: the sandbox's child, or the kernel of a notebook. Imports nothing of ours but its
neighbours, and uses functions that were taken before the student's code could replace them.
"""

from __future__ import annotations

import dis
import inspect
import re
import types
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from . import wire
from .convert import Unfit, convert_parts, type_name
from .describe_error import NOT_WRITTEN, REPLACE_RAISE, SourceMap, describe, locate

_ndarray, _signature = np.ndarray, inspect.signature
_invert, _uint8, _allow_writing = np.invert, np.dtype(np.uint8), np.ndarray.setflags
_NO_STEPS = frozenset({"RESUME", "NOP", "CACHE"})
_TO_DO = re.compile(r"to.?do|fixme|implement|writ|your|here|later|solution", re.IGNORECASE)
"""In the text of a NotImplementedError: nothing is there yet. Others say what a function does not do."""
_RETURNS = frozenset({"LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"})
_SCALARS = {float: np.float64, complex: np.complex128}
"""numpy's scalars are Python's numbers too, and have `.conj()`, `.T` and `.shape` besides."""


class Given(NamedTuple):
    """What a function was given, and what it gave back, in how many parts: the objects themselves."""

    arguments: Sequence[Any]
    returned: Any
    parts: int


class AskOptions(NamedTuple):
    """What is known of the student's file, and how its answers are told.

    Args:
        sources: label → source of what the student wrote.
        memory_mb: the limit that a MemoryError met.
        let_through: exceptions that are none of the student's.
        tell: what is said of the answer, when there is one, in place of its type.
    """

    sources: SourceMap
    memory_mb: int
    let_through: tuple[type[BaseException], ...] = ()
    tell: Callable[[], str] | None = None


def ask(
    name: str, function: Any, call: wire.Call, given: list[Given], options: AskOptions
) -> tuple[int, bytes]:
    """Make a call, and return the kind and the body of the frame that answers it.

    Args:
        name: what the function is called in messages.
        given: the calls so far; this one is added if it is answered.
    """
    try:
        return wire.RETURNED, _call(function, call, given, options.tell)
    except options.let_through:
        raise
    except Unfit as unfit:
        return wire.FAILED, wire.pack_failure(wire.Fields(unfit.kind, unfit.what, unfit.advice, subject=name))
    except BaseException as error:
        return wire.FAILED, wire.pack_failure(describe(error, options.sources, options.memory_mb, name))


def find_fault(name: str, function: Any, call: wire.Call, sources: SourceMap) -> wire.Fields | None:
    """Explain why something cannot be called at all; None if it can."""
    if not callable(function):
        what = f"is of type {type_name(function)}, not a function"
        return wire.Fields("not_callable", what, "is its name used again further down?", subject=name)

    step = _what_to_write(function, sources)
    if step:
        place, text = _definition(function, sources)
        return wire.Fields("missing", NOT_WRITTEN, step, place=place, text=text, subject=name)
    try:
        _signature(function).bind(*call.arguments)
    except TypeError:
        return _explain_signature(name, function, call, sources)
    except BaseException:  # a function that cannot be inspected can still be called
        return None
    return None


def _what_to_write(function: Any, sources: SourceMap) -> str:
    """What is to be written in a function whose body is `pass`, `...`, a docstring or a NotImplementedError.

    One with a `return` was written: it returns None.
    """
    code = getattr(function, "__code__", None)
    if type(code) is not types.CodeType:
        return ""

    steps = [step for step in dis.get_instructions(code) if step.opname not in _NO_STEPS]
    if all(step.opname in _RETURNS and step.argval is None for step in steps):
        return "" if _has_return(code, steps[-1], sources) else "write its body"
    return REPLACE_RAISE if _only_raises(function, steps) else ""


def _has_return(code: types.CodeType, last: dis.Instruction, sources: SourceMap) -> bool:
    """Does the function end with a statement, as far as its source is known? `pass` has the same instructions."""
    place, lines = last.positions, sources.get(code.co_filename, "").split("\n")
    if place is None or place.lineno is None or place.col_offset is None:
        return False
    if place.lineno > len(lines):
        return False
    # Columns count bytes; that of `return None` may be where None stands.
    return lines[place.lineno - 1].encode()[place.col_offset :].startswith((b"return", b"None"))


def _only_raises(function: Any, steps: Sequence[dis.Instruction]) -> bool:
    """Does it look at nothing and raise a NotImplementedError whose text says that it is to be written?

    An error without a text tells its line when it is raised.
    """
    code = function.__code__
    if steps[-1].opname != "RAISE_VARARGS" or code.co_names != ("NotImplementedError",):
        return False
    if any("FAST" in step.opname or "JUMP" in step.opname for step in steps):
        return False

    texts = [text for text in code.co_consts if isinstance(text, str) and text != function.__doc__]
    return bool(texts) and all(map(_TO_DO.search, texts))


def _explain_signature(name: str, function: Any, call: wire.Call, sources: SourceMap) -> wire.Fields:
    place, text = _definition(function, sources)
    try:
        what = _describe_parameters(function)
        advice = f"it is called as {call.signature}"
    except BaseException:  # a signature whose names cannot be listed
        what, advice = f"cannot be called as {call.signature}", ""
    return wire.Fields("signature", what, advice, place=place, text=text, subject=name)


def _describe_parameters(function: Any) -> str:
    """How many arguments it takes, and their names: `takes 2 arguments (A, dA)`."""
    parameters = list(_signature(function).parameters.values())
    if not parameters:
        return "takes 0 arguments"

    names = ", ".join(str(parameter).partition(":")[0].partition("=")[0] for parameter in parameters)
    noun = "argument" if len(parameters) == 1 else "arguments"
    return f"takes {len(parameters)} {noun} ({names})"


def _definition(function: Any, sources: SourceMap) -> tuple[str, str]:
    """Find the place and the text of the line that starts a function."""
    code = getattr(function, "__code__", None)
    if type(code) is types.CodeType and code.co_filename in sources:
        return locate(code.co_filename, code.co_firstlineno, sources)
    return "", ""


def read_kept(given: Sequence[Given]) -> bytes:
    """Return the body of a KEPT frame: what is left of the arguments and the answers of some calls."""
    arguments = [wire.checksum_arguments(one.arguments) for one in given]
    answers = [_read_again(one) for one in given]

    for one in given:
        _turn_bits(one.arguments)
    turned = [_read_again(one) for one in given]
    return wire.pack_kept([wire.Kept(*numbers) for numbers in zip(arguments, answers, turned, strict=True)])


def _read_again(given: Given) -> int:
    """The checksum of an answer as it is now; 0 if it is none any more."""
    try:
        return wire.checksum(convert_parts(given.returned, given.parts)[0])
    except BaseException:
        return 0


def _turn_bits(arguments: Sequence[Any]) -> None:
    """Turn every bit of the arrays over, so that what looks into them looks different."""
    for array in arguments:
        if type(array) is _ndarray:
            _allow_writing(array, write=True)
            memory = array.reshape(-1).view(_uint8)
            _invert(memory, out=memory)


def _call(function: Any, call: wire.Call, given: list[Given], tell: Callable[[], str] | None) -> bytes:
    arguments = [_fresh(value) for value in call.arguments]
    returned = function(*arguments)

    parts, converted = convert_parts(returned, call.parts)
    body = wire.pack_answer(parts, tell() if tell else converted)
    given.append(Given(arguments, returned, call.parts))
    return body


def _fresh(value: wire.Value) -> Any:
    """An argument that the student may change without changing the call."""
    if type(value) is wire.Function:
        names = {"np": np, **{name: _fresh(bound) for name, bound in value.bound}}
        return eval(f"lambda {value.argument}: {value.source}", names)
    if type(value) is _ndarray:
        return value.copy()
    scalar = _SCALARS.get(type(value))
    return value if scalar is None else scalar(value)
