"""Where things are on the sheet, in millimetres from its top left corner.

A French window envelope shows x 100-190, y 45-79 of the sheet wherever it slides: the recipient's
address is there and nothing else. Two ticks at 99 and 198 mm say where to fold. Large print gives
that up, and puts nothing off the sheet for it. The slip keeps to the upper half.
"""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, cycle, pairwise
from typing import Any

import pdfplumber
import pytest
from hypothesis import given, settings
from PIL import Image, ImageChops

from letters.catalogue import Catalogue
from letters.cleaning import REPERTOIRE
from letters.compose import compose
from letters.model import Items, Letter, Line, Paragraph
from letters.postal import MAX_CHARACTERS
from letters.recipients import Body, load_recipients
from letters.render import html, pdf
from tests.conftest import TODAY
from tests.letters_under_test import BARE_SENDER, SENDER, SLUGS, request_for
from tests.test_pdf import (
    FRENCH_REASONS,
    LETTER,
    LONG_SLIPS,
    SENTENCE,
    SLIP,
    SPOKEN,
    blank,
    each_kind,
    longest_answers,
    longest_letter,
    nobodys,
    opened,
    sheets,
)
from tests.test_same_words import QUICK, accepted_letters, letter_from

MM = 72 / 25.4
DOTS_PER_MM = 10
LONG_ADDRESS = (
    "Mutualité sociale agricole d’Armorique",
    "Délégué à la protection des données 2e",
    "Immeuble Le Grand Large escalier B 3e",
    "123 BIS AVENUE DU MARECHAL DE LATTRE D",
    "ZONE INDUSTRIELLE DE KERGONAN CS 20070",
    "29412 LANDERNEAU CEDEX 9 SAINT THOMAS",
)
KNOWN = tuple(body for body in load_recipients() if body.has_address)
TURNS = tuple(zip(cycle(SLUGS), KNOWN))  # each body once, each letter in its turn


@dataclass(frozen=True)
class Box:
    """A place on the sheet in millimetres; `top` is smaller than `bottom`."""

    x0: float
    top: float
    x1: float
    bottom: float

    def inside(self, other: "Box") -> bool:
        return (
            other.x0 <= self.x0
            and self.x1 <= other.x1
            and other.top <= self.top
            and self.bottom <= other.bottom
        )

    def meets(self, other: "Box") -> bool:
        across = self.x0 < other.x1 and other.x0 < self.x1
        return across and self.top < other.bottom and other.top < self.bottom


SHEET = Box(5, 5, 205, 292)  # what any printer prints
WINDOW = Box(100, 45, 190, 79)
ADDRESS = Box(110, 50, 190, 79)
CLEAR = Box(100, 35, 200, 80)  # the address and nothing else


@dataclass(frozen=True)
class Places:
    """The text lines of the first sheet by part of the letter, and how many sheets there are."""

    sheets: int
    sender: tuple[Box, ...]
    recipient: tuple[Box, ...]
    place_and_date: tuple[Box, ...]
    body: tuple[Box, ...]

    @property
    def letterhead(self) -> tuple[Box, ...]:
        return self.sender + self.recipient + self.place_and_date


def places(content: bytes) -> Places:
    """Read the lines back from a PDF; the structure tree tells which part each belongs to."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        first = document.pages[0]
        lines = _lines(first.chars)
        (root,) = first.structure_tree
        parts = [[lines.pop(n) for n in _contents(part) if n in lines] for part in root["children"]]
        kinds = [node["type"] for node in root["children"]]
        if kinds[1] == "P":  # a recipient to be filled in by hand has no words
            kinds.insert(1, "Div")
            parts.insert(1, [])
        assert kinds[:4] == ["Div", "Div", "P", "H1"]
        body = [*(box for part in parts[3:] for box in part), *lines.values()]
        return Places(len(document.pages), *map(tuple, parts[:3]), tuple(body))


def _lines(chars: list[dict[str, Any]]) -> dict[int, Box]:
    """The box of each run of text, by its marked-content number.

    Accents that are signs of their own do not count: they are as tall as a line, and moved.
    """
    runs: dict[int, list[dict[str, Any]]] = {}
    for char in chars:
        if not char["text"].isspace() and not unicodedata.combining(char["text"][0]):
            runs.setdefault(char["mcid"], []).append(char)
    return {number: _box(run) for number, run in runs.items()}


def _box(chars: list[dict[str, Any]]) -> Box:
    edges = (
        min(char["x0"] for char in chars),
        min(char["top"] for char in chars),
        max(char["x1"] for char in chars),
        max(char["bottom"] for char in chars),
    )
    return Box(*(round(edge / MM, 2) for edge in edges))


def _contents(node: dict[str, Any]) -> Iterator[int]:
    yield from node.get("mcids", ())
    for child in node.get("children", []):
        yield from _contents(child)


def picture(content: bytes, sheet: int = 0) -> Image.Image:
    """The sheet as it prints, in grey, ten dots a millimetre; ink is brighter than paper."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        image = document.pages[sheet].to_image(resolution=25.4 * DOTS_PER_MM).original
    return ImageChops.invert(image.convert("L"))


