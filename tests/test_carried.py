"""What travels from one letter to the next, and what must not.

On forms, with the answers that a page hands on; through real pages where a page adds something:
the day of sending, or what it showed. Whole journeys are in test_journey.py.
"""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from letters.recipients import OTHER, Recipients
from letters.web.forms import LetterForm
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
from tests.kit.pages import FOLLOW_UP, OPPOSITIONS, PERSON, SENT, SLUGS, SPEAKING, in_turn

HISTORY = {"sent_on", "channel", "outcome", "answer_on", "followed_up_on", "missing"}
FUND_LINES, CARER_LINES = FUND.replace("\n", "\r\n"), CARER.replace("\n", "\r\n")


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


def test_an_option_once_unticked_is_not_ticked_again_by_any_letter() -> None:
    form = form_of(SANTE)  # hebergement and cnil were there, and left out
    for slug in (PLATEFORME, SOIGNANT, INFORMATION, RELANCE, PLATEFORME, SANTE):
        form = next_form(form, slug)
        assert form.options.data == []


def test_an_option_ticked_in_one_letter_is_ticked_in_all_that_have_it() -> None:
    form = form_of(SANTE, options=["deces", "cnil"])
    assert ticked(next_form(form, SOIGNANT)) == {"deces"}
    at_carer = next_form(form, SOIGNANT)
    at_carer.options.data.append("logiciel")
    for between in (INFORMATION, PLATEFORME):
        at_carer = next_form(at_carer, between)
    assert ticked(next_form(at_carer, SOIGNANT)) == {"deces", "logiciel"}
    assert ticked(next_form(at_carer, SANTE)) == {"deces", "cnil"}
    # A letter that has no options still says that its answers come from one of ours.
    assert sorted(form_of(SANTE, shown="x").options.data) == DEFAULTS_OF[SANTE]


# What came of a letter


@pytest.mark.parametrize("slug", OPPOSITIONS)
def test_what_came_of_a_letter_is_told_of_no_other_and_comes_back_with_it(slug: str) -> None:
    other = OPPOSITIONS[OPPOSITIONS.index(slug) - 1]
    for told in (slug, other):
        answers = everything("self", told)
        form = next_form(form_of(PLAINTE, **answers), slug)
        again = next_form(form, PLAINTE)
        assert again.first_letter.data == slug
        for name in HISTORY:
            fresh = "silence" if name == "outcome" else ""
            kept = answers[name].replace("\r\n", "\n")
            assert again[name].data == (kept if told == slug else fresh), name


@pytest.mark.parametrize("slug", SLUGS)
def test_a_result_hands_on_its_letter_and_the_day_that_it_goes(
    client: FlaskClient, slug: str
) -> None:
    first = {} if slug in OPPOSITIONS else SENT
    result = post(client, slug=slug, **first).text
    sent_on = "21/11/2026" if slug in OPPOSITIONS else "01/10/2026"
    for later in SPEAKING:
        values = shown(go(client, result, later))
        assert values["first_letter"] == (slug if slug in OPPOSITIONS else SANTE)
        assert values["sent_on"] == sent_on
    if slug != PLAINTE:
        day = "21/11/2026" if slug == RELANCE else ""
        assert shown(go(client, result, PLAINTE))["followed_up_on"] == day
    if slug in OPPOSITIONS:
        typed = shown(go(client, result, RELANCE, sent_on="2026-10-01"))
        assert typed["sent_on"] == "2026-10-01"


def test_a_letter_of_information_without_a_day_stays_without_one(client: FlaskClient) -> None:
    result = post(client, slug=INFORMATION).text
    assert shown(go(client, result, INFORMATION))["sent_on"] == ""
    assert "Ce même jour" in go(client, result, INFORMATION, "text")


def test_the_page_after_sending_offers_what_comes_next_without_typing(client: FlaskClient) -> None:
    data = posted(post(client).text, sent_on="03/03/2026")
    page = client.post(FOLLOW_UP, data=data)
    assert page.status_code == 200
    carried = posted(page.text)
    assert carried["given_name"] == "Camille"
    assert "penal" not in carried.getlist("shown"), "nobody has seen that option yet"


# Addresses


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
        asked = form_of(other, **answers).asked - {"recipient_lines", "options"}
        for name in asked:
            assert edited[name] == answers[name].replace("\r\n", "\n"), (other, name)


def lines_at(form: LetterForm, slug: str) -> str:
    other = next_form(form, slug)
    return "\n".join(other.lines) if slug == SANTE else other.recipient_lines.data


