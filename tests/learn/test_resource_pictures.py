"""Pictures of resources: made anew, small, with nothing in them but the picture; for who may read the words."""

from __future__ import annotations

import io
import struct
import time
import zlib

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from haln.errors import Conflict, Invalid, NotFound
from haln.learn.resources import authors, drafts, picture_files, picture_marks, pictures, reviews
from haln.models import Member, Resource, ResourcePicture
from haln.people import erasure, own_data
from haln.people.markdown import Picture, pictures_in, to_html
from tests.builders import NOW, Cast, an_actor
from tests.resource_builders import WORDS, a_content, a_draft

SHOWS = "A baker before an oven"


def a_file(kind: str = "PNG", size: tuple[int, int] = (800, 500), mode: str = "RGB", **more: object) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, "#2f6f73" if mode == "RGB" else 0).save(made, kind, **more)  # type: ignore[arg-type]
    return made.getvalue()


def a_bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be so large, and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def opened(data: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(data))
    found.load()
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_kind_of_picture_is_made_anew_in_two_sizes(kind: str) -> None:
    made = picture_files.prepared(a_file(kind, (3000, 1500)))
    large, small = opened(made.data), opened(made.small)
    assert (large.format, large.size, small.size) == ("WEBP", (1600, 800), (320, 160))
    assert (made.size.width, made.small_size.height) == (1600, 160)
    assert len(made.data) <= picture_files.MOST_BYTES and len(made.small) <= picture_files.MOST_SMALL_BYTES


def test_where_and_when_it_was_taken_is_thrown_away_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # on its side
    exif[0x010F] = "SECRET CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    content = a_file("JPEG", (800, 400), exif=exif.tobytes(), comment=b"SECRET COMMENT")
    assert b"SECRET" in content
    made = picture_files.prepared(content)
    for data in (made.data, made.small):
        found = opened(data)
        assert not found.getexif() and "icc_profile" not in found.info and b"SECRET" not in data
    assert (made.size.width, made.size.height) == (400, 800)


def test_of_one_that_moves_the_first_frame_is_kept_and_clear_stays_clear() -> None:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("#ff0000", "#00ff00")]
    written = io.BytesIO()
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:])
    found = opened(picture_files.prepared(written.getvalue()).data)
    assert getattr(found, "n_frames", 1) == 1 and found.convert("RGB").getpixel((5, 5))[0] > 200  # type: ignore[index]
    assert opened(picture_files.prepared(a_file(mode="RGBA")).data).mode == "RGBA"


