"""The page « Sources »: every fact, address and letter, its age, and what is to be read again."""

import re
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from letters.deadlines import months_after
from letters.facts import Fact
from letters.recipients import Recipients, load_addressees
from letters.typography import long_date
from letters.web import i18n
from tests.conftest import TODAY
from tests.kit.pages import CATALOGUE, checking, parse, text_of

NBSP = "\u00a0"
OLD = "À revoir\u00a0: nous avons noté ce fait il y a plus de six mois."
UNCONFIRMED = "À vérifier\u00a0: nous n’avons pas pu confirmer ce fait."
UNREAD = "À vérifier avant l’envoi."


@pytest.fixture(scope="module")
def addressees() -> Recipients:
    return load_addressees()


def sources_on(app: Flask, monkeypatch: pytest.MonkeyPatch, day: date) -> BeautifulSoup:
    monkeypatch.setattr("letters.web.routes.today", lambda: day)
    return parse(checking(app).get("/fr/sources").text)


def description(page: BeautifulSoup, name: str) -> Tag:
    found = page.select_one(f"dt#{name} + dd")
    assert found is not None
    return found


def marks(page: BeautifulSoup, name: str) -> list[str]:
    return [text_of(mark) for mark in description(page, name).select(".status")]


# Ages


AGES = {
    date(2026, 11, 21): {
        "2020": "il y a 6 ans",
        "2025": "il y a 1 an",
        "2026": "cette année",
        "2027": "cette année",
        "2020-04-15": "il y a 6 ans",
        "2020-11-21": "il y a 6 ans",
        "2020-11-22": "il y a 5 ans",
        "2025-11-22": "il y a 11 mois",
        "2026-10-21": "il y a 1 mois",
        "2026-10-22": "il y a 4 semaines",
        "2026-11-15": "il y a 6 jours",
        "2026-11-20": "il y a 1 jour",
        "2026-11-21": "aujourd’hui",
        "2026-11-22": "aujourd’hui",
    },
    date(2026, 11, 1): {"2020-11": "il y a 6 ans", "2025-12": "il y a 11 mois"},
    date(2026, 11, 20): {"2026-11-07": "il y a 1 semaine"},
    date(2026, 11, 30): {
        "2020-12": "il y a 5 ans",
        "2026-10": "il y a 1 mois",
        "2026-11": "ce mois-ci",
        "2026-12": "ce mois-ci",
    },
    date(2025, 2, 28): {"2024-02-29": "il y a 11 mois"},
    date(2025, 3, 1): {"2024-02-29": "il y a 1 an"},
}


def test_an_age_is_never_more_than_it_is_and_as_precise_as_the_date(app: Flask) -> None:
    with app.test_request_context("/fr/"):
        for today, ages in AGES.items():
            told = {day: i18n.age(day, today).replace(NBSP, " ") for day in ages}
            assert told == ages


def test_a_date_has_the_same_age_as_its_text(app: Flask) -> None:
    with app.test_request_context("/fr/"):
        for days in range(800):
            day = TODAY - timedelta(days)
            assert i18n.age(day, TODAY) == i18n.age(day.isoformat(), TODAY)


@pytest.mark.parametrize(
    ("tag", "ages", "days"),
    [
        ("en", ["6 years ago", "1 month ago"], ["2020", "April 2020", "1 April 2020"]),
        ("es", ["hace 6 años", "hace 1 mes"], ["2020", "abril de 2020", "1 de abril de 2020"]),
        ("tr", ["6 yıl önce", "1 ay önce"], ["2020", "Nisan 2020", "1 Nisan 2020"]),
        ("fr-simple", ["il y a 6 ans", "il y a 1 mois"], ["2020", "avril 2020", "1er avril 2020"]),
    ],
)
def test_ages_and_dates_are_in_the_language_of_the_page(
    app: Flask, tag: str, ages: list[str], days: list[str]
) -> None:
    with app.test_request_context(f"/{tag}/"):
        said = [i18n.age(day, TODAY) for day in ("2020-04-01", "2026-10-21")]
        assert [text.replace(NBSP, " ") for text in said] == ages
        said = [i18n.day(day) for day in ("2020", "2020-04", "2020-04-01")]
        assert [text.replace(NBSP, " ") for text in said] == days


def test_a_date_is_said_in_french_as_the_fact_says_it(app: Flask, facts: dict[str, Fact]) -> None:
    with app.test_request_context("/fr/"):
        assert [f.id for f in facts.values() if i18n.day(f.date) != f.french_date] == []
        assert i18n.day(date(2026, 12, 1)) == long_date(date(2026, 12, 1))


