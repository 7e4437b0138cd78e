"""What fits where on the paper, reckoned from the widths of the font's characters.

The style sheets give a class to what is too wide or too long for its usual size, and the first
guess of how many sheets a letter takes. Limits: no kerning, no hyphenation; what counts is drawn
and measured by the tests.
"""

import re
from collections.abc import Iterable, Iterator

from letters.model import Letter, Line
from letters.postal import MAX_LINES
from letters.render.font import widths

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


def classes(letter: Letter) -> str:
    """The classes with which all of a letter fits, each part in its place."""
    return " ".join([*_sizes(letter), long_words(letter.printed())]).strip()


def _sizes(letter: Letter) -> Iterator[str]:
    """The classes that keep the sender above the fold and the recipient in its place."""
    if _lines(letter.sender, _SENDER_WIDTH) > _SENDER_LINES:
        tiny = _lines(letter.sender, _SMALL_SENDER_WIDTH) > _SMALL_SENDER_LINES
        yield "tiny-sender" if tiny else "small-sender"
    if not letter.address_lines:
        yield "blank-recipient"
        return
    widest = max(map(_width, letter.address_lines))
    if widest > _WINDOW_WIDTH:
        yield "tiny-recipient" if widest > _SMALL_WINDOW_WIDTH else "small-recipient"
    if len(letter.address_lines) < MAX_LINES:
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


def long_words(texts: Iterable[str]) -> str:
    """The class that lets a word break anywhere, which makes every line slower to lay out."""
    words = (word for text in texts for word in _MAYBE_LONG.findall(text))
    return "long-words" if any(_width(word) > _WORD_WIDTH for word in words) else ""
