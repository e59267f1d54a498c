"""Keeps the catalogues of haln/translations in step with the program: `make translations`."""
