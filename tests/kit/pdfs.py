"""Letters to draw, and PDFs read back: their words, tags and places. Each PDF is read once.

`EVERY` is what is drawn of every letter. Sizes are in points, places in millimetres from the top
left corner.
"""

import io
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

import pdfplumber
from lxml.html import fromstring
from pdfplumber.pdf import PDF

from letters.cleaning import REPERTOIRE
from letters.compose import compose
from letters.model import (
    WHO,
    Items,
    Letter,
    Line,
    Paragraph,
)
from letters.render import html, pdf
from tests.conftest import TODAY
from tests.kit import shapes
from tests.letters_under_test import (
    BARE_SENDER,
    FIELD_TEXTS,
    SLUGS,
    all_wordings,
    blank_request,
    request_for,
)

MM = 72 / 25.4
ITEM_MARK = "–"

# --- Letters ---

LETTER = Letter(
    sender=(Line("Zoé Vaillant"), Line("Née :", blank=True)),
    address_lines=("Caisse d’Essai", "99000 NULLE PART"),
    place_and_date="Brest, le 2 mai 2026",
    subject="Refus de la réutilisation",
    blocks=(Paragraph("Madame,"), Items(("un", "deux")), Paragraph("Salutations.")),
    short=(),
    signature="Z. Vaillant",
)
TWO_SHEETS = replace(LETTER, blocks=(Paragraph("Ligne\n" * 60), *LETTER.blocks))
SPOKEN = (
    Paragraph("Je m’oppose à la réutilisation de mes données de santé."),
    Paragraph("Notez-le dans mon dossier, s’il vous plaît."),
    Items(("Qui d’autre reçoit mes données ?", "Depuis quand ?")),
)
SAID = replace(LETTER, spoken=SPOKEN)
STACKED = ("Adé̩ Ede", "Laž̠ Zaz", "Jō̧ M̧oo")  # a mark below a composed letter
LONG_SAID = {
    "a half": replace(SAID, spoken=(*SPOKEN, Paragraph("Une ligne.\n" * 5))),
    "a sheet": replace(SAID, spoken=(*SPOKEN, Paragraph("Une ligne.\n" * 22))),
    "several sheets": replace(SAID, spoken=(*SPOKEN, Paragraph("Une ligne.\n" * 70))),
}
KINDS = (("pdf", False), ("pdf", True), ("spoken", False), ("spoken", True))

# Cleaning composes what a person types, so that four old marks never come through as they are.
TYPED = sorted(c for c in REPERTOIRE if not c.isspace() and unicodedata.is_normalized("NFC", c))
ALL_SIGNS = replace(LETTER, subject=" ".join(TYPED), blocks=(Paragraph(" ".join(TYPED)),))

PARTS = ("defaults", "nothing filled in", "everything filled in", "two sheets", "by hand")
EVERY = tuple(
    tuple(shape.values())
    for shape in shapes({"slug": SLUGS, "part": PARTS, "who": WHO, "large": (False, True)})
)


def each_kind(letter: Letter) -> tuple[bytes, ...]:
    """Every PDF that there is of a letter."""
    return tuple(getattr(pdf, kind)(letter, large) for kind, large in KINDS)


@cache
def letter_in_shape(slug: str, part: str = "defaults", who: str = "self") -> Letter:
    """A letter with its blanks, or all that may be told, or a second sheet, or for nobody."""
    wording = all_wordings().wordings[slug]
    if part == "by hand":
        return compose(wording, blank_request(wording, who), None)
    if part == "nothing filled in":
        return compose(wording, request_for(wording, (), sender=BARE_SENDER, who=who), TODAY)
    if part == "everything filled in":
        options = [option.name for option in wording.options]
        fields = {name: FIELD_TEXTS[name] for name in wording.fields}
        return compose(wording, request_for(wording, options, fields, who=who), TODAY)
    usual = compose(wording, request_for(wording, who=who), TODAY)
    more = (Paragraph("Une ligne de plus.\n" * 40),) if part == "two sheets" else ()
    return replace(usual, blocks=(*usual.blocks, *more))


def letter_to(recipient: tuple[str, ...], slug: str = SLUGS[0]) -> Letter:
    wording = all_wordings().wordings[slug]
    return compose(wording, request_for(wording, address_lines=recipient), TODAY)


def blank(letter: Letter) -> Letter:
    """The same letter, its head and its foot to be filled in by hand."""
    labels = ("Nom\u00a0:", "Date de naissance\u00a0:", "Adresse\u00a0:", "")
    return replace(
        letter,
        sender=tuple(Line(label, blank=True) for label in labels),
        address_lines=(),
        place_and_date="À …………………………………, le ……………………………",
        signature="",
    )


# --- What is in a file ---


def opened(content: bytes) -> PDF:
    return pdfplumber.open(io.BytesIO(content))


def sheets(content: bytes) -> int:
    return len(read(content).sheets)


def every_object(document: PDF) -> Iterator[Any]:
    for table in document.doc.xrefs:
        for number in table.get_objids():
            yield document.doc.getobj(number)