def ink(image: Image.Image, place: Box) -> Box | None:
    """Where there is ink in `place`."""
    corner = (round(place.x0 * DOTS_PER_MM), round(place.top * DOTS_PER_MM))
    opposite = (round(place.x1 * DOTS_PER_MM), round(place.bottom * DOTS_PER_MM))
    found = image.crop((*corner, *opposite)).getbbox()
    if found is None:
        return None
    left, top, right, bottom = (dots / DOTS_PER_MM for dots in found)
    return Box(place.x0 + left, place.top + top, place.x0 + right, place.top + bottom)


def assert_fits_the_envelope(found: Places, lines: int) -> None:
    """All that must hold of a letter whose address block has so many lines."""
    assert [box for box in found.recipient if not box.inside(ADDRESS)] == []
    first = min(box.top for box in found.recipient)
    start = 50 if lines == 6 else 55
    assert start <= first < start + 2
    assert {round(box.x0) for box in found.recipient} == {110}
    elsewhere = (*found.sender, *found.place_and_date, *found.body)
    assert [box for box in elsewhere if box.meets(CLEAR)] == []
    assert max(box.x1 for box in found.sender) < 100
    assert max(box.bottom for box in found.sender) <= 99
    assert min(box.top for box in found.place_and_date) > 80
    assert max(box.bottom for box in found.place_and_date) <= 100
    # The sender's block may be as tall as where the place and date begin.
    right_of_sender = max(box.x1 for box in found.sender)
    assert min(box.x0 for box in found.place_and_date) > right_of_sender
    assert min(box.top for box in found.body) >= 99
    assert [box for box in (*found.letterhead, *found.body) if not box.inside(SHEET)] == []


def assert_address_in_full_size(found: Places) -> None:
    """La Poste's machines and the postman read the address from the envelope."""
    sizes = {round((box.bottom - box.top) * MM, 1) for box in found.recipient}
    assert sizes == {9.5}


def assert_no_two_lines_overlap(found: Places) -> None:
    boxes = (*found.letterhead, *found.body)
    assert [pair for pair in combinations(boxes, 2) if pair[0].meets(pair[1])] == []


@pytest.fixture(scope="module", params=SLUGS)
def two_sheets(request: pytest.FixtureRequest, catalogue: Catalogue) -> bytes:
    """A letter with every field full, in French; a longer one where that is not enough."""
    reason = FRENCH_REASONS["all capitals"]
    letter = longest_letter(request.param, catalogue, "e", reason)
    content = pdf.pdf(letter)
    if sheets(content) == 1:
        content = pdf.pdf(replace(letter, blocks=(*letter.blocks, Paragraph("Une ligne.\n" * 40))))
    return content


def compose_to(recipient: tuple[str, ...], slug: str, catalogue: Catalogue) -> Letter:
    wording = catalogue.wordings[slug]
    return compose(wording, request_for(wording, sender=SENDER, recipient=recipient), TODAY)


# --- The envelope ---


