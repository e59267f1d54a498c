"""Our own files: packed, and under addresses that change with them."""

from __future__ import annotations

import gzip
import re

from flask import Flask, url_for
from flask.testing import FlaskClient

PACKED, PLAIN = {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "identity"}
SHEET = "/static/vendor/bootstrap@5.3.9/bootstrap.min.css"


def test_text_is_packed_for_those_who_take_it(client: FlaskClient) -> None:
    plain = client.get(SHEET, headers=PLAIN, buffered=True)
    packed = client.get(SHEET, headers=PACKED, buffered=True)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 4
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_packing_does_not_unpack_twice(client: FlaskClient) -> None:
    first = client.get(SHEET, headers=PACKED, buffered=True)
    second = client.get(SHEET, headers=PACKED, buffered=True)
    assert first.data == second.data


def test_a_known_file_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get(SHEET, headers=PACKED, buffered=True)
    again = client.get(SHEET, headers={**PACKED, "If-None-Match": first.headers["ETag"]}, buffered=True)
    assert again.status_code == 304


def test_fonts_are_packed_already(client: FlaskClient) -> None:
    font = re.search(r'/static/[^"]+\.woff2', client.get("/").text)
    assert font
    answer = client.get(font.group(0), headers=PACKED, buffered=True)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_our_files_are_asked_for_by_their_content_and_kept_for_a_year(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = url_for("static", filename="css/base.css")
    assert re.fullmatch(r"/static/css/base\.css\?v=[0-9a-f]{10}", address)
    assert "max-age=31536000" in client.get(address, buffered=True).headers["Cache-Control"]
    assert "max-age=3600" in client.get("/static/css/base.css", buffered=True).headers["Cache-Control"]
