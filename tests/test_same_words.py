"""One letter, one wording: text, HTML and PDF say the same words, whoever signs.

Words are compared with white space removed, in NFC. Two things are no words: the dash before an
item, which the style sheet draws and the text types, and the page numbers of a letter that takes
two sheets, which are checked here and then taken away.
"""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pdfplumber
import pytest
from bs4 import BeautifulSoup
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from letters.catalogue import Catalogue, load_catalogue
from letters.cleaning import NAME_CHARACTERS, REPERTOIRE
from letters.compose import compose
from letters.facts import load_facts
from letters.model import Letter, Paragraph
from letters.postal import MAX_CHARACTERS, MAX_LINES
from letters.recipients import OTHER, Recipients, load_recipients
from letters.render import html, pdf, text
from letters.typography import portal
from letters.web.content import Content, load_content
from letters.web.forms import (
    CITY_LIMIT,
    NAME_LIMIT,
    POSTAL_CODE_LIMIT,
    Context,
    LetterForm,
)
from letters.web.settings import Settings
from tests.conftest import TODAY
from tests.letters_under_test import SLUGS, every_option_set, every_request, request_for

# Names that exist, and that have broken programs before.
NAMES = (
    "Camille",
    "Jean-Noël",
    "Maëlle Anne‑Sophie",
    "D’Œuvre-L'Haÿ",
    "Nguyễn Thị Ánh",
    "Łukasz Żółć",
    "Işıl İnanç",
    "Þorgerður Ægisdóttir",
    "Δημήτρης Παπαδόπουλος",
    "Ὀδυσσεὺς",
    "Щербаков",
    "Ђорђе Љубичић",
    "Олена Ґудзь-Мар’яненко",
    "N. ’t Hooft",
    "ʻŌlelo",
    "Q̄ulın Ạ̈bḏallāh",
    "Gal·la",
    "Ng",
    "Ö",
)
PLACES = (
    "",
    "3 bis, rue de l’Église",
    "Bât. « Les Œillets » – esc. n° 4",
    "c/o M. & Mme O'Neill <étage 2>",
    "BP 12 / CS 40_001",
    "Κηφισίας 12",
    "вул. Хрещатик, 1",
)
ITEM_MARK = "–"
# No search for the smallest example that fails: with a PDF for each, it takes five minutes.
QUICK = (Phase.explicit, Phase.generate)


@cache
def _catalogue() -> Catalogue:
    return load_catalogue(load_facts())


@cache
def _recipients() -> Recipients:
    return load_recipients()


@cache
def _content() -> Content:
    return load_content(Settings())


def letter_from(slug: str, answers: dict[str, Any]) -> Letter | None:
    """The letter that these answers make, or nothing when the form refuses them."""
    pairs = ((key, v) for key, value in answers.items() for v in _as_list(value))
    wording = _catalogue().wordings[slug]
    form = LetterForm(Context(wording, _content(), TODAY), MultiDict(list(pairs)))
    return compose(wording, form.to_request(), TODAY) if form.validate() else None


def _as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _typed(characters: frozenset[str], limit: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=sorted(characters), max_size=limit)


@st.composite
def accepted_letters(draw: st.DrawFn) -> Letter:
    """Any letter that the form lets through, with what a person may type in every field."""
    slug = draw(st.sampled_from(SLUGS))
    names = st.sampled_from(NAMES) | _typed(NAME_CHARACTERS, NAME_LIMIT)
    places = st.sampled_from(PLACES) | _typed(REPERTOIRE, MAX_CHARACTERS)
    bodies = [body.code for body in _recipients() if body.has_address]
    answers: dict[str, Any] = {
        "given_name": draw(names),
        "family_name": draw(names),
        "address_line1": draw(places),
        "address_line2": draw(places),
        "city": draw(st.sampled_from(PLACES) | _typed(REPERTOIRE, CITY_LIMIT)),
        "birth_date": draw(st.sampled_from(("", "03/03/1958"))),
        "email": draw(st.sampled_from(("", "o'neill+<courrier>@exämple.org"))),
        "options": draw(st.sampled_from([*map(sorted, _option_sets(slug))])),
        "reason": "\n".join(draw(st.lists(_typed(REPERTOIRE, 100), max_size=12))),
    }
    if draw(st.booleans()):
        postal_code = draw(_typed(REPERTOIRE, POSTAL_CODE_LIMIT))
        answers |= {"postal_code": postal_code, "country": draw(places.filter(str.strip))}
    if draw(st.booleans()):
        answers |= {"recipient": draw(st.sampled_from(bodies))}
    else:
        lines = draw(st.lists(places.filter(str.strip), min_size=1, max_size=MAX_LINES))
        answers |= {"recipient": OTHER, "recipient_lines": "\n".join(lines)}
    letter = letter_from(slug, answers)
    assume(letter is not None)
    assert letter is not None
    return letter