@pytest.mark.parametrize(("slug", "body"), TURNS, ids=[body.code for _, body in TURNS])
def test_every_known_body_fits_the_window_of_the_envelope_and_one_sheet(
    slug: str, body: Body, catalogue: Catalogue
) -> None:
    letter = compose_to(body.lines, slug, catalogue)
    assert sheets(pdf.pdf(letter)) == 1
    # The head of a letter has a height of its own; with a short body it is read in half the time.
    found = places(pdf.pdf(replace(letter, blocks=letter.blocks[:1])))
    assert len(found.recipient) == len(body.lines)
    assert_address_in_full_size(found)
    assert_fits_the_envelope(found, len(body.lines))
    assert_no_two_lines_overlap(found)


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("slug", SLUGS)
def test_an_address_of_long_lines_fits_the_window(
    slug: str, lines: int, catalogue: Catalogue
) -> None:
    recipient = LONG_ADDRESS[-lines:]
    assert max(map(len, recipient)) <= MAX_CHARACTERS and min(map(len, recipient)) > 36
    found = places(pdf.pdf(compose_to(recipient, slug, catalogue)))
    assert len(found.recipient) == lines
    assert_address_in_full_size(found)
    assert_fits_the_envelope(found, lines)
    assert_no_two_lines_overlap(found)


@pytest.mark.parametrize("character", ["e", "n", "E"])
@pytest.mark.parametrize("slug", SLUGS)
def test_the_longest_answers_stay_in_their_places(
    slug: str, character: str, catalogue: Catalogue
) -> None:
    found = places(pdf.pdf(longest_letter(slug, catalogue, character, SENTENCE)))
    assert_fits_the_envelope(found, 6)
    assert_no_two_lines_overlap(found)


@pytest.mark.parametrize("character", ["N", "m", "M", "W", "Ԫ"])
def test_an_address_of_wide_letters_leaves_the_window(character: str, catalogue: Catalogue) -> None:
    answers = longest_answers(SLUGS[0], catalogue, character, "")
    letter = letter_from(SLUGS[0], answers | {"given_name": "Zoé", "family_name": "Roy"})
    assert letter is not None
    found = places(pdf.pdf(letter))
    assert_fits_the_envelope(found, 6)
    assert_no_two_lines_overlap(found)


@pytest.mark.parametrize("lines", [1, 5])
def test_a_short_address_in_small_type_starts_at_the_place_of_a_long_one(
    lines: int, catalogue: Catalogue
) -> None:
    recipient = ("M" * MAX_CHARACTERS,) * lines
    found = places(pdf.pdf(compose_to(recipient, SLUGS[0], catalogue)))
    assert_fits_the_envelope(found, lines)
    assert_no_two_lines_overlap(found)


@pytest.mark.parametrize(
    "line",
    [
        "COMMUNAUTE DE COMMUNES MONTS ET MARAIS",
        "MUTUELLE DU MONDE ARTISANAL ET COMMUN",
        "COMMISSION DE RECOURS AMIABLE DU RHONE",
    ],
)
def test_an_address_that_fits_is_printed_in_small_type(line: str, catalogue: Catalogue) -> None:
    assert len(line) <= MAX_CHARACTERS
    letter = compose_to(("Organisme", line, "29000 QUIMPER"), SLUGS[0], catalogue)
    found = places(pdf.pdf(letter))
    assert_address_in_full_size(found)
    assert_fits_the_envelope(found, 3)


@pytest.mark.parametrize("email", ["none", "short", "long"])
@pytest.mark.parametrize("character", ["n", "N", "m", "M", "W", "Ԫ"])
def test_a_sender_of_wide_letters_runs_below_the_fold(
    character: str, email: str, catalogue: Catalogue
) -> None:
    answers = longest_answers(SLUGS[0], catalogue, character, "")
    emails = {"none": "", "short": "zoe@example.org", "long": answers["email"]}
    answers |= {"recipient": KNOWN[0].code, "recipient_lines": "", "email": emails[email]}
    letter = letter_from(SLUGS[0], answers)
    assert letter is not None
    found = places(pdf.pdf(letter))
    assert_fits_the_envelope(found, len(letter.recipient))
    assert_no_two_lines_overlap(found)


@given(letter=accepted_letters())
@settings(deadline=None, derandomize=True, max_examples=20, phases=QUICK)
def test_whatever_a_person_types_stays_in_its_place(letter: Letter) -> None:
    found = places(pdf.pdf(letter))
    assert found.sheets <= 2
    assert_fits_the_envelope(found, len(letter.recipient))
    assert_no_two_lines_overlap(found)


# --- What the printer prints ---


