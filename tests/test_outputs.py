"""What the buttons of a result page give: calendar, zip, and PDFs of every kind.

Nothing of a person may come in a file's name, in a calendar file or in the zip's LISEZMOI.txt:
`CANARIES` fills every field with words that are found nowhere else.
"""

import io
import re
from contextlib import closing
from datetime import date
from typing import Any
from zipfile import ZipFile

import pdfplumber
import pypdfium2
import pytest
from bs4 import Tag
from flask import Flask
from icalendar import Calendar, Event
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse
from wtforms.fields.core import UnboundField

from app import create_app
from letters.model import WHO
from letters.render import pdf
from letters.web.forms import LetterForm
from letters.web.settings import Settings
from tests.test_journey import pairs
from tests.test_pages import (
    OPPOSITIONS,
    SLUGS,
    CheckingClient,
    checking,
    heading_of,
    parse,
    text_of,
    title_of,
)

TODAY = date(2026, 11, 21)
CARER = "Cabinet du docteur Invention\n1 rue de l’Invention\n29200 BREST"
# Enough for every letter, about an objection of seven weeks ago.
ANSWERS = {
    "given_name": "Camille",
    "family_name": "Durand",
    "recipient": "01751",
    "sent_on": "03/10/2026",
    "outcome": "refusal",
    "answer_on": "20/10/2026",
}
CANARIES = {
    "who": "protected",
    "given_name": "Ornithoryx",
    "family_name": "Zébulon-Quokka",
    "represented_given_name": "Axolotia",
    "represented_family_name": "Pangolinsky",
    "represented_birth_date": "11/12/1913",
    "measure": "habilitation quetzalienne",
    "birth_date": "12/11/1931",
    "recipient": "other",
    "recipient_lines": "Cabinet Numbat\n7 rue Tapirus\n98765 Fossaville",
    "carried_lines": "Caisse Potorousse\n6 rue Bilbyenne\n43210 Quollville",
    "plateforme_lines": "Plateforme Okapienne\n8 rue Dugong\n87654 Saolaville",
    "cnil_lines": "CNIL\n9 rue Narvaline\n76543 Belugaville",
    "address_line1": "10 rue Wombatine",
    "address_line2": "Bâtiment Kakapo",
    "postal_code": "65432",
    "city": "Vaquitaville",
    "country": "Ibislande",
    "email": "markhor@example.org",
    "reason": "Mon métier est éleveur de gerenuks.",
    "missing": "La réponse oublie mes ocelots.",
    "sent_on": "03/10/2026",
    "channel": "hand",
    "outcome": "partial",
    "answer_on": "20/10/2026",
    "followed_up_on": "05/11/2026",
    "options": [
        "acces",
        "caisse",
        "cnil",
        "deces",
        "hebergement",
        "limitation",
        "logiciel",
        "penal",
    ],
}
SIGNS = re.compile(
    "ornithoryx|quokka|bulon|axolot|pangolin|1913|1931|quetzal|numbat|tapirus|98765|fossa|okapi"
    "|dugong|87654|saola|narval|76543|beluga|wombat|kakapo|65432|vaquita|ibis|markhor|gerenuk|ocelot"
    "|potorou|bilby|43210|quoll",
    re.IGNORECASE,
)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app, own_words=False)


def post(client: CheckingClient, slug: str, output: str, **changes: Any) -> TestResponse:
    data = {**ANSWERS, **changes, "output": output}
    return client.post(f"/fr/lettres/{slug}", data=MultiDict(data))


def file_of(response: TestResponse, mimetype: str, name: str) -> bytes:
    """The file that an answer gives, of which nothing is stored and nothing is called."""
    assert (response.status_code, response.mimetype) == (200, mimetype)
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["Cache-Control"] == "no-store"
    return response.data


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def hidden(response: TestResponse) -> "MultiDict[str, str]":
    """The answers that a result page keeps, and the day of sending that it shows."""
    fields = parse(response.text).select("main form input:is([type=hidden], #sent_on)")
    return MultiDict((str(field["name"]), str(field["value"])) for field in fields)


