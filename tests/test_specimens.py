"""The letters that nobody typed in: the example to read, and the blank one to fill in by hand.

Both are tried for every letter; nothing of a person, and no real fund, may be in either.
"""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pdfplumber
import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from letters.catalogue import Catalogue
from letters.deadlines import answer_due, follow_up_due
from letters.model import OUTCOMES, WHO
from letters.recipients import Recipients
from letters.web.pages import specimens
from letters.web.pages.specimens import example, example_form
from letters.web.site import site
from tests.conftest import TODAY
from tests.kit import CLOCK, clock
from tests.kit.pages import (
    LATER,
    OPPOSITIONS,
    SLUGS,
    CheckingClient,
    checking,
    heading_of,
    in_turn,
    parse,
    site_with,
    text_of,
)
from tests.test_outputs import CANARIES, smallest_type, words_of

every_letter = pytest.mark.parametrize("slug", SLUGS)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


def pdf_of(response: TestResponse, name: str) -> bytes:
    """A PDF that is the same for everybody, and may be kept for a day."""
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.pdf"'
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    return response.data


# The example


def address_of(slug: str, ending: str = "") -> str:
    return f"/fr/lettres/{slug}/exemple{ending}"


@every_letter
def test_on_any_day_the_answers_of_the_example_are_accepted_and_each_delay_is_over(
    app: Flask, catalogue: Catalogue, slug: str
) -> None:
    with app.test_request_context("/fr/"):
        for day in (TODAY + timedelta(days) for days in range(0, 1500, 7)):
            form = example_form(catalogue.wordings[slug], day)
            assert form.validate(), form.errors
            if slug in LATER:
                sent, followed_up = form.day("sent_on"), form.day("followed_up_on")
                assert sent
                assert followed_up
                assert answer_due(sent) <= followed_up
                assert follow_up_due(followed_up) <= day


@every_letter
def test_the_example_is_what_the_form_would_make_of_invented_answers(
    app: Flask, client: CheckingClient, catalogue: Catalogue, recipients: Recipients, slug: str
) -> None:
    wording = catalogue.wordings[slug]
    with app.test_request_context("/fr/"):
        letter, form = example(wording, TODAY), example_form(wording, TODAY)
    assert {*form.options.data} == wording.default_options
    assert (letter.signature, bool(letter.address_lines)) == ("Camille Durand", True)
    blanks = [line.text for line in letter.sender if line.blank]
    assert all("sécurité sociale" in line for line in blanks), "only what is written by hand"
    typed = client.post(f"/fr/lettres/{slug}", data=MultiDict(form.answers())).text
    shown, made = (
        text_of(parse(text).select_one("#letter"))
        for text in (client.get(address_of(slug)).text, typed)
    )
    assert shown == made
    assert "de l’Exemple" in shown
    assert "……" not in shown.removeprefix(text_of(parse(typed).select_one("#letter .sender")))
    real = {text for body in recipients for text in (body.name, body.postal_code) if text}
    assert [text for text in real if text in shown] == [], "no real fund"


@every_letter
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
    small, large = (
        pdf_of(client.get(address_of(slug, f".pdf{query}")), f"{slug}-exemple{told}")
        for query, told in (("", ""), ("?large=1", "-gros-caracteres"))
    )
    shown = parse(client.get(address_of(slug)).text).select_one("#letter")
    page, file = (re.sub(r"[\s–’'-]", "", text) for text in (text_of(shown), words_of(small)))
    assert page == file
    assert smallest_type(large) >= 16 > smallest_type(small)


def check_length(content: bytes, pages: tuple[int, ...], about: int) -> None:
    """A PDF has one of these numbers of pages; « environ » is a third more or less, in kB."""
    with pdfplumber.open(io.BytesIO(content)) as document:
        assert len(document.pages) in pages
    assert about / 1.5 < len(content) / 1000 < about * 1.5


@pytest.mark.rule(22)
@every_letter
def test_each_link_to_a_pdf_says_how_long_and_how_large_it_is(
    client: CheckingClient, slug: str
) -> None:
    example_page = text_of(parse(client.get(address_of(slug)).text).main)
    assert re.search(r"PDF, tel qu’il s’imprime\W+1 page, environ 20.Ko", example_page)
    check_length(client.get(address_of(slug, ".pdf")).data, (1,), 20)
    blank_hint = text_of(parse(client.get(f"/fr/lettres/{slug}").text).select_one("#vierge"))
    said = r"1 ou 2 pages, environ 20.Ko. En gros caractères\W+2 ou 3 pages, environ 25.Ko"
    assert re.search(said, blank_hint)
    blank = f"/fr/lettres/{slug}/vierge.pdf"
    check_length(client.get(f"{blank}?who=child").data, (1, 2), 20)
    check_length(client.get(f"{blank}?who=protected&large=1").data, (2, 3), 25)


