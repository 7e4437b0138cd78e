"""The letter's font is built from the package, or from the system's where that cannot be had."""

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from letters.cleaning import REPERTOIRE
from letters.render.font import FACES, FOLDER, FontError
from tools import font


@pytest.fixture
def without_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No package; an empty folder for the system's fonts."""
    monkeypatch.setattr(font, "find_spec", lambda name: None)
    monkeypatch.setattr(font, "SYSTEM_FOLDERS", (tmp_path / "missing", tmp_path))
    return tmp_path


def test_a_font_without_some_sign_is_not_built(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(font, "REPERTOIRE", REPERTOIRE | {"字"})
    with pytest.raises(FontError, match="n’a pas de signe pour : 字"):
        font.build(tmp_path / "fonts")
    assert list(tmp_path.rglob("*.ttf")) == []
    assert list(tmp_path.rglob("fonts.conf")) == []


def test_a_font_in_use_is_replaced_and_the_new_one_has_the_same_bytes(tmp_path: Path) -> None:
    # A server has it mapped: rewritten in place, the process died of SIGBUS.
    target = tmp_path / "regular.ttf"
    target.write_bytes(b"in use")
    with target.open("rb") as held:
        font.build_face(font.source("regular"), "regular", target)
        assert held.read() == b"in use"
    assert target.read_bytes() == (FOLDER / "regular.ttf").read_bytes()
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.tout
def test_without_the_package_the_fonts_of_the_system_serve(
    without_package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    variable = font.source("regular")
    monkeypatch.setattr(font, "find_spec", lambda name: None)
    monkeypatch.setattr(font, "SYSTEM_FOLDERS", (without_package,))
    for name, file in font.SYSTEM_FILES.items():  # as Debian's: of usual width, without a minus
        whole = TTFont(variable)
        for table in whole["cmap"].tables:
            table.cmap.pop(ord("−"), None)
        weight = {"regular": 400, "semibold": 700}[name]
        instantiateVariableFont(whole, {"wght": weight, "wdth": 100}).save(without_package / file)
    font.build(without_package / "fonts")
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
        font.build(without_package / "fonts")
