"""What travels from one letter to the next, and what must not.

On forms, with the answers that a page hands on; through real pages where a page adds something:
the day of sending, or what it showed. Whole journeys are in test_journey.py.
"""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from letters.recipients import OTHER
from letters.web.form.letter_form import LetterForm
from tests.kit.forms import (
    CARER,
    DEFAULTS_OF,
    FUND,
    INFORMATION,
    PLAINTE,
    PLATEFORME,
    RELANCE,
    SANTE,
    SOIGNANT,
    address_of,
    everything,
    form_of,
    post,
    posted,
    recipient_of,
    shown,
)
from tests.kit.pages import OPPOSITIONS, PERSON, SENT, SLUGS, SPEAKING, in_turn

HISTORY = {"sent_on", "received_on", "channel", "outcome", "answer_on", "followed_up_on", "missing"}


def next_form(form: LetterForm, slug: str, **typed: str) -> LetterForm:
    """The form of another letter, opened from a page of this one."""
    return form_of(slug, form.answers(), **typed)


def go(client: FlaskClient, text: str, slug: str, output: str = "edit", **typed: str) -> str:
    """Press « Écrire cette lettre » on a page."""
    response = client.post(address_of(slug), data=posted(text, output=output, **typed))
    assert response.status_code == 200
    return response.text


# Options


def ticked(form: LetterForm) -> set[str]:
    """The options of its own letter that a form shows as ticked."""
    return {*form.options.data} & form.own_options


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_that_comes_after_another_one_has_its_own_defaults_ticked(slug: str) -> None:
    form = form_of(slug, **PERSON, **SENT, options=DEFAULTS_OF[slug])
    for other in SLUGS:
        assert ticked(next_form(form, other)) == {*DEFAULTS_OF[other]}, other


def test_an_option_ticked_or_unticked_in_one_letter_is_so_in_all_that_have_it() -> None:
    form = form_of(SANTE)  # hebergement and cnil were there, and left out
    for slug in (PLATEFORME, SOIGNANT, INFORMATION, RELANCE, PLATEFORME, SANTE):
        form = next_form(form, slug)
        assert form.options.data == []
    assert ("options", "cnil") in form_of(SOIGNANT, options=["deces", "cnil"]).carried()
    form = next_form(form_of(SANTE, options=["deces", "cnil"]), SOIGNANT)
    assert ticked(form) == {"deces"}
    form.options.data.append("logiciel")
    for between in (INFORMATION, PLATEFORME):
        form = next_form(form, between)
    assert ticked(next_form(form, SOIGNANT)) == {"deces", "logiciel"}
    assert ticked(next_form(form, SANTE)) == {"deces", "cnil"}


# What came of a letter


@pytest.mark.parametrize("slug", OPPOSITIONS)
def test_what_came_of_a_letter_is_told_of_no_other_and_comes_back_with_it(slug: str) -> None:
    other = OPPOSITIONS[OPPOSITIONS.index(slug) - 1]
    for told in (slug, other):
        answers = everything("self", told)
        again = next_form(next_form(form_of(PLAINTE, **answers), slug), PLAINTE)
        kept = {name: answers[name].replace("\r\n", "\n") for name in HISTORY}
        # Whoever posts one letter posts the next.
        fresh = dict.fromkeys(HISTORY, "") | {"outcome": "silence", "channel": answers["channel"]}
        assert {name: again[name].data for name in HISTORY} == (kept if told == slug else fresh)
        assert again.first_letter.data == slug


def test_how_a_letter_went_is_told_of_no_other_unless_it_is_said_again() -> None:
    form = next_form(form_of(SANTE, **PERSON, channel="ameli"), PLATEFORME)
    assert form.channel.data == "email"
    follow_up = next_form(form, RELANCE)
    assert (follow_up.first_letter.data, follow_up.channel.data) == (PLATEFORME, "email")
    changed = {**dict(follow_up.answers()), "first_letter": SANTE}
    assert form_of(RELANCE, **changed).channel.data == ""
    assert form_of(RELANCE, **{**changed, "channel": "ameli"}).channel.data == "ameli"
    assert form_of(PLAINTE, **dict(follow_up.answers())).channel.data == "email"


