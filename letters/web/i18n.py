"""The language of the interface: the first part of a page's path, French as the source.

Letters are French whatever the language of the page. Babel and `jinja2.ext.i18n` are used
directly: Flask-Babel has had no release since 2023.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from werkzeug.routing import BaseConverter

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
    """A language of the interface: its tag and the direction of its script."""

    tag: str
    direction: str = "ltr"


LANGUAGES = {"fr": Language("fr")}


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
    app.jinja_env.globals.update(language=current_language)
    app.jinja_env.filters.update(number=number, day=day, age=age)


def current_language() -> Language:
    """The language of the page being answered; French outside any page."""
    tag = g.get("language", SOURCE_LANGUAGE) if has_request_context() else SOURCE_LANGUAGE
    return LANGUAGES[tag]


def preferred_language() -> str:
    """The visitor's best language among ours."""
    return request.accept_languages.best_match(list(LANGUAGES)) or SOURCE_LANGUAGE


def gettext(message: str) -> str:
    """The message in the language of the page."""
    return _translated(current_language().tag, message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """The message for `number` things in the language of the page."""
    tag = current_language().tag
    text = str(_translations(tag).ungettext(singular, plural, number))
    return french(text) if tag == SOURCE_LANGUAGE else text


def number(value: int) -> str:
    """A number as the language of the page writes it: "2 453" in French."""
    return format_decimal(value, locale=current_language().tag)


def day(value: str | date) -> str:
    """A date, as precise as it is given ("2026", "2026-04"…), in the language of the page."""
    tag = current_language().tag
    year, *rest = _numbers(value)
    if len(rest) == 2:
        whole = date(year, *rest)
        return long_date(whole) if tag == SOURCE_LANGUAGE else format_date(whole, "long", tag)
    skeleton, month = ("yMMMM", rest[0]) if rest else ("y", 1)
    return format_skeleton(skeleton, date(year, month, 1), locale=tag).replace(" ", NBSP)


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
    tag = current_language().tag
    ago = format_timedelta(-count * _UNITS[unit], threshold=1, add_direction=True, locale=tag)
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
    return french(text) if tag == SOURCE_LANGUAGE else text


class _Source(NullTranslations):
    """French as written in the program, where zero is singular: "0 lettre"."""

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        return singular if number < 2 else plural


@cache
def _translations(tag: str) -> NullTranslations:
    if tag == SOURCE_LANGUAGE:
        return _Source()
    return Translations.load(FOLDER, [tag])
