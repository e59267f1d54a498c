"""HALN, a member network and matchmaking service for learning networks."""

__version__ = "0.1.0"
