"""A file of formulas: one answer a line, with lines that help and comments.

    X = inv(A)                                  # a helper, for the lines below it
    trace_square(A) = X.T + X                   # an answer
    eigen(A) = w, Q                             # several values

A line goes on while a bracket is open, and after an operator or `=` at its end. Whatever can be read is read:
a fault costs the answer that it is in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from grader.core.text import count
from grader.formulas.formula_lines import (
    ANSWER,
    BRACKETS,
    HELPER,
    Fault,
    FormulaLine,
    first_place,
    join_lines,
)
from grader.formulas.notation import NAME, Translated, translate
from grader.formulas.typing_slips import find_slip
from grader.problems.language import FUNCTIONS, MAX_LENGTH, Expression, ExpressionError, parse
from grader.problems.language.spelling import find_near

_WORD = re.compile(NAME)
_NOT_WRITTEN = ("", "...", "…", "?", "TODO")
_NO_FORMULA = "not an expression: "
ADVICE = "write an answer as name(arguments) = formula, and a comment after #"


@dataclass(frozen=True, slots=True)
class Signature:
    """The function that is asked for.

    Args:
        letters: of sizes, which its formula may use as in `eye(n)`. functions: those of its arguments that are called.
    """

    function: str
    arguments: tuple[str, ...]
    letters: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.function}({', '.join(self.arguments)})"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the program of an answer, and where it comes from.

    Args:
        offset: of the formula in the line; head: the length of what was put before it.
    """

    line: FormulaLine
    offset: int
    formula: Translated
    head: int

    def fault(self, column: int, message: str) -> Fault:
        """A fault at a column of the program."""
        index = self.offset + self.formula.place(max(column - 1 - self.head, 0))
        return self.line.fault(index, message)


