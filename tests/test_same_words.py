"""One letter, one wording: text, HTML and PDF say the same words, whoever signs.

Words are compared with white space removed, in NFC. Two things are no words: the dash before an
item, which the style sheet draws and the text types, and the page numbers of a letter that takes
two sheets, which are checked here and then taken away.

Two programs read the PDFs: pdfplumber tells what each sign is for, pdfium is thirty times as fast.
"""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pdfplumber
import pypdfium2
import pytest
from bs4 import BeautifulSoup
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from letters.catalogue import Catalogue, load_catalogue
from letters.cleaning import NAME_CHARACTERS, REPERTOIRE
from letters.compose import compose
from letters.facts import load_facts
from letters.model import (
    CHANNELS,
    OUTCOMES,
    REPRESENTED,
    WHO,
    Items,
    Letter,
    LetterRequest,
    Line,
    Objection,
    Paragraph,
    Person,
    Representation,
)
from letters.postal import MAX_CHARACTERS, MAX_LINES
from letters.recipients import OTHER, Recipients, load_recipients
from letters.render import html, pdf, text
from letters.typography import portal
from letters.web.content import Content, load_content
from letters.web.fields import CITY_LIMIT, MEASURE_LIMIT, NAME_LIMIT, POSTAL_CODE_LIMIT
from letters.web.forms import Context, LetterForm
from letters.web.settings import Settings
from tests.conftest import TODAY
from tests.letters_under_test import (
    OUTCOME_OF_FIELD,
    SLUGS,
    every_option_set,
    every_request,
    request_for,
)

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


def _people(who: str, names: st.SearchStrategy[str]) -> dict[str, st.SearchStrategy[str]]:
    """The answers about who signs and for whom."""
    born = {"minor": ("", "03/03/2010")}.get(who, ("", "03/03/1958"))
    other = {"child": ("", "03/03/2015")}.get(who, ("", "03/03/1936"))
    measures = st.sampled_from(("tutelle", "mandat de protection future"))
    return {
        "who": st.just(who),
        "given_name": names,
        "family_name": names,
        "birth_date": st.sampled_from(born),
        "represented_given_name": names,
        "represented_family_name": names,
        "represented_birth_date": st.sampled_from(other),
        "measure": measures | _typed(REPERTOIRE, MEASURE_LIMIT),
    }


def _past() -> dict[str, st.SearchStrategy[str]]:
    """The answers about the first letter and what came of it."""
    return {
        "first_letter": st.sampled_from(sorted(_catalogue().oppositions)),
        "sent_on": st.sampled_from(("01/10/2026", "2018-01-31")),
        "channel": st.sampled_from(("", *CHANNELS)),
        "outcome": st.sampled_from(OUTCOMES),
        "answer_on": st.sampled_from(("", "20/10/2026")),
        "followed_up_on": st.sampled_from(("", "12/10/2026", "05/11/2026")),
    }


@st.composite
def accepted_letters(draw: st.DrawFn) -> Letter:
    """Any letter that the form lets through, with what a person may type in every field.

    All of them have an address to go to; blank ones are looked at on their own.
    """
    slug = draw(st.sampled_from(SLUGS))
    names = st.sampled_from(NAMES) | _typed(NAME_CHARACTERS, NAME_LIMIT)
    places = st.sampled_from(PLACES) | _typed(REPERTOIRE, MAX_CHARACTERS)
    known = [body.code for body in _recipients() if body.has_address]
    blocks = st.lists(places.filter(str.strip), min_size=1, max_size=MAX_LINES).map("\n".join)
    questions = {
        **_people(draw(st.sampled_from(WHO)), names),
        **_past(),
        "recipient": st.sampled_from(known) | st.just(OTHER),
        "recipient_lines": blocks,
        "plateforme_lines": st.just("") | blocks,
        "cnil_lines": st.just("") | blocks,
        "address_line1": places,
        "address_line2": places,
        "city": st.sampled_from(PLACES) | _typed(REPERTOIRE, CITY_LIMIT),
        "email": st.sampled_from(("", "o'neill+<courrier>@exämple.org")),
        "options": st.sampled_from([*map(sorted, _option_sets(slug))]),
        "reason": st.lists(_typed(REPERTOIRE, 100), max_size=12).map("\n".join),
        "missing": st.lists(_typed(REPERTOIRE, 100), max_size=12).map("\n".join),
    }
    answers = {name: draw(strategy) for name, strategy in questions.items()}
    if draw(st.booleans()):
        postal_code = draw(_typed(REPERTOIRE, POSTAL_CODE_LIMIT))
        answers |= {"postal_code": postal_code, "country": draw(places.filter(str.strip))}
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


def assert_same_words(letter: Letter, *, large: bool = False) -> None:
    """Compare all three; the text has neither letterhead nor no-break space."""
    assert pdf_words(pdf.pdf(letter, large)) == sheet_words(letter)
    assert_text_is_the_sheet(letter)


