"""The application for a server: `wsgi:app`."""

from haln.app import create_app

app = create_app()
