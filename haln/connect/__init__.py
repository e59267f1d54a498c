"""Suggestions, introductions, connections."""
