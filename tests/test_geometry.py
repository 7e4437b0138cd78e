"""Where things are on the sheet, in millimetres from its top left corner.

A French window envelope shows x 100-190, y 45-79 of the sheet wherever it slides: the recipient's
address is there and nothing else. Two ticks at 99 and 198 mm say where to fold. Large print gives
that up, and puts nothing off the sheet for it. What to say aloud keeps to the upper half.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, cycle, pairwise

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from letters.cleaning import REPERTOIRE
from letters.model import Items, Letter, Line, Paragraph
from letters.postal import MAX_CHARACTERS
from letters.recipients import load_recipients
from letters.render import font, html, pdf
from tests import kit
from tests.kit.pdfs import (
    LETTER,
    LONG_SAID,
    MM,
    SAID,
    Box,
    blank,
    each_kind,
    letter_in_shape,
    letter_to,
    opened,
    parts_of,
    pdf_words,
    read,
    sheet_words,
)
from tests.kit.people import CAPITALS, SENTENCE, accepted_letters, longest_letter
from tests.letters_under_test import SLUGS

DOTS_PER_MM = 10
LONG_ADDRESS = (
    "Mutualité sociale agricole d’Armorique",
    "Délégué à la protection des données 2e",
    "Immeuble Le Grand Large escalier B 3e",
    "123 BIS AVENUE DU MARECHAL DE LATTRE D",
    "ZONE INDUSTRIELLE DE KERGONAN CS 20070",
    "29412 LANDERNEAU CEDEX 9 SAINT THOMAS",
)
ADDRESSES = sorted(
    {body.address_lines for body in load_recipients() if body.has_address},
    key=lambda lines: (len(max(lines, key=len)), lines),
    reverse=True,
)
# Those of the longest lines, and some of the others; each letter in its turn.
TURNS = tuple(zip(cycle(SLUGS), ADDRESSES))
TRIED = TURNS if kit.everything else (*TURNS[:10], *TURNS[10 :: len(TURNS) // 10])

SHEET = Box(5, 5, 205, 292)  # what any printer prints
WINDOW = Box(100, 45, 190, 79)
ADDRESS = Box(110, 50, 190, 79)
CLEAR = Box(100, 35, 200, 80)  # the address and nothing else

# No search for the smallest example that fails: with a PDF for each, it takes five minutes.
QUICK = settings(
    deadline=None, derandomize=True, max_examples=30, phases=(Phase.explicit, Phase.generate)
)


@dataclass(frozen=True)
class Places:
    """The text lines of the first sheet by part of the letter, and how many sheets there are."""

    sheets: int
    sender: list[Box]
    recipient: list[Box]
    place_and_date: list[Box]
    body: list[Box]

    @property
    def all(self) -> list[Box]:
        return self.sender + self.recipient + self.place_and_date + self.body


def places(content: bytes) -> Places:
    """Read the lines back from a PDF; the tags tell which part each belongs to."""
    document = read(content)
    lines = document.sheets[0].lines()
    (root,) = document.tags
    parts = [
        [lines.pop(line) for number, line in parts_of(tag) if number == 1 and line in lines]
        for tag in root["children"]
    ]
    kinds = [tag["type"] for tag in root["children"]]
    if kinds[1] == "P":  # a recipient to be filled in by hand has no words
        kinds.insert(1, "Div")
        parts.insert(1, [])
    assert kinds[:4] == ["Div", "Div", "P", "H1"]
    body = [*(box for part in parts[3:] for box in part), *lines.values()]
    return Places(len(document.sheets), *parts[:3], body)


def picture(content: bytes, sheet: int = 0) -> Image.Image:
    """The sheet as it prints, in grey, ten dots a millimetre; ink is brighter than paper."""
    with opened(content) as document:
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


def strips(image: Image.Image, place: Box) -> Iterator[Box]:
    """The horizontal strips of ink in `place`, from top to bottom."""
    top = round(place.top, 1)  # on a dot: what is between two is found, and found no more
    while (found := ink(image, replace(place, top=top))) is not None:
        bottom = found.top
        while ink(image, replace(place, top=bottom, bottom=bottom + 0.1)) is not None:
            bottom += 0.1
        strip = ink(image, replace(place, top=found.top, bottom=bottom))
        assert strip is not None
        yield strip
        top = bottom


def assert_apart(boxes: list[Box]) -> None:
    """All text is on the sheet, and no line is over another."""
    assert [box for box in boxes if not box.inside(SHEET)] == []
    assert [pair for pair in combinations(boxes, 2) if pair[0].meets(pair[1])] == []


def assert_nothing_is_cut_off(content: bytes) -> None:
    for sheet in read(content).sheets:
        assert_apart(list(sheet.lines().values()))


def assert_fits_the_envelope(letter: Letter, *, full_size: bool = False) -> Places:
    """All that must hold of the first sheet of a letter; in full size the postman reads it."""
    found, lines = places(pdf.pdf(letter)), len(letter.address_lines)
    assert bool(found.recipient) == bool(lines)
    if full_size:
        assert len(found.recipient) == lines
        assert {round((box.bottom - box.top) * MM, 1) for box in found.recipient} == {9.5}
    assert [box for box in found.recipient if not box.inside(ADDRESS)] == []
    start = 50 if lines == 6 else 55
    assert start <= min((box.top for box in found.recipient), default=start) < start + 2
    assert {round(box.x0) for box in found.recipient} <= {110}
    elsewhere = (*found.sender, *found.place_and_date, *found.body)
    assert [box for box in elsewhere if box.meets(CLEAR)] == []
    assert max(box.x1 for box in found.sender) < 100
    assert max(box.bottom for box in found.sender) <= 99
    assert min(box.top for box in found.place_and_date) > 80
    assert max(box.bottom for box in found.place_and_date) <= 100
    # The sender's block may be as tall as where the place and date begin.
    right_of_sender = max(box.x1 for box in found.sender)
    assert min(box.x0 for box in found.place_and_date) > right_of_sender
    assert min((box.top for box in found.body), default=99) >= 99
    assert_apart(found.all)
    return found


def head_of(letter: Letter) -> Letter:
    """Its head has a height of its own; with a short body it is drawn and read in half the time."""
    return replace(letter, blocks=letter.blocks[:1])


# --- The envelope ---


@pytest.mark.parametrize(("slug", "address"), TRIED)
def test_every_known_address_fits_the_window_of_the_envelope_and_large_print(
    slug: str, address: tuple[str, ...]
) -> None:
    letter = letter_to(address, slug)
    assert_fits_the_envelope(head_of(letter), full_size=True)
    content = pdf.pdf(head_of(letter), large=True)
    assert_nothing_is_cut_off(content)
    found = places(content)
    assert len(found.recipient) == len(address)
    assert {round(box.x0) for box in found.recipient} == {85}
    assert {round(box.x0) for box in (*found.sender, *found.place_and_date)} == {20}
    for above, below in pairwise((found.sender, found.recipient, found.place_and_date, found.body)):
        assert max(box.bottom for box in above) < min(box.top for box in below)


WIDE_LINES = (
    "COMMUNAUTE DE COMMUNES MONTS ET MARAIS",
    "MUTUELLE DU MONDE ARTISANAL ET COMMUN",
    "COMMISSION DE RECOURS AMIABLE DU RHONE",
)


@pytest.mark.parametrize(
    "recipient",
    [
        *(LONG_ADDRESS[-lines:] for lines in range(1, 7)),
        *(("Organisme", line, "29000 QUIMPER") for line in WIDE_LINES),
    ],
)
def test_an_address_of_long_lines_fits_the_window_in_full_size(recipient: tuple[str, ...]) -> None:
    assert 36 < max(map(len, recipient)) <= MAX_CHARACTERS
    assert_fits_the_envelope(replace(LETTER, address_lines=recipient), full_size=True)


@pytest.mark.parametrize(("character", "slug"), [*zip("enENmMWԪ", cycle(SLUGS))])
def test_the_longest_answers_stay_in_their_places(character: str, slug: str) -> None:
    assert_fits_the_envelope(longest_letter(slug, character, SENTENCE))
    for email in ("", "zoe@example.org"):  # the sender's block just fits, or just not
        letter = longest_letter(slug, character, "", email=email)
        assert_fits_the_envelope(head_of(replace(letter, address_lines=ADDRESSES[0])))
    for lines in (6,) if character == "Ԫ" else (1, 5, 6):
        recipient = (character * MAX_CHARACTERS,) * lines
        assert_fits_the_envelope(replace(LETTER, address_lines=recipient))


@given(letter=accepted_letters(), large=st.booleans())
@QUICK
def test_whatever_a_person_types_has_the_same_words_and_stays_in_its_place(
    letter: Letter, large: bool
) -> None:
    content = pdf.pdf(letter, large)
    if large:
        assert_nothing_is_cut_off(content)
    else:
        assert assert_fits_the_envelope(letter).sheets <= 2
    assert pdf_words(content) == sheet_words(letter)


# --- What the printer prints ---


def test_the_envelope_shows_ink_of_the_address_only() -> None:
    bare = letter_in_shape(SLUGS[0], "nothing filled in")
    image = picture(pdf.pdf(replace(bare, address_lines=LONG_ADDRESS)))
    shown = ink(image, CLEAR)
    assert shown is not None and shown.inside(ADDRESS)
    assert ink(image, WINDOW) == shown


def test_two_full_sheets_have_two_ticks_to_fold_at_and_clear_edges() -> None:
    content = pdf.pdf(longest_letter("opposition-sante", "e", CAPITALS))
    first, second = picture(content), picture(content, sheet=1)
    for image in (first, second):
        assert tuple(dots / DOTS_PER_MM for dots in image.size) == pytest.approx((210, 297), abs=1)
        printed = ink(image, Box(0, 0, 210, 297))
        assert printed is not None and printed.inside(SHEET)
    for sheet in read(content).sheets:
        assert (sheet.width / MM, sheet.height / MM) == pytest.approx((210, 297), abs=0.1)
    margin = Box(0, 0, 19, 297)
    assert ink(second, margin) is None
    ticks = list(strips(first, margin))
    assert len(ticks) == 2
    for tick, fold in zip(ticks, (99, 198), strict=True):
        assert abs((tick.top + tick.bottom) / 2 - fold) < 0.3
        assert tick.bottom - tick.top < 0.5
        assert (round(tick.x0, 1), round(tick.x1, 1)) == (5, 10)


@pytest.mark.parametrize("large", [False, True], ids=["usual", "large"])
@pytest.mark.parametrize("slug", SLUGS)
def test_a_line_to_write_on_starts_after_its_label_and_has_room(slug: str, large: bool) -> None:
    letter = head_of(letter_in_shape(slug, "by hand", "protected"))
    content = pdf.pdf(letter, large)
    labels = places(content).sender
    assert len(labels) == len([line for line in letter.sender if line.text])
    image = picture(content)
    for label in labels:
        below = Box(label.x0, label.bottom, label.x1, label.bottom + 2)
        beside = Box(label.x1 + 0.5, label.top, label.x1 + 20, label.bottom + 2)
        assert ink(image, below) is None
        assert ink(image, beside) is not None
    # Right of the longest label there is nothing but the lines to write on.
    lines = list(strips(image, Box(80, 15, 96, 91)))
    assert large or len(lines) == len([line for line in letter.sender if line.blank])
    assert min(low.top - high.top for high, low in pairwise(lines)) >= 6


# --- Long words ---


def made_of(word: str) -> Letter:
    blocks = (Paragraph(word), Items((word,)))
    return Letter((Line(word),), (word,), word, word, blocks, (), word, blocks)


def right_edge(content: bytes) -> float:
    return round(max(sign.x1 for sign in read(content).signs()) / MM, 2)


def widest() -> str:
    return max(REPERTOIRE, key=lambda character: font.widths().get(character, 0))


@pytest.mark.parametrize("character", ["l", "e", "W", widest()])
def test_a_word_that_is_not_called_long_is_narrower_than_its_line(character: str) -> None:
    words = (character * count for count in range(100, 0, -1))
    longest = next(word for word in words if "long-words" not in html.document(made_of(word)))
    contents = each_kind(made_of(longest))
    assert max(box.x1 - box.x0 for box in places(contents[0]).sender) < 76
    assert max(map(right_edge, contents)) <= 190


@pytest.mark.parametrize("sign", ["— ", "( ", "a ,", ". ", "/ ", "a¡ ", "« a ", "a ; ", "‰ "])
def test_spaces_that_end_no_line_do_not_take_words_off_the_sheet(sign: str) -> None:
    letter = replace(LETTER, blocks=(Paragraph(sign * 120),), spoken=(Paragraph(sign * 120),))
    for content in (pdf.pdf(letter), pdf.spoken(letter, large=True)):
        assert right_edge(content) < 190.5


# --- Filled in by hand ---


def test_five_lines_to_write_an_address_on_are_in_the_window_and_nothing_else() -> None:
    lines = list(strips(picture(pdf.pdf(blank(LETTER))), CLEAR))
    assert len(lines) == 5
    assert [line for line in lines if not line.inside(ADDRESS)] == []
    assert [line for line in lines if line.x1 - line.x0 < 79 or line.bottom - line.top > 0.5] == []
    assert {round(low.top - high.top, 1) for high, low in pairwise(lines)} == {6}
    assert lines[0].top - WINDOW.top > 6  # what is written on the first line shows too


@pytest.mark.parametrize("slug", SLUGS)
def test_a_blank_letter_keeps_the_rest_in_its_place(slug: str) -> None:
    assert_fits_the_envelope(letter_in_shape(slug, "by hand", "protected"))


def test_a_line_to_sign_on_is_where_the_name_would_be_with_room_above_it() -> None:
    named = places(pdf.pdf(LETTER)).body[-1]
    content = pdf.pdf(replace(LETTER, signature=""))
    last = places(content).body[-1]
    (line,) = strips(picture(content), Box(20, last.bottom + 1, 205, 292))
    assert (round(line.x0), round(line.x1)) == (110, 190)
    assert named.top < line.top < named.bottom + 0.5
    assert line.top - last.bottom > 15


# --- Large print ---


@pytest.mark.parametrize("recipient", [LONG_ADDRESS, ("E" * 38,) * 6], ids=["long", "capitals"])
def test_a_line_of_38_characters_in_large_print_stays_one_line(recipient: tuple[str, ...]) -> None:
    found = places(pdf.pdf(replace(LETTER, address_lines=recipient), large=True))
    assert len(found.recipient) == len(recipient)
    assert {round(box.x0) for box in found.recipient} == {60}
    assert max(box.x1 for box in found.recipient) <= 190


@pytest.mark.parametrize("character", ["e", "W", "Ԫ"])
def test_nothing_of_the_longest_answers_in_large_print_is_cut_off(character: str) -> None:
    letter = longest_letter(SLUGS[0], character, SENTENCE)
    assert_nothing_is_cut_off(pdf.pdf(replace(letter, address_lines=("W" * 38,) * 6), large=True))
    assert_nothing_is_cut_off(pdf.pdf(letter, large=True))


def test_lines_to_fill_in_by_hand_in_large_print_leave_room_for_a_large_hand() -> None:
    letter = replace(blank(LETTER), sender=(Line("", blank=True),) * 3)
    lines = list(strips(picture(pdf.pdf(letter, large=True)), Box(86, 5, 205, 135)))
    gaps = [low.top - high.top for high, low in pairwise(lines)]
    assert len(gaps) == 7 and min(gaps) >= 12.9
    assert {round(line.x1) for line in lines} == {190}


# --- What to say aloud ---

CUT = Box(0, 140, 210, 157)


@pytest.mark.parametrize("letter", [SAID, LONG_SAID["a half"]], ids=["usual", "full"])
def test_a_slip_is_on_the_upper_half_above_a_line_to_cut_along(letter: Letter) -> None:
    content = pdf.spoken(letter)
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
@pytest.mark.parametrize("length", LONG_SAID)
def test_nothing_of_a_slip_is_cut_off(length: str, large: bool) -> None:
    letter = replace(LONG_SAID[length], signature="W" * 201)
    assert_nothing_is_cut_off(pdf.spoken(letter, large=large))


@pytest.mark.parametrize("large", [False, True])
def test_a_slip_that_needs_the_whole_sheet_has_no_line_to_cut_along(large: bool) -> None:
    image = picture(pdf.spoken(LONG_SAID["a sheet"], large=large))
    assert ink(image, replace(CUT, x1=19)) is None
