"""The letter's font has a sign for everything that the form accepts, and says it in the PDF."""

from functools import cache

import pytest
from fontTools.ttLib import TTFont

from letters.cleaning import REPERTOIRE
from letters.recipients import Recipients
from letters.render import font, pdf
from tests.kit.pdfs import ALL_SIGNS, TYPED, read


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


def test_every_character_of_a_known_address_is_in_the_repertoire(recipients: Recipients) -> None:
    assert {sign for body in recipients for line in body.lines for sign in line} <= REPERTOIRE


def test_every_character_is_read_back_as_itself_in_both_weights() -> None:
    found: dict[str, set[str]] = {}
    for sign in read(pdf.pdf(ALL_SIGNS)).signs():
        found.setdefault(sign.font, set()).update(sign.text)
    assert len(found) == 2
    for characters in found.values():
        assert [character for character in TYPED if character not in characters] == []