@pytest.mark.parametrize("slug", SLUGS)
def test_a_result_hands_on_its_letter_and_the_day_that_it_goes(
    client: FlaskClient, slug: str
) -> None:
    is_first = slug in OPPOSITIONS
    result = post(client, slug=slug, **({} if is_first else SENT)).text
    for later in SPEAKING:
        values = shown(go(client, result, later))
        assert values["first_letter"] == (slug if is_first else SANTE)
        assert values["sent_on"] == ("21/11/2026" if is_first else "01/10/2026")
    if slug != PLAINTE:
        day = "21/11/2026" if slug == RELANCE else ""
        assert shown(go(client, result, PLAINTE))["followed_up_on"] == day
    if is_first:
        typed = shown(go(client, result, RELANCE, sent_on="2026-10-01"))
        assert typed["sent_on"] == "2026-10-01"


def test_a_letter_of_information_without_a_day_stays_without_one(client: FlaskClient) -> None:
    result = post(client, slug=INFORMATION).text
    assert shown(go(client, result, INFORMATION))["sent_on"] == ""
    assert "J'adresse aujourd'hui" in go(client, result, INFORMATION, "text")


# Addresses: what was typed is never lost, and never put in the letter of another


@pytest.mark.rule(16)
@pytest.mark.parametrize(
    ("slug", "who", "first"), in_turn(SLUGS, ["protected", "self"], OPPOSITIONS)
)
def test_nothing_is_typed_twice_from_one_letter_to_the_others(
    client: FlaskClient, slug: str, who: str, first: str
) -> None:
    first = slug if slug in OPPOSITIONS else first
    answers = everything(who, first)
    result = client.post(address_of(slug), data=answers).text
    for other in SLUGS:
        edited = shown(go(client, result, other))
        asked = form_of(other, **answers).active_fields - {"options"}
        for name in asked:
            assert edited[name] == answers[name].replace("\r\n", "\n"), (other, name)


def test_the_addresses_of_the_fund_and_of_the_carer_each_stay_with_their_letters(
    client: FlaskClient,
) -> None:
    fund, carer = FUND.split("\n"), CARER.split("\n")
    typed = {"recipient": OTHER, "caisse_lines": FUND.replace("\n", "\r\n")}
    page = go(client, post(client, **typed).text, SOIGNANT, "preview")
    assert recipient_of(page) == []
    edited = go(client, page, SOIGNANT)
    page = go(client, edited, SOIGNANT, "preview", soignant_lines=CARER)
    for slug, printed in (
        (SOIGNANT, carer),
        (SANTE, fund),
        (INFORMATION, []),
        (PLATEFORME, []),
        (SOIGNANT, carer),
        (SANTE, fund),
    ):
        page = go(client, page, slug, "preview")
        assert not printed or recipient_of(page) == printed
    about_carer = go(client, page, RELANCE, first_letter=SOIGNANT)
    for output, first, wanted in (("silence", SOIGNANT, carer), ("refusal", SANTE, fund)):
        answers = {"first_letter": first, "sent_on": "01/10/2026", "outcome": output}
        followed_up = go(client, about_carer, RELANCE, "preview", **answers)
        assert recipient_of(followed_up) == wanted


# What the server is told


@pytest.mark.parametrize("host", ["", "é.example", 'a"b', "a" * 262, "a" * 64, "a..b"])
def test_a_host_that_no_address_can_have_is_refused(
    app: Flask, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = app.test_client().get("/fr/", headers={"Host": host})
    assert response.status_code == 400
    assert "http:///" not in response.text
    assert "<h1>Cette demande n’est pas lisible</h1>" in response.text
    assert caplog.records == [], "anybody could fill the log"
