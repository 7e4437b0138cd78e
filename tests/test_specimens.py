"""The letters that nobody typed in: the example to read, and the blank one to fill in by hand.

Both are tried for every letter; nothing of a person, and no real fund, may be in either.
"""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pdfplumber
import pytest
from bs4 import Tag
from flask import Flask, Response, request
from werkzeug.test import TestResponse

from letters.catalogue import Catalogue
from letters.deadlines import answer_due, follow_up_due
from letters.model import OUTCOMES, WHO
from letters.recipients import Recipients
from letters.web import specimens
from letters.web.content import content
from letters.web.specimens import example, example_form
from tests.conftest import TODAY
from tests.kit.pages import (
    LATER,
    OPPOSITIONS,
    SLUGS,
    CheckingClient,
    checking,
    heading_of,
    in_turn,
    parse,
    site,
    text_of,
)
from tests.letters_under_test import all_texts
from tests.test_outputs import CANARIES, smallest_type, words_of


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


# The example


def address_of(slug: str, ending: str = "") -> str:
    return f"/fr/lettres/{slug}/exemple{ending}"


@pytest.mark.parametrize("slug", SLUGS)
def test_the_answers_of_the_example_are_accepted_on_any_day(
    app: Flask, catalogue: Catalogue, slug: str
) -> None:
    with app.test_request_context("/fr/"):
        for days in range(0, 1500, 7):
            form = example_form(catalogue.wordings[slug], TODAY + timedelta(days))
            assert form.validate(), form.errors


@pytest.mark.parametrize("days", [0, 69, 100, 465])  # the end of January, and of another month
def test_in_the_example_each_delay_is_over_before_the_next_step(app: Flask, days: int) -> None:
    day = TODAY + timedelta(days)
    with app.test_request_context("/fr/"):
        form = example_form(content().catalogue.wordings["plainte-cnil"], day)
    sent, followed_up = form.day("sent_on"), form.day("followed_up_on")
    assert sent
    assert followed_up
    assert answer_due(sent) <= followed_up
    assert follow_up_due(followed_up) <= day


