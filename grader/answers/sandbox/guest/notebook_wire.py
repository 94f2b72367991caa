"""The wire format between the grader and the process that runs a notebook.

The grader sends a setting, then cell after cell, each when the one before is done; the child sends messages and one
reply for each cell. Bodies are JSON, with a bound for each kind: what comes from the child may be forged.
Imports nothing of ours but its neighbours, because the zygote loads this file too.
"""

from __future__ import annotations

import json
import struct
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .limits import Limits
from .wire import STARTED

MESSAGE, REPLY = 2, 3
MAX_MESSAGE = 16 << 20
BODIES = {STARTED: 0, MESSAGE: MAX_MESSAGE, REPLY: 1 << 20}
MAX_RECEIVED = 64 << 20
"""The most bytes of all messages of a notebook."""
CUT = "\n… (more was printed)\n"
"""Stands at the end of what was printed if the rest was dropped."""

_LENGTH = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a notebook runs with.

    Args:
        files: (path below the folder, content) of each.
        environment: (name, value) of each variable besides those that all have.
    """

    limits: Limits
    files: tuple[tuple[str, bytes], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()


def pack_setting(setting: Setting) -> bytes:
    """Pack a setting, with its length before it."""
    files = [(name, b64encode(content).decode()) for name, content in setting.files]
    return _pack({"limits": asdict(setting.limits), "files": files, "environment": setting.environment})


def unpack_setting(body: bytes) -> Setting:
    """Read what `pack_setting` was given."""
    fields = json.loads(body)
    files = tuple((name, b64decode(content)) for name, content in fields["files"])
    environment = tuple((name, value) for name, value in fields["environment"])
    return Setting(Limits(**fields["limits"]), files, environment)


def pack_cell(token: int, source: str) -> bytes:
    """Pack a cell to run, with its length before it; its token is the index of all frames about it."""
    return _pack({"token": token, "source": source})


def unpack_cell(body: bytes) -> tuple[int, str]:
    """Read what `pack_cell` was given."""
    fields = json.loads(body)
    return fields["token"], fields["source"]


def body_size(head: bytes) -> int:
    """Read the length of the body that its first four bytes announce."""
    size: int = _LENGTH.unpack(head)[0]
    return size


def _pack(fields: Mapping[str, Any]) -> bytes:
    body = json.dumps(fields).encode()
    return _LENGTH.pack(len(body)) + body