def assert_linked_to_its_field(response: TestResponse, name: str, message: str) -> None:
    """The message is in the summary, leads to the field, and is read with it."""
    page = parse(response.text)
    assert response.status_code == 422
    assert title_of(page).startswith("Erreur")
    link = page.select_one(f".error-summary a[href='#{name}']")
    assert link is not None
    assert plain(text_of(link)) == message
    field = page.find("input", id=name)
    assert isinstance(field, Tag)
    assert field["aria-invalid"] == "true"
    described = page.find(id=f"{name}-error")
    assert isinstance(described, Tag)
    assert described["id"] in str(field["aria-describedby"]).split()
    assert message in plain(text_of(described))


# The calendar


def event_of(content: bytes) -> Event:
    [event] = Calendar.from_ical(content).walk("VEVENT")
    assert isinstance(event, Event)
    return event


def calendar_of(response: TestResponse) -> bytes:
    return file_of(response, "text/calendar", "rappel.ics")


DAYS = [
    ("21/11/2026", "20261221"),
    ("2026-10-31", "20261130"),
    ("31/01/2026", "20260228"),
    ("31/01/2024", "20240229"),
    ("29/02/2024", "20240329"),
    ("28/02/2025", "20250328"),
    ("31/12/2025", "20260131"),
    ("28/03/2026", "20260428"),  # the clocks change in between
    ("1/1/2018", "20180201"),
]


@pytest.mark.parametrize("slug", [*OPPOSITIONS, "information-cnil"])
@pytest.mark.parametrize(("sent_on", "day"), DAYS)
def test_the_reminder_is_a_whole_day_a_month_after_the_sending(
    client: CheckingClient, slug: str, sent_on: str, day: str
) -> None:
    content = calendar_of(post(client, slug, "calendar", sent_on=sent_on))
    assert f"\r\nDTSTART;VALUE=DATE:{day}\r\n".encode() in content
    assert f"{event_of(content).start:%Y%m%d}" == day
    assert b"DTEND" not in content
    assert b"DURATION" not in content


@pytest.mark.parametrize(
    ("followed_up_on", "day"),
    [("", "20261206"), ("20/11/2026", "20261205"), ("2026-10-17", "20261101")],
)
def test_the_reminder_of_a_follow_up_is_fifteen_days_later(
    client: CheckingClient, followed_up_on: str, day: str
) -> None:
    response = post(client, "relance", "calendar", followed_up_on=followed_up_on)
    assert f"DTSTART;VALUE=DATE:{day}\r\n".encode() in calendar_of(response)


def test_fifteen_days_after_the_middle_of_february_depends_on_the_year(
    client: CheckingClient,
) -> None:
    for year, day in (("2024", b"20240301"), ("2025", b"20250302")):
        days = {"sent_on": f"02/01/{year}", "followed_up_on": f"15/02/{year}"}
        response = post(client, "relance", "calendar", **days, answer_on="")
        assert b"DTSTART;VALUE=DATE:" + day in calendar_of(response)


def test_a_complaint_has_nothing_to_be_reminded_of(client: CheckingClient) -> None:
    response = post(client, "plainte-cnil", "calendar")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert parse(response.text).select("button.quiet[value=calendar]") == []


NEEDED = "Indiquez le jour où vous envoyez la lettre, par exemple 03/03/2026."
UNREAL = "Indiquez une date qui existe, jour/mois/année, par exemple 03/03/2026."
UNLIKELY = "Indiquez une date entre 2018 et aujourd’hui, par exemple 03/03/2026."
BAD_DAYS = [
    ("", NEEDED),
    ("  ", NEEDED),
    ("31/11/2026", UNREAL),
    ("hier", UNREAL),
    ("22/11/2026", UNLIKELY),
    ("31/12/2017", UNLIKELY),
    ("9999-12-31", UNLIKELY),
]


@pytest.mark.parametrize("slug", OPPOSITIONS)
@pytest.mark.parametrize(("sent_on", "message"), BAD_DAYS)
def test_a_day_of_sending_that_cannot_be_is_refused_beside_the_letter(
    client: CheckingClient, slug: str, sent_on: str, message: str
) -> None:
    response = post(client, slug, "calendar", sent_on=sent_on)
    assert heading_of(parse(response.text)) == "Votre lettre est prête"
    assert_linked_to_its_field(response, "sent_on", message)
    # The answers are still there, and the letter can be had.
    kept = hidden(response)
    assert (kept["given_name"], kept["recipient"]) == ("Camille", "01751")
    kept["output"] = "text"
    assert client.post(f"/fr/lettres/{slug}", data=kept).status_code == 200


