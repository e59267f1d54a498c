"""Bringing members in from a file: read it, say what would happen, do exactly that."""
