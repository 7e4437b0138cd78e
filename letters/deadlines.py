"""Periods as the law counts them, and the days of the journey that follow from them.

Règlement (CEE, Euratom) n° 1182/71, art. 3: the day of receipt is not counted; a period of months
ends on the day with the same number, or on the last day of the month where there is none; one that
would end on a Saturday, a Sunday or a public holiday ends with the next working day. Holidays are
those of France (code du travail, L. 3133-1), and of a department where they are its own
(L. 3134-13, L. 3422-2). Limits: Good Friday is taken for a holiday in all of Alsace and Moselle,
where the law names the communes with a Protestant temple: a date given here is never too early.
"""

from calendar import monthrange
from collections.abc import Collection
from datetime import date, timedelta

from dateutil.easter import easter

ANSWER_MONTHS = 1  # RGPD art. 12(3), from receipt
EXTRA_MONTHS = 2  # the same, for a complex request, when the person is told in the first month
FOLLOW_UP_DAYS = 15  # our own choice, no period of law

_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)})
_AFTER_EASTER = frozenset({1, 39, 50})  # days: Easter Monday, Ascension, Whit Monday
_ALSACE_MOSELLE = frozenset({"57", "67", "68"})
_ABOLITION = {  # of slavery, by department or collectivity
    "971": (5, 27),
    "972": (5, 22),
    "973": (6, 10),
    "974": (12, 20),
    "976": (4, 27),
    "977": (10, 9),
    "978": (5, 27),
}


def months_after(day: date, months: int) -> date:
    """The day `months` months after `day`, whatever day of the week it is."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def answer_due(received_on: date, departments: Collection[str] = ()) -> date:
    """The last day for an answer; `departments` are those where it may have to be given.

    Where there are several, a holiday of one counts: the later day is the safe one.
    """
    return _working_day(months_after(received_on, ANSWER_MONTHS), departments)


def extended_answer_due(received_on: date, departments: Collection[str] = ()) -> date:
    """The last day when the body said, in the first month, that it needs more time."""
    return _working_day(months_after(received_on, ANSWER_MONTHS + EXTRA_MONTHS), departments)


def follow_up_due(followed_up_on: date) -> date:
    """The day on which the period that our follow-up proposes ends."""
    return followed_up_on + timedelta(days=FOLLOW_UP_DAYS)


def opens_after(due: date) -> date:
    """The first day of a follow-up or a complaint about silence: the period is then over."""
    return due + timedelta(days=1)


def _working_day(day: date, departments: Collection[str]) -> date:
    while day.weekday() >= 5 or _is_holiday(day, departments):
        day += timedelta(days=1)
    return day


def _is_holiday(day: date, departments: Collection[str]) -> bool:
    month_and_day, after_easter = (day.month, day.day), (day - easter(day.year)).days
    if month_and_day in _HOLIDAYS or after_easter in _AFTER_EASTER:
        return True
    if after_easter == -2 or month_and_day == (12, 26):  # Good Friday, Saint Stephen's Day
        return not _ALSACE_MOSELLE.isdisjoint(departments)
    return month_and_day in {_ABOLITION.get(department) for department in departments}
