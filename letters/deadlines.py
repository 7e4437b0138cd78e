"""Months as the law counts them, and the days of the journey that follow from them.

Règlement (CEE, Euratom) n° 1182/71, art. 3: a period of one month ends on the day with the same
number in the next month, or on its last day when there is none. Limits: the week-end and
holiday extension of art. 3(4) is left out, so a date given here is never too late.
"""

from calendar import monthrange
from datetime import date, timedelta

ANSWER_MONTHS = 1  # RGPD art. 12(3), from receipt
EXTRA_MONTHS = 2  # the same, for a complex request, when the person is told in the first month
FOLLOW_UP_DAYS = 15  # our own choice, no period of law


def months_after(day: date, months: int) -> date:
    """The day `months` months after `day`, in law."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def answer_due(sent_on: date) -> date:
    """The last day for an answer to a request sent, and taken as received, on `sent_on`.

    The law counts from receipt, which only an acknowledgement tells: pages say so. A follow-up
    or a complaint about silence opens on this very day, on which the reminder falls; their words
    are true of it (a month after the sending, no answer has come), though the period runs on
    until midnight.
    """
    return months_after(sent_on, ANSWER_MONTHS)


def extended_answer_due(sent_on: date) -> date:
    """The last day when the body said, in the first month, that it needs more time."""
    return months_after(sent_on, ANSWER_MONTHS + EXTRA_MONTHS)


def follow_up_due(followed_up_on: date) -> date:
    """The day on which the period that our follow-up proposes ends."""
    return followed_up_on + timedelta(days=FOLLOW_UP_DAYS)


def opens_on(sent_on: date, outcome: str) -> date:
    """The first day of a follow-up or a complaint: at once unless it is about silence."""
    return answer_due(sent_on) if outcome == "silence" else sent_on
