"""Months as the law counts them.

Règlement (CEE, Euratom) n° 1182/71, art. 3: a period of one month ends on the day with the same
number in the next month, or on its last day when there is none. Limits: the week-end and
holiday extension of art. 3(4) is left out, so a date given here is never too late.
"""

from calendar import monthrange
from datetime import date


def months_after(day: date, months: int) -> date:
    """The day `months` months after `day`, in law."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
