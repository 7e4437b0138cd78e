"""Months as the law counts them, and the days of the journey that follow from them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.deadlines import (
    answer_due,
    extended_answer_due,
    follow_up_due,
    months_after,
    opens_on,
)
from letters.model import OUTCOMES
from tests.letters_under_test import steady

days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
months = st.integers(0, 120)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        # the same day of the next month
        (date(2026, 11, 21), 1, date(2026, 12, 21)),
        (date(2028, 2, 29), 1, date(2028, 3, 29)),
        # the last day when there is no such day
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2000, 1, 31), 1, date(2000, 2, 29)),
        (date(1900, 1, 31), 1, date(1900, 2, 28)),
        (date(2026, 8, 31), 1, date(2026, 9, 30)),
        # into the next year
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        # more months than one: one month and the two of a longer delay
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2028, 2, 29), 48, date(2032, 2, 29)),
        # none
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_a_delay_in_months_ends_on_the_day_that_the_law_says(
    day: date, count: int, expected: date
) -> None:
    assert months_after(day, count) == expected


@steady
@given(days, months)
def test_a_delay_ends_on_the_same_day_or_on_the_last_of_a_shorter_month(
    day: date, count: int
) -> None:
    end = months_after(day, count)
    ends_its_month = (end + timedelta(days=1)).day == 1
    assert end.day == day.day or (end.day < day.day and ends_its_month)
    assert (end.year - day.year) * 12 + end.month - day.month == count


@steady
@given(days, days, months)
def test_a_later_start_never_ends_earlier(one: date, other: date, count: int) -> None:
    first, second = sorted((one, other))
    assert months_after(first, count) <= months_after(second, count)


# The journey


@pytest.mark.parametrize(
    ("sent_on", "due", "extended", "end_of_follow_up"),
    [
        (date(2026, 11, 22), date(2026, 12, 22), date(2027, 2, 22), date(2026, 12, 7)),
        # three months at once: by way of 28 February it would be the 28th
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30), date(2026, 2, 15)),
        (date(2027, 11, 30), date(2027, 12, 30), date(2028, 2, 29), date(2027, 12, 15)),
        (date(2028, 2, 20), date(2028, 3, 20), date(2028, 5, 20), date(2028, 3, 6)),
    ],
)
def test_each_step_of_the_journey_has_its_day(
    sent_on: date, due: date, extended: date, end_of_follow_up: date
) -> None:
    assert answer_due(sent_on) == due
    assert extended_answer_due(sent_on) == extended
    assert follow_up_due(sent_on) == end_of_follow_up


def test_only_silence_has_to_be_waited_for() -> None:
    sent_on = date(2026, 1, 31)
    opened = {outcome: opens_on(sent_on, outcome) for outcome in OUTCOMES}
    assert opened == {"silence": date(2026, 2, 28), "refusal": sent_on, "partial": sent_on}
