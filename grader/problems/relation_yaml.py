"""The format of `returns` and `relations` in a `problem.yaml`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from grader.problems.relation import SIDE, RelationKind
from grader.problems.yaml_model import StrictModel

_SIDE_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": f"^{SIDE.pattern}$"},
        {"type": "integer", "minimum": 0, "maximum": 12},
    ]
}
_SHAPE_SCHEMA = {
    "type": "array",
    "items": _SIDE_SCHEMA,
    "maxItems": 2,
    "description": "letters of `sizes`, numbers, or sums such as `m - n`; [] is a scalar",
}
ReturnedSide = Annotated[int, Field(ge=0, le=12)] | Annotated[str, Field(pattern=f"^{SIDE.pattern}$")]


class ReturnFile(StrictModel):
    """A returned array, such as `Q: [m, n]` or `V: {shape: [n, n], complex: true}`."""

    shape: Annotated[list[ReturnedSide], Field(max_length=2), WithJsonSchema(_SHAPE_SCHEMA)]
    complex: bool = Field(default=False, description="whether it may be complex where all inputs are real")


ReturnField = Annotated[
    ReturnFile,
    BeforeValidator(lambda value: {"shape": value} if isinstance(value, list) else value),
    WithJsonSchema(
        {
            "anyOf": [
                _SHAPE_SCHEMA,
                {
                    "type": "object",
                    "properties": {
                        "shape": _SHAPE_SCHEMA,
                        "complex": {
                            "type": "boolean",
                            "description": "whether it may be complex where all inputs are real",
                        },
                    },
                    "required": ["shape"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def _as_text(value: Any) -> Any:
    """YAML reads `holds: x` as text and `holds: 1` as a number; both are expressions."""
    return str(value) if type(value) in (int, float) else value


ExpressionField = Annotated[str | None, BeforeValidator(_as_text)]


class RelationFile(StrictModel):
    """A relation: exactly one of holds, at_least, is_not and span_of, with its points."""

    holds: ExpressionField = Field(default=None, description="an expression that is 0")
    at_least: ExpressionField = Field(
        default=None, description="a real expression each of whose entries is 0 or more"
    )
    is_not: ExpressionField = Field(default=None, description="an expression that is clearly not 0")
    span_of: ExpressionField = Field(
        default=None, description="a matrix whose columns span the same subspace as those of an answer"
    )
    of: str | None = Field(default=None, description="for span_of: the returned array; default: the only one")
    strict: bool = Field(default=False, description="for at_least: each entry is more than 0")
    backward_stable: bool = Field(
        default=False,
        description="for holds: what is left must be explained by rounding the inputs, not the answer",
    )
    points: Decimal = Field(ge=0, le=1000, description="earned if it holds in every case")
    name: str = Field(default="", max_length=60, description="what it says, for students")

    @property
    def given(self) -> dict[RelationKind, str]:
        """The kinds that were written, with their expressions."""
        kinds: dict[RelationKind, str | None] = {
            "holds": self.holds,
            "at_least": self.at_least,
            "is_not": self.is_not,
            "span_of": self.span_of,
        }
        return {kind: text for kind, text in kinds.items() if text is not None}

    @property
    def kind(self) -> RelationKind:
        """The only one."""
        return next(iter(self.given))

    @property
    def text(self) -> str:
        """Its expression."""
        return self.given[self.kind]

    @property
    def title(self) -> str:
        """The name, or the relation as a formula."""
        if self.name:
            return self.name
        sign = ">" if self.strict else "≥"
        words = {
            "holds": f"{self.text} = 0",
            "at_least": f"{self.text} {sign} 0",
            "is_not": f"{self.text} ≠ 0",
            "span_of": f"{self.of or 'the columns'} span those of {self.text}",
        }
        return words[self.kind]