def assert_text_is_the_sheet(letter: Letter) -> None:
    with_dashes = sheet_words(letter, ITEM_MARK)
    letterhead = words("".join(letter.letterhead()))
    assert with_dashes.startswith(letterhead)
    message = text.subject(letter) + "\n" + text.message(letter)
    assert words(message) == words(portal(with_dashes.removeprefix(letterhead)))


def assert_print_is_the_sheet(letter: Letter) -> None:
    """Like pdf_words, for our own texts: no page number and no dash in them is a word."""
    with pypdfium2.PdfDocument(pdf.pdf(letter)) as document:
        pages = [words(page.get_textpage().get_text_range()) for page in document]
    if len(pages) > 1:
        pages = [page.removesuffix(f"{n}/{len(pages)}") for n, page in enumerate(pages, 1)]
    printed = "".join(pages)
    items = sum(len(block.items) for block in letter.blocks if isinstance(block, Items))
    assert printed.replace(ITEM_MARK, "") == sheet_words(letter)
    assert printed.count(ITEM_MARK) == items


# How many ways each step has to tell what came of the first letter. Five channels × silence, a
# refusal and a partial answer with or without its day, and with or without what it lacks; in a
# complaint, × no follow-up, one after the answer, and one before it if its day is known.
WAYS = {
    "opposition": 1,
    "information": 2,
    "relance": 5 * (1 + 2 + 2 * 2),
    "plainte": 5 * (2 + (2 + 3) + (2 + 3) * 2),
}


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.rule(23)
def test_every_letter_in_every_shape_has_the_same_words_everywhere(
    slug: str, who: str, catalogue: Catalogue, recipients: Recipients
) -> None:
    """Text and HTML of every one; the PDF of each history of the first letter, sent in one way.

    The ways of sending take turns in the PDFs: each adds an item or two, the same in every letter.
    """
    wording = catalogue.wordings[slug]
    alike: dict[tuple[object, ...], list[Letter]] = {}
    for other, request in every_request(catalogue, recipients):
        if (other.slug, request.who) == (slug, who):
            letter = compose(wording, request, TODAY)
            assert_text_is_the_sheet(letter)
            alike.setdefault(without_channel(request), []).append(letter)
    always = [field for field in wording.fields if field not in OUTCOME_OF_FIELD]
    shapes = 2 ** (len(wording.options) + len(always)) * WAYS[wording.step]
    assert sum(map(len, alike.values())) == shapes
    for turn, letters in enumerate(alike.values(), start=WHO.index(who)):
        assert_print_is_the_sheet(letters[turn % len(letters)])


def without_channel(request: LetterRequest) -> tuple[object, ...]:
    past = request.objection
    days = past and (past.sent_on, past.outcome, past.answer_on, past.followed_up_on)
    return (request.options, *request.fields, days)


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_has_the_same_words_in_large_print(
    slug: str, who: str, catalogue: Catalogue
) -> None:
    wording = catalogue.wordings[slug]
    assert_same_words(compose(wording, request_for(wording, who=who), TODAY), large=True)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("slug", SLUGS)
def test_a_blank_letter_has_the_same_words_everywhere(
    slug: str, who: str, large: bool, catalogue: Catalogue
) -> None:
    wording = catalogue.wordings[slug]
    nobody = Person("", "")
    request = replace(
        request_for(wording, sender=nobody, recipient=(), who=who),
        represented=Representation(nobody) if who in REPRESENTED else None,
        objection=Objection("Un objet", "Un texte") if wording.speaks_of_objection else None,
    )
    assert_same_words(compose(wording, request, None), large=large)


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("who", WHO)
def test_what_is_said_aloud_has_the_same_words_on_the_page_and_on_the_slip(
    who: str, large: bool, catalogue: Catalogue
) -> None:
    wording = catalogue.wordings["opposition-soignant"]
    letter = compose(wording, request_for(wording, who=who), TODAY)
    sentences = [block.text for block in letter.spoken if isinstance(block, Paragraph)]
    assert len(sentences) == 3
    expected = words("".join([html.SPOKEN, *sentences, letter.signature]))
    assert words(BeautifulSoup(html.slip(letter), "html5lib").get_text()) == expected
    assert pdf_words(pdf.slip(letter, large)) == expected


@given(letter=accepted_letters())
@settings(deadline=None, derandomize=True, max_examples=20, phases=QUICK)
def test_whatever_a_person_types_has_the_same_words_everywhere(letter: Letter) -> None:
    assert_same_words(letter)


@given(letter=accepted_letters())
@settings(deadline=None, derandomize=True, max_examples=10, phases=QUICK)
def test_whatever_a_person_types_has_the_same_words_in_large_print(letter: Letter) -> None:
    assert_same_words(letter, large=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_exists_is_accepted_and_has_the_same_words_everywhere(name: str) -> None:
    answers = {"given_name": name, "family_name": name, "recipient": "01751"}
    answers |= {"who": "child", "represented_given_name": name, "represented_family_name": name}
    letter = letter_from("opposition-sante", answers)
    assert letter is not None
    assert letter.signature == f"{name} {name}"
    assert Line(f"Pour\u00a0: {name} {name}") in letter.sender
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
