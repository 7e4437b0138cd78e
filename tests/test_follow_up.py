"""`/fr/suivi`: what came of a letter, what to do next, and from which day.

The days are written out, never worked out here: a month that were counted twice the same wrong way
would pass. Sentences are read with ordinary spaces.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo

import pytest
from bs4 import Tag
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from letters.web import content
from tests.kit.forms import check_errors, errors_of, form_of, pairs
from tests.kit.pages import (
    CheckingClient,
    checking,
    heading_of,
    in_turn,
    parse,
    plain,
    words,
)
from tests.kit.visitor import FIRST_LETTERS

ADDRESS = "/fr/suivi"
HEADING = "Où en est votre lettre"
LATER = ("relance", "plainte-cnil")
# Sent on, the last day for an answer, as a person reads them.
DAYS = [
    (date(2026, 11, 21), date(2026, 12, 21), "21 novembre 2026", "21 décembre 2026"),
    (date(2026, 12, 31), date(2027, 1, 31), "31 décembre 2026", "31 janvier 2027"),
    (date(2028, 1, 31), date(2028, 2, 29), "31 janvier 2028", "29 février 2028"),
    (date(2027, 2, 28), date(2027, 3, 28), "28 février 2027", "28 mars 2027"),
    (date(2027, 9, 1), date(2027, 10, 1), "1er septembre 2027", "1er octobre 2027"),
]
SENT = {"first_letter": "opposition-sante", "sent_on": "21/11/2026"}
LIVED = {"given_name": "Camille", "family_name": "Durand", "recipient": "01751"}

At = Callable[[date], CheckingClient]


@pytest.fixture
def at(app: Flask, monkeypatch: pytest.MonkeyPatch) -> At:
    """A client of the site as it is on the given day."""

    def come(day: date) -> CheckingClient:
        for module in ("routes", "follow_up"):
            monkeypatch.setattr(f"letters.web.{module}.today", lambda: day)
        return checking(app)

    return come


def answer(client: CheckingClient, **answers: str) -> TestResponse:
    return client.post(ADDRESS, data={**SENT, **answers})


def said(response: TestResponse) -> str:
    """What the page says of the letter; empty when it says nothing yet."""
    note = parse(response.text).select_one("#reponse")
    return words(note) if note else ""


def buttons(response: TestResponse) -> dict[str, Tag]:
    """The buttons that open a later letter, by the letter's slug."""
    found = parse(response.text).select("main button[formaction]")
    return {str(button["formaction"]).rpartition("/")[2]: button for button in found}


def press(client: CheckingClient, button: Tag) -> TestResponse:
    form = button.find_parent("form")
    assert form is not None
    response = client.post(str(button["formaction"]), data=MultiDict(pairs(form, button)))
    assert response.status_code == 200
    return response


def value(response: TestResponse, name: str) -> str:
    """What the visible question `name` holds."""
    form = parse(response.text).select("main form:has(fieldset)")[-1]
    found = form.select(
        f"input:not([type=radio], [type=hidden])[name={name}], [name={name}][checked], "
        f"select[name={name}] option[selected], textarea[name={name}]"
    )
    assert len(found) <= 1, name
    return str(found[0].get("value", found[0].get_text())) if found else ""


def messages(response: TestResponse) -> dict[str, str]:
    """The messages of the fields in error; see `check_errors`."""
    return {name: plain(message) for name, message in check_errors(response).items()}


# As it opens


def test_without_a_reminder_it_asks_which_letter_and_when(at: At) -> None:
    response = at(date(2026, 12, 21)).get(ADDRESS)
    page = parse(response.text)
    assert (response.status_code, heading_of(page)) == (200, HEADING)
    assert said(response) == ""
    assert buttons(response) == {}
    assert value(response, "first_letter") == "opposition-sante"
    assert (value(response, "sent_on"), value(response, "outcome")) == ("", "")


@pytest.mark.parametrize("slug", FIRST_LETTERS)
def test_the_link_of_a_reminder_fills_in_the_letter_and_the_day(at: At, slug: str) -> None:
    client = at(date(2026, 12, 21))
    alone = client.get(f"{ADDRESS}?lettre={slug}")
    assert (value(alone, "first_letter"), said(alone)) == (slug, "")
    response = client.get(f"{ADDRESS}?lettre={slug}&envoi=2026-11-21")
    page = parse(response.text)
    assert response.status_code == 200
    assert value(response, "first_letter") == slug
    assert value(response, "sent_on") == "21/11/2026"
    assert value(response, "outcome") == ""
    assert "Un mois a passé Votre lettre est partie le 21 novembre 2026." in said(response)
    # What happened is still to be said.
    assert buttons(response) == {}
    assert page.select(".error-summary") == []


@pytest.mark.parametrize("day", ["21/11/2026", "2026-11-21", "2018-01-01", "2026-12-21"])
def test_a_day_is_read_however_it_is_written(at: At, day: str) -> None:
    response = at(date(2026, 12, 21)).get(ADDRESS, query_string={"envoi": day})
    assert response.status_code == 200
    shown = date.fromisoformat(day) if "-" in day else date(2026, 11, 21)
    assert value(response, "sent_on") == f"{shown:%d/%m/%Y}"