@dataclass(frozen=True, slots=True)
class FormulaAnswer:
    """One answer: its expression, or what is wrong with it.

    Args:
        parameters: as the student calls the arguments.
        text: the formula in the language, helpers included. line: where it stands.
    """

    function: str
    parameters: tuple[str, ...]
    line: int
    text: str = ""
    expression: Expression | None = None
    faults: tuple[Fault, ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def program(self) -> Expression:
        """The expression of an answer that has no faults."""
        assert self.expression is not None
        return self.expression

    def fault_at(self, line: int, column: int, message: str) -> Fault:
        """A fault at a place of the program, as one at the student's own."""
        return self.rows[min(line, len(self.rows)) - 1].fault(column, message)


@dataclass(frozen=True, slots=True)
class FormulaFile:
    """A file that was read.

    Args:
        answers: by the name of the function. unwritten: functions whose formulas are empty, and where they begin.
        faults: of lines that are no answer, or do not do what they seem to.
    """

    answers: Mapping[str, FormulaAnswer] = field(default_factory=dict)
    unwritten: Mapping[str, Fault] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class _Helper:
    """A line that gives names to values for those below it."""

    names: tuple[str, ...]
    line: FormulaLine
    begin: int


@dataclass(frozen=True, slots=True)
class _Written:
    """A line with an answer: the names of its arguments, where its formula begins, and the number of helpers above."""

    arguments: tuple[str, ...]
    line: FormulaLine
    begin: int
    above: int


def read_formulas(
    text: str, signatures: Mapping[str, Signature], others: Collection[str] = ()
) -> FormulaFile:
    """Read a file of formulas.

    Args:
        signatures: by the name of the function. others: functions whose formulas are left alone; any more are faults.
    """
    return _read_lines(join_lines(text), signatures, others)


def _read_lines(
    lines: Iterable[FormulaLine], signatures: Mapping[str, Signature], others: Collection[str] = ()
) -> FormulaFile:
    found = _Collector(signatures, others)
    for line in lines:
        found.read(line)

    answers = {name: _answer(signatures[name], one, found.helpers) for name, one in found.written.items()}
    faults = [*found.faults, *_find_hidden(found.helpers, answers)]
    missing = {name: fault for name, fault in found.unwritten.items() if name not in answers}
    return FormulaFile(answers, missing, tuple(sorted(faults, key=lambda fault: fault.line)))


@dataclass(frozen=True, slots=True)
class _Collector:
    """What the lines of a file are, collected one after another."""

    signatures: Mapping[str, Signature]
    others: Collection[str]
    helpers: list[_Helper] = field(default_factory=list)
    written: dict[str, _Written] = field(default_factory=dict)
    unwritten: dict[str, Fault] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def read(self, line: FormulaLine) -> None:
        """Read a line: an answer, a helper, or neither."""
        if line.answers:
            arguments = self.signatures[line.answers].arguments
            self.written[line.answers] = _Written(arguments, line, 0, len(self.helpers))
            return

        answer, helper = ANSWER.match(line.text), HELPER.match(line.text)
        match = answer or helper
        if match is None:
            self.faults.append(line.fault(0, _explain_line(line.text)))
        elif match[1] in self.signatures:
            # Without brackets the arguments have the names of the signature.
            arguments = _split(match[2]) if answer else self.signatures[match[1]].arguments
            self._read_answer(line, match, arguments)
        elif answer is None:
            self.helpers.append(_Helper(_split(match[1]), line, match.end()))
        elif match[1] not in self.others:
            self.faults.append(line.fault(match.start(1), _explain_unknown(match[1], self.signatures)))

    def _read_answer(self, line: FormulaLine, match: re.Match[str], arguments: tuple[str, ...]) -> None:
        name, column = match[1], match.start(1)
        if line.text[match.end() :].strip() in _NOT_WRITTEN:
            self.unwritten[name] = line.fault(column, "is not written yet")
            return

        if name in self.written:
            earlier = self.written[name].line
            message = f"{name} has another formula in line {line.number}, which counts"
            self.faults.append(earlier.fault(first_place(earlier.text, 0), message))
        self.written[name] = _Written(arguments, line, match.end(), len(self.helpers))


def _explain_line(text: str) -> str:
    if "=" not in text:
        return f"there is no '=' in this line; {ADVICE}"
    return f"before '=' there must be a name, or a function with its arguments; {ADVICE}"


def _explain_unknown(name: str, signatures: Mapping[str, Signature]) -> str:
    near = find_near(name, signatures)
    advice = f"did you mean '{near}'?" if near else f"to name a value for the lines below, write {name} = …"
    return f"no function is called '{name}' here; {advice}"


def _find_hidden(helpers: Sequence[_Helper], answers: Mapping[str, FormulaAnswer]) -> Iterator[Fault]:
    """Find the helpers that an answer does not see, since an argument of it has their name."""
    for helper in helpers:
        below = [answer for answer in answers.values() if answer.line > helper.line.number]
        for name in helper.names:
            hiding = [answer.function for answer in below if name in answer.parameters]
            if not hiding:
                continue

            who = hiding[0] if len(hiding) == 1 else f"{hiding[0]} and {len(hiding) - 1} more"
            message = f"'{name}' is an argument of {who}, where this line is not used"
            yield helper.line.fault(
                first_place(helper.line.text, 0), f"{message}; choose another name for it"
            )


def read_formula(text: str, signature: Signature) -> FormulaAnswer:
    """Read one formula: with `name(arguments) =` and helper lines before it, or bare."""
    function = signature.function
    lines = list(join_lines(text))
    if not lines:
        return _without_formula(signature, Fault(1, 1, "there is no formula"))

    *above, last = lines
    if _is_bare(last, function):
        if ANSWER.match(last.text) or HELPER.match(last.text):
            message = f"it must be the formula alone, or begin with {signature} ="
            return _without_formula(signature, last.fault(0, message))
        if last.text.strip() in _NOT_WRITTEN:
            return _without_formula(signature, last.fault(0, "is not written yet"))
        last = replace(last, answers=function)

    file = _read_lines([*above, last], {function: signature})
    if function in file.answers:
        return file.answers[function]
    faults = (*file.faults, *file.unwritten.values())
    return FormulaAnswer(function, signature.arguments, 1, faults=faults)


def _without_formula(signature: Signature, fault: Fault) -> FormulaAnswer:
    return FormulaAnswer(signature.function, signature.arguments, fault.line, faults=(fault,))


def name_answer(text: str, signature: Signature) -> str:
    """The text of one formula as it stands in a file of answers: its last formula begins with `name(arguments) =`."""
    last = next(reversed(list(join_lines(text))), None)
    if last is None or not _is_bare(last, signature.function):
        return text
    rows, number = text.splitlines(), last.number
    return "\n".join([*rows[: number - 1], f"{signature} = {rows[number - 1]}", *rows[number:]])


def _is_bare(line: FormulaLine, function: str) -> bool:
    """Does a formula stand there without the function's name?"""
    return not re.match(rf"\s*{re.escape(function)}\s*(\([^()]*\))?\s*:?=(?!=)", line.text)


def _split(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split(",") if name.strip())


def _answer(signature: Signature, written: _Written, helpers: Sequence[_Helper]) -> FormulaAnswer:
    names, wanted = written.arguments, signature.arguments
    if len(names) != len(wanted):
        what = f"it has {count(len(names), 'argument')}"
    elif names != wanted and {*names} == {*wanted}:
        what = "its arguments are swapped"
    else:
        return _read(signature, names, written.line, written.begin, helpers[: written.above])

    fault = written.line.fault(first_place(written.line.text, 0), f"{what}; write {signature} = …")
    return FormulaAnswer(signature.function, names, fault.line, faults=(fault,))


def _read(
    signature: Signature, parameters: Sequence[str], line: FormulaLine, begin: int, helpers: Sequence[_Helper]
) -> FormulaAnswer:
    """Translate an answer and the helpers that it needs to a program, and parse it."""
    pairs = zip(parameters, signature.arguments, strict=True)
    called = {own for own, name in pairs if name in signature.functions}
    given = {*parameters, *signature.letters} - called
    needed = _needed(line.text[begin:], helpers, {*given, *called})
    names = {*given, *(name for helper in needed for name in helper.names)}
    functions = {*FUNCTIONS, *called}

    answer = FormulaAnswer(signature.function, tuple(parameters), line.number)
    parts = [*((helper.line, helper.begin) for helper in needed), (line, begin)]
    for part, start in parts:
        if slip := _find_slip(part, start):
            return replace(answer, faults=(slip,))

    formulas = [translate(part.text[start:].strip(), names, functions) for part, start in parts]
    is_program = needed or _is_tuple(formulas[-1].text)
    heads = [f"{', '.join(helper.names)} = " for helper in needed]
    heads.append("return " if is_program else "")

    texts: list[str] = []
    rows: list[Row] = []
    for (part, start), formula, head in zip(parts, formulas, heads, strict=True):
        texts.append(head + formula.text)
        rows.append(Row(part, first_place(part.text, start), formula, len(head)))
    return _parse(replace(answer, text="\n".join(texts), rows=tuple(rows)), given, called)


def _parse(answer: FormulaAnswer, given: Collection[str], called: Collection[str]) -> FormulaAnswer:
    """The answer with the expression that its text is, or with what is wrong with it."""
    try:
        return replace(answer, expression=parse(answer.text, given, called))
    except ExpressionError as error:
        faults = tuple(
            answer.fault_at(fault.line, fault.column, fault.message.removeprefix(_NO_FORMULA))
            for fault in error.faults
        )
        return replace(answer, faults=faults)


def _find_slip(line: FormulaLine, begin: int) -> Fault | None:
    formula = line.text[begin:]
    if len(formula) > MAX_LENGTH:
        return line.fault(begin, f"it is longer than {MAX_LENGTH} characters")
    slip = find_slip(formula)
    return line.fault(begin + slip[0], slip[1]) if slip else None


def _needed(text: str, helpers: Sequence[_Helper], given: Collection[str]) -> list[_Helper]:
    """The helpers that a text uses, directly or not, in their order; of two with one name the last."""
    wanted, needed = set(_WORD.findall(text)) - set(given), []
    for helper in reversed(helpers):
        if wanted.isdisjoint(helper.names):
            continue
        wanted -= set(helper.names)
        wanted |= set(_WORD.findall(helper.line.text[helper.begin :])) - set(given)
        needed.append(helper)
    return needed[::-1]


def _is_tuple(text: str) -> bool:
    depth = 0
    for character in text:
        depth += BRACKETS.get(character, 0)
        if character == "," and depth == 0:
            return True
    return False
