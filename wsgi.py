"""The application for a server: `wsgi:app`."""

import gc

gc.disable()  # what is imported stays: to look for rubbish in it again and again took a sixth of the start

from haln.app import create_app  # noqa: E402

app = create_app()

gc.freeze()
gc.enable()