@pytest.mark.parametrize(
    "slug", ["absente", "relance", "information-cnil", "OPPOSITION-SANTE", "opposition-sante\0"]
)
def test_a_letter_that_nobody_can_have_sent_first_is_an_unknown_page(at: At, slug: str) -> None:
    client = at(date(2026, 12, 21))
    response = client.get(ADDRESS, query_string={"lettre": slug, "envoi": "2026-11-21"})
    assert response.status_code == 404
    links = [str(link["href"]) for link in parse(response.text).select("main ul a")]
    assert [link.rpartition("/")[2] for link in links] == [
        *FIRST_LETTERS,
        "information-cnil",
        *LATER,
    ]


UNREAL = "Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026."
UNLIKELY = "Indiquez une date entre 2018 et aujourd’hui, par exemple 03/03/2026."
MISSING = "Indiquez le jour où vous avez envoyé la lettre, par exemple 03/03/2026."
BAD_DAYS = [
    ("2026-02-29", UNREAL),
    ("<b>2026</b>", UNREAL),
    ("2026-11-21" * 900, UNREAL),
    ("2026-12-22", UNLIKELY),
    ("0001-01-01", UNLIKELY),
    (" ", MISSING),
]


@pytest.mark.parametrize(("day", "message"), BAD_DAYS)
def test_a_day_that_cannot_be_is_refused_at_its_field(at: At, day: str, message: str) -> None:
    client = at(date(2026, 12, 21))
    client.own_words = False
    for response in (
        client.get(ADDRESS, query_string={"lettre": "opposition-soignant", "envoi": day}),
        client.post(ADDRESS, data={"first_letter": "opposition-soignant", "sent_on": day}),
    ):
        assert response.status_code == 422
        assert messages(response)["sent_on"] == message
        assert value(response, "first_letter") == "opposition-soignant"
        assert said(response) == ""
        assert buttons(response) == {}


# What comes next


def test_everything_that_is_missing_is_said_at_once(at: At) -> None:
    client = at(date(2026, 12, 21))
    response = client.post(ADDRESS, data={"first_letter": "absente", "outcome": "peut-être"})
    assert response.status_code == 422
    assert messages(response) == {
        "first_letter": "Choisissez dans la liste la lettre que vous avez envoyée.",
        "sent_on": MISSING,
        "outcome": "Choisissez ce qui s’est passé depuis votre lettre.",
    }
    assert messages(answer(client)) == {
        "outcome": "Choisissez ce qui s’est passé depuis votre lettre."
    }


def test_silence_after_the_month_opens_both_letters(at: At) -> None:
    response = answer(at(date(2026, 12, 21)), outcome="silence")
    assert response.status_code == 200
    assert tuple(buttons(response)) == LATER
    text = said(response)
    assert "Votre lettre est partie le 21 novembre 2026." in text
    assert "jusqu’au 21 décembre 2026" in text
    assert "jusqu’au 21 février 2027" in text  # two months more, when told in time
    assert "quinze jours" in text
    assert "5 janvier 2027" in text


def test_silence_before_the_month_is_over_waits_and_says_why(at: At) -> None:
    response = answer(at(date(2026, 12, 20)), outcome="silence")
    assert response.status_code == 200
    assert buttons(response) == {}
    text = said(response)
    assert text.startswith("Sans réponse, attendez le 21 décembre 2026 ")
    assert "RGPD, article 12" in text
    assert text.count("21 décembre 2026") == 2
    assert "refus" in text  # which does not have to wait


@pytest.mark.parametrize(
    ("outcome", "heading"),
    [("refusal", "Vous avez reçu un refus"), ("partial", "La réponse est incomplète")],
)
def test_an_answer_opens_both_letters_at_any_time(at: At, outcome: str, heading: str) -> None:
    for day in (date(2026, 11, 21), date(2029, 1, 1)):
        response = answer(at(day), outcome=outcome)
        assert response.status_code == 200
        assert said(response).startswith(f"{heading} ")
        assert "Vous n’avez pas à attendre la fin du mois." in said(response)
        assert tuple(buttons(response)) == LATER


def test_an_acceptance_says_what_to_check_and_opens_nothing(at: At) -> None:
    response = answer(at(date(2026, 11, 21)), outcome="accepted")
    assert response.status_code == 200
    assert said(response).startswith("Votre demande est acceptée ")
    assert len(parse(response.text).select("#reponse li")) == 3
    assert buttons(response) == {}


