"""The language of the interface: the first part of a page's path, French as the source.

Letters are French whatever the language of the page. Babel and `jinja2.ext.i18n` are used
directly: Flask-Babel has had no release since 2023.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from werkzeug.routing import BaseConverter

from letters.typography import french

SOURCE_LANGUAGE = "fr"
FOLDER = Path(__file__).parents[1] / "translations"


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
    app.jinja_env.filters["number"] = number


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
