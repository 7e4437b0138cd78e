"""Turn a letter into HTML: the part shown on the result page and the whole document of the PDF.

Both come from one template, so that they hold the same words; so do the two of the sentences to say
aloud. Everything is escaped by Jinja; nothing here marks a text as safe but the
template's own output.
"""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from letters.model import SPOKEN, Items, Letter
from letters.render import fit
from letters.typography import NBSP, french, long_date

TEMPLATES = Path(__file__).parents[2] / "templates" / "letter"


@dataclass(frozen=True, slots=True)
class LetterGloss:
    """The reading aid of one letter, to be shown beside it, and the words around it.

    `letter` is composed as the letter is, block by block; `sender` says its labels, line by line
    (None where there is none), and `spoken` the heading of what is said aloud. Where a text is
    empty, `stale` is shown. `own` holds what the person typed, which `own_words` stands for;
    `name` begins each part for those who listen.
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


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    auto_reload=False,  # else each letter asks the disk whether a template has changed
    autoescape=select_autoescape(),  # what ends in .html
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_ENVIRONMENT.tests["items"] = lambda block: isinstance(block, Items)
_ENVIRONMENT.filters.update(french=french, long_date=long_date)


def template(name: str) -> Template:
    return _ENVIRONMENT.get_template(name)


def sheet(letter: Letter, heading: str = "h2", gloss: LetterGloss | None = None) -> Markup:
    """The letter as a fragment; `heading` is the tag of its subject in the page around it."""
    return _fragment("sheet.html", letter=letter, heading=heading, gloss=gloss)


def opening(
    letter: Letter, blocks: int, heading: str = "h2", gloss: LetterGloss | None = None
) -> Markup:
    """The top of the letter as a fragment: down to its first `blocks`, and no signature."""
    first = letter.blocks[:blocks]
    return _fragment("opening.html", letter=letter, blocks=first, heading=heading, gloss=gloss)


def spoken(letter: Letter, heading: str = "h2", gloss: LetterGloss | None = None) -> Markup:
    """The sentences to say aloud as a fragment under its own heading; empty if there are none."""
    if not letter.spoken:
        return Markup()
    return _fragment("spoken.html", letter=letter, heading=heading, title=SPOKEN, gloss=gloss)


def document(letter: Letter) -> str:
    """The letter as a whole HTML document, made for `pdf.py`; needs the letter's font."""
    return _document(letter.subject, sheet(letter, "h1"), fit.classes(letter))


def spoken_document(letter: Letter) -> str:
    """The same as a whole HTML document, made for `pdf.py`."""
    texts = [text for block in letter.spoken for text in block.texts]
    classes = fit.long_words([*texts, letter.signature])
    return _document(f"{SPOKEN}{NBSP}: {letter.subject}", spoken(letter, "h1"), classes)


def _fragment(name: str, **values: object) -> Markup:
    return Markup(template(name).render(values))  # noqa: S704  autoescaped


def _document(title: str, content: Markup, classes: str) -> str:
    return template("document.html").render(title=title, content=content, classes=classes)
