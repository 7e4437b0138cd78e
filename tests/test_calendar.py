"""The calendar file: what RFC 5545 asks, the right day in every calendar, nothing of the person.

`icalendar` writes the file, so most tests read the bytes themselves; reading it back with the
same library only shows that another reader could.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from letters.render import calendar as calendars
from letters.typography import NBSP, NNBSP, french
from letters.web.pages.downloads import REMINDER_TEXT, REMINDER_TITLE
from tests.letters_under_test import steady

SUMMARY, DESCRIPTION = french(str(REMINDER_TITLE)), french(str(REMINDER_TEXT))
reminder = partial(calendars.reminder, summary=SUMMARY, description=DESCRIPTION)
DAY, SENT_ON = date(2026, 12, 22), date(2026, 11, 22)
URL = "https://plume.example.org/fr/suivi?lettre=opposition-sante&envoi=2026-11-22"
days = st.dates(date(1900, 1, 1), date(2200, 12, 31))
# All that a percent-encoded address can hold, and what iCalendar would escape in a text.
addresses = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=200).map(
    "https://plume.example.org/".__add__
)


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


def test_the_description_is_a_few_neutral_words_and_the_address() -> None:
    assert (
        f"Avez-vous reçu une réponse à votre courrier{NNBSP}? Regardez aussi dans vos messages. "
        f"Avec ou sans réponse, cette page dit la suite{NBSP}:"
    ) == DESCRIPTION
    matter = "santé|donnée|opposition|refus|caisse|CPAM|CNIL|plainte|lettre|médec|droit"
    assert re.search(matter, f"{SUMMARY} {DESCRIPTION}", re.IGNORECASE) is None


@steady
@given(days, days, addresses)
@example(DAY, SENT_ON, "https://plume.example.org/?a,b;c\\d")
def test_every_file_holds_what_was_given_nothing_else_and_is_read_back_as_it_was_meant(
    day: date, sent: date, url: str
) -> None:
    content = reminder(day, sent, url)
    assert content == reminder(day, sent, url)
    [event] = Calendar.from_ical(content).events
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event.uid)
    lines = the_whole_file(f"{day:%Y%m%d}", f"{sent:%Y%m%d}", event.uid, url)
    assert content.decode().replace("\r\n ", "").split("\r\n") == lines

    for line in content.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line and b"\r" not in line
        line.decode()  # a character cut in two is allowed, and misread by many

    assert (event.errors, event.start, event.end) == ([], day, day + timedelta(days=1))
    assert event.stamp == datetime(sent.year, sent.month, sent.day, tzinfo=UTC)
    read_back = (event.summary, event.description, event.url)
    assert read_back == (SUMMARY, f"{DESCRIPTION}\n{url}", url)
    [alarm] = event.alarms.times
    assert alarm.trigger == datetime.combine(day, time(9))


def test_what_is_no_whole_address_is_refused_and_not_repeated() -> None:
    wrong = ["/fr/suivi", "javascript:alert(1)", "https://"]
    rests = ("fr/ suivi", "\r\nATTENDEE:mailto:a@example.org", "\n", "\x00", "santé")
    for url in (*wrong, *(f"https://plume.example.org/{rest}" for rest in rests)):
        with pytest.raises(ValueError, match="adresse http complète") as refusal:
            reminder(DAY, SENT_ON, url)
        assert url not in str(refusal.value)


def test_another_day_or_address_is_another_event_and_another_sending_is_not() -> None:
    def uid(day: date = DAY, sent_on: date = SENT_ON, url: str = URL) -> str:
        [event] = Calendar.from_ical(reminder(day, sent_on, url)).events
        return event.uid

    assert uid() == "85775514-a77b-593e-8818-40efde4801f8"  # the same in each version of ours
    assert uid() == uid(sent_on=date(2026, 11, 23))
    assert len({uid(), uid(day=date(2026, 12, 23)), uid(url=f"{URL}&page=2")}) == 3