@pytest.mark.parametrize("slug", ["information-cnil", "relance"])
@pytest.mark.parametrize(("sent_on", "message"), BAD_DAYS)
def test_where_the_form_asks_for_the_day_the_form_refuses_it(
    client: CheckingClient, slug: str, sent_on: str, message: str
) -> None:
    response = post(client, slug, "calendar", sent_on=sent_on, answer_on="")
    if message == NEEDED and slug == "relance":
        message = "Indiquez le jour où vous avez envoyé la lettre, par exemple 03/03/2026."
    assert_linked_to_its_field(response, "sent_on", message)


@pytest.mark.parametrize("slug", SLUGS[:5])
@pytest.mark.check(9)
def test_a_calendar_file_tells_nothing_of_anybody(client: CheckingClient, slug: str) -> None:
    mine = calendar_of(post(client, slug, "calendar", **CANARIES))
    theirs = calendar_of(post(client, slug, "calendar", followed_up_on="05/11/2026"))
    text = mine.decode().replace("\r\n ", "")
    assert not SIGNS.search(text)
    assert mine == theirs
    assert not re.search("santé|CNIL|oppos|caisse|données", text.replace("opposition-", ""))
    assert all(len(line) <= 75 for line in mine.split(b"\r\n"))


@pytest.mark.parametrize("slug", OPPOSITIONS)
@pytest.mark.parametrize("later", ["information-cnil", "relance"])
def test_the_link_of_a_calendar_speaks_of_the_first_letter(
    client: CheckingClient, later: str, slug: str
) -> None:
    lines = {"recipient_lines": CARER} if slug == "opposition-soignant" else {}
    response = post(client, later, "calendar", first_letter=slug, **lines)
    url = str(event_of(calendar_of(response))["URL"])
    assert url == f"http://localhost/fr/suivi?lettre={slug}&envoi=2026-10-03"
    assert client.get(url.removeprefix("http://localhost")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "start"),
    [
        ({}, "http://localhost/fr/suivi?"),
        ({"X-Forwarded-Proto": "https"}, "https://localhost/fr/suivi?"),
        (
            {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "plume.example.org"},
            "https://plume.example.org/fr/suivi?",
        ),
        (
            {"X-Forwarded-Host": "example.org:8443", "X-Forwarded-Prefix": "/droit/plume"},
            "http://example.org:8443/droit/plume/fr/suivi?",
        ),
    ],
)
def test_the_link_holds_behind_a_proxy_that_is_to_be_believed(
    headers: dict[str, str], start: str
) -> None:
    client = create_app(Settings(proxy_hops=1)).test_client()
    data = {**ANSWERS, "output": "calendar"}
    response = client.post("/fr/lettres/opposition-sante", data=data, headers=headers)
    event = event_of(calendar_of(response))
    assert str(event["URL"]) == f"{start}lettre=opposition-sante&envoi=2026-10-03"
    assert str(event["URL"]) in str(event["DESCRIPTION"])
    data["output"] = "bundle"
    response = client.post("/fr/lettres/opposition-sante", data=data, headers=headers)
    assert start.removesuffix("?") in unzipped(response)["LISEZMOI.txt"].decode()


def test_the_link_ignores_a_proxy_that_is_not(client: CheckingClient) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
    data = {**ANSWERS, "output": "calendar"}
    response = client.post("/fr/lettres/opposition-sante", data=data, headers=headers)
    assert b"evil" not in calendar_of(response)


# The zip


def unzipped(response: TestResponse) -> dict[str, bytes]:
    content = file_of(response, "application/zip", "lettres.zip")
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def bundle(client: CheckingClient, slug: str, *also: str, **changes: Any) -> dict[str, bytes]:
    return unzipped(post(client, slug, "bundle", also=list(also), **changes))


def files_of(number: int, slug: str) -> list[str]:
    stem = f"{number}-{slug}"
    slip = [f"{stem}-a-dire.pdf"] if slug == "opposition-soignant" else []
    return [f"{stem}.txt", f"{stem}-version-courte.txt", f"{stem}.pdf", *slip]


def names_of(slugs: tuple[str, ...]) -> list[str]:
    letters = [name for pair in enumerate(slugs, 1) for name in files_of(*pair)]
    return ["LISEZMOI.txt", *letters, "rappel.ics"]


