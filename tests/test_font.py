"""The letter's font has a sign for everything that the form accepts, and says it in the PDF."""

import sys
from functools import cache
from xml.etree import ElementTree

import pytest
from fontTools.ttLib import TTFont

from letters.catalogue import Catalogue
from letters.cleaning import LETTERS, NAME_CHARACTERS, REPERTOIRE, foreign_characters
from letters.compose import compose
from letters.recipients import Recipients
from letters.render import font, pdf
from tests.conftest import TODAY
from tests.kit.pdfs import ALL_SIGNS, TYPED, read
from tests.letters_under_test import all_texts, every_request


@cache
def face(name: str) -> TTFont:
    return TTFont(font.FOLDER / f"{name}.ttf")


def names(name: str, number: int) -> set[str]:
    return {str(record) for record in face(name)["name"].names if record.nameID == number}


@pytest.mark.parametrize(("name", "weight"), font.FACES.items())
def test_a_face_bears_our_name_and_has_a_sign_for_each_character_of_the_repertoire(
    name: str, weight: int
) -> None:
    assert names(name, 1) == names(name, 16) == {font.FAMILY} == {"Lettre Noto Serif"}
    assert face(name)["OS/2"].usWeightClass == weight
    assert "fvar" not in face(name)
    signs = face(name).getBestCmap()
    assert set(map(chr, signs)) == REPERTOIRE
    assert ".notdef" not in signs.values()
    assert len(set(signs.values())) == len(signs)
    drawn = face(name)["glyf"]
    printed = [character for character in REPERTOIRE if not character.isspace()]
    assert [c for c in printed if not drawn[signs[ord(c)]].numberOfContours] == []


def test_fontconfig_knows_our_two_faces_and_no_other() -> None:
    tree = ElementTree.fromstring(font.FONTCONFIG_FILE.read_text(encoding="utf-8"))
    assert [(tag.tag, tag.text) for tag in tree] == [("dir", str(font.FOLDER))]
    fonts = [path.name for path in font.FOLDER.rglob("*") if path.suffix in {".ttf", ".otf"}]
    assert sorted(fonts) == ["regular.ttf", "semibold.ttf"]


def test_every_character_that_the_form_accepts_is_in_the_repertoire() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    accepted = set(everything).difference(foreign_characters(everything))
    assert accepted > LETTERS
    assert accepted > NAME_CHARACTERS
    assert accepted - REPERTOIRE == {"\n"}


def test_every_character_of_our_own_words_is_in_the_repertoire(
    catalogue: Catalogue, recipients: Recipients
) -> None:
    used: set[str] = set()
    for wording, request in every_request(catalogue, recipients):
        used.update(*all_texts(compose(wording, request, TODAY)))
    for body in recipients:
        used.update(*body.lines)
    assert {"é", "’", "\u00a0"} <= used
    assert used - REPERTOIRE == {"\n"}


def test_every_character_is_read_back_as_itself_in_both_weights() -> None:
    found: dict[str, set[str]] = {}
    for sign in read(pdf.pdf(ALL_SIGNS)).signs():
        found.setdefault(sign.font, set()).update(sign.text)
    assert len(found) == 2
    for characters in found.values():
        assert [character for character in TYPED if character not in characters] == []
