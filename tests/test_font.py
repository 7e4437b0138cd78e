"""The letter's font has a sign for everything that the form accepts, and says it in the PDF."""

import io
import sys
import unicodedata
from functools import cache
from xml.etree import ElementTree

import page as page_validation
import pdfplumber
import pytest
from fontTools.ttLib import TTFont

from letters.catalogue import Catalogue
from letters.cleaning import LETTERS, NAME_CHARACTERS, REPERTOIRE, foreign_characters
from letters.compose import compose
from letters.model import Items, Letter, Line, Paragraph
from letters.recipients import Recipients
from letters.render import font, pdf
from tests.conftest import TODAY
from tests.letters_under_test import every_request

PRINTED = sorted(character for character in REPERTOIRE if not character.isspace())
# Cleaning composes what a person types, so that four old marks never come through as they are.
TYPED = [character for character in PRINTED if unicodedata.is_normalized("NFC", character)]
LETTER = Letter((Line("Zoé"),), ("Caisse",), "Le 2 mai", "Essai", (), (), "Zoé")
CHUNK = 420


@cache
def face(name: str) -> TTFont:
    return TTFont(font.FOLDER / f"{name}.ttf")


def names(name: str, number: int) -> set[str]:
    return {str(record) for record in face(name)["name"].names if record.nameID == number}


@pytest.mark.parametrize("name", font.FACES)
def test_a_face_has_exactly_the_characters_of_the_repertoire(name: str) -> None:
    assert set(map(chr, face(name).getBestCmap())) == REPERTOIRE


@pytest.mark.parametrize("name", font.FACES)
def test_every_character_has_a_sign_of_its_own(name: str) -> None:
    signs = face(name).getBestCmap()
    assert ".notdef" not in signs.values()
    assert len(set(signs.values())) == len(signs)
    drawn = face(name)["glyf"]
    empty = [
        character for character in PRINTED if not drawn[signs[ord(character)]].numberOfContours
    ]
    assert empty == []


@pytest.mark.parametrize(("name", "weight"), font.FACES.items())
def test_a_face_bears_our_name_and_its_weight(name: str, weight: int) -> None:
    assert names(name, 1) == names(name, 16) == {font.FAMILY} == {"Lettre Noto Serif"}
    assert face(name)["OS/2"].usWeightClass == weight
    assert "fvar" not in face(name)


def test_fontconfig_knows_our_two_faces_and_no_other() -> None:
    tree = ElementTree.fromstring(font.FONTCONFIG_FILE.read_text(encoding="utf-8"))
    assert [(tag.tag, tag.text) for tag in tree] == [("dir", str(font.FOLDER))]
    fonts = [path.name for path in font.FOLDER.rglob("*") if path.suffix in {".ttf", ".otf"}]
    assert sorted(fonts) == ["regular.ttf", "semibold.ttf"]


def test_every_character_that_the_form_accepts_is_in_the_font() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    accepted = set(everything).difference(foreign_characters(everything))
    assert accepted > LETTERS
    assert accepted > NAME_CHARACTERS
    for name in font.FACES:
        assert accepted - set(map(chr, face(name).getBestCmap())) == {"\n"}


def test_every_character_of_our_own_words_is_in_the_font(
    catalogue: Catalogue, recipients: Recipients
) -> None:
    used: set[str] = set()
    for wording, request in every_request(catalogue, recipients):
        letter = compose(wording, request, TODAY)
        used.update(*letter.letterhead(), letter.subject, letter.signature)
        for block in letter.blocks:
            used.update(*(block.items if isinstance(block, Items) else (block.text,)))
    for body in recipients:
        used.update(*body.lines)
    assert {"é", "’", "\u00a0"} <= used
    assert used - REPERTOIRE == {"\n"}


@pytest.mark.parametrize("start", range(0, len(TYPED), CHUNK))
def test_every_character_is_accessible_and_is_read_back_as_itself(start: int) -> None:
    chunk = TYPED[start : start + CHUNK]
    letter = Letter(
        LETTER.sender,
        LETTER.recipient,
        LETTER.place_and_date,
        " ".join(chunk),  # in semibold
        (Paragraph(" ".join(chunk)),),
        (),
        LETTER.signature,
    )
    content = pdf.pdf(letter)
    report = page_validation.validate_pdf_bytes(
        content, profile=page_validation.ValidationProfile.PDF_UA_1
    )
    assert report.is_compliant, report
    read: dict[str, set[str]] = {}
    with pdfplumber.open(io.BytesIO(content)) as document:
        for sheet in document.pages:
            for char in sheet.chars:
                read.setdefault(char["fontname"], set()).update(char["text"])
    assert len(read) == 2
    for characters in read.values():
        assert [character for character in chunk if character not in characters] == []
