"""Backups and how one comes back: one file, read and checked as a whole, put in place in one step."""
