"""The page « Comprendre »: every claim rests on a fact of `facts.toml` and leads to it.

Limits: that a fact says what the claim says is for people; that the link is there is for this.
"""

import re

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from letters.facts import Fact
from tests.kit.pages import checking, parse, text_of

PAGE = "/fr/comprendre"
PREFIX = "/fr/sources#"
# What claims nothing: it only says what comes next.
INTRODUCTIONS = {"Voici, point par point, ce qui reste à vérifier."}
# Said on the page as what was not found, in the same sentence.
UNCONFIRMED = {"limites-avenir"}


@pytest.fixture(scope="module")
def page(app: Flask) -> BeautifulSoup:
    return parse(checking(app).get(PAGE).text)


def is_claim(block: Tag) -> bool:
    """Whether a paragraph or an item says something of law or practice; an item is one whole."""
    apart = block.find_parent(["nav", "li"]) or "lead" in block.get_attribute_list("class")
    return not apart and not block.find(class_="button") and text_of(block) not in INTRODUCTIONS


def claims(page: BeautifulSoup) -> list[Tag]:
    return [block for block in page.select("main p, main li") if is_claim(block)]


def linked(block: Tag) -> list[str]:
    """The facts that the block leads to."""
    found = [str(link["href"]) for link in block.select("a.source")]
    assert [address for address in found if not address.startswith(PREFIX)] == []
    return [address.removeprefix(PREFIX) for address in found]


def section(page: BeautifulSoup, identifier: str) -> list[Tag]:
    """What stands between a heading and the next one."""
    heading = page.select_one(f"main h2#{identifier}")
    assert heading is not None
    found: list[Tag] = []
    for tag in heading.find_next_siblings():
        if tag.name == "h2":
            break
        found.append(tag)
    return found


def told(page: BeautifulSoup, identifier: str) -> str:
    return " ".join(map(text_of, section(page, identifier)))


# Claims and sources


def test_every_claim_leads_to_a_source(page: BeautifulSoup) -> None:
    assert len(claims(page)) > 40
    assert [text_of(block) for block in claims(page) if not linked(block)] == []


def test_every_link_stays_on_its_line_and_says_which_source_it_leads_to(
    page: BeautifulSoup, facts: dict[str, Fact]
) -> None:
    """« source » alone, read out of its sentence, would lead nowhere that one could guess."""
    for link in page.select("a.source"):
        fact = facts[str(link["href"]).removeprefix(PREFIX)]
        assert text_of(link) == f"source – {fact.reference}"
        assert str(link.previous_sibling).endswith("\u00a0"), text_of(link.parent)


def test_nothing_is_claimed_that_is_still_to_check(
    page: BeautifulSoup, facts: dict[str, Fact]
) -> None:
    admitted = {id(tag) for part in section(page, "inconnu") for tag in part.find_all("li")}
    used = {name for block in claims(page) if id(block) not in admitted for name in linked(block)}
    doubtful = {name for name in used if facts[name].confidence == "a-verifier"}
    assert doubtful <= UNCONFIRMED
    for name in doubtful:
        link = page.select_one(f'a.source[href="{PREFIX}{name}"]')
        assert link is not None
        assert "Nous n’avons lu aucun texte" in text_of(link.parent)


def test_what_was_not_confirmed_is_said_in_the_facts_own_words(
    page: BeautifulSoup, facts: dict[str, Fact]
) -> None:
    items = [item for part in section(page, "inconnu") for item in part.select("li")]
    assert items
    doubt = re.compile(r"vérifi|relire|n’a pu|n’a pas|ne sont publiées|[Aa]ucun", re.IGNORECASE)
    for item in items:
        (name,) = linked(item)
        assert facts[name].reference in text_of(item)
        assert facts[name].limit in text_of(item)
        assert doubt.search(facts[name].limit), f"{name}: confirmed? then it leaves the list"
        if facts[name].confidence == "a-verifier":
            assert facts[name].statement in text_of(item)


# The sections


def test_the_contents_lead_to_every_section_in_order(page: BeautifulSoup) -> None:
    entries = [(str(a["href"]), text_of(a)) for a in page.select("main nav a")]
    assert entries == [(f"#{h['id']}", text_of(h)) for h in page.select("main h2")]
    assert len(entries) >= 9


def test_the_grounds_are_given_in_the_order_of_the_letter(page: BeautifulSoup) -> None:
    (grounds,) = [part for part in section(page, "ordre") if part.name == "ol"]
    assert linked(grounds) == ["csp-l1461-7", "csp-r1461-9", "lil-74", "rgpd-21"]


def test_the_future_right_is_said_to_be_one_and_the_page_leads_to_the_letter(
    page: BeautifulSoup,
) -> None:
    assert "26\u00a0mars 2029" in told(page, "europe")
    assert "droit futur" in told(page, "europe")
    assert len(page.select("main a.button[href^='/fr/lettres/']")) == 1


# Hosting: dated facts, in the past


def test_every_fact_of_hosting_is_told_in_the_order_of_dates_with_its_words_and_its_limit(
    page: BeautifulSoup, facts: dict[str, Fact]
) -> None:
    items = page.select("ol.timeline > li")
    shown = [facts[linked(item)[0]] for item in items]
    hosting = [fact.id for fact in facts.values() if fact.kind == "hosting"]
    assert sorted(fact.id for fact in shown) == sorted(hosting)
    dates = [fact.date for fact in shown]
    assert [str(item.find("time")["datetime"]) for item in items] == dates == sorted(dates)
    for item, fact in zip(items, shown, strict=True):
        assert text_of(item.find("time")).startswith(f"{fact.french_date} (")
        assert fact.statement[-40:] in text_of(item)
        assert fact.limit in text_of(item)
        begins = text_of(item.p).rpartition("\u00a0source")[0]
        assert fact.statement.casefold().endswith(begins.casefold())
        assert not begins.startswith((f"Le\u00a0{fact.french_date}", f"En {fact.french_date}"))


def test_hosting_is_not_told_in_the_present_nor_of_the_whole_base_nor_as_what_the_right_rests_on(
    page: BeautifulSoup,
) -> None:
    """No source tells where the data are today, and a page outlives the day it was written."""
    text = told(page, "hebergement")
    now = r"\b(est|sont) (\w+ )?(hébergé|stocké|chez)|\bhéberge(nt)?\b|aujourd’hui|actuel|désormais"
    assert re.findall(now, re.sub(r"\([^)]*\)", "", text)) == []
    assert text.startswith("Votre droit ne dépend pas de l’hébergeur")
    assert "Aucune source que nous avons lue ne montre que toute la base" in text