def test_every_fact_is_shown_with_its_source_its_dates_and_its_age(
    app: Flask, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Fact]
) -> None:
    page = sources_on(app, monkeypatch, date(2030, 1, 1))
    assert sorted(str(term["id"]) for term in page.select("dl.facts-list dt[id]")) == sorted(facts)
    links = [str(link["href"]) for link in page.select("dl.facts-list a")]
    assert sorted(links) == sorted(fact.url for fact in facts.values() if fact.url)
    with app.test_request_context("/fr/"):
        ages = {fact.id: i18n.age(fact.date, date(2030, 1, 1)) for fact in facts.values()}
    for fact in facts.values():
        assert text_of(page.find("dt", id=fact.id)) == fact.reference
        shown = text_of(description(page, fact.id))
        told = f"{fact.french_date} ({ages[fact.id]}) · noté le {long_date(fact.checked_on)} ·"
        for part in (fact.statement, fact.limit, fact.source, told):
            assert part in shown
        assert ("à vérifier" in shown.rpartition("·")[2]) == (fact.confidence == "a-verifier")


# Marks


@pytest.mark.parametrize("later", [0, 1])
def test_a_fact_is_to_be_read_again_after_six_months(
    app: Flask, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Fact], later: int
) -> None:
    last = max(months_after(fact.checked_on, 6) for fact in facts.values())
    page = sources_on(app, monkeypatch, last + timedelta(later))
    for fact in facts.values():
        old = months_after(fact.checked_on, 6) < last + timedelta(later)
        assert (OLD in marks(page, fact.id)) == old


def test_a_fact_just_checked_is_not_to_be_read_again(
    app: Flask, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Fact]
) -> None:
    first = min(months_after(fact.checked_on, 6) for fact in facts.values())
    page = sources_on(app, monkeypatch, first)
    assert [fact.id for fact in facts.values() if OLD in marks(page, fact.id)] == []


def test_a_fact_that_nothing_confirmed_is_marked_in_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Fact]
) -> None:
    page = sources_on(app, monkeypatch, TODAY)
    marked = {fact.id for fact in facts.values() if UNCONFIRMED in marks(page, fact.id)}
    assert marked == {f.id for f in facts.values() if f.confidence == "a-verifier"}
    assert marked


# Addresses


def test_the_addresses_that_everybody_writes_to_are_shown_with_their_age(
    app: Flask, monkeypatch: pytest.MonkeyPatch, addressees: Recipients
) -> None:
    page = sources_on(app, monkeypatch, date(2030, 1, 1))
    items = page.select("#addressees ~ ul")[0].select("li")
    assert len(items) == len(addressees)
    for body, item in zip(addressees, items, strict=True):
        shown = text_of(item)
        places = ", ".join([*body.places, *([body.email] if body.email else [])])
        assert shown.startswith(f"{body.name} – {places} – noté le ")
        assert body.observed_on
        assert f"{long_date(body.observed_on)} (il{NBSP}y{NBSP}a{NBSP}3{NBSP}ans)." in shown
        assert (UNREAD in shown) == (body.confidence == "low")
        assert body.note in shown
    assert {body.confidence for body in addressees} >= {"low"}


def test_every_address_is_shown_with_its_age_to_be_checked_and_who_gathered_them(
    app: Flask, monkeypatch: pytest.MonkeyPatch, recipients: Recipients
) -> None:
    page = sources_on(app, monkeypatch, TODAY)
    starts = tuple(f"{body.name}{mark}" for body in recipients for mark in (" –", " ("))
    items = [text for item in page.select("main li") if (text := text_of(item)).startswith(starts)]
    assert len([body for body in recipients if body.code.startswith("01")]) == 107
    for body, item in zip(recipients, items, strict=True):
        assert item.startswith(body.name)
        if body.has_address:
            assert ", ".join(body.places) in item
            assert re.search(r"relevé le \d+(er)?\u00a0\w+ 20\d\d, à vérifier", item), item
        else:
            assert "adresse inconnue" in item
        assert body.note in item
    text = text_of(page.find("main"))
    assert "Service-Public.fr / DILA, Licence Ouverte 2.0, relevé 2016-2019" in text
    for wording in CATALOGUE.wordings.values():
        assert wording.basis in text
        assert wording.reviewed_by in text


def test_the_contents_lead_to_every_part(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    page = sources_on(app, monkeypatch, TODAY)
    entries = page.select("main > ul")[0].select("a")
    assert [a["href"] for a in entries] == [f"#{heading['id']}" for heading in page.select("h2")]
