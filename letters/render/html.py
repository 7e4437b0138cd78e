"""Turn a letter into HTML: the part shown on the result page and the whole document of the PDF.

Both come from one template, so that they hold the same words. Everything is escaped by Jinja;
nothing here marks a text as safe but the template's own output.
"""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from letters.model import Items, Letter
from letters.postal import MAX_LINES
from letters.render.font import widths

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


def sheet(letter: Letter, heading: str = "h2") -> Markup:
    """The letter as a fragment; `heading` is the tag of its subject in the page around it."""
    text = _environment().get_template("sheet.html").render(letter=letter, heading=heading)
    return Markup(text)  # noqa: S704  autoescaped


def document(letter: Letter) -> str:
    """The letter as a whole HTML document, made for `pdf.py`; needs the letter's font."""
    template = _environment().get_template("letter.html")
    return template.render(letter=letter, sheet=sheet(letter, "h1"), sizes=_sizes(letter))


# In thousandths of the type size.
_SENDER_WIDTH = 76 / (10 * 25.4 / 72) * 1000  # 76 mm in 10 pt
_SENDER_LINES = 15
_WINDOW_WIDTH = 80 / (9.5 * 25.4 / 72) * 1000  # 80 mm in 9.5 pt
_SMALL_WINDOW_WIDTH = 80 / (7.2 * 25.4 / 72) * 1000  # 80 mm in 7.2 pt


def _width(line: str) -> int:
    known = widths()
    return sum(known.get(character, 1000) for character in line)


def _sizes(letter: Letter) -> str:
    """The classes that keep the sender above the fold and the recipient in the window."""
    lines = sum(1 + line.blank + int(_width(line.text) / _SENDER_WIDTH) for line in letter.sender)
    classes = ["small-sender"] if lines > _SENDER_LINES else []
    widest = max(map(_width, letter.recipient))
    if widest > _WINDOW_WIDTH:
        tiny = widest > _SMALL_WINDOW_WIDTH
        classes.append("tiny-recipient" if tiny else "small-recipient")
    if len(letter.recipient) < MAX_LINES:
        classes.append("short-recipient")
    return " ".join(classes)
