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


# Widths in thousandths of the type size, on the safe side, for the letter's semi-condensed font.
_WIDE, _CAPITAL, _SMALL = 1000, 620, 520
_WIDE_LETTERS = frozenset("WMÆŒŴẀẂẄŁæœ@%…—–ЖШЩЮФЫЉЊѠΩ")


def _width(line: str) -> int:
    return sum(
        _WIDE if c in _WIDE_LETTERS else _CAPITAL if c.isupper() or c.isdigit() else _SMALL
        for c in line
    )


def _sender_is_dense(letter: Letter) -> bool:
    """Whether the sender's block (76 × 71 mm) needs the small type to stay above the fold."""
    lines = sum(1 + line.blank + _width(line.text) // 21_000 for line in letter.sender)
    return lines > 15


def _recipient_is_dense(letter: Letter) -> bool:
    """Whether a line of the recipient's block is wider than the envelope's window (80 mm)."""
    return max(map(_width, letter.recipient)) > 23_800


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