@pytest.mark.parametrize("slug", SLUGS)
def test_all_six_letters_go_in_one_zip_in_the_order_of_the_journey(
    client: CheckingClient, slug: str
) -> None:
    backwards = [other for other in reversed(SLUGS) if other != slug]
    reminder = slug != "plainte-cnil"  # nothing to wait for
    expected = names_of(SLUGS)
    lines = {"recipient_lines": CARER} if slug == "opposition-soignant" else {}
    found = list(bundle(client, slug, *backwards, **lines))
    assert found == (expected if reminder else expected[:-1])


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_alone_makes_a_zip_too(client: CheckingClient, slug: str) -> None:
    expected = names_of((slug,))
    assert list(bundle(client, slug)) == expected[: None if slug != "plainte-cnil" else -1]


def test_a_letter_named_twice_comes_once(client: CheckingClient) -> None:
    also = ["opposition-plateforme", "opposition-sante", "opposition-plateforme"]
    assert list(bundle(client, "opposition-sante", *also)) == names_of(SLUGS[:2])
    six = ["opposition-plateforme"] * 6
    assert list(bundle(client, "opposition-sante", *six)) == names_of(SLUGS[:2])


@pytest.mark.parametrize(
    ("also", "message"),
    [
        (["absente"], "Choisissez les lettres à ajouter dans la liste de cette page."),
        ([""], "Choisissez les lettres à ajouter dans la liste de cette page."),
        (
            ["opposition-plateforme", "LISEZMOI"],
            "Choisissez les lettres à ajouter dans la liste de cette page.",
        ),
        (
            ["opposition-plateforme/../../app"],
            "Choisissez les lettres à ajouter dans la liste de cette page.",
        ),
        ([*SLUGS, "relance"], "Choisissez au plus 6 lettres."),
        (["opposition-plateforme"] * 7, "Choisissez au plus 6 lettres."),
        (["opposition-plateforme"] * 80, "Choisissez au plus 6 lettres."),
    ],
)
def test_a_wrong_choice_of_letters_is_refused_and_keeps_the_answers(
    client: CheckingClient, also: list[str], message: str
) -> None:
    response = post(client, "opposition-sante", "bundle", also=also)
    page = parse(response.text)
    assert (response.status_code, response.mimetype) == (422, "text/html")
    assert message in plain(text_of(page.select_one(".error-summary")))
    assert hidden(response)["given_name"] == "Camille"
    assert hidden(response).getlist("also") == []


@pytest.mark.parametrize("asked_from", SLUGS)
def test_the_zip_holds_the_very_files_of_the_single_buttons(
    client: CheckingClient, asked_from: str
) -> None:
    first = asked_from if asked_from in OPPOSITIONS else "opposition-plateforme"
    # Options are a matter of the tests below: here all have been seen, and some are ticked.
    past: dict[str, Any] = {"first_letter": first, "followed_up_on": "05/11/2026"}
    past |= {"shown": CANARIES["options"], "options": ["deces", "hebergement", "penal"]}
    lines = {"recipient_lines": CARER} if first == "opposition-soignant" else {}
    found = bundle(client, asked_from, *SLUGS, **past, **lines)
    for number, slug in enumerate(SLUGS, 1):
        own = {} if slug in OPPOSITIONS and slug != asked_from else lines
        outputs = {"text": ".txt", "short": "-version-courte.txt", "pdf": ".pdf"}
        if slug == "opposition-soignant":
            outputs["slip"] = "-a-dire.pdf"
            own = lines
        for output, ending in outputs.items():
            single = post(client, slug, output, **past, **own)
            assert single.headers["Content-Disposition"].endswith(f'"{slug}{ending}"')
            assert found[f"{number}-{slug}{ending}"] == single.data
    if asked_from != "plainte-cnil":
        single = post(client, asked_from, "calendar", **past, **lines)
        assert found["rappel.ics"] == single.data


@pytest.mark.parametrize("large", ["", "1"])
def test_the_same_answers_give_the_same_zip(client: CheckingClient, large: str) -> None:
    one, two = (
        post(client, "opposition-sante", "bundle", also=SLUGS[1:4], large=large, **CANARIES)
        for _ in range(2)
    )
    assert one.data == two.data
    assert len(one.data) < 1_000_000


