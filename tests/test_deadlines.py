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
    opens_after,
)
from letters.postal import department_of
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

# Receipt, where, the last day for an answer: règlement 1182/71, art. 3, and the holidays of France.
PERIODS = [
    ("2026-11-27", "", "2026-12-28"),  # a Sunday
    ("2026-11-25", "", "2026-12-28"),  # Christmas, a Friday
    ("2026-12-01", "", "2027-01-04"),  # New Year's Day, a Friday
    ("2027-01-31", "", "2027-03-01"),  # the last of February, a Sunday
    ("2027-02-26", "", "2027-03-26"),
    ("2027-02-26", "67000", "2027-03-30"),  # Good Friday, then Easter Monday
    ("2027-02-27", "", "2027-03-30"),  # Easter Saturday
    ("2027-04-06", "", "2027-05-07"),  # Ascension
    ("2027-04-17", "", "2027-05-18"),  # Whit Monday
    ("2027-11-20", "", "2027-12-20"),
    ("2027-11-20", "97400", "2027-12-21"),
    ("2028-11-26", "57000", "2028-12-27"),
    ("2028-11-26", "", "2028-12-26"),
    ("2028-04-01", "", "2028-05-02"),
    ("2028-04-08", "", "2028-05-09"),
    ("2026-06-14", "", "2026-07-15"),
    ("2028-07-15", "", "2028-08-16"),
    ("2028-10-01", "", "2028-11-02"),
    ("2026-10-11", "", "2026-11-12"),
    ("2026-03-27", "97600", "2026-04-28"),
    ("2026-04-22", "97200", "2026-05-26"),
    ("2026-04-27", "97100", "2026-05-28"),
    ("2026-04-27", "97150", "2026-05-28"),
    ("2026-05-10", "97300", "2026-06-11"),
    ("2026-09-09", "97133", "2026-10-12"),
    ("2026-09-09", "97100", "2026-10-09"),
]


@pytest.mark.parametrize(("received_on", "postal_code", "due"), PERIODS)
def test_an_answer_is_due_on_a_working_day_and_a_complaint_opens_the_day_after(
    received_on: str, postal_code: str, due: str
) -> None:
    end = answer_due(date.fromisoformat(received_on), {department_of(postal_code)})
    assert end == date.fromisoformat(due)
    assert opens_after(end) - end == timedelta(days=1)


def test_where_two_departments_are_in_doubt_the_later_day_is_told() -> None:
    received_on = date(2027, 11, 20)
    assert answer_due(received_on, {"29", "974"}) == date(2027, 12, 21)
    assert answer_due(date(2027, 2, 26), {"974", "68"}) == date(2027, 3, 30)


@pytest.mark.parametrize("code", ["", "2920", "SW1A 1AA", "１２３４５"[:4]])
def test_what_is_no_french_postcode_is_in_no_department(code: str) -> None:
    assert department_of(code) == ""


def test_a_longer_period_ends_by_the_same_rule_and_ours_does_not() -> None:
    received_on = date(
        2026, 1, 31
    )  # three months at once: by way of 28 February it would be the 28th
    assert extended_answer_due(received_on) == date(2026, 4, 30)
    assert extended_answer_due(date(2026, 9, 25)) == date(2026, 12, 28)
    assert follow_up_due(date(2026, 11, 22)) == date(2026, 12, 7)
