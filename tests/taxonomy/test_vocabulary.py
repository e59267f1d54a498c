"""Vocabularies are complete, fit together, and say where they do not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from haln.errors import Misconfigured
from haln.taxonomy import vocabulary


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the project's own vocabularies, to be spoilt."""
    for file in vocabulary.HERE.glob("*.toml"):
        shutil.copy(file, tmp_path)
    return tmp_path


def test_the_projects_own_vocabulary_has_what_the_product_names() -> None:
    words = vocabulary.load()
    assert len(words.top_sectors) == 11
    assert len(words.kinds_of("nhs")) == 7
    assert len(words.roles) == 13
    assert [level.code for level in words.levels] == ["executive", "senior", "middle", "practitioner"]
    assert len(words.themes) == 12
    assert [step.rank for step in words.maturity] == [1, 2, 3, 4]
    assert [region.kind for region in words.regions].count("nation") == 4
    assert [region.kind for region in words.regions].count("region") == 9
    assert words.network.short_name == "HALN"


def test_it_is_read_once() -> None:
    assert vocabulary.load() is vocabulary.load()


def test_an_organisation_may_have_a_kind_or_a_sector_without_kinds() -> None:
    choosable = {sector.code for sector in vocabulary.load().choosable_sectors}
    assert {"nhs-acute", "housing"} <= choosable
    assert "nhs" not in choosable


def test_a_kind_belongs_to_its_first_level_sector_and_that_to_itself() -> None:
    words = vocabulary.load()
    assert words.top_sector("nhs-icb").code == "nhs"
    assert words.top_sector("nhs").code == "nhs"


def test_a_region_is_found_by_its_own_and_its_ons_code() -> None:
    words = vocabulary.load()
    assert words.region("south-west") is words.region("E12000009")


def test_an_unknown_code_is_a_key_error() -> None:
    words = vocabulary.load()
    for find in (words.sector, words.role, words.level, words.theme, words.region):
        with pytest.raises(KeyError):
            find("no-such-code")
    with pytest.raises(KeyError):
        words.maturity_at(5)


@pytest.mark.parametrize(
    ("file", "old", "new", "entry"),
    [
        ("sectors.toml", '[nhs]\nlabel = "NHS"', "[nhs]", "nhs.label"),
        ("sectors.toml", 'parent = "nhs"', 'parent = "nowhere"', "nhs-acute.parent"),
        ("sectors.toml", 'parent = "nhs"', 'parent = "nhs-icb"', "nhs-acute.parent"),
        ("sectors.toml", "[nhs]", "[NHS]", "NHS"),
        ("sectors.toml", "[nhs]", "[housing]", "file"),
        ("roles.toml", 'label = "Procurement"', 'label = " "', "procurement.label"),
        ("levels.toml", "hint =", "hints =", "executive.hints"),
        ("maturity.toml", "rank = 2", "rank = 3", "rank"),
        ("maturity.toml", "rank = 1", 'rank = "1"', "starting.rank"),
        ("themes.toml", '"jobs", ', '"pay", ', "quality-work.keywords"),
        ("places.toml", '"E12000009"', '"E12000008"', "south-west"),
        ("places.toml", 'kind = "region"', 'kind = "county"', "north-east.kind"),
        ("places.toml", 'kind = "region"', 'kind = "nation"', "north-east"),
        ("network.toml", "#0b6e69", "teal", "colours.accent"),
        ("network.toml", "short_name", "shortname", "network.short_name"),
        ("network.toml", "[wording]", "[words]", "words"),
    ],
)
def test_a_spoilt_file_is_refused_by_file_and_entry(folder: Path, file: str, old: str, new: str, entry: str) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Misconfigured) as refusal:
        vocabulary.load(folder)
    assert refusal.value.values["file"] == file
    assert refusal.value.values["entry"] == entry


@pytest.mark.parametrize("spoil", ["missing", "empty", "not utf-8", "not a table"])
def test_a_file_that_cannot_be_read_is_refused(folder: Path, spoil: str) -> None:
    path = folder / "roles.toml"
    if spoil == "missing":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "not utf-8": b"[a]\nlabel = '\xff'", "not a table": b"a = 1"}[spoil])
    with pytest.raises(Misconfigured, match=r"roles\.toml"):
        vocabulary.load(folder)
