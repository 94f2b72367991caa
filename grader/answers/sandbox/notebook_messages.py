"""Check the messages that a notebook's process sends: all of it may be forged.

A message is JSON of one of the types that Jupyter's protocol has for outputs. Nothing is kept of it but the fields of
its type, and each field is checked and bounded.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from grader.answers.sandbox.guest.wire import WireError

V = TypeVar("V")
Content = dict[str, Any]
_MAX_DEPTH = 32
_MAX_LINES = 10_000
_MAX_COUNT = 1 << 31
_FEW_VALUES = 1000
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_MIME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+_-]*/[A-Za-z0-9][A-Za-z0-9.+_;= -]*")


def count_values(body: bytes) -> int:
    """The most values that this JSON can hold: each takes a hundred bytes of memory or more, `{}` in two bytes."""
    bound = _count_signs(body)
    if bound <= _FEW_VALUES:
        return bound
    return _count_signs(_STRINGS.sub(b"", body))


def _count_signs(body: bytes) -> int:
    return 1 + sum(map(body.count, (b",", b"[", b"{", b":")))


def read_message(body: bytes) -> tuple[str, Content]:
    """Read the type and the content of an output.

    Raises:
        WireError: it is none.
    """
    message = _load_object(body)
    message_type = _require(message.get("msg_type"), str, "no type")
    content = _require(message.get("content"), dict, "no content")
    if message_type not in _FIELDS:
        _reject("a message of no known type")
    return message_type, _read_fields(content, message_type)


def read_reply(body: bytes) -> Content:
    """Read the content of the reply that ends a cell.

    Raises:
        WireError: it is none.
    """
    reply = _load_object(body)
    status = reply.get("status")
    if status not in ("ok", "error"):
        _reject("a reply of no known status")

    content = {"status": status, "execution_count": _count(reply.get("execution_count"))}
    if status == "error":
        content |= _read_fields(reply, "error")
    return content


def _read_fields(content: Content, message_type: str) -> Content:
    return {name: read(content.get(name)) for name, read in _FIELDS[message_type].items()}


def _load_object(body: bytes) -> Content:
    try:
        value = json.loads(body, parse_constant=_reject)
    except (ValueError, RecursionError) as error:
        raise WireError(f"no JSON: {type(error).__name__}") from None
    return _require(value, dict, "no object")


def _reject(reason: str) -> NoReturn:
    raise WireError(reason)


def _require(value: Any, kind: type[V], reason: str) -> V:
    if not isinstance(value, kind):
        _reject(reason)
    return value


def _text(value: Any) -> str:
    """A text, without halves of characters, which no file can hold."""
    return _require(value, str, "no text").encode("utf-8", "replace").decode()


def _lines(value: Any) -> list[str]:
    lines = _require(value, list, "no lines")
    if len(lines) > _MAX_LINES:
        _reject("too many lines")
    return [_text(line) for line in lines]


def _stream_name(value: Any) -> str:
    name = _require(value, str, "no stream")
    if name not in ("stdout", "stderr"):
        _reject("no stream")
    return name


def _flag(value: Any) -> bool:
    return _require(value, bool, "no yes or no")


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < _MAX_COUNT:
        _reject("no count")
    return value


def _bundle(value: Any) -> Content:
    """Representations by media type. Texts are kept, and JSON where it may be; the rest is left out."""
    bundle = {}
    for mime, data in _require(value, dict, "no bundle").items():
        if not _MIME.fullmatch(mime):
            continue
        if mime.endswith(("/json", "+json")):
            bundle[mime] = _plain(data)
        elif isinstance(data, str):
            bundle[mime] = _text(data)
        elif isinstance(data, list) and all(isinstance(line, str) for line in data):
            bundle[mime] = "".join(map(_text, data))
    return bundle


def _object(value: Any) -> Content:
    if value is None:
        return {}
    plain: Content = _plain(_require(value, dict, "no object"))
    return plain


def _transient(value: Any) -> Content:
    name = value.get("display_id") if isinstance(value, dict) else None
    return {"display_id": _text(name)} if isinstance(name, str) else {}


def _plain(value: Any, depth: int = 0) -> Any:
    """JSON of bounded depth."""
    if depth > _MAX_DEPTH:
        _reject("too deep")
    if isinstance(value, dict):
        return {_text(name): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):  # `1e999` is read so, and cannot be written
        return str(value)
    return _text(value) if isinstance(value, str) else value


_DISPLAY: dict[str, Callable[[Any], Any]] = {"data": _bundle, "metadata": _object, "transient": _transient}
_FIELDS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "stream": {"name": _stream_name, "text": _text},
    "display_data": _DISPLAY,
    "update_display_data": _DISPLAY,
    "execute_result": {"data": _bundle, "metadata": _object, "execution_count": _count},
    "error": {"ename": _text, "evalue": _text, "traceback": _lines},
    "clear_output": {"wait": _flag},
}
"""Type of a message → how each of its fields is read."""