@pytest.mark.parametrize("slug", SLUGS)
def test_the_example_is_what_the_form_would_make_of_invented_answers(
    app: Flask, client: CheckingClient, catalogue: Catalogue, recipients: Recipients, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    with app.test_request_context("/fr/"):
        letter, form = example(wording, TODAY), example_form(wording, TODAY)
        answers = form.answers()
    assert {*form.options.data} == wording.default_options
    assert (letter.signature, bool(letter.recipient)) == ("Camille Durand", True)
    blanks = [line.text for line in letter.sender if line.blank]
    assert all("sécurité sociale" in line for line in blanks), "only what is written by hand"
    assert "……" not in "\n".join(all_texts(letter))
    data: dict[str, list[str]] = {}
    for name, value in answers:
        data.setdefault(name, []).append(value)
    typed = parse(client.post(f"/fr/lettres/{slug}", data=data).text).select_one("#letter")
    shown = text_of(parse(client.get(address_of(slug)).text).select_one("#letter"))
    assert text_of(typed) == shown
    assert [body.name for body in recipients if body.name in shown] == [], "no real fund"
    codes = [body.postal_code for body in recipients if body.postal_code]
    assert [code for code in codes if code in shown] == []
    assert "de l’Exemple" in shown


@pytest.mark.parametrize("slug", SLUGS)
def test_the_example_is_said_to_be_one_and_tells_the_limits_before_the_pdf(
    client: CheckingClient, catalogue: Catalogue, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    page = parse(client.get(address_of(slug)).text)
    assert heading_of(page) == f"Exemple\u00a0: {wording.title}"
    assert "personne inventée" in text_of(page.select_one("main .notice"))
    main = text_of(page.find("main"))
    pdf = page.select_one(f"a[href='{address_of(slug, '.pdf')}']")
    for limit in wording.limits:
        assert main.index(limit) < main.index(text_of(pdf))
    assert page.select_one(f"a.button[href='/fr/lettres/{slug}']")
    assert page.select("form") == []


@pytest.mark.parametrize("slug", ["opposition-soignant", "plainte-cnil"])
def test_the_example_as_a_file_has_the_words_of_the_page_and_large_print_if_asked(
    client: CheckingClient, slug: str
) -> None:
    response = client.get(address_of(slug, ".pdf"))
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    name = f'attachment; filename="{slug}-exemple.pdf"'
    assert response.headers["Content-Disposition"] == name
    shown = parse(client.get(address_of(slug)).text).select_one("#letter")
    page, file = (re.sub(r"[\s–’'-]", "", t) for t in (text_of(shown), words_of(response.data)))
    assert page == file
    large = client.get(address_of(slug, ".pdf?large=1")).data
    assert smallest_type(large) >= 16 > smallest_type(response.data)


def pages_and_size(content: bytes) -> tuple[int, float]:
    """How many pages a PDF has, and its size in kB."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        return len(document.pages), len(content) / 1000


@pytest.mark.rule(22)
@pytest.mark.parametrize("slug", SLUGS)
def test_each_link_to_a_pdf_says_how_long_and_how_large_it_is(
    client: CheckingClient, slug: str
) -> None:
    """« environ » is a third more or less."""
    example_page = text_of(parse(client.get(address_of(slug)).text).main)
    assert re.search(r"PDF, tel qu’il s’imprime\W+1 page, environ 20.Ko", example_page)
    length, size = pages_and_size(client.get(address_of(slug, ".pdf")).data)
    assert length == 1
    assert 20 / 1.5 < size < 20 * 1.5
    blank_hint = text_of(parse(client.get(f"/fr/lettres/{slug}").text).select_one("#vierge"))
    said = r"1 ou 2 pages, environ 20.Ko. En gros caractères\W+2 ou 3 pages, environ 25.Ko"
    assert re.search(said, blank_hint)
    for who, large in (("child", ""), ("protected", "1")):
        query = {"who": who, "large": large}
        drawn = client.get(f"/fr/lettres/{slug}/vierge.pdf", query_string=query).data
        length, size = pages_and_size(drawn)
        assert length in ((2, 3) if large else (1, 2)), query
        about = 25 if large else 20
        assert about / 1.5 < size < about * 1.5, query


def test_the_example_is_drawn_once_a_day(
    client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    specimens._example_pdf.cache_clear()
    first = client.get(address_of("relance", ".pdf")).data
    assert client.get(address_of("relance", ".pdf")).data == first
    assert specimens._example_pdf.cache_info().misses == 1
    monkeypatch.setattr("letters.web.routes.today", lambda: TODAY + timedelta(days=1))
    assert client.get(address_of("relance", ".pdf")).data != first


def test_the_example_is_linked_from_the_home_page_and_from_the_form(client: CheckingClient) -> None:
    home = parse(client.get("/fr/").text)
    for slug in SLUGS:
        form = parse(client.get(f"/fr/lettres/{slug}").text)
        for page in (home, form):
            assert page.select(f"main a[href='{address_of(slug)}']"), slug


def test_the_home_page_shows_how_the_example_begins(client: CheckingClient) -> None:
    opening = parse(client.get("/fr/").text).select_one(".opening")
    whole = parse(client.get(address_of(SLUGS[0])).text).select_one("#letter")
    assert isinstance(opening, Tag)
    assert isinstance(whole, Tag)
    assert len(opening.select(".paragraph")) >= 2
    assert opening.select(".recipient p")
    assert opening.select(".signature") == []
    assert text_of(whole).startswith(text_of(opening))


@pytest.mark.parametrize("ending", ["", ".pdf"])
def test_an_unknown_letter_has_no_example(client: CheckingClient, ending: str) -> None:
    assert client.get(address_of("absente", ending)).status_code == 404


# Letters to fill in by hand


Blank = Callable[..., TestResponse]


@pytest.fixture
def blank(client: CheckingClient) -> Blank:
    def get(slug: str, **situation: str) -> TestResponse:
        return client.get(f"/fr/lettres/{slug}/vierge.pdf", query_string=situation)

    return get


def blank_of(response: TestResponse, slug: str) -> bytes:
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    name = f'attachment; filename="{slug}-vierge.pdf"'
    assert response.headers["Content-Disposition"] == name
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    return response.data


DOTS = "…………"
# What each letter has of an address, where everybody writes to the same body.
KNOWN_ADDRESSES = {
    "opposition-plateforme": "75015 PARIS",
    "information-cnil": "75334 PARIS CEDEX 07",
    "plainte-cnil": "75334 PARIS CEDEX 07",
}
QUALITIES = {
    "self": [],
    "child": [r"moins de 15 ans", rf"sur {DOTS}"],
    "minor": [r"entre 15 et 17 ans"],
    "protected": [rf"Je représente {DOTS}", rf"mesure de protection : {DOTS}"],
}
HAPPENED = {
    "silence": "je n’ai reçu ni réponse",
    "refusal": "répondu sans faire droit à cette",
    "partial": "ne répond qu’en partie|n’a répondu qu’en partie",
}


SITUATIONS = [
    *in_turn(SLUGS * 2, WHO, OUTCOMES),
    *((slug, "self", outcome) for slug in LATER for outcome in OUTCOMES),
]


@pytest.mark.parametrize(("slug", "who", "outcome"), SITUATIONS)
def test_every_blank_letter_has_nothing_typed_and_says_who_writes(
    blank: Blank, slug: str, who: str, outcome: str
) -> None:
    text = words_of(blank_of(blank(slug, who=who, outcome=outcome), slug))
    assert text.startswith("Prénom et nom : Adresse :")
    assert re.search(rf"À {DOTS}…*, le {DOTS}", text)
    assert ("Pour :" in text) is (who in {"child", "protected"})
    for other, signs in QUALITIES.items():
        for sign in signs:
            assert bool(re.search(sign, text)) is (other == who), (who, sign)
    codes = re.findall(r"\b\d{5} [A-Z]{3,}(?: [A-Z0-9]+)*", text)
    assert codes == [code for code in [KNOWN_ADDRESSES.get(slug)] if code]
    if slug in LATER:
        assert [o for o in OUTCOMES if re.search(HAPPENED[o], text)] == [outcome]
        assert re.search(rf"(date d’envoi :|le) {DOTS}", text)


@pytest.mark.parametrize("first", OPPOSITIONS)
def test_a_blank_letter_about_another_one_names_it(
    blank: Blank, catalogue: Catalogue, first: str
) -> None:
    platform = first == "opposition-plateforme"
    body = "Plateforme des données de santé" if platform else DOTS
    for slug in ("information-cnil", *LATER):
        text = words_of(blank_of(blank(slug, lettre=first), slug))
        assert f"« {catalogue.wordings[first].subject} »".replace("\u00a0", " ") in text
        if slug != "relance":
            assert f"à l’organisme suivant : {body}" in text.replace("vise l’", "à l’")
        else:
            assert ("9 RUE GEORGES PITARD" in text) is platform


def test_a_blank_letter_is_in_large_print_if_asked(blank: Blank) -> None:
    slug = "opposition-sante"
    small, large = blank_of(blank(slug), slug), blank_of(blank(slug, large="1"), slug)
    assert smallest_type(large) >= 16 > smallest_type(small)
    assert blank(slug, large="0").data == small


@pytest.mark.parametrize("slug", SLUGS)
def test_nothing_typed_gets_into_a_blank_letter(blank: Blank, slug: str) -> None:
    texts = {name: value for name, value in CANARIES.items() if isinstance(value, str)}
    typed = {name: value for name, value in texts.items() if name not in {"who", "outcome"}}
    assert blank(slug, **typed, options="penal").data == blank(slug).data


@pytest.mark.parametrize(
    ("slug", "situation"),
    [
        ("absente", {}),
        ("opposition-sante", {"who": "other"}),
        ("opposition-sante", {"who": ""}),
        ("relance", {"outcome": "accepted"}),
        ("plainte-cnil", {"lettre": "relance"}),
    ],
)
def test_a_situation_that_does_not_exist_is_an_unknown_page(
    blank: Blank, slug: str, situation: dict[str, str]
) -> None:
    response = blank(slug, **situation)
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert response.headers["Cache-Control"] == "no-store"
    assert len(parse(response.text).select("main ul a")) == len(SLUGS)


def test_a_blank_letter_is_the_same_every_day_and_drawn_once_for_each_situation(
    blank: Blank, monkeypatch: pytest.MonkeyPatch
) -> None:
    specimens._blank_pdf.cache_clear()
    before = blank("opposition-sante").data
    for more in ({"outcome": "refusal"}, {"lettre": "opposition-soignant"}):  # not of this letter
        assert blank("opposition-sante", **more).data == before
    assert specimens._blank_pdf.cache_info().currsize == 1
    assert len({blank("relance", outcome=outcome).data for outcome in OUTCOMES}) == len(OUTCOMES)
    specimens._blank_pdf.cache_clear()
    monkeypatch.setattr("letters.web.routes.today", lambda: date(2031, 5, 6))
    assert blank("opposition-sante").data == before


def test_a_blank_letter_commits_nobody_to_another_step(client: CheckingClient) -> None:
    response = client.get("/fr/lettres/opposition-sante/vierge.pdf")
    assert "en parallèle" not in words_of(response.data)


def test_warming_up_shows_the_pages_of_the_example_and_gives_its_letter(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(specimens, "today", lambda: TODAY)
    app, asked = site(), []

    @app.after_request
    def record(response: Response) -> Response:
        asked.append((request.form.get("output"), response.status_code, response.mimetype))
        return response

    letter = specimens.warm_up(app)
    pages = [(output, 200, "text/html") for output in (None, "edit", "preview")]
    assert asked == [*pages, ("text", 200, "text/plain")]
    with app.app_context():
        wording = next(iter(content().catalogue.wordings.values()))
        assert letter == example(wording, TODAY)
    assert caplog.text == ""
