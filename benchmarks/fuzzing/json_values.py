"""Mutations of JSON that stay JSON: odd values where others are expected."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

_DEEP = "nested deeply"
"""Stands for lists in lists, which copying and writing would stumble over."""
ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    4,
    5,
    2**53 + 1,
    10**400,
    10**5000,
    1.5,
    float("nan"),
    float("inf"),
    float("-inf"),
    "",
    " ",
    "x",
    "\x00",
    "\x1b[31m",
    "\u202e",
    "\ud800",
    "é",
    "\U0001f600",
    "a" * 5000,
    "<script>alert(1)</script>",
    "=1+1",
    "../../x",
    "code",
    "markdown",
    "raw",
    "stream",
    "error",
    "execute_result",
    "display_data",
    [],
    {},
    [None],
    [1],
    ["a"],
    [[]],
    {"": None},
    {"a": 1},
    ["def f(A):\n", " return A"],
    [{}],
    _DEEP,
    _DEEP,
)


def mutate_json(draw: random.Random, value: Any) -> bytes:
    """Change some values of a document, and write it."""
    changed = copy.deepcopy(value)
    for _ in range(draw.choice((0, 1, 1, 2, 5))):
        changed = _mutate(draw, changed)
    try:
        text = json.dumps(changed)
    except ValueError:  # numbers of too many digits
        text = "9" * 10_000
    depth = draw.choice((20, 900, 1200, 100_000))
    return text.replace(f'"{_DEEP}"', "[" * depth + "]" * depth).encode()


def _mutate(draw: random.Random, value: Any) -> Any:
    if not isinstance(value, dict | list) or not value or draw.random() < 0.05:
        return _odd(draw)

    key = draw.choice(list(value)) if isinstance(value, dict) else draw.randrange(len(value))
    chance = draw.random()
    if chance < 0.55:
        value[key] = _mutate(draw, value[key])
    elif chance < 0.75:
        value[key] = _odd(draw)
    elif chance < 0.85:
        del value[key]
    elif isinstance(value, dict):
        value[draw.choice(("", "source", "cells", "metadata", "outputs", "\ud800", "id", "x" * 300))] = _odd(
            draw
        )
    else:
        value.insert(key, copy.deepcopy(value[key]))
    return value


def _odd(draw: random.Random) -> Any:
    return copy.deepcopy(draw.choice(ODD))  # it may be changed in its turn
