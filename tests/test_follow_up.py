"""`/fr/suivi`: what came of a letter, what to do next, and from which day.

The days are written out, never worked out here: a month that were counted twice the same wrong way
would pass. Sentences are read with ordinary spaces.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo

import pytest
from bs4 import Tag
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from letters.web import site
from tests.kit import CLOCK, clock
from tests.kit.forms import check_errors, everything, form_of, main_form, pairs, shown
from tests.kit.pages import (
    FOLLOW_UP,
    LATER,
    OPPOSITIONS,
    PERSON,
    CheckingClient,
    checking,
    in_turn,
    parse,
    plain,
    words,
)

SENT = {"first_letter": "opposition-sante", "sent_on": "21/11/2026"}
ASKS = {"first_letter": "opposition-sante", "sent_on": "", "received_on": "", "outcome": ""}
ASKS |= {"answer_on": ""}

At = Callable[[date], CheckingClient]


@pytest.fixture
def at(app: Flask, monkeypatch: pytest.MonkeyPatch) -> At:
    """A client of the site as it is on the given day."""

    def come(day: date) -> CheckingClient:
        monkeypatch.setattr(CLOCK, clock(day))
        return checking(app)

    return come


@pytest.fixture
def client(at: At) -> CheckingClient:
    return at(date(2026, 12, 22))


def answer(client: CheckingClient, **answers: str) -> TestResponse:
    return client.post(FOLLOW_UP, data={**SENT, **answers})


def asked(response: TestResponse) -> dict[str, str]:
    """What the questions of the page hold."""
    return {name: value for name, value in shown(response.text).items() if name != "options"}


def said(response: TestResponse) -> str:
    """What the page says of the letter; empty when it says nothing yet."""
    note = parse(response.text).select_one("#reponse")
    return words(note) if note else ""


def opened(response: TestResponse) -> tuple[str, ...]:
    """The later letters that the page has a button for."""
    buttons = parse(response.text).select("#reponse button[formaction]")
    return tuple(str(button["formaction"]).rpartition("/")[2] for button in buttons)


def press(client: CheckingClient, response: TestResponse, slug: str) -> TestResponse:
    """The letter that a button of the page opens."""
    button = parse(response.text).select_one(f"main button[formaction$={slug}]")
    assert isinstance(button, Tag)
    form = button.find_parent("form")
    assert form is not None
    return client.post(str(button["formaction"]), data=MultiDict(pairs(form, button)))


def check_refused(response: TestResponse, **messages: str) -> None:
    """The page tells these mistakes, and nothing of the letter yet."""
    assert {name: plain(told) for name, told in check_errors(response).items()} == messages
    assert (said(response), opened(response)) == ("", ())


# As it opens


@pytest.mark.parametrize("slug", OPPOSITIONS)
def test_it_asks_for_what_the_link_of_a_reminder_does_not_tell(
    client: CheckingClient, slug: str
) -> None:
    empty = client.get(FOLLOW_UP)
    assert (empty.status_code, asked(empty), said(empty)) == (200, ASKS, "")
    alone = client.get(FOLLOW_UP, query_string={"lettre": slug})
    assert (asked(alone), said(alone)) == ({**ASKS, "first_letter": slug}, "")
    for day in ("2026-11-21", "21/11/2026"):
        response = client.get(FOLLOW_UP, query_string={"lettre": slug, "envoi": day})
        assert response.status_code == 200
        assert asked(response) == {**ASKS, "first_letter": slug, "sent_on": "21/11/2026"}
        assert "Un mois a passé Votre lettre est partie le 21 novembre 2026." in said(response)
        assert opened(response) == (), "what happened is still to be said"


@pytest.mark.parametrize("slug", ["absente", "relance", "OPPOSITION-SANTE", "opposition-sante\0"])
def test_a_letter_that_nobody_can_have_sent_first_is_an_unknown_page(
    client: CheckingClient, slug: str
) -> None:
    query = {"lettre": slug, "envoi": "2026-11-21"}
    assert client.get(FOLLOW_UP, query_string=query).status_code == 404


UNREAL = "Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026."
UNLIKELY = "Indiquez une date entre 2018 et aujourd’hui, par exemple 03/03/2026."
MISSING = "Indiquez le jour où vous avez envoyé la lettre, par exemple 03/03/2026."
BETWEEN = "Indiquez une date entre le jour de l’envoi et aujourd’hui."
WHAT_CAME = "Choisissez ce qui s’est passé depuis votre lettre."
WHICH = "Choisissez dans la liste la lettre que vous avez envoyée."


@pytest.mark.parametrize(
    ("day", "message"),
    [
        ("<b>2026</b>", UNREAL),
        ("2026-11-21" * 900, UNREAL),
        ("2026-12-24", UNLIKELY),
        ("0001-01-01", UNLIKELY),
        (" ", MISSING),
    ],
)
def test_a_day_that_cannot_be_is_refused_at_its_field(
    client: CheckingClient, day: str, message: str
) -> None:
    client.own_words = False
    slug = "opposition-soignant"
    from_link = client.get(FOLLOW_UP, query_string={"lettre": slug, "envoi": day})
    check_refused(from_link, sent_on=message)
    typed = client.post(FOLLOW_UP, data={"first_letter": slug, "sent_on": day})
    check_refused(typed, sent_on=message, outcome=WHAT_CAME)
    assert asked(from_link) == asked(typed)
    assert asked(typed)["first_letter"] == slug


# What comes next


def test_everything_that_is_missing_is_said_at_once(client: CheckingClient) -> None:
    response = client.post(FOLLOW_UP, data={"first_letter": "absente", "outcome": "peut-être"})
    check_refused(response, first_letter=WHICH, sent_on=MISSING, outcome=WHAT_CAME)
    check_refused(answer(client), outcome=WHAT_CAME)


STAGES = [
    # outcome, today, the letters that open, how it begins, and what else is said
    (
        "silence",
        date(2026, 12, 21),
        (),
        "Sans réponse, attendez le 22 décembre 2026 ",
        "au plus tôt",
    ),
    ("silence", date(2026, 12, 22), LATER, "Un mois a passé ", "jusqu’au 21 décembre 2026"),
    ("silence", date(2026, 12, 22), LATER, "Un mois a passé ", "jusqu’au 22 février 2027"),
    ("silence", date(2026, 12, 22), LATER, "Un mois a passé ", "soit jusqu’au 6 janvier 2027"),
    ("refusal", date(2026, 11, 21), LATER, "Vous avez reçu un refus ", "n’avez pas à attendre"),
    ("refusal", date(2029, 1, 1), LATER, "Vous avez reçu un refus ", "n’avez pas à attendre"),
    ("partial", date(2026, 11, 21), LATER, "La réponse est incomplète ", "n’avez pas à attendre"),
    ("accepted", date(2026, 11, 21), (), "Votre demande est acceptée ", "Vérifiez trois choses"),
]


@pytest.mark.parametrize(("outcome", "day", "letters", "begins", "more"), STAGES)
def test_what_happened_opens_the_letters_that_can_go_now(
    at: At, outcome: str, day: date, letters: tuple[str, ...], begins: str, more: str
) -> None:
    response = answer(at(day), outcome=outcome)
    assert (response.status_code, opened(response)) == (200, letters)
    assert said(response).startswith(begins)
    assert more in said(response)


@pytest.mark.parametrize(
    ("today", "is_open"), [(date(2028, 2, 29), False), (date(2028, 3, 1), True)]
)
def test_silence_opens_a_letter_here_on_the_day_that_it_does_in_its_form(
    at: At, today: date, is_open: bool
) -> None:
    day = "31/01/2028"
    response = answer(at(today), sent_on=day, outcome="silence")
    assert opened(response) == (LATER if is_open else ())
    assert "Votre lettre est partie le 31 janvier 2028." in said(response)
    assert "29 février 2028" in said(response)
    for slug in LATER:
        assert form_of(slug, today=today, **PERSON, sent_on=day).validate() is is_open


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

    monkeypatch.setattr(CLOCK, Clock)
    assert site.today() == day


@pytest.mark.parametrize(
    ("day", "message"), [("20/11/2026", BETWEEN), ("23/12/2026", BETWEEN), ("bientôt", UNREAL)]
)
def test_an_answer_comes_after_the_letter_and_not_after_today(
    client: CheckingClient, day: str, message: str
) -> None:
    for outcome in ("refusal", "partial", "accepted"):
        response = answer(client, outcome=outcome, answer_on=day)
        check_refused(response, answer_on=message)
        assert asked(response) == {**ASKS, **SENT, "outcome": outcome, "answer_on": day}
    # Without an answer its day is nobody's business.
    assert answer(client, outcome="silence", answer_on=day).status_code == 200


@pytest.mark.parametrize(
    ("today", "letters", "more"),
    [
        (date(2026, 12, 28), (), "a reçu votre lettre le 27 novembre 2026. "),
        (date(2026, 12, 29), LATER, "27 novembre 2026 : il avait jusqu’au 28 décembre 2026 pour"),
    ],
)
def test_the_month_runs_from_the_day_of_receipt_where_that_is_known(
    at: At, today: date, letters: tuple[str, ...], more: str
) -> None:
    known = {"received_on": "27/11/2026", "outcome": "silence"}
    response = answer(at(today), **known)
    assert opened(response) == letters
    assert more in plain(said(response))
    for slug in LATER:
        form = form_of(slug, today=today, **PERSON, **SENT, **known)
        assert form.validate() is bool(letters)


@pytest.mark.parametrize(
    ("where", "is_open"),
    [
        ({"postal_code": "29200"}, True),
        ({"postal_code": "97400"}, False),  # 20 December is a holiday in La Réunion
        ({"recipient": "01974"}, False),
        ({"postal_code": "97400", "country": "Belgique"}, True),
    ],
)
def test_the_holidays_are_those_of_where_the_sender_and_the_fund_are(
    where: dict[str, str], *, is_open: bool
) -> None:
    told = {**PERSON, "recipient": "other", "caisse_lines": "Caisse\nBrest", **where}
    form = form_of("relance", today=date(2027, 12, 21), **told, sent_on="20/11/2027")
    assert (form.validate(), "outcome" in form.errors) == (is_open, not is_open)


# The letters that it opens


@pytest.mark.parametrize(
    ("slug", "outcome", "first"), in_turn(LATER, ["silence", "refusal", "partial"], OPPOSITIONS)
)
def test_a_button_opens_its_letter_with_all_that_was_said_here_and_before(
    client: CheckingClient, slug: str, outcome: str, first: str
) -> None:
    known = everything("protected", first, cnil_lines="CNIL\r\nAILLEURS")
    known |= {"outcome": "", "answer_on": "01/12/2026", "sent_on": "21/11/2026"}
    known |= {"received_on": "21/11/2026"}
    page = client.post(FOLLOW_UP, data=known).text
    told = MultiDict(pairs(main_form(page)))  # what the page carries, and what it asks
    assert "penal" not in told.getlist("shown"), "nobody has seen that option yet"
    told["outcome"] = outcome
    letter = press(client, client.post(FOLLOW_UP, data=told), slug)
    assert letter.status_code == 200
    assert parse(letter.text).select(".error-summary") == []
    wanted = known | {"outcome": outcome}
    values = shown(letter.text)
    for name in form_of(slug, **wanted).active_fields - {"options"}:
        assert values[name] == wanted[name].replace("\r\n", "\n"), name


def test_the_page_keeps_a_persons_answers_out_of_its_addresses(client: CheckingClient) -> None:
    response = answer(client, **PERSON, outcome="refusal")
    page = parse(response.text)
    assert {form["method"] for form in page.select("form")} == {"post"}
    names = ("href", "action", "formaction")
    addresses = [str(tag[name]) for name in names for tag in page.select(f"[{name}]")]
    assert not re.search("Camille|Durand|01751|2026", " ".join(addresses))
    assert response.headers["Cache-Control"] == "no-store"


def test_a_number_of_social_security_is_taken_out_here_too(client: CheckingClient) -> None:
    number = "1 85 05 78 006 084 36"
    for response, field in (
        (client.get(FOLLOW_UP, query_string={"envoi": number}), "sent_on"),
        (answer(client, sent_on=number, outcome="silence"), "sent_on"),
        (answer(client, answer_on=number, outcome="refusal"), "answer_on"),
    ):
        assert check_errors(response).keys() == {field}
        assert "78 006 084" not in response.text
        assert asked(response)[field] == "…"


# What a body may answer


def test_a_likely_answer_opens_the_follow_up_that_names_what_it_lacks(at: At) -> None:
    """With what was told already, where there is something; no such answer comes from a carer."""
    client = at(date(2026, 12, 22))
    page = parse(answer(client, outcome="refusal").text)
    forms = page.select("#reponses ~ details form")
    assert len(forms) == 5
    for form in forms:
        carried = [*pairs(form, form.find("button"))]
        opens = client.post(str(form["action"]), data=MultiDict(carried))
        found = shown(opens.text)
        assert (found["outcome"], found["sent_on"]) == ("partial", "21/11/2026")
        assert found["missing"] == dict(carried)["missing"]
    of_carer = answer(client, outcome="refusal", first_letter="opposition-soignant")
    assert not parse(of_carer.text).select("#reponses")
    assert parse(of_carer.text).select("#plainte")
