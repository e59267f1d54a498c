"""Joining, signing in and out, and one's own account."""

from haln.views.account import digest, joining, keys, settings, signing
from haln.views.account.base import blueprint

__all__ = ["blueprint", "digest", "joining", "keys", "settings", "signing"]
