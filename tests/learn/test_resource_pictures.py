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

from haln.errors import Busy, Conflict, Invalid, NotFound
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


def odd_exif(tag: int, kind: int, count: int, value: bytes, turned: int = 6) -> bytes:
    """What a camera wrote: which way it was held, and then something that is not what it should be."""
    entries = [struct.pack("<HHI4s", 0x0112, 3, 1, struct.pack("<HH", turned, 0))]
    entries.append(struct.pack("<HHI4s", tag, kind, count, value))
    head = b"II*\0" + struct.pack("<IH", 8, len(entries))
    return b"Exif\0\0" + head + b"".join(entries) + struct.pack("<I", 0)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize(
    ("tag", "kind", "count", "value"),
    [
        (0x0100, 2, 4, b"abc\0"),  # a width in letters
        (0x010F, 3, 2, b"\1\0\2\0"),  # a maker in numbers
        (0x010F, 4, 1, b"\1\0\0\0"),
        (0x010F, 10, 1, b"\xff\xff\xff\xff"),
        (0x011A, 2, 4, b"abc\0"),  # points an inch in letters
        (0x011A, 5, 9, b"\xff\xff\xff\xff"),
        (0x8769, 2, 4, b"abc\0"),  # more to read, at an address in letters
        (0x8825, 4, 1, b"\xff\xff\xff\x7f"),
        (0x9000, 99, 2**31, b"\xff\xff\xff\xff"),
    ],
)
@pytest.mark.parametrize("file", ["JPEG", "PNG", "WEBP"])
def test_whatever_else_a_camera_wrote_the_picture_stands_upright(
    tag: int, kind: int, count: int, value: bytes, file: str
) -> None:
    made = picture_files.prepared(a_file(file, (80, 40), exif=odd_exif(tag, kind, count, value)))
    assert (made.size.width, made.size.height) == (40, 80)


def test_every_way_to_hold_a_camera_gives_the_same_picture() -> None:
    upright = Image.new("RGB", (60, 40), "#ffffff")
    upright.paste("#ff0000", (0, 0, 30, 20))
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # turned as it was held: what turns it back undoes this
    for turned, way in back.items():
        written = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = turned
        upright.transpose(Image.Transpose(way)).save(written, "PNG", exif=exif.tobytes())
        found = opened(picture_files.prepared(written.getvalue()).data).convert("RGB")
        assert found.size == (60, 40), turned
        corner, other = found.getpixel((8, 8)), found.getpixel((50, 30))
        assert corner[1] < 80 and other[1] > 200, turned  # type: ignore[index]


def test_sixteen_bits_of_grey_are_as_grey_as_eight() -> None:
    grey = Image.new("I;16", (60, 40), 0x8000)
    written = io.BytesIO()
    grey.save(written, "PNG")
    assert 120 < opened(picture_files.prepared(written.getvalue()).data).convert("L").getpixel((5, 5)) < 136  # type: ignore[operator]


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_palette_is_made_smaller_through_the_colours_between(kind: str) -> None:
    lines = Image.new("P", (3200, 200), 0)
    lines.putpalette([0, 0, 0, 255, 255, 255])
    for column in range(0, 3200, 2):
        lines.paste(1, (column, 0, column + 1, 200))
    written = io.BytesIO()
    lines.save(written, kind)
    low, high = opened(picture_files.prepared(written.getvalue()).data).convert("L").getextrema()
    assert 90 < low <= high < 160  # type: ignore[operator]  # black and white lines, seen from afar


def test_files_wait_for_each_other_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_files, "LONGEST_WAIT", 0.01)
    with picture_files._one_at_a_time, pytest.raises(Busy):
        picture_files.prepared(a_file())
    assert picture_files.prepared(a_file()).size.width == 800


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
        (a_bomb(5001, 5000), "more than 25 million points"),
        (a_bomb(14_000, 9000), "more than 25 million points"),
        (a_bomb(60_000, 60_000), "more than 25 million points"),
        (b"x" * (picture_files.LARGEST_FILE + 1), "larger than 10 megabytes"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused_in_words_and_undecoded(content: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        picture_files.prepared(content)
    assert sentence in refused.value.fields["file"]


def put(session: Session, member: int, row: Resource, place: str = "lead", shows: str = SHOWS) -> str:
    actor, content = an_actor(session, member), a_file()
    pictures.may_add(session, actor, row.public_id, content, shows, place, NOW)
    made = picture_files.prepared(content)
    return pictures.add(session, actor, row.public_id, made, shows, place, NOW)


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


def test_twelve_that_only_what_was_published_shows_leave_room_for_others(session: Session, cast: Cast) -> None:
    row, ada = a_draft(session, cast.ada), an_actor(session, cast.ada)
    keys = [put(session, cast.ada, row, "background") for _ in range(pictures.MOST)]
    publish(session, cast, row)
    for key in keys:
        pictures.remove(session, ada, row.public_id, key, NOW)
    assert pictures.own(session, ada, row.public_id)[1] == []
    new = put(session, cast.ada, row)
    assert [one.shown.key for one in pictures.own(session, ada, row.public_id)[1]] == [new]
    assert all(sees(session, cast.cai, key) for key in keys)


def test_what_no_text_shows_yet_is_the_drafts_too(session: Session, cast: Cast) -> None:
    row, ada = a_draft(session, cast.ada), an_actor(session, cast.ada)
    first, second = put(session, cast.ada, row), put(session, cast.ada, row)
    assert [(one.shown.key, one.place) for one in pictures.own(session, ada, row.public_id)[1]] == [
        (first, ""),
        (second, "lead"),
    ]


def test_taking_out_what_is_not_there_changes_nothing(session: Session, cast: Cast) -> None:
    row, ada = a_draft(session, cast.ada), an_actor(session, cast.ada)
    other = put(session, cast.ben, a_draft(session, cast.ben))
    publish(session, cast, row)
    before = (row.version, row.state)
    for key in ("zzzz", "", other):
        with pytest.raises(NotFound):
            pictures.remove(session, ada, row.public_id, key, NOW)
    assert (row.version, row.state) == before


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
