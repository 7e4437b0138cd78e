"""The calendar file: what RFC 5545 asks, the right day in every calendar, nothing of the person.

`icalendar` writes the file, so most tests read the bytes themselves; reading it back with the
same library only shows that another reader could.
"""

import re
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from letters.deadlines import months_after
from letters.render import calendar as calendars
from letters.typography import NBSP, NNBSP, french
from letters.web.outputs import REMINDER_TEXT, REMINDER_TITLE
from tests.letters_under_test import steady

SUMMARY, DESCRIPTION = french(REMINDER_TITLE), french(REMINDER_TEXT)
reminder = partial(calendars.reminder, summary=SUMMARY, description=DESCRIPTION)
DAY, SENT_ON = date(2026, 12, 22), date(2026, 11, 22)
URL = "https://plume.example.org/fr/suivi?lettre=opposition-sante&envoi=2026-11-22"
days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
# All that a percent-encoded address can hold, and what iCalendar would escape in a text.
addresses = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=200).map(
    "https://plume.example.org/".__add__
)


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def event_of(content: bytes) -> Event:
    calendar = Calendar.from_ical(content)
    assert isinstance(calendar, Calendar)
    (event,) = calendar.events
    return event


# The file


def the_whole_file(day: str, sent_on: str, uid: str, url: str) -> list[str]:
    """Every line of the file, unfolded; nothing of a person but what the address says."""
    text = f"{DESCRIPTION}\n{url}"
    for sign, escaped in (("\\", "\\\\"), (",", "\\,"), (";", "\\;"), ("\n", "\\n")):
        text = text.replace(sign, escaped)
    return [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Droit de plume//Rappel//FR",
        "BEGIN:VEVENT",
        "SUMMARY:Vérifier une réponse reçue",
        f"DTSTART;VALUE=DATE:{day}",
        f"DTSTAMP:{sent_on}T000000Z",
        f"UID:{uid}",
        "CLASS:PRIVATE",
        f"DESCRIPTION:{text}",
        "TRANSP:TRANSPARENT",
        f"URL:{url}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Vérifier une réponse reçue",
        "TRIGGER:PT9H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_the_file_is_exactly_this() -> None:
    uid = "85775514-a77b-593e-8818-40efde4801f8"
    assert unfolded(reminder(DAY, SENT_ON, URL)) == the_whole_file("20261222", "20261122", uid, URL)


def test_the_description_is_a_few_neutral_words_and_the_address() -> None:
    assert (
        f"Avez-vous reçu une réponse à votre courrier{NNBSP}? Regardez aussi dans vos messages. "
        f"Avec ou sans réponse, cette page dit la suite{NBSP}:"
    ) == DESCRIPTION
    matter = "santé|donnée|opposition|refus|caisse|CPAM|CNIL|plainte|lettre|médec|droit"
    assert re.search(matter, f"{SUMMARY} {DESCRIPTION}", re.IGNORECASE) is None


@steady
@given(days, days, addresses)
def test_every_file_has_the_lines_that_the_format_allows(day: date, sent: date, url: str) -> None:
    content = reminder(day, sent, url)
    assert content.endswith(b"\r\n")
    lines = content.split(b"\r\n")
    assert [line for line in lines if b"\n" in line or b"\r" in line] == []
    assert max(map(len, lines)) <= 75
    for line in lines:  # a character cut in two is allowed, and misread by many
        line.decode()
    assert f"DTSTART;VALUE=DATE:{day:%Y%m%d}".encode() in lines


@steady
@given(days, days, addresses)
def test_every_file_is_read_back_as_it_was_meant(day: date, sent: date, url: str) -> None:
    calendar = Calendar.from_ical(reminder(day, sent, url))
    assert isinstance(calendar, Calendar)
    assert (calendar.errors, calendar.version) == ([], "2.0")
    event = event_of(reminder(day, sent, url))
    assert event.errors == []
    assert type(event.start) is date and event.start == day
    assert event.end == day + timedelta(days=1)
    assert event.stamp == datetime(sent.year, sent.month, sent.day, tzinfo=UTC)
    assert (event.summary, event.description) == (SUMMARY, f"{DESCRIPTION}\n{url}")
    assert event.url == url
    (alarm,) = event.alarms.times
    assert alarm.trigger == datetime.combine(day, time(9))


@pytest.mark.parametrize(
    ("typed", "written"),
    [("a,b", "a\\,b"), ("a;b", "a\\;b"), ("a\\b", "a\\\\b"), ("a\\nb", "a\\\\nb")],
)
def test_a_sign_of_the_format_is_escaped_in_the_text_and_left_in_the_address(
    typed: str, written: str
) -> None:
    url = f"https://plume.example.org/?{typed}"
    lines = unfolded(reminder(DAY, SENT_ON, url))
    (description, _) = (line for line in lines if line.startswith("DESCRIPTION:"))
    assert description.endswith(f":\\nhttps://plume.example.org/?{written}")
    assert f"URL:{url}" in lines


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/fr/suivi",
        "javascript:alert(1)",
        "https://",
        "https://plume.example.org/fr/ suivi",
        "https://plume.example.org/\r\nATTENDEE:mailto:a@example.org",
        "https://plume.example.org/\n",
        "https://plume.example.org/\x00",
        "https://plume.example.org/santé",
    ],
)
def test_what_is_no_whole_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="adresse http complète") as refusal:
        reminder(DAY, SENT_ON, url)
    assert not url or url not in str(refusal.value)


