"""Pictures of resources over HTTP: put in, shown, kept by the right browsers, and refused in words."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.db import db
from haln.learn.resources import picture_files, pictures
from haln.models import Resource, ResourcePicture
from tests.application import SignIn
from tests.builders import Cast
from tests.learn.test_resource_pictures import SHOWS, a_file, publish, put
from tests.queries import queries_of
from tests.resource_builders import a_draft


def multipart(fields: dict[str, str], content: bytes) -> dict[str, Any]:
    """A form with a file as a browser sends it, whole: the test client would leave a temporary file open."""
    parts = [f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{said}\r\n' for name, said in fields.items()]
    head = '--x\r\nContent-Disposition: form-data; name="file"; filename="huge.png"\r\nContent-Type: image/png\r\n\r\n'
    body = "".join([*parts, head]).encode() + content + b"\r\n--x--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=x"}


def test_an_author_puts_a_picture_in_and_readers_see_it(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_draft(session, cast.ada)
    session.commit()
    ada, address = signed_in(cast.ada), f"/resources/{row.public_id}/pictures"
    assert "There are no pictures so far." in ada.get(address).text
    sent = {"file": (io.BytesIO(a_file()), "oven.png"), "alternative": SHOWS, "place": "lead"}
    assert ada.post(address, data=sent).status_code == 303
    key = session.scalars(select(ResourcePicture.public_id)).one()
    assert f'alt="{SHOWS}"' in ada.get(address).text
    publish(session, cast, row)
    session.commit()
    cai = signed_in(cast.cai)
    page = cai.get(f"/resources/{row.public_id}").text
    assert f'src="/resources/pictures/{key}" alt="{SHOWS}" width="800" height="500"' in page
    listed = cai.get("/resources").text
    assert f'src="/resources/pictures/{key}?size=small" alt="" width="320" height="200" loading="lazy"' in listed
    picture = cai.get(f"/resources/pictures/{key}")
    assert (picture.status_code, picture.mimetype) == (200, "image/webp")
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert picture.cache_control.private and picture.cache_control.no_cache and not picture.cache_control.no_store
    again = cai.get(f"/resources/pictures/{key}", headers={"If-None-Match": picture.headers["ETag"]})
    assert again.status_code == 304
    assert signed_in(cast.ada).post(address, data={"do": "remove", "key": key}).status_code == 303


def test_a_draft_is_nobody_elses_and_neither_is_its_picture(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_draft(session, cast.ada)
    key = put(session, cast.ada, row)
    session.commit()
    address = f"/resources/pictures/{key}"
    assert signed_in(cast.ada).get(address).status_code == 200
    for who in (cast.ben, cast.fay, cast.sol):
        refused = signed_in(who).get(address)
        assert refused.status_code == 404 and refused.headers["Cache-Control"] == "no-store"
    assert app.test_client().get(address).status_code == 404
    assert signed_in(cast.ben).get(f"/resources/{row.public_id}/pictures").status_code == 404


def test_what_is_public_is_shown_to_everyone_and_told_in_the_feed(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_draft(session, cast.ada)
    key, other = put(session, cast.ada, row), put(session, cast.ada, row, "background")
    publish(session, cast, row)
    session.commit()
    anybody = app.test_client()
    assert anybody.get(f"/resources/pictures/{key}").status_code == 404
    app.config["RESOURCES"] = "everyone"
    shown = anybody.get(f"/resources/pictures/{key}")
    assert shown.status_code == 200 and shown.cache_control.public and shown.cache_control.max_age is None
    assert shown.cache_control.no_cache  # whoever keeps it asks each time whether it is there still
    kept = {"If-None-Match": shown.headers["ETag"]}
    assert anybody.get(f"/resources/pictures/{key}", headers=kept).status_code == 304
    feed = anybody.get("/library/feed").text
    assert f'rel="enclosure" href="{app.config["PUBLIC_URL"]}/resources/pictures/{key}" type="image/webp"' in feed
    assert f"{app.config['PUBLIC_URL']}/resources/pictures/{other}" in feed
    session.get_one(Resource, row.id).shown = None
    session.commit()
    assert anybody.get(f"/resources/pictures/{key}", headers=kept).status_code == 404


def test_fifty_megabytes_are_refused_in_words_and_what_was_typed_is_kept(
    app: Flask, session: Session, cast: Cast, signed_in: SignIn
) -> None:
    row = a_draft(session, cast.ada)
    session.commit()
    ada, address = signed_in(cast.ada), f"/resources/{row.public_id}/pictures"
    app.config["WTF_CSRF_ENABLED"] = True  # which reads the form before any page does
    token = ada.get(address).text.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    sent = {"csrf_token": token, "alternative": "What I typed", "place": "outcomes"}
    answer = ada.post(address, **multipart(sent, bytes(50 * 1024 * 1024)))
    assert answer.status_code == 422
    assert "This file is larger than 10 megabytes." in answer.text
    assert 'value="What I typed"' in answer.text and 'href="#file"' in answer.text
    no_words = ada.post(address, data={**sent, "alternative": "", "file": (io.BytesIO(a_file()), "oven.png")})
    assert no_words.status_code == 422 and "Say what the picture shows" in no_words.text


def test_lists_ask_no_more_for_many_pictures_than_for_few(session: Session, cast: Cast, signed_in: SignIn) -> None:
    cai = signed_in(cast.cai)

    def fill(count: int) -> int:
        for _ in range(count):
            row = a_draft(session, cast.ada)
            put(session, cast.ada, row)
            publish(session, cast, row)
        session.commit()
        cai.get("/resources")
        return queries_of(cai, "/resources")

    assert fill(2) == fill(5)


def test_while_a_picture_is_read_nothing_is_held_and_every_try_counts(
    session: Session, cast: Cast, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = a_draft(session, cast.ada)
    session.commit()
    ada, address, read = signed_in(cast.ada), f"/resources/{row.public_id}/pictures", list[bool]()
    prepared = picture_files.prepared

    def watched(content: bytes) -> picture_files.Prepared:
        read.append(db.session().in_transaction())
        return prepared(content)

    monkeypatch.setattr(picture_files, "prepared", watched)
    monkeypatch.setattr(pictures, "A_DAY", 3)
    answers = []
    for content in (b"no picture", a_file(), b"no picture", a_file(), a_file()):
        sent = {"file": (io.BytesIO(content), "oven.png"), "alternative": SHOWS, "place": "lead"}
        answers.append(ada.post(address, data=sent).status_code)
    assert answers == [422, 303, 422, 429, 429] and read == [False] * 3


def test_what_is_not_there_cannot_be_taken_out(session: Session, cast: Cast, signed_in: SignIn) -> None:
    row = a_draft(session, cast.ada)
    session.commit()
    answer = signed_in(cast.ada).post(f"/resources/{row.public_id}/pictures", data={"do": "remove", "key": "zzzz"})
    assert answer.status_code == 404
