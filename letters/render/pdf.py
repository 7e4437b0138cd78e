"""Turn a letter into a PDF: A4, ready for a French window envelope or in large print.

Every PDF is at once accessible (PDF/UA-1) and made to last (PDF/A-3a). This is the only module
that knows WeasyPrint. It fetches nothing: the style sheets are read once from our own files, the
font comes from the fontconfig file that set-up wrote (`font.py`), and every URL is refused. A
warning of the engine is a failure, never a letter with a hole. One render at a time in a process:
WeasyPrint's FontConfiguration is not thread-safe, and each new one leaks a quarter of a megabyte,
so there is only one.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from threading import Lock
from typing import NoReturn

from letters.model import Letter
from letters.render import fit, html
from letters.render.font import FONTCONFIG_FILE, check_font
from letters.render.pdf_standards import finish, srgb

# Fontconfig reads this once, when Pango loads: the letter's fonts and no other.
os.environ["FONTCONFIG_FILE"] = str(FONTCONFIG_FILE)

import weasyprint
from weasyprint.css import ColorProfile
from weasyprint.text import ffi
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

_LOCK = Lock()
_OPTIONS = {"pdf_variant": "pdf/a-3a", "output_intent": "sRGB"}

# The style sheets to try one after the other, each with how many pages are good; the last one is
# taken anyway. Large print is nearly always of several pages: numbered first.
_Tries = tuple[tuple[str, range], ...]
_ONE, _TWO, _FEW, _SEVERAL = range(1, 2), range(2, 3), range(1, 3), range(2, 1000)
_LETTER: _Tries = (("letter", _ONE), ("letter numbers", _FEW), ("letter numbers small", _FEW))
_LONG_LETTER: _Tries = (("letter numbers", _TWO), ("letter", _ONE), ("letter numbers small", _FEW))
_LARGE_LETTER: _Tries = (("large numbers", _SEVERAL), ("large", _ONE))
_SPOKEN: _Tries = (("spoken half", _ONE), ("spoken", _ONE), ("spoken numbers", _SEVERAL))
_LARGE_SPOKEN: _Tries = (("spoken larger", _ONE), ("spoken larger numbers", _SEVERAL))
_ENGINE_LOG = logging.getLogger("weasyprint")
_ENGINE_LOG.propagate = False  # its messages may quote the letter: counted, never logged


class PdfError(Exception):
    """WeasyPrint could not draw the letter faithfully. Holds no value from the letter."""


class _RefuseEverything(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """A letter needs nothing from anywhere; a URL can only come from an attack or a mistake."""

    def fetch(self, url: str, headers: object = None) -> NoReturn:
        raise FatalURLFetchingError("refused")


_REFUSE = _RefuseEverything()


class _Warnings(logging.Handler):
    """Counts what the engine complains about; the messages may quote the letter."""

    count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += 1


def pdf(letter: Letter, large: bool = False) -> bytes:
    """The letter as PDF bytes; the same letter gives the same bytes. Raises PdfError, FontError."""
    if large:
        return _made(letter, html.document, _LARGE_LETTER)
    tries = _LONG_LETTER if fit.needs_two_sheets(letter) else _LETTER
    return _made(letter, html.document, tries)


def spoken(letter: Letter, large: bool = False) -> bytes:
    """The sentences to say aloud, on the upper half of a sheet. Raises PdfError, FontError."""
    return _made(letter, html.spoken_document, _LARGE_SPOKEN if large else _SPOKEN)


def _made(letter: Letter, document: Callable[[Letter], str], tries: _Tries) -> bytes:
    check_font()
    # Without it the engine takes twice to six times as long for each letter: refuse to be slow.
    if ffi.harfbuzz_subset is None or not ffi.harfbuzz.hb_version_atleast(4, 1, 0):
        raise PdfError("il manque HarfBuzz-Subset, en version 4.1 au moins")
    with _LOCK, _warnings_are_errors():
        return _draw(document(letter), tries)


def _draw(source: str, tries: _Tries) -> bytes:
    page = weasyprint.HTML(string=source, url_fetcher=_REFUSE)
    for names, good in tries:
        styles = [_style(name) for name in ("common", *names.split())]
        profiles = {_OPTIONS["output_intent"]: _srgb()}
        document = page.render(_fonts(), None, profiles, stylesheets=styles, **_OPTIONS)
        if len(document.pages) in good:
            break
    content: bytes = document.write_pdf(finisher=finish, **_OPTIONS)
    return content


@contextmanager
def _warnings_are_errors() -> Iterator[None]:
    warnings = _Warnings(logging.WARNING)
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
def _style(name: str) -> weasyprint.CSS:
    text = (html.TEMPLATES / f"{name}.css").read_text(encoding="utf-8")
    return weasyprint.CSS(string=text, font_config=_fonts(), url_fetcher=_REFUSE)


def _srgb() -> ColorProfile:
    """What the colours mean on every screen and printer; PDF/A wants it in the file.

    The engine's own weighs five times as much, and is opened for each letter and never closed. A
    new one for each letter: the second time it is written, it is not the same bytes.
    """
    return ColorProfile(BytesIO(srgb()), "sRGB", "relative-colorimetric", "rgb")
