"""The server's options, for `flask haln serve` and for `gunicorn --config deploy/gunicorn.conf.py wsgi:app`."""

import os

from haln.config import instance_folder, load

_settings = load(os.environ, instance_folder())

bind = "127.0.0.1:8000"
workers = int(_settings["WORKERS"])
threads = int(_settings["THREADS"])
worker_class = "gthread"
# A page takes milliseconds and a large import some seconds: what takes a minute is stuck.
timeout = 60
graceful_timeout = 10
keepalive = 5
loglevel = str(_settings["LOG_LEVEL"]).lower()
# Managed by its signals alone; a control socket would be one more door.
control_socket_disable = True


def post_worker_init(worker):  # noqa: D103  # gunicorn's own name and shape
    # Matching takes seconds to load: each worker does it beside its first requests, not within one.
    worker.wsgi.extensions["haln_refresher"].warm_soon()
