"""Turn a letter into HTML: the part shown on the result page and the whole document of the PDF.

Both come from one template, so that they hold the same words. Everything is escaped by Jinja;
nothing here marks a text as safe but the template's own output.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from letters.model import Items, Letter

TEMPLATES = Path(__file__).parents[2] / "templates" / "letter"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.tests["items"] = lambda block: isinstance(block, Items)
    return environment


# Widths in thousandths of the type size, for the letter's semi-condensed font: a little more
# than the true ones, so that a line judged to fit does (tests/test_geometry.py measures).
_NARROW, _SMALL, _CAPITAL, _WIDE = 330, 520, 620, 1000
_NARROW_LETTERS = frozenset(" ',.-‑’ijlftrIJ1()")
_WIDE_LETTERS = frozenset("mwMWÆŒæœ@%…—–ЖШЩЮФЫЉЊѠΩ") | frozenset("ǱǄǲǅǳǆѬѨѪ")
_SENDER_WIDTH = 76 / (10 * 25.4 / 72) * 1000  # 76 mm in 10 pt
_SENDER_LINES = 15
_WINDOW_WIDTH = 80 / (9.5 * 25.4 / 72) * 1000  # 80 mm in 9.5 pt


def _width(line: str) -> int:
    return sum(map(_letter_width, line))


def _letter_width(letter: str) -> int:
    if letter in _NARROW_LETTERS:
        return _NARROW
    if letter in _WIDE_LETTERS or ord(letter) >= 0x1F00:  # Greek with its breathings beside it
        return _WIDE
    return _CAPITAL if letter.isupper() or letter.isdigit() else _SMALL


def _sender_is_dense(letter: Letter) -> bool:
    """Whether the sender's block needs the small type to stay above the fold."""
    lines = sum(1 + line.blank + int(_width(line.text) / _SENDER_WIDTH) for line in letter.sender)
    return lines > _SENDER_LINES


def _recipient_is_dense(letter: Letter) -> bool:
    """Whether a line of the recipient's block would not fit the envelope's window."""
    return max(map(_width, letter.recipient)) > _WINDOW_WIDTH


def sheet(letter: Letter, heading: str = "h2") -> Markup:
    """The letter as a fragment; `heading` is the tag of its subject in the page around it."""
    template = _environment().get_template("sheet.html")
    text = template.render(
        letter=letter,
        heading=heading,
        sender_is_dense=_sender_is_dense(letter),
        recipient_is_dense=_recipient_is_dense(letter),
    )
    return Markup(text)  # noqa: S704  autoescaped


def document(letter: Letter) -> str:
    """The letter as a whole HTML document, made for `pdf.py`."""
    return (
        _environment().get_template("letter.html").render(letter=letter, sheet=sheet(letter, "h1"))
    )
