"""Joining, signing in and out, and one's own account."""

from haln.views.account import joining, keys, settings, signing
from haln.views.account.base import blueprint

__all__ = ["blueprint", "joining", "keys", "settings", "signing"]
