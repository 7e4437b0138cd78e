"""One letter, one wording: text, HTML and PDF say the same words, whoever signs.

Words are compared with white space removed, in NFC. Two things are no words: the dash before an
item, which the style sheet draws and the text types, and the page numbers of a letter that takes
two sheets, which `pdf_words` checks and then takes away. The PDF of every letter is read in
test_pdf.py, and that of whatever a person types in test_geometry.py.
"""

from dataclasses import replace

import pytest

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import Letter, Line
from letters.recipients import Recipients
from letters.render import html, pdf, text
from letters.typography import portal
from tests.conftest import TODAY
from tests.kit.pdfs import (
    ITEM_MARK,
    LETTER,
    LONG_SAID,
    html_words,
    pdf_words,
    sheet_words,
    words,
)
from tests.kit.people import NAMES, letter_from, longest_letter, runs
from tests.letters_under_test import SLUGS, every_request


def assert_text_is_the_sheet(letter: Letter) -> None:
    """The text has neither letterhead nor no-break space."""
    with_dashes = sheet_words(letter, ITEM_MARK)
    letterhead = words("".join(letter.letterhead()))
    assert with_dashes.startswith(letterhead)
    message = text.subject(letter) + "\n" + text.message(letter)
    assert words(message) == words(portal(with_dashes.removeprefix(letterhead)))


@pytest.mark.rule(23)
def test_every_letter_in_every_shape_has_the_same_words_in_text_and_on_the_page(
    catalogue: Catalogue, recipients: Recipients
) -> None:
    for wording, request in every_request(catalogue, recipients):
        assert_text_is_the_sheet(compose(wording, request, TODAY))


@pytest.mark.parametrize("character", ["e", "W", "Ԫ"])
@pytest.mark.parametrize("large", [False, True])
def test_the_longest_answers_have_the_same_words_everywhere(character: str, large: bool) -> None:
    letter = longest_letter(SLUGS[0], character, runs(character))
    assert pdf_words(pdf.pdf(letter, large)) == sheet_words(letter)


@pytest.mark.parametrize("length", LONG_SAID)
@pytest.mark.parametrize("large", [False, True])
def test_a_slip_has_the_words_of_its_page(large: bool, length: str) -> None:
    letter = LONG_SAID[length]
    assert pdf_words(pdf.spoken(letter, large)) == html_words(html.spoken(letter))


def test_names_that_exist_are_accepted_and_have_the_same_words_everywhere() -> None:
    for name in NAMES:
        answers = {"given_name": name, "family_name": name, "recipient": "01751"}
        letter = letter_from("opposition-sante", answers)
        assert letter is not None
        assert letter.signature == f"{name} {name}"
    letter = replace(LETTER, sender=tuple(map(Line, NAMES)), subject=" ".join(NAMES))
    assert pdf_words(pdf.pdf(letter)) == sheet_words(letter)


@pytest.mark.parametrize("name", ["Işıl i̋", "Bȷ j̃", "Ḷïı Jonas i̇́"])
def test_dotless_and_accented_i_share_a_glyph_and_are_read_as_one(name: str) -> None:
    letter = replace(LETTER, signature=name)
    assert pdf_words(pdf.pdf(letter)) == sheet_words(letter)