def test_a_bundle_in_large_print_has_the_same_texts_and_larger_letters(
    client: CheckingClient,
) -> None:
    also = ("opposition-soignant", "information-cnil")
    small, large = (bundle(client, "opposition-sante", *also, large=n) for n in ("", "1"))
    assert list(small) == list(large)
    for name in small:
        assert (small[name] == large[name]) is not name.endswith(".pdf"), name
        if name.endswith(".pdf"):
            assert smallest_type(large[name]) >= 16 > smallest_type(small[name]), name


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.check(9)
def test_nothing_of_a_person_is_in_a_name_in_the_explanations_or_in_the_reminder(
    client: CheckingClient, slug: str
) -> None:
    response = post(client, slug, "bundle", also=SLUGS, **CANARIES)
    found = unzipped(response)
    assert not SIGNS.search(" ".join(found))
    assert not SIGNS.search(str(response.headers))
    assert not SIGNS.search(found["LISEZMOI.txt"].decode())
    assert not SIGNS.search(found.get("rappel.ics", b"").decode().replace("\r\n ", ""))
    # The canaries do come in the letters: else this would prove nothing.
    texts = [name for name in found if name[0].isdigit() and name.endswith(".txt")]
    letters = [found[name].decode() for name in texts if "version-courte" not in name]
    assert all(SIGNS.search(letter) for letter in letters)
    assert len(letters) == 6


def test_the_explanations_tell_what_to_do_with_each_file_and_when(client: CheckingClient) -> None:
    found = bundle(client, "opposition-sante", "opposition-soignant", "information-cnil")
    text = plain(found["LISEZMOI.txt"].decode("utf-8-sig"))
    places = [text.index(name) for name in found if name not in {"LISEZMOI.txt"}]
    assert places == sorted(places)
    assert "le 3 novembre 2026, de vérifier la réponse" in text
    assert "http://localhost/fr/suivi" in text
    assert "Ce qu’il faut garder comme preuve" in text


def test_an_option_of_the_same_name_is_the_same_choice_in_every_letter_of_the_zip(
    client: CheckingClient,
) -> None:
    shown = ["acces", "cnil", "deces", "hebergement", "limitation"]
    names = ["2-opposition-plateforme.txt", "3-opposition-soignant.txt"]
    for ticked, holds in (
        (["deces"], {"décès": True, "CLOUD Act": False, "caisse d'assurance": False}),
        (["hebergement"], {"décès": False, "CLOUD Act": True, "caisse d'assurance": False}),
        ([], {"décès": False, "CLOUD Act": False, "caisse d'assurance": False}),
    ):
        found = bundle(client, "opposition-sante", *SLUGS[:3], options=ticked, shown=shown)
        platform, carer = (found[name].decode() for name in names)
        for sign, wanted in holds.items():
            assert (sign in platform) is wanted, (ticked, sign)
        assert ("décès" in carer) is holds["décès"]


def test_an_option_that_no_letter_has_shown_yet_has_its_default_in_the_zip(
    client: CheckingClient,
) -> None:
    found = bundle(
        client, "opposition-soignant", *SLUGS[:3], options=[], shown=["logiciel", "deces"]
    )
    # But for the one that says a thing of the person which nobody has asked them yet.
    shown = CANARIES["options"]
    for name, slug in (("1-opposition-sante", SLUGS[0]), ("2-opposition-plateforme", SLUGS[1])):
        single = post(client, slug, "text", options=["hebergement"], shown=shown)
        assert found[f"{name}.txt"] == single.data
        assert "CLOUD Act" in single.text


def test_a_follow_up_of_the_same_zip_has_not_been_sent_yet(client: CheckingClient) -> None:
    for day, sent in (("21/11/2026", False), ("05/11/2026", True)):
        found = bundle(client, "relance", "plainte-cnil", followed_up_on=day)
        complaint = found["2-plainte-cnil.txt"].decode()
        assert ("je lui ai adressé un rappel" in complaint) is sent
        assert ("copie du rappel" in complaint) is sent