def test_the_addresses_of_the_fund_and_the_carer_are_exchanged_on_the_way() -> None:
    """Both live in `recipient_lines`; each letter gets the one that it means."""
    at_fund = form_of(SANTE, **PERSON | {"recipient": OTHER}, recipient_lines=FUND_LINES)
    assert lines_at(at_fund, SOIGNANT) == ""
    at_carer = next_form(at_fund, SOIGNANT)
    at_carer.recipient_lines.data = CARER
    assert lines_at(at_carer, SANTE) == FUND
    assert lines_at(at_carer, SOIGNANT) == CARER
    assert lines_at(at_carer, PLAINTE) == CARER  # about the letter to the carer
    assert lines_at(at_fund, PLAINTE) == FUND
    at_platform = next_form(at_carer, PLATEFORME)
    assert lines_at(at_platform, SANTE) == FUND
    assert lines_at(at_platform, SOIGNANT) == CARER
    at_cnil = next_form(at_platform, INFORMATION)
    assert lines_at(at_cnil, SOIGNANT) == CARER
    assert next_form(at_cnil, SANTE).to_request().recipient == tuple(FUND.split("\n"))


def test_a_fund_s_address_that_the_script_wrote_is_not_typed_for_a_carer() -> None:
    known = "\r\n".join(form_of(SANTE, **PERSON).block_of("caisse"))
    page = {"lines_for": "caisse", "shown_lines": "", "recipient_lines": known}
    form = form_of(RELANCE, **page, carried_lines=CARER_LINES, first_letter=SOIGNANT)
    assert form.recipient_lines.data == CARER
    typed = form_of(RELANCE, **page | {"recipient_lines": FUND_LINES}, first_letter=SOIGNANT)
    assert typed.recipient_lines.data == FUND


def test_the_known_address_of_a_fund_is_not_lost_on_the_way_through_a_carer(
    client: FlaskClient, recipients: Recipients
) -> None:
    fund = recipients.find("01751")
    assert fund is not None
    at_carer = go(client, post(client, slug=SANTE).text, SOIGNANT, "preview")
    assert recipient_of(at_carer) == []
    assert recipient_of(go(client, at_carer, SANTE, "preview")) == list(fund.lines)


@pytest.mark.parametrize(
    ("lines", "printed"), [(CARER, "CPAM DE PARIS"), ("MSA de l’Exemple\r\n29200 BREST", "MSA DE")]
)
def test_another_earlier_letter_brings_its_own_address_unless_one_was_typed(
    client: FlaskClient, lines: str, printed: str
) -> None:
    """The follow-up shows the carer's address; the letter to the caisse is the one to speak of."""
    at_fund = post(client, slug=SANTE).text
    edited = go(client, at_fund, SOIGNANT)
    at_carer = go(client, edited, SOIGNANT, "preview", recipient_lines=CARER)
    asked = go(client, at_carer, RELANCE)
    assert shown(asked)["recipient_lines"] == CARER
    typed = {"first_letter": SANTE, "outcome": "refusal", "recipient_lines": lines}
    result = go(client, asked, RELANCE, "preview", **typed)
    assert recipient_of(result)[0].upper().startswith(printed)
    # The carer's address is kept for the letters to come.
    assert shown(go(client, result, SOIGNANT))["recipient_lines"] == CARER


@pytest.mark.parametrize("typed", ["", "CPAM de l’Exemple\r\n12 rue Neuve\r\n75001 PARIS"])
def test_an_address_that_the_form_showed_goes_with_the_fund_that_it_was_for(
    client: FlaskClient, recipients: Recipients, typed: str
) -> None:
    page = post(client, "edit", recipient_lines=typed).text
    own, other = recipients.find("01751"), recipients.find("01291")
    assert own
    assert other
    same = client.post(address_of(SANTE), data=posted(page)).text
    assert recipient_of(same) == (typed.split("\r\n") if typed else list(own.lines))
    changed = posted(page, recipient="01291")
    assert recipient_of(client.post(address_of(SANTE), data=changed).text) == list(other.lines)
    again = client.post(address_of(SANTE), data={**changed, "output": "edit"}).text
    assert shown(again)["recipient_lines"].split("\n") == list(other.lines)
    corrected = posted(page, recipient="01291", recipient_lines="CPAM\r\n02000 LAON")
    told = client.post(address_of(SANTE), data=corrected).text
    assert recipient_of(told) == ["CPAM", "02000 LAON"]
    nobody = client.post(address_of(SANTE), data=posted(page, recipient=OTHER))
    assert nobody.status_code == 422, "the other body's address is not known"


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
