"""Turn a letter into HTML: the part shown on the result page and the whole document of the PDF.

Both come from one template, so that they hold the same words; so do the two of the slip, the few
sentences to say aloud. Everything is escaped by Jinja; nothing here marks a text as safe but the
template's own output.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from letters.model import SPOKEN, Items, Letter, Line
from letters.postal import MAX_LINES
from letters.render.font import widths
from letters.typography import NBSP

TEMPLATES = Path(__file__).parents[2] / "templates" / "letter"


@dataclass(frozen=True, slots=True)
class LetterGloss:
    """The reading aid of one letter, to be shown beside it, and the words around it.

    `letter` is composed as the letter is, block by block; `sender` says its labels, line by line
    (None where there is none), and `spoken` the heading of its slip. Where a text is empty, `stale`
    is shown. `own` holds what the person typed, which `own_words` stands for; `name` begins each
    part for those who listen.
    """

    letter: Letter
    sender: tuple[str | None, ...]
    spoken: str
    language: str
    direction: str
    name: str
    stale: str
    own_words: str
    own: frozenset[str]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        auto_reload=False,  # else each letter asks the disk whether a template has changed
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.tests["items"] = lambda block: isinstance(block, Items)
    return environment


def sheet(letter: Letter, heading: str = "h2", aid: LetterGloss | None = None) -> Markup:
    """The letter as a fragment; `heading` is the tag of its subject in the page around it."""
    return _fragment("sheet.html", letter=letter, heading=heading, gloss=aid)


def opening(
    letter: Letter, blocks: int, heading: str = "h2", aid: LetterGloss | None = None
) -> Markup:
    """The top of the letter as a fragment: down to its first `blocks`, and no signature."""
    first = letter.blocks[:blocks]
    return _fragment("opening.html", letter=letter, blocks=first, heading=heading, gloss=aid)


def slip(letter: Letter, heading: str = "h2", aid: LetterGloss | None = None) -> Markup:
    """The sentences to say aloud as a fragment under its own heading; empty if there are none."""
    if not letter.spoken:
        return Markup()
    return _fragment("slip.html", letter=letter, heading=heading, title=SPOKEN, gloss=aid)


def document(letter: Letter) -> str:
    """The letter as a whole HTML document, made for `pdf.py`; needs the letter's font."""
    classes = (*_sizes(letter), *_long_words(letter.printed()))
    return _document(letter.subject, sheet(letter, "h1"), " ".join(classes))


def slip_document(letter: Letter) -> str:
    """The slip as a whole HTML document, made for `pdf.py`."""
    texts = [text for block in letter.spoken for text in block.texts]
    classes = _long_words([*texts, letter.signature])
    return _document(f"{SPOKEN}{NBSP}: {letter.subject}", slip(letter, "h1"), " ".join(classes))


def _fragment(template: str, **values: object) -> Markup:
    return Markup(_environment().get_template(template).render(values))  # noqa: S704  autoescaped


def _document(title: str, content: Markup, classes: str) -> str:
    template = _environment().get_template("document.html")
    return template.render(title=title, content=content, classes=classes)


# What fits on one line, in thousandths of the type size: millimetres over pixels.
_PX = 25.4 / 96 / 1000
_SENDER_WIDTH = 76 / (13.671875 * _PX)
_SENDER_LINES = 15
_SMALL_SENDER_WIDTH = 76 / (9.765625 * _PX)
_SMALL_SENDER_LINES = 24
_WINDOW_WIDTH = 80 / (12.6953125 * _PX)
_SMALL_WINDOW_WIDTH = 80 / (9.765625 * _PX)
_LARGE_WIDTH = 105 / (21.484375 * _PX)

# Words of fewer signs, and narrower ones, fit on every line (tested): the narrowest is that of the
# signature in large print. Not every space ends a line: none does before « , » or after « ( ».
_MAYBE_LONG = re.compile(r"""(?:[^ \n]| (?!\w)|(?<=[(\[{«»‹›“”„‘’‚¡¿"']) ){13,}""")
_WORD_WIDTH = 0.95 * _LARGE_WIDTH


def _width(line: str) -> int:
    known = widths()
    return sum(known.get(character, 1000) for character in line)


def _lines(sender: tuple[Line, ...], width: float) -> int:
    """How many lines the sender takes at most; one to write on is as tall as two."""
    return sum(1 + line.blank + int(_width(line.text) / width) for line in sender)


def _sizes(letter: Letter) -> Iterator[str]:
    """The classes that keep the sender above the fold and the recipient in its place."""
    if _lines(letter.sender, _SENDER_WIDTH) > _SENDER_LINES:
        tiny = _lines(letter.sender, _SMALL_SENDER_WIDTH) > _SMALL_SENDER_LINES
        yield "tiny-sender" if tiny else "small-sender"
    if not letter.recipient:
        yield "blank-recipient"
        return
    widest = max(map(_width, letter.recipient))
    if widest > _WINDOW_WIDTH:
        yield "tiny-recipient" if widest > _SMALL_WINDOW_WIDTH else "small-recipient"
    if len(letter.recipient) < MAX_LINES:
        yield "short-recipient"
    if widest > _LARGE_WIDTH:
        yield "wide-recipient"


# Of the body in the usual type: the width of a line, what a space between paragraphs is of a line,
# and how many lines the first sheet holds.
_LINE_WIDTH = 170 / (13.671875 * _PX)
_SPACE = 0.4
_SHEET = 34.65


def needs_two_sheets(letter: Letter) -> bool:
    """A guess, nearly always right, that saves laying out a letter twice."""
    texts = (text for block in letter.blocks for text in block.texts)
    typed = (line for text in texts for line in text.split("\n"))
    lines = sum(1 + int(_width(line) / _LINE_WIDTH) for line in typed)
    return lines + _SPACE * len(letter.blocks) > _SHEET


def _long_words(texts: Iterable[str]) -> Iterator[str]:
    """The class that lets a word break anywhere, which makes every line slower to lay out."""
    words = (word for text in texts for word in _MAYBE_LONG.findall(text))
    if any(_width(word) > _WORD_WIDTH for word in words):
        yield "long-words"