def test_the_example_is_drawn_once_a_day(
    client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    specimens._example_pdf.cache_clear()
    first = client.get(address_of("relance", ".pdf")).data
    assert client.get(address_of("relance", ".pdf")).data == first
    assert specimens._example_pdf.cache_info().misses == 1
    monkeypatch.setattr(CLOCK, clock(TODAY + timedelta(days=1)))
    assert client.get(address_of("relance", ".pdf")).data != first


def test_the_home_page_and_each_form_lead_to_the_example_whose_beginning_is_shown(
    client: CheckingClient,
) -> None:
    home = parse(client.get("/fr/").text)
    forms = {slug: parse(client.get(f"/fr/lettres/{slug}").text) for slug in SLUGS}
    for slug, page in [(SLUGS[0], home), *forms.items()]:
        assert page.select(f"main a[href='{address_of(slug)}']"), slug
    whole = parse(client.get(address_of(SLUGS[0])).text).select_one("#letter")
    assert text_of(whole).startswith(text_of(home.select_one(".opening")))
    assert len(home.select(".opening .recipient p, .opening .paragraph")) >= 3
    assert home.select(".opening .signature") == []


# Letters to fill in by hand


Blank = Callable[..., bytes]


@pytest.fixture
def blank(client: CheckingClient) -> Blank:
    def get(slug: str, **situation: str) -> bytes:
        address = f"/fr/lettres/{slug}/vierge.pdf"
        told = "-gros-caracteres" if situation.get("large") == "1" else ""
        return pdf_of(client.get(address, query_string=situation), f"{slug}-vierge{told}")

    return get


DOTS = "…………"
# What each letter has of an address, where everybody writes to the same body.
KNOWN_ADDRESSES = {
    "opposition-plateforme": ["75015 PARIS"],
    "information-cnil": ["75334 PARIS CEDEX 07"],
    "plainte-cnil": ["75334 PARIS CEDEX 07"],
}
QUALITIES = {
    "child": "moins de 15 ans",
    "minor": "entre 15 et 17 ans",
    "protected": rf"Je représente .*mesure de protection : {DOTS}",
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
    text = words_of(blank(slug, who=who, outcome=outcome))
    assert text.startswith("Prénom et nom : Adresse :")
    assert re.search(rf"À {DOTS}…*, le {DOTS}", text)
    assert ("Pour :" in text) is (who in {"child", "protected"})
    assert [other for other in QUALITIES if re.search(QUALITIES[other], text)] == [
        other for other in QUALITIES if other == who
    ]
    codes = re.findall(r"\b\d{5} [A-Z]{3,}(?: [A-Z0-9]+)*", text)
    assert codes == KNOWN_ADDRESSES.get(slug, [])
    if slug in LATER:
        assert [o for o in OUTCOMES if re.search(HAPPENED[o], text)] == [outcome]
        assert re.search(rf"(date d’envoi :|le) {DOTS}", text)


@pytest.mark.parametrize("first", OPPOSITIONS)
def test_a_blank_letter_about_another_one_names_it(
    blank: Blank, catalogue: Catalogue, first: str
) -> None:
    platform = first == "opposition-plateforme"
    body = "Plateforme des données de santé" if platform else DOTS
    subject = catalogue.wordings[first].subject.replace("\u00a0", " ")
    for slug in ("information-cnil", *LATER):
        text = words_of(blank(slug, lettre=first))
        assert f"« {subject} »" in text
        if slug == "relance":
            assert ("9 RUE GEORGES PITARD" in text) is platform
        else:
            assert f"’organisme suivant : {body}" in text


@every_letter
def test_nothing_typed_gets_into_a_blank_letter(blank: Blank, slug: str) -> None:
    typed = {name: CANARIES[name] for name in CANARIES.keys() - {"who", "outcome"}}
    assert blank(slug, **typed) == blank(slug)


@pytest.mark.parametrize(
    ("slug", "situation"),
    [
        ("opposition-sante", {"who": "other"}),
        ("opposition-sante", {"who": ""}),
        ("relance", {"outcome": "accepted"}),
        ("plainte-cnil", {"lettre": "relance"}),
    ],
)
def test_a_situation_that_does_not_exist_is_an_unknown_page(
    client: CheckingClient, slug: str, situation: dict[str, str]
) -> None:
    response = client.get(f"/fr/lettres/{slug}/vierge.pdf", query_string=situation)
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert response.headers["Cache-Control"] == "no-store"


def test_a_blank_letter_is_the_same_every_day_and_drawn_once_for_each_situation(
    blank: Blank, monkeypatch: pytest.MonkeyPatch
) -> None:
    specimens._blank_pdf.cache_clear()
    before = blank("opposition-sante")
    # Not of this letter, or no answer that there is.
    for more in ({"outcome": "refusal"}, {"lettre": "opposition-soignant"}, {"large": "0"}):
        assert blank("opposition-sante", **more) == before
    assert specimens._blank_pdf.cache_info().currsize == 1
    assert smallest_type(blank("opposition-sante", large="1")) >= 16 > smallest_type(before)
    assert len({blank("relance", outcome=outcome) for outcome in OUTCOMES}) == len(OUTCOMES)
    specimens._blank_pdf.cache_clear()
    monkeypatch.setattr(CLOCK, clock(date(2031, 5, 6)))
    assert blank("opposition-sante") == before


def test_a_blank_letter_commits_nobody_to_another_step(blank: Blank) -> None:
    assert "en parallèle" not in words_of(blank("opposition-sante"))


def test_warming_up_gives_the_letter_of_the_example_without_a_word(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CLOCK, clock(TODAY))
    app = site_with()
    letter = specimens.warm_up(app)
    with app.app_context():
        wording = next(iter(site().catalogue.wordings.values()))
        assert letter == example(wording, TODAY)
    assert caplog.text == "", "its own requests went wrong"