def _option_sets(slug: str) -> list[frozenset[str]]:
    return list(every_option_set(_catalogue().wordings[slug]))


def words(source: str) -> str:
    """The text without white space, in NFC."""
    return unicodedata.normalize("NFC", "".join(source.split()))


def sheet_words(letter: Letter, item_mark: str = "") -> str:
    """The words of the HTML sheet in reading order, with `item_mark` before each item."""
    sheet = BeautifulSoup(html.sheet(letter), "html5lib")
    for item in sheet.find_all("li"):
        item.insert(0, item_mark)
    return words(sheet.get_text())


def pdf_words(content: bytes) -> str:
    """The words of the PDF in the order of its content stream."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        pages = document.pages
        parts = [_page_words(page, page.page_number, len(pages)) for page in pages]
    return words("".join(parts))


def _page_words(page: Any, number: int, count: int) -> str:
    dashes = set(_dashes(page.structure_tree))
    kept = words("".join(c["text"] for c in page.chars if c["mcid"] not in dashes))
    if count == 1:
        return kept
    page_number = f"{number}/{count}"
    assert kept.endswith(page_number), "a sheet of several has no number"
    return kept.removesuffix(page_number)


def _dashes(nodes: list[dict[str, Any]], inside: bool = False) -> Iterator[int]:
    """Marked-content numbers of the dashes before items, on one page."""
    for node in nodes:
        is_dash = inside or node["type"] == "Lbl"
        yield from node.get("mcids", ()) if is_dash else ()
        yield from _dashes(node.get("children", []), is_dash)


def assert_same_words(letter: Letter) -> None:
    """Compare all three; the text has neither letterhead nor no-break space."""
    on_screen = sheet_words(letter)
    assert pdf_words(pdf.pdf(letter)) == on_screen
    with_dashes = sheet_words(letter, ITEM_MARK)
    letterhead = words("".join(letter.letterhead()))
    assert with_dashes.startswith(letterhead)
    message = text.subject(letter) + "\n" + text.message(letter)
    assert words(message) == words(portal(with_dashes.removeprefix(letterhead)))


@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_in_every_shape_has_the_same_words_everywhere(
    slug: str, catalogue: Catalogue, recipients: Recipients
) -> None:
    shapes = [pair for pair in every_request(catalogue, recipients) if pair[0].slug == slug]
    assert len(shapes) == 2 ** (len(shapes[0][0].options) + len(shapes[0][0].fields))
    for wording, request in shapes:
        assert_same_words(compose(wording, request, TODAY))


@given(letter=accepted_letters())
@settings(deadline=None, derandomize=True, max_examples=20, phases=QUICK)
def test_whatever_a_person_types_has_the_same_words_everywhere(letter: Letter) -> None:
    assert_same_words(letter)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_exists_is_accepted_and_has_the_same_words_everywhere(name: str) -> None:
    answers = {"given_name": name, "family_name": name, "recipient": "01751"}
    letter = letter_from(SLUGS[0], answers)
    assert letter is not None
    assert letter.signature == f"{name} {name}"
    assert_same_words(letter)


def test_two_sheets_are_numbered_and_the_numbers_are_no_words_of_the_letter() -> None:
    wording = _catalogue().wordings[SLUGS[0]]
    short = compose(wording, request_for(wording), TODAY)
    letter = replace(short, blocks=(Paragraph("Une ligne.\n" * 40), *short.blocks))
    with pdfplumber.open(io.BytesIO(pdf.pdf(letter))) as document:
        ends = [words(page.extract_text())[-3:] for page in document.pages]
    assert ends == ["1/2", "2/2"]
    assert_same_words(letter)


@pytest.mark.parametrize("names", [("Işıl", "i̋"), ("Bȷ", "j̃"), ("Ḷïı", "Jonas i̇́")])
def test_dotless_and_accented_i_share_a_glyph_and_are_read_as_one(
    names: tuple[str, str],
) -> None:
    answers = {"given_name": names[0], "family_name": names[1], "recipient": "01751"}
    letter = letter_from(SLUGS[0], answers)
    assert letter is not None
    assert_same_words(letter)
