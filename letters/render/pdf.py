"""Turn a letter into a PDF: A4, PDF/UA-1, ready for a French window envelope.

This is the only module that knows WeasyPrint. It fetches nothing: the style sheet is read once
from our own file, the font comes from the fontconfig file that set-up wrote (`font.py`), and
every URL is refused. A warning of the engine is a failure, never a letter with a hole. One
render at a time in a process: WeasyPrint's FontConfiguration is not thread-safe, and each new
one leaks a quarter of a megabyte, so there is only one.
"""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import NoReturn

from letters.model import Letter, Line, Paragraph
from letters.render import html
from letters.render.font import FONTCONFIG_FILE, characters, check_font

# Fontconfig reads this once, when Pango loads: the letter's fonts and no other.
os.environ["FONTCONFIG_FILE"] = str(FONTCONFIG_FILE)

import pydyf
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

_LOCK = Lock()
_STYLE = html.TEMPLATES / "letter.css"
# A margin box is an artifact outside the structure tree: only for a letter of two pages, where
# sheets of paper can part; its number is not a word of the letter.
_PAGE_NUMBERS = (
    '@page { @bottom-right { content: counter(page) " / " counter(pages); vertical-align: top } }'
)
# Whatever the form accepts fits on two sheets; only a reason full of wide letters needs this.
_SMALL_TYPE = "html { font-size: 8pt }"
_ENGINE_LOG = logging.getLogger("weasyprint")
_ENGINE_LOG.propagate = False  # its messages may quote the letter: counted, never logged


class PdfError(Exception):
    """WeasyPrint could not draw the letter faithfully. Holds no value from the letter."""


class _RefuseEverything(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """A letter needs nothing from anywhere; a URL can only come from an attack or a mistake."""

    def fetch(self, url: str, headers: object = None) -> NoReturn:
        raise FatalURLFetchingError("refused")


class _Warnings(logging.Handler):
    """Counts what the engine complains about; the messages may quote the letter."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def pdf(letter: Letter) -> bytes:
    """The letter as PDF bytes; the same letter gives the same bytes. Raises PdfError, FontError."""
    check_font()
    with _LOCK, _warnings_are_errors():
        return _draw(html.document(letter))


def warm_up() -> None:
    """Draw a small letter, so that the first person's is as fast as the next."""
    name = "Camille Durand"
    pdf(Letter((Line(name),), (name,), "", name, (Paragraph(name),), (), name))


def _draw(source: str) -> bytes:
    page = weasyprint.HTML(string=source, url_fetcher=_RefuseEverything())
    options = {"pdf_variant": "pdf/ua-1", "pdf_tags": True}
    for count in (1, 2, 3):  # the letter; with page numbers; in small type
        document = page.render(_fonts(), stylesheets=_styles()[:count], **options)
        if len(document.pages) <= count:
            break
    content: bytes = document.write_pdf(finisher=_say_each_sign, **options)
    return content


_SAID = re.compile(rb"<([0-9a-f]{4})> <[0-9a-f]*>")


def _say_each_sign(document: object, pdf: pydyf.PDF) -> None:
    """Have each glyph of the font read as its own character.

    The engine gives a glyph the text of the first cluster it comes in. Where an accent below
    follows a composed letter (é̩, ō̧), HarfBuzz draws two glyphs for one cluster: one of them
    would say both, the other nothing, there and wherever else they come.
    """
    for stream in pdf.objects:
        if isinstance(stream, pydyf.Stream) and b"begincmap" in stream.stream:
            stream.stream = [_SAID.sub(_own_character, line) for line in stream.stream]


def _own_character(said: re.Match[bytes]) -> bytes:
    character = characters().get(int(said[1], 16))
    if character is None:
        return said[0]
    return b"<%s> <%s>" % (said[1], character.encode("utf-16-be").hex().encode())


@contextmanager
def _warnings_are_errors() -> Iterator[None]:
    warnings = _Warnings()
    _ENGINE_LOG.addHandler(warnings)
    try:
        yield
    except FatalURLFetchingError:  # a BaseException: it would pass every handler above
        raise PdfError("l’adresse d’une ressource a été refusée") from None
    finally:
        _ENGINE_LOG.removeHandler(warnings)
    if warnings.count:
        raise PdfError(f"le moteur a émis {warnings.count} avertissement(s)")


@cache
def _fonts() -> FontConfiguration:
    return FontConfiguration()


@cache
def _styles() -> tuple[weasyprint.CSS, ...]:
    texts = (_STYLE.read_text(encoding="utf-8"), _PAGE_NUMBERS, _SMALL_TYPE)
    return tuple(
        weasyprint.CSS(string=text, font_config=_fonts(), url_fetcher=_RefuseEverything())
        for text in texts
    )