@pytest.mark.parametrize(("sent", "due", "sent_words", "due_words"), DAYS)
def test_the_month_ends_on_its_day(
    at: At, sent: date, due: date, sent_words: str, due_words: str
) -> None:
    """On its day a letter about silence opens, here as in its form; the day before, nowhere."""
    day = f"{sent:%d/%m/%Y}"
    for today, is_open in ((due - timedelta(1), False), (due, True)):
        client = at(today)
        page = client.get(f"{ADDRESS}?lettre=opposition-sante&envoi={sent}")
        assert page.status_code == 200
        response = answer(client, sent_on=day, outcome="silence")
        assert tuple(buttons(response)) == (LATER if is_open else ())
        for text in (said(page), said(response)):
            assert text.startswith(
                "Un mois a passé" if is_open else f"Sans réponse, attendez le {due_words} "
            )
            assert f"Votre lettre est partie le {sent_words}." in text
            assert due_words in text
        for slug in LATER:
            form = form_of(slug, today=today, **LIVED, sent_on=day)
            assert (errors_of(form) == {}) is is_open


@pytest.mark.parametrize(
    ("now", "day"),
    [
        # Paris is an hour ahead of UTC in winter, two in summer.
        (datetime(2027, 3, 27, 22, 59, 59, tzinfo=UTC), date(2027, 3, 27)),
        (datetime(2027, 3, 27, 23, 0, 0, tzinfo=UTC), date(2027, 3, 28)),
        (datetime(2027, 4, 27, 21, 59, 59, tzinfo=UTC), date(2027, 4, 27)),
        (datetime(2027, 4, 27, 22, 0, 0, tzinfo=UTC), date(2027, 4, 28)),
    ],
)
def test_the_day_begins_at_midnight_in_paris(
    monkeypatch: pytest.MonkeyPatch, now: datetime, day: date
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return now.astimezone(tz)

    monkeypatch.setattr("letters.web.content.datetime", Clock)
    assert content.today() == day


# The day of the answer


BETWEEN = "Indiquez une date entre le jour de l’envoi et aujourd’hui."


@pytest.mark.parametrize(
    ("day", "message"), [("20/11/2026", BETWEEN), ("22/12/2026", BETWEEN), ("bientôt", UNREAL)]
)
def test_an_answer_comes_after_the_letter_and_not_after_today(
    at: At, day: str, message: str
) -> None:
    client = at(date(2026, 12, 21))
    for outcome in ("refusal", "partial", "accepted"):
        response = answer(client, outcome=outcome, answer_on=day)
        assert response.status_code == 422
        assert messages(response) == {"answer_on": message}
        assert value(response, "outcome") == outcome
        assert buttons(response) == {}
    # Without an answer its day is nobody's business.
    assert answer(client, outcome="silence", answer_on=day).status_code == 200


# The letters that it opens


@pytest.mark.parametrize(
    ("slug", "outcome", "first"),
    in_turn(LATER * 3, ["silence", "refusal", "partial"], [*FIRST_LETTERS, FIRST_LETTERS[1]]),
)
def test_a_button_opens_its_letter_with_what_was_said(
    at: At, slug: str, outcome: str, first: str
) -> None:
    client = at(date(2026, 12, 21))
    happened = {"first_letter": first, "sent_on": "21/11/2026", "outcome": outcome}
    if outcome != "silence":
        happened["answer_on"] = "01/12/2026"
    response = answer(client, **happened)
    response = press(client, buttons(response)[slug])
    assert parse(response.text).select(".error-summary") == []
    assert {name: value(response, name) for name in happened} == happened


def test_what_was_typed_before_goes_along_to_the_letter(at: At) -> None:
    client = at(date(2026, 12, 21))
    before = {
        **LIVED,
        "who": "protected",
        "represented_given_name": "Zoé",
        "represented_family_name": "Petit",
        "measure": "tutelle",
        "address_line1": "12 rue des Lilas",
        "email": "camille@example.org",
        "channel": "email",
        "cnil_lines": "CNIL\nAILLEURS",
    }
    # Once more through the page itself: its own form carries them too.
    response = answer(client, **before, outcome="silence")
    form = parse(response.text).select("main form")[-1]
    button = form.find("button")
    assert isinstance(button, Tag)
    response = client.post(ADDRESS, data=MultiDict(pairs(form, button)))
    assert response.status_code == 200
    response = press(client, buttons(response)["plainte-cnil"])
    shown = {name: value(response, name).strip().replace("\r\n", "\n") for name in before}
    assert shown == before


def test_the_page_keeps_a_persons_answers_out_of_its_addresses(at: At) -> None:
    client = at(date(2026, 12, 21))
    response = answer(client, **LIVED, outcome="refusal")
    page = parse(response.text)
    addresses = [
        str(tag[name])
        for name in ("href", "action", "formaction")
        for tag in page.select(f"[{name}]")
    ]
    assert [
        address for address in addresses if re.search("Camille|Durand|01751|2026", address)
    ] == []
    assert response.headers["Cache-Control"] == "no-store"


def test_a_number_of_social_security_is_taken_out_here_too(at: At) -> None:
    client = at(date(2026, 12, 21))
    number = "1 85 05 78 006 084 36"
    for response, field in (
        (client.get(ADDRESS, query_string={"envoi": number}), "sent_on"),
        (answer(client, sent_on=number, outcome="silence"), "sent_on"),
        (answer(client, answer_on=number, outcome="refusal"), "answer_on"),
    ):
        assert response.status_code == 422
        assert set(messages(response)) == {field}
        assert "78 006 084" not in response.text
        assert value(response, field) == "…"
