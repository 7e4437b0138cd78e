"""Months as the law counts them, and the days of the journey that follow from them."""

from datetime import date, timedelta

import pytest
from hypothesis import example, given
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


@steady
@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)), st.integers(0, 120))
@example(date(2000, 1, 31), 1)
@example(date(1900, 1, 31), 1)
@example(date(2026, 8, 31), 4)
@example(date(2026, 11, 21), 0)
def test_a_delay_ends_on_the_same_day_or_on_the_last_of_a_shorter_month(
    day: date, count: int
) -> None:
    end = months_after(day, count)
    ends_its_month = (end + timedelta(days=1)).day == 1
    assert end.day == day.day or (end.day < day.day and ends_its_month)
    assert (end.year - day.year) * 12 + end.month - day.month == count


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
