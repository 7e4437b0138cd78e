"""The language of the interface: the first part of a page's path, French as the source.

Letters are French whatever the language of the page. Babel and `jinja2.ext.i18n` are used
directly: Flask-Babel has had no release since 2023. Nothing keeps the choice but the address.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.lists import format_list
from babel.localedata import exists
from babel.numbers import format_decimal
from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request
from jinja2 import pass_context
from werkzeug.routing import BaseConverter

from letters.errors import ContentError as TranslationError
from letters.translation import read
from letters.typography import NBSP, french, long_date

SOURCE_LANGUAGE = "fr"
FOLDER = Path(__file__).parents[1] / "translations"
# What Babel counts as one of each.
_UNITS = {
    "year": timedelta(days=365),
    "month": timedelta(days=30),
    "week": timedelta(days=7),
    "day": timedelta(days=1),
}


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
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.globals.update(language=current_language, languages=LANGUAGES.values())
    for writer in (number, day, age, enumeration):
        app.jinja_env.filters[writer.__name__] = _for_each_page(writer)


def _for_each_page(writer: Callable[..., str]) -> Callable[..., str]:
    """A filter that Jinja never applies beforehand, once and in the first reader's language."""
    return pass_context(lambda _context, *values: writer(*values))


def load() -> None:
    """Read every language, so that a mistake stops the program. Raises TranslationError."""
    errors = []
    for tag in TRANSLATED:
        try:
            _translations(tag)
        except TranslationError as error:
            errors.append(str(error))
    if errors:
        raise TranslationError("\n".join(errors))


def current_language() -> Language:
    """The language of the page being answered; French outside any page."""
    if not has_request_context():
        return LANGUAGES[SOURCE_LANGUAGE]
    if "language" not in g:
        g.language = language_of_path() or preferred_language()
    return LANGUAGES[g.language]


def language_of_path() -> str:
    """The language that the path begins with, of whatever page; empty if it is none of ours."""
    first = _first_part()
    return first if first in LANGUAGES else ""


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


def number(value: int) -> str:
    """A number as the language of the page writes it: "2 453" in French."""
    return format_decimal(value, locale=current_language().locale)


def enumeration(texts: Iterable[str]) -> str:
    """A list as the language of the page writes it: "a, b et c" in French."""
    return format_list(list(texts), locale=current_language().locale)


def day(value: str | date) -> str:
    """A date, as precise as it is given ("2026", "2026-04"…), in the language of the page."""
    language = current_language()
    locale = language.locale
    year, *rest = _numbers(value)
    if len(rest) == 2:
        whole = date(year, *rest)
        return long_date(whole) if language.is_french else format_date(whole, "long", locale)
    skeleton, month = ("yMMMM", rest[0]) if rest else ("y", 1)
    return format_skeleton(skeleton, date(year, month, 1), locale=locale).replace(" ", NBSP)


def age(value: str | date, today: date) -> str:
    """How long ago a date was, in whole years, months, weeks or days: « il y a 6 ans »."""
    now = {
        "year": gettext("cette année"),
        "month": gettext("ce mois-ci"),
        "day": gettext("aujourd’hui"),
    }
    count, unit = _elapsed(_numbers(value), today)
    if count <= 0:
        return now[unit]
    # Babel rounds; of whole units there is nothing to round.
    locale = current_language().locale
    ago = format_timedelta(-count * _UNITS[unit], threshold=1, add_direction=True, locale=locale)
    return ago.replace(" ", NBSP)


def _numbers(value: str | date) -> list[int]:
    return [int(part) for part in str(value).split("-")]


def _elapsed(numbers: list[int], today: date) -> tuple[int, str]:
    """The time since a year, a month or a day, never more than it is, and its unit."""
    year, *rest = numbers
    if not rest:
        return today.year - year, "year"
    month, *days = rest
    months = (today.year - year) * 12 + today.month - month - (today.day < sum(days))
    if months >= 12:
        return months // 12, "year"
    if months > 0 or not days:
        return months, "month"
    count = (today - date(year, month, *days)).days
    return (count // 7, "week") if count >= 7 else (count, "day")


def mark(message: str) -> str:
    """Mark a message for extraction; whoever prints it calls `gettext`."""
    return message


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
    """The translations of the interface into a language."""
    return FOLDER / tag / "LC_MESSAGES" / "messages.po"


def reviewers(tag: str) -> tuple[str, ...]:
    """Who has read the interface in a language."""
    return _loaded(tag)[1]
