"""Texts under keys that are used once: a tag, and the text with a stream of the key's added."""

from __future__ import annotations

import hashlib
import hmac

_TAG = 16


def encrypt(text: bytes, key: bytes) -> bytes:
    """Encrypt a text with a key of at most 64 bytes that encrypts nothing else."""
    data = _add_stream(text, key)
    return _tag(data, key) + data


def decrypt(data: bytes, key: bytes) -> bytes | None:
    """The text; None if this is not its key."""
    tag, data = data[:_TAG], data[_TAG:]
    return _add_stream(data, key) if hmac.compare_digest(tag, _tag(data, key)) else None


def _tag(data: bytes, key: bytes) -> bytes:
    return hashlib.blake2b(data, key=key, digest_size=_TAG).digest()


def _add_stream(data: bytes, key: bytes) -> bytes:
    stream = hashlib.shake_256(key).digest(len(data))
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))