@pytest.mark.parametrize("slug", SLUGS)
def test_the_envelope_shows_ink_of_the_address_only(slug: str, catalogue: Catalogue) -> None:
    wording = catalogue.wordings[slug]
    request = request_for(wording, sender=BARE_SENDER, recipient=LONG_ADDRESS)
    image = picture(pdf.pdf(compose(wording, request, TODAY)))
    shown = ink(image, CLEAR)
    assert shown is not None and shown.inside(ADDRESS)
    assert ink(image, WINDOW) == shown


def test_two_ticks_in_the_left_margin_say_where_to_fold(two_sheets: bytes) -> None:
    image = picture(two_sheets)
    margin = Box(0, 0, 19, 297)
    for fold in (99, 198):
        tick = ink(image, Box(margin.x0, fold - 5, margin.x1, fold + 5))
        assert tick is not None
        assert abs((tick.top + tick.bottom) / 2 - fold) < 0.3
        assert tick.bottom - tick.top < 0.5
        assert (round(tick.x0, 1), round(tick.x1, 1)) == (5, 10)
    ticks = ink(image, margin)
    assert ticks is not None and ticks.top > 98.5 and ticks.bottom < 198.5
    assert ink(image, Box(0, 100, 19, 197)) is None
    assert ink(picture(two_sheets, sheet=1), margin) is None


def test_five_millimetres_at_every_edge_of_every_sheet_are_clear(two_sheets: bytes) -> None:
    for sheet in (0, 1):
        printed = ink(picture(two_sheets, sheet), Box(0, 0, 210, 297))
        assert printed is not None and printed.inside(SHEET)


def test_every_sheet_is_a4_upright(two_sheets: bytes) -> None:
    with pdfplumber.open(io.BytesIO(two_sheets)) as document:
        sizes = [(sheet.width / MM, sheet.height / MM) for sheet in document.pages]
    assert sizes == [pytest.approx((210, 297), abs=0.1)] * 2


@pytest.mark.parametrize("slug", SLUGS)
def test_a_line_to_fill_in_is_long_enough_to_write_on(slug: str, catalogue: Catalogue) -> None:
    wording = catalogue.wordings[slug]
    letter = compose(wording, request_for(wording, sender=BARE_SENDER), TODAY)
    blanks = [line for line in letter.sender if line.blank]
    image = picture(pdf.pdf(letter))
    # Right of the longest label there is nothing but the lines to write on.
    rows = image.crop((80 * DOTS_PER_MM, 15 * DOTS_PER_MM, 96 * DOTS_PER_MM, 91 * DOTS_PER_MM))
    inked = [rows.crop((0, y, rows.width, y + 1)).getbbox() is not None for y in range(rows.height)]
    starts = [y for y in range(1, len(inked)) if inked[y] and not inked[y - 1]]
    assert len(starts) == len(blanks)
    gaps = [(low - high) / DOTS_PER_MM for high, low in pairwise(starts)]
    assert min(gaps) >= 6


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_line_to_write_on_starts_after_its_label(
    slug: str, large: bool, catalogue: Catalogue
) -> None:
    letter = nobodys(slug, catalogue)
    content = pdf.pdf(letter, large=large)
    labels = places(content).sender
    assert len(labels) == len([line for line in letter.sender if line.text])
    image = picture(content)
    for label in labels:
        below = Box(label.x0, label.bottom, label.x1, label.bottom + 2)
        beside = Box(label.x1 + 0.5, label.top, label.x1 + 20, label.bottom + 2)
        assert ink(image, below) is None
        assert ink(image, beside) is not None


# --- Long words ---


def word_of(character: str) -> str:
    """The longest word of this letter that is not called long."""
    words = (character * count for count in range(100, 0, -1))
    return next(word for word in words if "long-words" not in html.document(made_of(word)))


def made_of(word: str) -> Letter:
    blocks = (Paragraph(word), Items((word,)))
    return Letter((Line(word),), (word,), word, word, blocks, (), word, blocks)


def widest() -> str:
    return max(REPERTOIRE, key=lambda character: html.widths().get(character, 0))


@pytest.mark.parametrize("character", ["l", "e", "W", widest()])
def test_a_word_that_is_not_called_long_is_narrower_than_its_line(character: str) -> None:
    usual, *others = each_kind(made_of(word_of(character)))
    found = places(usual)
    assert max(box.x1 - box.x0 for box in found.sender) < 76
    assert max(box.x1 for box in (*found.recipient, *found.body)) < 190
    for content in others:
        for sheet in opened(content).pages:
            assert max(char["x1"] for char in sheet.chars) < 190 * MM