def test_noise_is_made_small_enough() -> None:
    noise = Image.effect_noise((2400, 1800), 200).convert("RGB")
    written = io.BytesIO()
    noise.save(written, "JPEG")
    made = picture_files.prepared(written.getvalue())
    assert len(made.data) <= picture_files.MOST_BYTES and len(made.small) <= picture_files.MOST_SMALL_BYTES


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no picture that we can read"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no picture that we can read"),
        (a_file("BMP"), "no picture that we can read"),
        (a_file("JPEG")[:500], "no picture that we can read"),
        (a_file()[:60], "no picture that we can read"),
        (a_bomb(9000, 9000), "more than 40 million points"),
        (a_bomb(14_000, 9000), "more than 40 million points"),
        (a_bomb(60_000, 60_000), "more than 40 million points"),
        (b"x" * (picture_files.LARGEST_FILE + 1), "larger than 10 megabytes"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused_in_words_and_undecoded(content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        picture_files.prepared(content)
    assert sentence in refused.value.fields["file"]


def put(session: Session, member: int, row: Resource, place: str = "lead", shows: str = SHOWS) -> str:
    return pictures.add(session, an_actor(session, member), row.public_id, a_file(), shows, place, NOW)


def publish(session: Session, cast: Cast, row: Resource) -> None:
    drafts.send(session, an_actor(session, cast.ada), row.public_id, NOW)
    reviews.decide(session, an_actor(session, cast.sol), row.public_id, "publish", "", row.version, NOW)


def sees(session: Session, viewer: int | None, key: str, *, reviews: bool = False, public: bool = False) -> bool:
    try:
        pictures.served(session, viewer, key, small=True, reviews=reviews, public=public)
    except NotFound:
        return False
    return True


def test_a_picture_is_for_who_may_read_the_words_that_it_stands_in(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    key = put(session, cast.ada, row)
    authors.add(session, an_actor(session, cast.ada), row, session.get_one(Member, cast.ben).public_id, NOW)

    def readers() -> set[str]:
        names = {"ada": cast.ada, "ben": cast.ben, "cai": cast.cai, "sol": cast.sol}
        found = {name for name, one in names.items() if sees(session, one, key, reviews=name == "sol")}
        found |= {"anybody"} if sees(session, None, key, public=True) else set()
        return found | ({"anybody of another network"} if sees(session, None, key) else set())

    assert readers() == {"ada", "ben"}  # who is asked to be an author reads the draft
    drafts.send(session, an_actor(session, cast.ada), row.public_id, NOW)
    assert readers() == {"ada", "ben", "sol"}
    reviews.decide(session, an_actor(session, cast.sol), row.public_id, "publish", "", row.version, NOW)
    assert readers() == {"ada", "ben", "cai", "sol", "anybody"}
    drafts.take_down(session, an_actor(session, cast.ada), row.public_id, "", NOW)
    assert readers() == {"ada", "ben", "sol"}  # staff read every version


def test_a_published_text_keeps_its_picture_when_the_draft_loses_it(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    lead, other = put(session, cast.ada, row), put(session, cast.ada, row, "background")
    assert row.draft["parts"]["background"].endswith(f"![{SHOWS}](picture:{other})")
    publish(session, cast, row)
    ada = an_actor(session, cast.ada)
    for key in (lead, other):
        pictures.remove(session, ada, row.public_id, key, NOW)
        assert sees(session, cast.cai, key)
    assert row.draft["lead"] == "" and "picture:" not in row.draft["parts"]["background"]
    third = put(session, cast.ada, row)
    assert not sees(session, cast.cai, third)
    pictures.remove(session, ada, row.public_id, third, NOW)
    kept = session.scalars(select(ResourcePicture.public_id).order_by(ResourcePicture.id)).all()
    assert not sees(session, cast.ada, third) and kept == [lead, other]


def test_saving_the_words_keeps_the_picture_before_them(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    key = put(session, cast.ada, row)
    content = a_content("Other words")
    drafts.save(session, an_actor(session, cast.ada), row.public_id, content, row.version, WORDS, NOW)
    assert row.draft["lead"] == key and row.draft["title"] == "Other words"


def test_without_words_for_it_in_review_and_beyond_twelve_it_is_refused(session: Session, cast: Cast) -> None:
    row, ada = a_draft(session, cast.ada), an_actor(session, cast.ada)
    for shows, place, field in (("", "lead", "alternative"), ("x" * 301, "lead", "alternative"), (SHOWS, "x", "place")):
        with pytest.raises(Invalid) as refused:
            put(session, cast.ada, row, place, shows)
        assert set(refused.value.fields) == {field}
    with pytest.raises(NotFound):
        put(session, cast.ben, row)
    for _ in range(pictures.MOST):
        put(session, cast.ada, row)
    with pytest.raises(Conflict):
        put(session, cast.ada, row)
    drafts.send(session, ada, row.public_id, NOW)
    with pytest.raises(Conflict):
        pictures.remove(session, ada, row.public_id, row.draft["lead"], NOW)


def test_pictures_go_with_the_draft_and_are_in_the_authors_own_copy(session: Session, cast: Cast) -> None:
    row = a_draft(session, cast.ada)
    put(session, cast.ada, row, shows="Ada Okafor before an oven")
    (mine,) = own_data.collected(session, cast.ada, NOW)["resources"]
    assert mine["pictures"][0]["shows"] == "Ada Okafor before an oven" and mine["pictures"][0]["webp"].startswith(
        "UklGR"
    )
    drafts.remove(session, an_actor(session, cast.ada), row.public_id, NOW)
    assert session.scalars(select(ResourcePicture.id)).all() == []
    kept = a_draft(session, cast.ada)
    shown = put(session, cast.ada, kept, shows="Ada Okafor before an oven")
    publish(session, cast, kept)
    put(session, cast.ada, kept, "background")
    erasure.erase(session, cast.ada, NOW)
    session.expire_all()
    (left,) = session.scalars(select(ResourcePicture)).all()
    assert left.public_id == shown and "Okafor" not in left.alternative


def test_a_text_shows_our_pictures_and_of_others_only_their_words() -> None:
    ours = (Picture("abc", "/resources/pictures/abc", 320, 200),)
    html = to_html('Look: ![An <b>oven</b>](picture:abc "t") and ![x](https://evil.example/p.png)', ours)
    assert (
        '<img src="/resources/pictures/abc" alt="An &lt;b&gt;oven&lt;/b&gt;" width="320" height="200" loading="lazy">'
        in html
    )
    assert html.count("<img") == 1 and 'src="https' not in html
    assert "<img" not in to_html("![gone](picture:def)", ours) and "gone" in to_html("![gone](picture:def)", ours)
    assert "<img" not in to_html("![x](https://evil.example/p.png)")
    assert pictures.markdown("abc", "a [b] \\c") == r"![a \[b\] \\c](picture:abc)"


@pytest.mark.parametrize(
    "written",
    [
        "![x](picture:abc)",
        "![a [b] c](picture:abc)",
        "![a ![b](picture:abc) c](picture:abc)",
        '![x](picture:abc "title")',
        "![x](picture:abc 'a )')",
        "![x](<picture:abc>)",
        "![x]( picture:abc )",
        "![x][r]\n\n[r]: picture:abc",
        "![r]\n\n[r]: <picture:abc> (title)",
        "[![x](picture:abc)](https://example.org)",
    ],
)
def test_in_whatever_way_a_picture_is_written_it_is_shown_kept_and_taken_out(written: str) -> None:
    ours = (Picture("abc", "/resources/pictures/abc", 320, 200),)
    assert "/resources/pictures/abc" in to_html(written, ours) and "abc" in pictures_in(written)
    assert "abc" in picture_marks.keys(written)
    text = f"Before\n\n{written}\n\nafter ![y](picture:abcd)"
    left = picture_marks.without(text, "abc")
    assert picture_marks.keys(left) == ["abcd"] and left.startswith("Before") and "<img" not in to_html(left, ours)
    if "[r]" not in written and not written.startswith("[!"):
        assert left == "Before\n\n\n\nafter ![y](picture:abcd)"


@pytest.mark.parametrize(
    "written", ["`![x](picture:abc)`", "    ![x](picture:abc)", "[x](picture:abc)", r"\![x](picture:abc)"]
)
def test_a_picture_in_code_or_behind_a_link_is_not_in_the_text(written: str) -> None:
    assert "abc" not in pictures_in(written)


def test_of_pictures_the_words_are_searched() -> None:
    assert picture_marks.words_only(r"A ![b \] c](picture:abc) d ![e](https://x.example) f") == (
        r"A b \] c d ![e](https://x.example) f"
    )


@pytest.mark.parametrize(
    "written",
    ["![", "![a", "![\\", "![\\a", "![](", "](picture:a", '![](picture:a "', "[a\n", "[r]: picture:", "](" + " " * 60],
)
def test_forty_thousand_signs_of_anything_are_read_at_once(written: str) -> None:
    def seconds(signs: int) -> float:
        text = (written * signs)[:signs]
        began = time.process_time()
        picture_marks.keys(text), picture_marks.words_only(text), picture_marks.without(text, "abc")
        return time.process_time() - began

    # Four times the signs take four times as long, not sixteen times; what is over before it began is not compared.
    assert seconds(40_000) < max(0.2, 10 * min(seconds(10_000) for _ in range(3)))


def test_where_the_text_says_nothing_of_a_picture_what_it_shows_is_told() -> None:
    ours = (Picture("abc", "/p/abc", 320, 200, 'An "oven"'),)
    for written in ("![](picture:abc)", "![ ](picture:abc)"):
        assert 'alt="An &quot;oven&quot;"' in to_html(written, ours)
    assert 'alt="Mine"' in to_html("![Mine](picture:abc)", ours)
