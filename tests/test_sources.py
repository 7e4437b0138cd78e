"""The page « Sources »: every fact, address and letter, its age, and what is to be read again."""

import re
from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from letters.deadlines import months_after
from letters.facts import Fact
from letters.recipients import Recipients, load_addressees
from letters.typography import long_date
from letters.web import formats
from tests.conftest import TODAY
from tests.kit import CLOCK, clock
from tests.kit.pages import CATALOGUE, checking, parse, text_of

NBSP = "\u00a0"
OLD = "À revoir\u00a0: nous avons noté ce fait il y a plus de six mois."
UNCONFIRMED = "À vérifier\u00a0: nous n’avons pas pu confirmer ce fait."
UNREAD = "À vérifier avant l’envoi."


def sources_on(app: Flask, monkeypatch: pytest.MonkeyPatch, day: date) -> BeautifulSoup:
    monkeypatch.setattr(CLOCK, clock(day))
    return parse(checking(app).get("/fr/sources").text)


def marked(page: BeautifulSoup, mark: str) -> set[str]:
    """The facts that a page marks so."""
    return {
        str(term["id"])
        for term in page.select("dl.facts-list dt[id]")
        if mark in [text_of(status) for status in page.select(f"dt#{term['id']} + dd .status")]
    }


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
            told = {day: formats.age(day, today).replace(NBSP, " ") for day in ages}
            assert told == ages
        for day in (TODAY - timedelta(days) for days in range(800)):
            assert formats.age(day, TODAY) == formats.age(day.isoformat(), TODAY)


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
        said = [formats.age(day, TODAY) for day in ("2020-04-01", "2026-10-21")]
        assert [text.replace(NBSP, " ") for text in said] == ages
        said = [formats.day(day) for day in ("2020", "2020-04", "2020-04-01")]
        assert [text.replace(NBSP, " ") for text in said] == days


def test_a_date_is_said_in_french_as_the_fact_says_it(app: Flask, facts: dict[str, Fact]) -> None:
    with app.test_request_context("/fr/"):
        assert [f.id for f in facts.values() if formats.day(f.date) != f.french_date] == []
        assert formats.day(date(2026, 12, 1)) == long_date(date(2026, 12, 1))


def test_every_fact_is_shown_with_its_source_its_dates_and_its_age(
    app: Flask, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Fact]
) -> None:
    page = sources_on(app, monkeypatch, date(2030, 1, 1))
    shown = {str(dt["id"]): dt for dt in page.select("dl.facts-list dt[id]")}
    assert shown.keys() == facts.keys()
    with app.test_request_context("/fr/"):
        ages = {fact.id: formats.age(fact.date, date(2030, 1, 1)) for fact in facts.values()}
    for fact in facts.values():
        assert text_of(shown[fact.id]) == fact.reference
        description = page.select_one(f"dt#{fact.id} + dd")
        assert description is not None
        links = [str(link["href"]) for link in description.select("a")]
        assert links == ([fact.url] if fact.url else [])
        told = f"{fact.french_date} ({ages[fact.id]}) · noté le {long_date(fact.checked_on)} ·"
        for part in (fact.statement, fact.limit, fact.source, told):
            assert part in text_of(description)


def test_a_fact_is_to_be_read_again_after_six_months_and_one_that_nothing_confirmed_is_marked(
    app: Flask, monkeypatch: pytest.MonkeyPatch, facts: dict[str, Fact]
) -> None:
    ends = {fact.id: months_after(fact.checked_on, 6) for fact in facts.values()}
    doubtful = {fact.id for fact in facts.values() if fact.confidence == "a-verifier"}
    for day in (min(ends.values()), max(ends.values()), max(ends.values()) + timedelta(1)):
        page = sources_on(app, monkeypatch, day)
        assert marked(page, OLD) == {name for name, end in ends.items() if end < day}
        assert marked(page, UNCONFIRMED) == doubtful
    assert doubtful


# Addresses


def test_every_address_is_shown_with_its_age_to_be_checked_and_who_gathered_them(
    app: Flask, monkeypatch: pytest.MonkeyPatch, recipients: Recipients
) -> None:
    page = sources_on(app, monkeypatch, date(2030, 1, 1))
    items = page.select("#addressees + p + ul > li")
    for body, item in zip(load_addressees(), items, strict=True):
        shown = text_of(item)
        assert body.observed_on
        day = f"{long_date(body.observed_on)} (il{NBSP}y{NBSP}a{NBSP}3{NBSP}ans)."
        places = ", ".join([*body.places, *([body.email] if body.email else [])])
        assert shown.startswith(f"{body.name} – {places} – noté le {day}")
        assert (UNREAD in shown) == (body.confidence == "low")
        assert body.note in shown
    items = page.select("#recipients ~ details li")
    for body, item in zip(recipients, items, strict=True):
        shown = text_of(item)
        assert shown.startswith(body.name)
        assert ", ".join(body.places) in shown
        told = rf"relevé le \d+(er)?{NBSP}\w+ 20\d\d, à vérifier"
        assert re.search(told if body.has_address else "adresse inconnue", shown), shown
        assert body.note in shown
    text = text_of(page.find("main"))
    assert "Service-Public.fr / DILA, Licence Ouverte 2.0, relevé 2016-2019" in text
    for wording in CATALOGUE.wordings.values():
        assert wording.basis in text
        assert wording.reviewed_by in text
    entries = page.select("main > ul")[0].select("a")
    assert [a["href"] for a in entries] == [f"#{heading['id']}" for heading in page.select("h2")]