@pytest.mark.parametrize("sign", ["— ", "( ", "a ,", ". ", "/ ", "a¡ ", "« a ", "a ; ", "‰ "])
def test_spaces_that_end_no_line_do_not_take_words_off_the_sheet(sign: str) -> None:
    letter = replace(LETTER, blocks=(Paragraph(sign * 120),), spoken=(Paragraph(sign * 120),))
    for content in each_kind(letter):
        for sheet in opened(content).pages:
            assert max(char["x1"] for char in sheet.chars) < 190.5 * MM


# --- Filled in by hand ---


def rows(image: Image.Image, place: Box) -> list[Box]:
    """The horizontal strips of ink in `place`, from top to bottom."""
    strips: list[Box] = []
    top = round(place.top, 1)  # on a dot: what is between two is found, and found no more
    while (found := ink(image, replace(place, top=top))) is not None:
        bottom = found.top
        while ink(image, replace(place, top=bottom, bottom=bottom + 0.1)) is not None:
            bottom += 0.1
        strip = ink(image, replace(place, top=found.top, bottom=bottom))
        assert strip is not None
        strips.append(strip)
        top = bottom
    return strips


def test_five_lines_to_write_an_address_on_are_in_the_window_and_nothing_else() -> None:
    image = picture(pdf.pdf(blank(LETTER)))
    lines = rows(image, CLEAR)
    assert len(lines) == 5
    assert [line for line in lines if not line.inside(ADDRESS)] == []
    assert [line for line in lines if line.x1 - line.x0 < 79 or line.bottom - line.top > 0.5] == []
    assert {round(low.top - high.top, 1) for high, low in pairwise(lines)} == {6}
    assert lines[0].top - WINDOW.top > 6  # what is written on the first line shows too


@pytest.mark.parametrize("slug", SLUGS)
def test_a_blank_letter_keeps_the_rest_in_its_place(slug: str, catalogue: Catalogue) -> None:
    found = places(pdf.pdf(nobodys(slug, catalogue)))
    assert found.recipient == ()
    others = (*found.sender, *found.place_and_date, *found.body)
    assert [box for box in others if box.meets(CLEAR) or not box.inside(SHEET)] == []
    assert min(box.top for box in found.place_and_date) > 80
    assert max(box.bottom for box in found.place_and_date) <= 99
    assert min(box.top for box in found.body) >= 99
    assert_no_two_lines_overlap(found)


def test_a_line_to_sign_on_is_where_the_name_would_be_with_room_above_it() -> None:
    named = places(pdf.pdf(LETTER)).body[-1]
    content = pdf.pdf(replace(LETTER, signature=""))
    last = places(content).body[-1]
    (line,) = rows(picture(content), Box(20, last.bottom + 1, 205, 292))
    assert (round(line.x0), round(line.x1)) == (110, 190)
    assert named.top < line.top < named.bottom + 0.5
    assert line.top - last.bottom > 15


def test_a_blank_letter_takes_no_more_room_than_a_named_one(catalogue: Catalogue) -> None:
    for slug in SLUGS:
        letter = compose_to(KNOWN[0].lines, slug, catalogue)
        assert sheets(pdf.pdf(blank(letter))) == sheets(pdf.pdf(letter))


# --- Large print ---