@pytest.mark.parametrize(
    ("asked_from", "missing", "changes", "field", "message"),
    [
        (
            "opposition-plateforme",
            "opposition-sante",
            {"recipient": ""},
            "recipient",
            "Choisissez votre caisse dans la liste, ou « Autre organisme ».",
        ),
        (
            "opposition-sante",
            "plainte-cnil",
            {"sent_on": ""},
            "sent_on",
            "Indiquez le jour où vous avez envoyé la lettre, par exemple 03/03/2026.",
        ),
        (
            "opposition-sante",
            "relance",
            {"sent_on": "22/10/2026", "outcome": "silence"},
            "outcome-silence",
            "Attendez le 22 novembre 2026 : l’organisme a un mois pour répondre (RGPD, article 12)."
            " S’il a déjà refusé ou répondu en partie, choisissez cette réponse.",
        ),
        (
            "opposition-plateforme",
            "opposition-soignant",
            {"who": "minor", "birth_date": "03/03/1958"},
            "birth_date",
            "Avec cette date, vous n’avez pas de 15 à 17 ans. Corrigez-la, ou choisissez une autre "
            "réponse à « Pour qui écrivez-vous ».",
        ),
    ],
)
def test_a_letter_of_the_set_that_lacks_an_answer_asks_for_it(
    client: CheckingClient,
    asked_from: str,
    missing: str,
    changes: dict[str, str],
    field: str,
    message: str,
) -> None:
    response = post(client, asked_from, "bundle", also=[missing], city="Brest", **changes)
    page = parse(response.text)
    assert response.status_code == 422
    form = page.select_one("main form")
    assert form is not None
    assert form["action"] == f"/fr/lettres/{missing}"
    link = page.select_one(f".error-summary a[href='#{field}']")
    assert link is not None
    assert plain(text_of(link)) == message
    assert page.select_one("#given_name")["value"] == "Camille"  # type: ignore[index]
    assert page.select_one("#city")["value"] == "Brest"  # type: ignore[index]


def ticked(response: TestResponse) -> list[str]:
    return [str(box["value"]) for box in parse(response.text).select("[name=also][checked]")]


def test_the_letters_ticked_for_the_zip_are_not_lost_when_one_lacks_an_answer(
    client: CheckingClient,
) -> None:
    data = {"given_name": "Camille", "family_name": "Durand", "output": "bundle"}
    also = ["opposition-sante", "information-cnil"]
    asked = client.post("/fr/lettres/opposition-plateforme", data={**data, "also": also})
    assert asked.status_code == 422
    carried = hidden(asked)
    assert carried.getlist("also") == ["opposition-plateforme", "information-cnil"]
    answers = MultiDict(carried)
    answers.update({"given_name": "Camille", "family_name": "Durand", "recipient": "01751"})
    result = client.post("/fr/lettres/opposition-sante", data=answers)
    assert result.status_code == 200
    assert ticked(result) == ["opposition-plateforme", "information-cnil"]


def test_the_letters_ticked_for_the_zip_stay_ticked_beside_an_error(client: CheckingClient) -> None:
    also = ["opposition-soignant", "absente", "opposition-sante"]
    wrong = post(client, "opposition-sante", "bundle", also=also)
    assert wrong.status_code == 422
    assert ticked(wrong) == ["opposition-soignant"], "its own letter is in the zip anyway"
    later = post(client, "opposition-sante", "bundle", also=["relance", "absente"])
    assert ticked(later) == [], "the page offers no letter that comes later"
    assert ticked(post(client, "opposition-sante", "preview")) == []


@pytest.mark.parametrize(("sent_on", "message"), BAD_DAYS[2:])
def test_a_bad_day_of_sending_stops_the_zip_at_its_field(
    client: CheckingClient, sent_on: str, message: str
) -> None:
    response = post(client, "opposition-sante", "bundle", sent_on=sent_on)
    assert_linked_to_its_field(response, "sent_on", message)


def test_without_a_day_of_sending_the_zip_counts_from_today(client: CheckingClient) -> None:
    found = bundle(client, "opposition-sante", "information-cnil", sent_on="")
    assert b"DTSTART;VALUE=DATE:20261221\r\n" in found["rappel.ics"]
    assert "Ce même jour" in found["2-information-cnil.txt"].decode()


# PDFs


def words_of(content: bytes) -> str:
    """The words of a PDF, whatever lines they are on."""
    with closing(pypdfium2.PdfDocument(content)) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    return plain("".join(pages).replace("\ufffe", "").replace("\x02", ""))


