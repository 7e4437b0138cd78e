"""The language of the interface: the first part of a page's path, French as the source.

Letters are French whatever the language of the page. Babel and `jinja2.ext.i18n` are used
directly: Flask-Babel has had no release since 2023. Nothing keeps the choice but the address.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from babel.localedata import exists
from babel.support import LazyProxy, NullTranslations
from flask import Flask, g, has_request_context, request
from werkzeug.routing import BaseConverter

from letters.errors import together
from letters.translation import read
from letters.typography import french

SOURCE_LANGUAGE = "fr"
FOLDER = Path(__file__).parents[1] / "translations"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the interface: its tag (BCP 47), its own name and its script's direction.

    `locale` is whose dates and numbers Babel writes; `is_french` says that the letter needs no
    other words around it.
    """

    tag: str
    name: str
    locale: str
    direction: str = "ltr"

    @property
    def is_french(self) -> bool:
        return self.locale == SOURCE_LANGUAGE


LANGUAGES = {
    language.tag: language
    for language in (
        Language(SOURCE_LANGUAGE, "Français", "fr"),
        Language("fr-simple", "Français simple", "fr"),  # « simple » is a registered variant
        Language("en", "English", "en_GB"),  # the day before the month, as everywhere here
        Language("pt", "Português", "pt_PT"),
        Language("ar", "العربية", "ar", "rtl"),
        Language("tr", "Türkçe", "tr"),
        Language("es", "Español", "es"),
    )
}
TRANSLATED = tuple(tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE)


class LanguageConverter(BaseConverter):
    """The path's first part; an unknown language is an unknown page."""

    regex = "|".join(LANGUAGES)
    part_isolating = True


def init_app(app: Flask) -> None:
    """Set up the path's language and the templates' gettext."""
    app.url_map.converters["language"] = LanguageConverter
    app.jinja_env.add_extension("jinja2.ext.i18n")
    install = app.jinja_env.install_gettext_callables  # type: ignore[attr-defined]
    install(gettext, ngettext, newstyle=True)
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(language=current_language, languages=LANGUAGES.values())


def load() -> None:
    """Read every language, so that a mistake stops the program. Raises ContentError."""
    with together() as part:
        for tag in TRANSLATED:
            with part():
                _loaded(tag)


def current_language() -> Language:
    """The language of the page being answered; French outside any page."""
    if not has_request_context():
        return LANGUAGES[SOURCE_LANGUAGE]
    if "language" not in g:
        first = _first_part()
        g.language = first if first in LANGUAGES else preferred_language()
    return LANGUAGES[g.language]


def is_unknown_language() -> bool:
    """Whether the path begins with what looks like a language, and is none of ours."""
    first = _first_part().casefold()
    return first not in LANGUAGES and exists(re.split("[-_]", first)[0])


def _first_part() -> str:
    return request.path.lstrip("/").partition("/")[0]


def preferred_language() -> str:
    """The visitor's first language among ours, whatever its country: "ar-MA" is Arabic.

    Nobody's browser asks for simple French.
    """
    for wanted, quality in request.accept_languages:  # the best first
        language = wanted.casefold().partition("-")[0]
        if quality and language in LANGUAGES:
            return language
    return SOURCE_LANGUAGE


def gettext(message: str) -> str:
    """The message in the language of the page."""
    return _translated(current_language().tag, message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The message for `number` things in the language of the page."""
    language = current_language()
    text = str(_translations(language.tag).ungettext(singular, plural, number))
    return french(text) if language.is_french else text


def lazy_gettext(message: str) -> str:
    """The message in the language of the page that shows it."""
    return cast(str, LazyProxy(gettext, message, enable_cache=False))


@cache
def _translated(tag: str, message: str) -> str:
    # Our own sentences only, so the cache is as small as the program.
    text = str(_translations(tag).ugettext(message))
    return french(text) if LANGUAGES[tag].is_french else text


class _Source(NullTranslations):
    """French as written in the program, where zero is singular: "0 lettre"."""

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        return singular if number < 2 else plural


def _translations(tag: str) -> NullTranslations:
    return _loaded(tag)[0]


@cache
def _loaded(tag: str) -> tuple[NullTranslations, tuple[str, ...]]:
    """The messages of a language, and who has read them; French is nobody's translation."""
    if tag == SOURCE_LANGUAGE:
        return _Source(), ()
    file = read(file_of(tag), messages=True)
    return file.compiled(), file.reviewers  # what else the file holds is twice as large


def file_of(tag: str) -> Path:
    return FOLDER / tag / "LC_MESSAGES" / "messages.po"


def reviewers(tag: str) -> tuple[str, ...]:
    return _loaded(tag)[1]