def assert_nothing_is_cut_off(content: bytes) -> None:
    """All text of all sheets is on the sheet, and no line is over another."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        for sheet in document.pages:
            boxes = list(_lines(sheet.chars).values())
            assert [box for box in boxes if not box.inside(SHEET)] == []
            assert [pair for pair in combinations(boxes, 2) if pair[0].meets(pair[1])] == []


def assert_in_one_column(found: Places) -> None:
    """Sender, recipient, place and date, then the text, from top to bottom on the first sheet."""
    parts = (found.sender, found.recipient, found.place_and_date, found.body)
    for above, below in pairwise(parts):
        assert max(box.bottom for box in above) < min(box.top for box in below)
    for part in (found.sender, found.place_and_date):
        assert {round(box.x0) for box in part} == {20}


@pytest.mark.parametrize(("slug", "body"), TURNS[:: len(TURNS) // 20])
def test_every_part_of_a_letter_in_large_print_is_below_the_one_before(
    slug: str, body: Body, catalogue: Catalogue
) -> None:
    content = pdf.pdf(compose_to(body.lines, slug, catalogue), large=True)
    found = places(content)
    assert_in_one_column(found)
    assert_nothing_is_cut_off(content)


def test_every_known_address_in_large_print_has_a_line_for_each_of_its_lines() -> None:
    for body in KNOWN:
        found = places(pdf.pdf(replace(LETTER, recipient=body.lines), large=True))
        assert len(found.recipient) == len(body.lines)
        assert {round(box.x0) for box in found.recipient} == {85}


@pytest.mark.parametrize("recipient", [LONG_ADDRESS, ("E" * 38,) * 6], ids=["long", "capitals"])
def test_a_line_of_38_characters_in_large_print_stays_one_line(recipient: tuple[str, ...]) -> None:
    found = places(pdf.pdf(replace(LETTER, recipient=recipient), large=True))
    assert len(found.recipient) == len(recipient)
    assert {round(box.x0) for box in found.recipient} == {60}
    assert max(box.x1 for box in found.recipient) <= 190


@pytest.mark.parametrize("character", ["e", "W", "Ԫ"])
def test_nothing_of_the_longest_answers_in_large_print_is_cut_off(
    character: str, catalogue: Catalogue
) -> None:
    letter = longest_letter(SLUGS[0], catalogue, character, SENTENCE)
    for recipient in (letter.recipient, ("W" * 38,) * 6):
        content = pdf.pdf(replace(letter, recipient=recipient), large=True)
        assert_nothing_is_cut_off(content)


@given(letter=accepted_letters())
@settings(deadline=None, derandomize=True, max_examples=10, phases=QUICK)
def test_whatever_a_person_types_is_whole_in_large_print(letter: Letter) -> None:
    assert_nothing_is_cut_off(pdf.pdf(letter, large=True))


def test_large_print_has_no_fold_marks() -> None:
    assert ink(picture(pdf.pdf(LETTER, large=True)), Box(0, 0, 19, 297)) is None


def test_lines_to_fill_in_by_hand_in_large_print_leave_room_for_a_large_hand() -> None:
    letter = replace(blank(LETTER), sender=(Line("", blank=True),) * 3)
    lines = rows(picture(pdf.pdf(letter, large=True)), Box(86, 5, 205, 135))
    gaps = [low.top - high.top for high, low in pairwise(lines)]
    assert len(gaps) == 7 and min(gaps) >= 12.9
    assert {round(line.x1) for line in lines} == {190}


# --- The slip ---

CUT = Box(0, 140, 210, 157)


@pytest.mark.parametrize(
    "spoken", [SPOKEN, (*SPOKEN, *LONG_SLIPS["a half"])], ids=["usual", "full"]
)
def test_a_slip_is_on_the_upper_half_above_a_line_to_cut_along(spoken: tuple) -> None:
    content = pdf.slip(replace(SLIP, spoken=spoken))
    image = picture(content)
    cut = ink(image, CUT)
    assert cut is not None and cut.inside(SHEET)
    assert abs(cut.top - 148.5) < 0.2 and cut.bottom - cut.top < 0.5
    assert cut.x1 - cut.x0 > 195
    assert ink(image, replace(CUT, top=149, bottom=297)) is None
    assert_nothing_is_cut_off(content)
    # Faint: far from black.
    assert image.getextrema()[1] == 255
    assert image.crop((0, 1400, 2100, 1570)).getextrema()[1] < 130


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("length", LONG_SLIPS)
def test_nothing_of_a_slip_is_cut_off(length: str, large: bool) -> None:
    letter = replace(SLIP, spoken=(*SPOKEN, *LONG_SLIPS[length]), signature="W" * 201)
    assert_nothing_is_cut_off(pdf.slip(letter, large=large))


@pytest.mark.parametrize("large", [False, True])
def test_a_slip_that_needs_the_whole_sheet_has_no_line_to_cut_along(large: bool) -> None:
    letter = replace(SLIP, spoken=(*SPOKEN, *LONG_SLIPS["a sheet"]))
    margin = ink(picture(pdf.slip(letter, large=large)), replace(CUT, x1=19))
    assert margin is None
