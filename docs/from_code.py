"""The parts of the reference that are written from the code when the site is built, as Markdown."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from typing import Any

import grader
from grader.authoring.json_schemas import json_schema


def list_commands() -> str:
    """Write every command with its arguments and options, as `--help` shows them."""
    typer = [sys.executable, "-m", "typer", "grader.cli.app", "utils", "docs", "--name", "grader"]
    text = subprocess.run(typer, check=True, capture_output=True, text=True, timeout=120).stdout

    text = text.partition("\n## ")[1] + text.partition("\n## ")[2]
    text = re.sub(r'<span style="font-weight: bold">(.*?)</span>|\[bold\](.*?)\[/\]', r"`\1\2`", text)
    text = re.sub(r"\n\n\n(?:\S+ {2,}\S.*\n)+", _as_code, unescape(text))
    return re.sub(r"^\*\*(\w+)\*\*:$", r"*\1*", text, flags=re.M)


def _as_code(table: re.Match[str]) -> str:
    """Keep the columns of a table that a help text draws with spaces."""
    return f"\n\n```text\n{table[0].strip()}\n```\n"


def list_keys(name: str) -> str:
    """Write the keys of a YAML format, or the fields of a report, a table for each object."""
    schema = json_schema(name)
    defs = schema.get("$defs", {})
    objects = {name: schema, **{title: part for title, part in defs.items() if "properties" in part}}
    return "\n\n".join(_describe(title, part) for title, part in objects.items())


def _describe(title: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [_row(key, part, key in required) for key, part in schema["properties"].items()]
    head = ["| key | value | default | meaning |", "|---|---|---|---|"]
    return "\n".join([f"## {title}", "", schema.get("description", ""), "", *head, *rows])


def _row(key: str, schema: dict[str, Any], required: bool) -> str:
    default = "required" if required else _default(schema.get("default"))
    meaning = schema.get("description", "")
    return f"| `{key}` | {_kind(schema)} | {_cell(default)} | {_cell(meaning)} |"


def _default(value: Any) -> str:
    """Write a default as YAML would have it; nothing, where nothing is the default."""
    if value in (None, ""):
        return ""
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def _kind(schema: dict[str, Any]) -> str:
    """Say in a few words which values a schema allows."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if name != "Value" else "a value"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(part) for part in schema["anyOf"]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"mapping of names to {_kind(schema['additionalProperties'])}"
    types = schema.get("type", "any")
    return types if isinstance(types, str) else " or ".join(types)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def list_names() -> str:
    """Ask for the documentation of every public name of Python."""
    public = [name for name in grader.__all__ if name != "__version__"]
    return "\n\n".join(_document(name) for name in sorted(public, key=str.lower))


def _document(name: str) -> str:
    what = getattr(grader, name)
    directive = "autofunction" if inspect.isfunction(what) else "autoclass"
    return f"## {name}\n\n```{{eval-rst}}\n.. {directive}:: grader.{name}\n```"


_DECISIONS = """```{toctree}
:hidden:
:glob:

[0-9]*
```"""
"""So that GitHub, which knows no such list, does not show it."""

PARTS: dict[str, Callable[[], str]] = {
    "commands": list_commands,
    "decisions": lambda: _DECISIONS,
    "names": list_names,
    "problem": lambda: list_keys("problem"),
    "variants": lambda: list_keys("variants"),
    "config": lambda: list_keys("config"),
    "report": lambda: list_keys("report"),
}
"""What a page asks for with a line `<!-- from the code: NAME -->`."""


def fill_in(text: str) -> str:
    """Replace such lines of a page by what the code says."""
    return re.sub(r"<!-- from the code: (\w+) -->", lambda found: PARTS[found[1]](), text)
