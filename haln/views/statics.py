"""Our own files as they leave: addresses that change with their content, and text packed once for each process."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

from flask import Flask, Response, request

PACKED = frozenset({"text/css", "text/javascript", "image/svg+xml"})


def set_up(app: Flask) -> None:
    """Install both."""
    folder = Path(str(app.static_folder))
    marks: dict[str, str] = {}
    packed: dict[tuple[str, str], bytes] = {}

    def mark(endpoint: str, values: dict[str, Any]) -> None:
        # Vendored files carry their version in the path, and the style sheets name some of them without a mark.
        name = str(values.get("filename"))
        if endpoint == "static" and not name.startswith("vendor/"):
            if name not in marks:
                marks[name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:10]
            values["v"] = marks[name]

    def pack(response: Response) -> Response:
        if request.endpoint != "static" or response.status_code != 200 or response.mimetype not in PACKED:
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings.best_match(["gzip"]):
            return response
        etag, _ = response.get_etag()
        key = (request.path, etag or "")
        response.direct_passthrough = False
        if key not in packed:
            packed[key] = gzip.compress(response.get_data(), 9, mtime=0)
        response.close()  # the file that would have been sent
        response.set_data(packed[key])
        response.headers["Content-Encoding"] = "gzip"
        if etag:
            response.set_etag(etag, weak=True)  # the same file in another wrapping
        return response

    app.url_defaults(mark)
    app.after_request(pack)
