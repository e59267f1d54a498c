"""Random tokens: given out once, kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def fresh() -> str:
    """A new token with 256 bits of chance."""
    return secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token. It has too much chance in it to be guessed, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def public_id() -> str:
    """A new short name for addresses: 12 characters that cannot be misread, 60 bits of chance."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))