def smallest_type(content: bytes) -> float:
    """The smallest type of a PDF, in points."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        return min(round(char["size"], 1) for page in document.pages for char in page.chars)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_file_has_the_name_of_its_letter_and_no_other(
    client: CheckingClient, slug: str
) -> None:
    types = {"text": "text/plain", "short": "text/plain", "pdf": "application/pdf"}
    endings = {"text": ".txt", "short": "-version-courte.txt", "pdf": ".pdf"}
    for output, mimetype in types.items():
        response = post(client, slug, output, **CANARIES)
        assert file_of(response, mimetype, f"{slug}{endings[output]}")
        assert not SIGNS.search(str(response.headers))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_letter_in_large_print_says_the_same(client: CheckingClient, slug: str) -> None:
    small, large = (
        file_of(post(client, slug, "pdf", large=n), "application/pdf", f"{slug}.pdf")
        for n in ("", "1")
    )
    assert smallest_type(large) >= 16 > smallest_type(small)
    numbers = re.compile(r"\d+ ?/ ?\d+|(?<=\S)- ")
    assert plain(numbers.sub("", words_of(large)))[:200] == plain(words_of(small))[:200]
    for other in ("0", "oui", "11"):
        assert post(client, slug, "pdf", large=other).data == small


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("large", ["", "1"])
def test_the_slip_holds_the_three_sentences_to_say_aloud(
    client: CheckingClient, who: str, large: str
) -> None:
    people = {"represented_given_name": "Zoé", "represented_family_name": "Petit"}
    people |= {"who": who, "measure": "tutelle"}
    page = parse(post(client, "opposition-soignant", "preview", **people).text)
    sentences = [plain(text_of(line)) for line in page.select(".slip .paragraph")]
    assert len(sentences) == 3
    assert ("Zoé Petit" in sentences[0]) is (who in {"child", "protected"})
    response = post(client, "opposition-soignant", "slip", large=large, **people)
    slip = file_of(response, "application/pdf", "opposition-soignant-a-dire.pdf")
    printed = words_of(slip)
    places = [printed.index(sentence) for sentence in sentences]
    assert places == sorted(places)
    assert (smallest_type(slip) >= 16) or not large


@pytest.mark.parametrize("slug", [slug for slug in SLUGS if slug != "opposition-soignant"])
def test_a_letter_without_sentences_to_say_gives_its_page(
    client: CheckingClient, slug: str
) -> None:
    response = post(client, slug, "slip")
    assert (response.status_code, response.mimetype) == (200, "text/html")
    assert parse(response.text).select("button[value=slip]") == []


@pytest.mark.parametrize(
    ("broken", "slug", "output"),
    [
        ("pdf", "opposition-sante", "pdf"),
        ("pdf", "plainte-cnil", "pdf"),
        ("slip", "opposition-soignant", "slip"),
        ("pdf", "opposition-sante", "bundle"),
        ("slip", "opposition-soignant", "bundle"),
    ],
)
def test_when_the_pdf_fails_the_letter_and_the_answers_stay(
    client: CheckingClient,
    monkeypatch: pytest.MonkeyPatch,
    broken: str,
    slug: str,
    output: str,
) -> None:
    def fail(*args: object, **kwargs: object) -> bytes:
        raise RuntimeError("Ornithoryx")

    with monkeypatch.context() as patch:
        patch.setattr(pdf, broken, fail)
        response = post(client, slug, output, also=["opposition-soignant"], **CANARIES)
        letter = post(client, slug, "preview", **CANARIES)
    page = parse(response.text)
    assert (response.status_code, response.mimetype) == (500, "text/html")
    assert title_of(page).startswith("Erreur")
    summary = plain(text_of(page.select_one(".error-summary")))
    assert "Vos réponses sont toujours là." in summary
    assert page.select_one("#letter") == parse(letter.text).select_one("#letter")
    assert sorted(hidden(response).items(multi=True)) == sorted(hidden(letter).items(multi=True))
    # A little later the same button works.
    button = page.select_one(f"button[value={output}]:not([aria-hidden])")
    assert isinstance(button, Tag)
    form = button.find_parent("form")
    assert form is not None
    again = client.post(f"/fr/lettres/{slug}", data=MultiDict(pairs(form, button)))
    assert again.status_code == 200
    wanted = post(client, slug, output, also=ticked(response), **CANARIES)
    assert again.data == wanted.data


def test_no_field_is_forgotten_among_the_canaries() -> None:
    shared = {"first_letter", "shown_lines"}  # the one is no canary's, the other a copy
    asked = {
        name for name in dir(LetterForm) if isinstance(getattr(LetterForm, name), UnboundField)
    }
    assert asked - shared == CANARIES.keys()
