"""The application as a WSGI server and `flask --app wsgi` find it."""

from haln.app import create_app

app = create_app()
