"""What travels from one letter to the next, and what must not: each once went wrong.

Posts go through the hidden fields of real pages, as a browser sends them.
"""

import io
from typing import Any
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from tests.conftest import TODAY

PERSON = {"given_name": "Camille", "family_name": "Durand", "recipient": "01011"}
HISTORY = {
    "first_letter": "opposition-sante",
    "sent_on": "03/03/2026",
    "channel": "ameli",
    "outcome": "refusal",
    "answer_on": "01/04/2026",
}


def hidden(page: str) -> "MultiDict[str, str]":
    """The hidden fields of the form that a page posts to a letter."""
    form = BeautifulSoup(page, "html5lib").select_one("main form[method=post]")
    assert form is not None
    fields = form.select("input[type=hidden]")
    return MultiDict([(str(field["name"]), str(field["value"])) for field in fields])


def post(client: FlaskClient, slug: str, data: Any, **more: str) -> str:
    response = client.post(f"/fr/lettres/{slug}", data=MultiDict({**MultiDict(data), **more}))
    assert response.status_code == 200, response.text
    return response.text


def zipped(client: FlaskClient, slug: str, data: Any, *also: str) -> dict[str, str]:
    sent = MultiDict(data)
    sent["output"] = "bundle"
    sent.setlist("also", list(also))
    response = client.post(f"/fr/lettres/{slug}", data=sent)
    assert response.status_code == 200
    with ZipFile(io.BytesIO(response.data)) as archive:
        return {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}


def test_the_history_of_one_letter_does_not_stick_to_another(client: FlaskClient) -> None:
    follow_up = hidden(post(client, "relance", {**PERSON, **HISTORY}))
    page = post(client, "opposition-plateforme", follow_up)
    shown = BeautifulSoup(page, "html5lib").select_one("#sent_on")
    assert shown is not None
    assert shown["value"] == f"{TODAY:%d/%m/%Y}"
    carried = hidden(page)
    assert carried["first_letter"] == "opposition-plateforme"
    assert carried["outcome"] == "silence"
    assert {"channel", "answer_on", "followed_up_on", "missing"}.isdisjoint(carried)


def test_the_history_of_a_letter_comes_back_with_the_letter_itself(client: FlaskClient) -> None:
    follow_up = hidden(post(client, "relance", {**PERSON, **HISTORY}))
    carried = hidden(post(client, "opposition-sante", follow_up))
    assert carried["outcome"] == "refusal"
    assert carried["answer_on"] == "01/04/2026"


@pytest.mark.parametrize("day", ["31/12/9999", "01/01/0001", "22/11/2026", "02/03/2026"])
@pytest.mark.parametrize("output", ["calendar", "bundle"])
def test_a_wild_day_of_follow_up_does_not_break_the_reminder(
    client: FlaskClient, day: str, output: str
) -> None:
    data = {**PERSON, **HISTORY, "followed_up_on": day, "output": output}
    response = client.post("/fr/lettres/relance", data=data)
    assert response.status_code == 200
    if output == "calendar":
        assert b"DTSTART;VALUE=DATE:20261206" in response.data


def test_a_zip_says_nothing_of_other_steps_that_the_person_has_not_read(
    client: FlaskClient,
) -> None:
    told = "en parallèle"
    platform = hidden(post(client, "opposition-plateforme", PERSON))
    files = zipped(client, "opposition-plateforme", platform, "opposition-sante")
    assert told not in files["1-opposition-sante.txt"]
    fund = hidden(post(client, "opposition-sante", {**PERSON, "options": "cnil"}))
    files = zipped(client, "opposition-sante", fund, "opposition-plateforme")
    assert told in files["1-opposition-sante.txt"]


def test_a_complaint_zipped_with_a_follow_up_does_not_say_that_it_was_sent(
    client: FlaskClient,
) -> None:
    follow_up = hidden(post(client, "relance", {**PERSON, **HISTORY}))
    assert follow_up["followed_up_on"] == f"{TODAY:%d/%m/%Y}"
    files = zipped(client, "relance", follow_up, "plainte-cnil")
    assert "rappel" not in files["2-plainte-cnil.txt"]
    assert "rappel" in post_text(client, "plainte-cnil", follow_up)


def post_text(client: FlaskClient, slug: str, data: Any) -> str:
    return post(client, slug, data, output="text")


def test_the_address_shown_for_one_fund_is_not_used_for_another(client: FlaskClient) -> None:
    corrected = "CPAM de l’Ain\n2 RUE NEUVE\n01000 BOURG EN BRESSE"
    form = post(client, "opposition-sante", {**PERSON, "recipient_lines": corrected}, output="edit")
    fields = hidden(form)
    fields["recipient_lines"] = corrected
    for name in ("given_name", "family_name"):
        fields[name] = PERSON[name]
    same = post(client, "opposition-sante", fields, recipient="01011")
    assert "2 RUE NEUVE" in same
    other = post(client, "opposition-sante", fields, recipient="01021")
    assert "2 RUE NEUVE" not in other
    assert "CPAM de l’Aisne" in other
    typed = post(
        client, "opposition-sante", fields, recipient="01021", recipient_lines="CPAM\n02000 LAON"
    )
    assert "02000 LAON" in typed
    response = client.post(
        "/fr/lettres/opposition-sante", data=MultiDict({**fields, "recipient": "other"})
    )
    assert response.status_code == 422, "the other body's address is not known"


def test_the_page_after_sending_offers_what_comes_next_without_typing(client: FlaskClient) -> None:
    data = hidden(post(client, "opposition-sante", PERSON))
    data["sent_on"] = "03/03/2026"
    page = client.post("/fr/suivi", data=data)
    assert page.status_code == 200
    carried = hidden(page.text)
    assert carried["given_name"] == "Camille"
    assert "penal" not in carried.getlist("shown"), "nobody has seen that option yet"


@pytest.mark.parametrize("host", ["", "é.example", 'a"b', "a" * 262, "a" * 64, "a..b"])
def test_a_host_that_no_address_can_have_is_refused(
    client: FlaskClient, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.get("/fr/", headers={"Host": host})
    assert response.status_code == 400
    assert "http:///" not in response.text
    assert "<h1>Cette demande n’est pas lisible</h1>" in response.text
    assert caplog.records == [], "anybody could fill the log"