def every_key(value: Any) -> Iterator[str]:
    """Names of all dictionary entries in a PDF object, streams included."""
    value = getattr(value, "attrs", value)
    if isinstance(value, dict):
        yield from value
        for inner in value.values():
            yield from every_key(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_key(inner)


# --- What is on the sheets ---


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


class Sign(NamedTuple):
    """A character where it is printed, in points; `part` is its number in the tags."""

    text: str
    part: int | None
    size: float
    font: str
    x0: float
    top: float
    x1: float
    bottom: float


class Sheet(NamedTuple):
    number: int
    width: float
    height: float
    signs: list[Sign]

    def lines(self) -> dict[int | None, Box]:
        """The box of each run of text, by its number in the tags.

        Accents that are signs of their own do not count: they are as tall as a line, and moved.
        """
        runs: dict[int | None, list[Sign]] = {}
        for sign in self.signs:
            if not sign.text.isspace() and not unicodedata.combining(sign.text[0]):
                runs.setdefault(sign.part, []).append(sign)
        return {number: _box(run) for number, run in runs.items()}


def _box(signs: list[Sign]) -> Box:
    edges = (
        min(sign.x0 for sign in signs),
        min(sign.top for sign in signs),
        max(sign.x1 for sign in signs),
        max(sign.bottom for sign in signs),
    )
    return Box(*(round(edge / MM, 2) for edge in edges))


class Read(NamedTuple):
    """A PDF read back."""

    sheets: list[Sheet]
    tags: list[dict[str, Any]]

    def signs(self) -> Iterator[Sign]:
        return (sign for sheet in self.sheets for sign in sheet.signs)


@lru_cache(maxsize=64)
def read(content: bytes) -> Read:
    with opened(content) as document:
        return Read([_sheet(page) for page in document.pages], document.structure_tree)


def _sheet(page: Any) -> Sheet:
    keys = ("text", "mcid", "size", "fontname", "x0", "top", "x1", "bottom")
    signs = [Sign(*(char[key] for key in keys)) for char in page.chars]
    return Sheet(page.page_number, page.width, page.height, signs)


def parts_of(tag: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """The sheet and the number of all that is under a tag."""
    yield from ((tag["page_number"], number) for number in tag.get("mcids", ()))
    for child in tag.get("children", ()):
        yield from parts_of(child)


# --- Words ---


def words(source: str) -> str:
    """The text without white space, in NFC."""
    return unicodedata.normalize("NFC", "".join(source.split()))


def html_words(source: str, item_mark: str = "") -> str:
    """The words of a page in reading order, with `item_mark` before each item."""
    page = fromstring(source)
    for item in page.iter("li"):
        item.text = item_mark + (item.text or "")
    return words(page.text_content())


def sheet_words(letter: Letter, item_mark: str = "") -> str:
    return html_words(html.sheet(letter), item_mark)


def pdf_words(content: bytes) -> str:
    """The words of the PDF; neither the dashes of items nor page numbers, checked, are words."""
    document = read(content)
    tagged = {part for tag in document.tags for part in parts_of(tag)}
    count = len(document.sheets)
    for sheet in document.sheets:
        rest = "".join(sign.text for sign in sheet.signs if (sheet.number, sign.part) not in tagged)
        assert words(rest) == (f"{sheet.number}/{count}" if count > 1 else "")
    return words("".join(said for kind, said in reading_order(content) if kind != "Lbl"))


# --- As a screen reader goes ---

Order = list[tuple[str, str]]


def reading_order(content: bytes) -> Order:
    """(kind, text) of every paragraph, heading and part of a list."""
    document = read(content)
    said: dict[tuple[int, int | None], str] = {}
    for sheet in document.sheets:
        for sign in sheet.signs:
            place = (sheet.number, sign.part)
            said[place] = said.get(place, "") + sign.text
    return list(_leaves(document.tags, said))


def _leaves(
    tags: list[dict[str, Any]], said: dict[tuple[int, int | None], str]
) -> Iterator[tuple[str, str]]:
    for tag in tags:
        if tag["type"] in {"P", "H1", "Lbl", "LBody"}:
            yield tag["type"], " ".join(said[part] for part in parts_of(tag)).strip()
        else:
            if tag["type"] in {"L", "LI"}:
                yield tag["type"], ""
            yield from _leaves(tag.get("children", []), said)


def expected_order(letter: Letter) -> Iterator[tuple[str, str]]:
    """What `reading_order` finds when no paragraph and no list goes on on a second sheet."""
    yield from (("P", line) for line in letter.letterhead() if line)
    yield "H1", letter.subject
    for block in letter.blocks:
        if isinstance(block, Items):
            yield "L", ""
            for item in block.texts:
                yield from (("LI", ""), ("Lbl", ITEM_MARK), ("LBody", item))
        else:
            yield "P", block.text
    if letter.signature:
        yield "P", letter.signature


def squeezed(order: Iterable[tuple[str, str]]) -> Order:
    """Without white space, which is lost where a line ends, and without the lines to fill in."""
    pairs = ((kind, words(said)) for kind, said in order)
    return [pair for pair in pairs if pair != ("P", "")]
