"""One letter, one wording: text, HTML and PDF say the same words, whoever signs.

Words are compared with white space removed, in NFC. Two things are no words: the dash before an
item, which the style sheet draws and the text types, and the page numbers of a letter that takes
two sheets, which `pdf_words` checks and then takes away. The PDF of every letter is read in
test_pdf.py, and that of whatever a person types in test_geometry.py.
"""

from collections import Counter
from dataclasses import replace

import pytest

from letters.catalogue import Catalogue
from letters.compose import compose
from letters.model import WHO, Letter, Line, Paragraph
from letters.recipients import Recipients
from letters.render import html, pdf, text
from letters.typography import portal
from tests.conftest import TODAY
from tests.kit.pdfs import (
    ITEM_MARK,
    LETTER,
    LONG_SLIPS,
    html_words,
    letter_in_shape,
    pdf_words,
    sheet_words,
    words,
)
from tests.kit.people import NAMES, letter_from, longest_letter, runs
from tests.letters_under_test import OUTCOME_OF_FIELD, SLUGS, every_request


def assert_text_is_the_sheet(letter: Letter) -> None:
    """The text has neither letterhead nor no-break space."""
    with_dashes = sheet_words(letter, ITEM_MARK)
    letterhead = words("".join(letter.letterhead()))
    assert with_dashes.startswith(letterhead)
    message = text.subject(letter) + "\n" + text.message(letter)
    assert words(message) == words(portal(with_dashes.removeprefix(letterhead)))


# How many ways each step has to tell what came of the first letter. Five channels × silence, a
# refusal and a partial answer with or without its day, and with or without what it lacks; in a
# complaint, × no follow-up, one after the answer, and one before it if its day is known.
WAYS = {
    "opposition": 1,
    "information": 2,
    "relance": 5 * (1 + 2 + 2 * 2),
    "plainte": 5 * (2 + (2 + 3) + (2 + 3) * 2),
}


@pytest.mark.rule(23)
def test_every_letter_in_every_shape_has_the_same_words_in_text_and_on_the_page(
    catalogue: Catalogue, recipients: Recipients
) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for wording, request in every_request(catalogue, recipients):
        assert_text_is_the_sheet(compose(wording, request, TODAY))
        found[wording.slug, request.who] += 1
    for slug, wording in catalogue.wordings.items():
        always = [field for field in wording.fields if field not in OUTCOME_OF_FIELD]
        shapes = 2 ** (len(wording.options) + len(always)) * WAYS[wording.step]
        assert [found[slug, who] for who in WHO] == [shapes] * len(WHO)


@pytest.mark.parametrize("character", ["e", "W", "Ԫ"])
@pytest.mark.parametrize("large", [False, True])
def test_the_longest_answers_have_the_same_words_everywhere(character: str, large: bool) -> None:
    letter = longest_letter(SLUGS[0], character, runs(character))
    assert pdf_words(pdf.pdf(letter, large)) == sheet_words(letter)


@pytest.mark.parametrize("length", LONG_SLIPS)
@pytest.mark.parametrize("large", [False, True])
def test_a_slip_has_the_words_of_its_page(large: bool, length: str) -> None:
    letter = LONG_SLIPS[length]
    assert pdf_words(pdf.slip(letter, large)) == html_words(html.slip(letter))


@pytest.mark.parametrize("who", WHO)
def test_what_is_said_aloud_has_the_same_words_on_the_page_and_on_the_slip(who: str) -> None:
    letter = letter_in_shape("opposition-soignant", who=who)
    sentences = [block.text for block in letter.spoken if isinstance(block, Paragraph)]
    assert len(sentences) == 3
    expected = words("".join([html.SPOKEN, *sentences, letter.signature]))
    assert html_words(html.slip(letter)) == pdf_words(pdf.slip(letter)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_exists_is_accepted_as_it_is(name: str) -> None:
    answers = {"given_name": name, "family_name": name, "recipient": "01751"}
    answers |= {"who": "child", "represented_given_name": name, "represented_family_name": name}
    letter = letter_from("opposition-sante", answers)
    assert letter is not None
    assert letter.signature == f"{name} {name}"
    assert Line(f"Pour\u00a0: {name} {name}") in letter.sender


def test_names_that_exist_have_the_same_words_everywhere() -> None:
    lines = tuple(map(Line, NAMES))
    letter = replace(LETTER, sender=lines, subject=" ".join(NAMES), signature=NAMES[0])
    assert pdf_words(pdf.pdf(letter)) == sheet_words(letter)


@pytest.mark.parametrize("names", [("Işıl", "i̋"), ("Bȷ", "j̃"), ("Ḷïı", "Jonas i̇́")])
def test_dotless_and_accented_i_share_a_glyph_and_are_read_as_one(
    names: tuple[str, str],
) -> None:
    answers = {"given_name": names[0], "family_name": names[1], "recipient": "01751"}
    letter = letter_from(SLUGS[0], answers)
    assert letter is not None
    assert pdf_words(pdf.pdf(letter)) == sheet_words(letter)
    assert_text_is_the_sheet(letter)