# The same input, the same bytes; nothing else gets in


def test_the_same_reminder_is_the_same_bytes_in_another_process() -> None:
    program = (
        "import sys; from datetime import date; from letters.render.calendar import reminder; "
        f"file = reminder({DAY!r}, {SENT_ON!r}, {URL!r}, {SUMMARY!r}, {DESCRIPTION!r}); "
        "sys.stdout.buffer.write(file)"
    ).replace("datetime.date", "date")
    elsewhere = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        env={"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7"},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert reminder(DAY, SENT_ON, URL) == reminder(DAY, SENT_ON, URL) == elsewhere.stdout


def test_another_day_or_address_is_another_event_and_another_sending_is_not() -> None:
    def uid(day: date = DAY, sent_on: date = SENT_ON, url: str = URL) -> str:
        return str(event_of(reminder(day, sent_on, url)).uid)

    assert uid() == uid(sent_on=date(2026, 11, 23))
    assert len({uid(), uid(day=date(2026, 12, 23)), uid(url=f"{URL}&page=2")}) == 3


@steady
@given(days, days, addresses)
def test_the_file_holds_nothing_but_what_was_given(day: date, sent: date, url: str) -> None:
    uid = str(event_of(reminder(day, sent, url)).uid)
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", uid)
    lines = the_whole_file(f"{day:%Y%m%d}", f"{sent:%Y%m%d}", uid, url)
    assert unfolded(reminder(day, sent, url)) == lines


# The day


@pytest.mark.parametrize(
    ("sent_on", "months", "expected"),
    [
        (date(2026, 11, 22), 1, "20261222"),
        # no such day in the next month
        (date(2026, 1, 31), 1, "20260228"),
        (date(2028, 1, 31), 1, "20280229"),
        (date(2028, 1, 30), 1, "20280229"),
        (date(2026, 3, 31), 1, "20260430"),
        (date(2026, 4, 30), 1, "20260530"),
        (date(2026, 8, 31), 1, "20260930"),
        # leap years
        (date(2028, 2, 29), 1, "20280329"),
        (date(2028, 2, 29), 12, "20290228"),
        (date(2000, 1, 31), 1, "20000229"),
        (date(2100, 1, 31), 1, "21000228"),
        # into the next year
        (date(2026, 12, 31), 1, "20270131"),
        # the days when the clock changes, in Paris, and those a month before and after
        (date(2027, 2, 28), 1, "20270328"),
        (date(2027, 3, 28), 1, "20270428"),
        (date(2026, 9, 25), 1, "20261025"),
        (date(2026, 10, 25), 1, "20261125"),
    ],
)
def test_the_reminder_is_a_day_in_law_whatever_the_clock_does(
    sent_on: date, months: int, expected: str
) -> None:
    content = reminder(months_after(sent_on, months), sent_on, URL)
    assert content.count(b"DTSTART") == 1
    assert f"\r\nDTSTART;VALUE=DATE:{expected}\r\n".encode() in content
    assert b"TZID" not in content and b"VTIMEZONE" not in content
