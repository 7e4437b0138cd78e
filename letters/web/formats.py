"""Numbers, lists, days and ages, as the language of the page writes them."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.lists import format_list
from babel.numbers import format_decimal
from flask import Flask
from jinja2 import pass_context

from letters.typography import NBSP, long_date
from letters.web.languages import current_language, gettext

_DAYS = {"year": 365, "month": 30, "week": 7, "day": 1}  # what Babel counts as one of each


def init_app(app: Flask) -> None:
    """Give the templates these as filters."""
    for writer in (number, day, age, enumeration):
        app.jinja_env.filters[writer.__name__] = _for_each_page(writer)


def _for_each_page(writer: Callable[..., str]) -> Callable[..., str]:
    """A filter that Jinja never applies beforehand, once and in the first reader's language."""
    return pass_context(lambda _context, *values: writer(*values))


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
    since = timedelta(days=-count * _DAYS[unit])
    ago = format_timedelta(since, threshold=1, add_direction=True, locale=locale)
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
