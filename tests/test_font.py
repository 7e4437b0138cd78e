"""The letter's font has a sign for everything that the form accepts, and says it in the PDF.

It is built from the package, or from the system's where that cannot be had.
"""

from functools import cache
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from letters.cleaning import REPERTOIRE
from letters.recipients import Recipients
from letters.render import pdf
from letters.render.font import FACES, FAMILY, FOLDER, FontError
from tests.kit.pdfs import ALL_SIGNS, TYPED, read
from tools import font as builder


@cache
def face(name: str) -> TTFont:
    return TTFont(FOLDER / f"{name}.ttf")


def names(name: str, number: int) -> set[str]:
    return {str(record) for record in face(name)["name"].names if record.nameID == number}


@pytest.mark.parametrize(("name", "weight"), FACES.items())
def test_a_face_bears_our_name_and_has_a_sign_for_each_character_of_the_repertoire(
    name: str, weight: int
) -> None:
    assert names(name, 1) == names(name, 16) == {FAMILY} == {"Lettre Noto Serif"}
    assert face(name)["OS/2"].usWeightClass == weight
    assert "fvar" not in face(name)
    signs = face(name).getBestCmap()
    assert set(map(chr, signs)) == REPERTOIRE
    assert ".notdef" not in signs.values()
    assert len(set(signs.values())) == len(signs)
    drawn = face(name)["glyf"]
    printed = [character for character in REPERTOIRE if not character.isspace()]
    assert [c for c in printed if not drawn[signs[ord(c)]].numberOfContours] == []


def test_every_character_of_a_known_address_is_in_the_repertoire(recipients: Recipients) -> None:
    assert {
        sign for body in recipients for line in body.address_lines for sign in line
    } <= REPERTOIRE


def test_every_character_is_read_back_as_itself_in_both_weights() -> None:
    found: dict[str, set[str]] = {}
    for sign in read(pdf.pdf(ALL_SIGNS)).signs():
        found.setdefault(sign.font, set()).update(sign.text)
    assert len(found) == 2
    for characters in found.values():
        assert [character for character in TYPED if character not in characters] == []


# --- Built ---


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No package; an empty folder for the system's fonts."""
    monkeypatch.setattr(builder, "find_spec", lambda name: None)
    monkeypatch.setattr(builder, "SYSTEM_FOLDERS", (tmp_path / "missing", tmp_path))
    return tmp_path


def test_a_font_without_some_sign_is_not_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(builder, "REPERTOIRE", REPERTOIRE | {"字"})
    with pytest.raises(FontError, match="n’a pas de signe pour : 字"):
        builder.build(tmp_path / "fonts")
    assert list(tmp_path.rglob("*.ttf")) == []
    assert list(tmp_path.rglob("fonts.conf")) == []


def test_a_font_in_use_is_replaced_and_the_new_one_has_the_same_bytes(tmp_path: Path) -> None:
    # A server has it mapped: rewritten in place, the process died of SIGBUS.
    target = tmp_path / "regular.ttf"
    target.write_bytes(b"in use")
    with target.open("rb") as held:
        builder.build_face(builder.source("regular"), "regular", target)
        assert held.read() == b"in use"
    assert target.read_bytes() == (FOLDER / "regular.ttf").read_bytes()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.tout
def test_without_the_package_the_fonts_of_the_system_serve(
    without_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    variable = builder.source("regular")
    monkeypatch.setattr(builder, "find_spec", lambda name: None)
    monkeypatch.setattr(builder, "SYSTEM_FOLDERS", (without_package,))
    for name, file in builder.SYSTEM_FILES.items():  # as Debian's: of usual width, without a minus
        whole = TTFont(variable)
        for table in whole["cmap"].tables:
            table.cmap.pop(ord("−"), None)
        weight = {"regular": 400, "semibold": 700}[name]
        instantiateVariableFont(whole, {"wght": weight, "wdth": 100}).save(without_package / file)
    builder.build(without_package / "fonts")
    faces = [TTFont(without_package / "fonts" / f"{name}.ttf") for name in FACES]
    for face, name in zip(faces, FACES, strict=True):
        signs = face.getBestCmap()
        assert set(map(chr, signs)) == REPERTOIRE
        assert len(set(signs.values())) == len(signs)
        ours = TTFont(FOLDER / f"{name}.ttf")
        for character in "aeinost":  # within 4 per cent of the width that the page is made for
            wanted = ours["hmtx"][ours.getBestCmap()[ord(character)]][0]
            assert abs(face["hmtx"][signs[ord(character)]][0] / wanted - 1) < 0.04, character
    assert faces[0].getGlyphOrder() == faces[1].getGlyphOrder()


def test_without_any_font_one_sentence_says_what_to_install(without_package: Path) -> None:
    with pytest.raises(FontError, match="sudo apt-get install fonts-noto-core"):
        builder.build(without_package / "fonts")
