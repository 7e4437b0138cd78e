"""The whole journey, walked as a person does: object, be reminded, follow up, complain.

A hidden field that is lost, a button that leads nowhere or a question that is asked twice fails
here; `tests/kit/visitor.py` is who walks. What each answer and each day does is in test_form.py,
test_carried.py and test_follow_up.py.
"""

from datetime import date
from pathlib import Path
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from letters.web.languages import LANGUAGES
from tests.kit.pages import in_turn, parse, words
from tests.kit.visitor import (
    A_MONTH_LATER,
    ADDRESSES,
    BODIES,
    BORN,
    CALENDAR_BUTTON,
    FIFTEEN_DAYS_LATER,
    FIRST_LETTERS,
    LETTERHEAD,
    NAMES,
    OBJECTED,
    PEOPLE,
    READY,
    TITLES,
    Journey,
    Visitor,
    facts,
    reminder_of,
)


@pytest.fixture
def journey(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Journey:
    return Journey(app, monkeypatch)


everybody = pytest.mark.parametrize(("who", "first"), in_turn([*PEOPLE], FIRST_LETTERS))


# The first sitting


# What has to be typed, letter after letter, beside what the first one has asked everybody.
SITTINGS: dict[str, list[tuple[str, set[str]]]] = {
    "opposition-sante": [
        ("opposition-sante", {"recipient", "reason", "born"}),
        ("opposition-plateforme", set()),
        ("opposition-soignant", {"soignant_lines"}),
        ("information-cnil", {"first_letter"}),
    ],
    "opposition-plateforme": [
        ("opposition-plateforme", {"reason"}),
        ("opposition-sante", {"recipient", "born"}),
        ("opposition-soignant", {"soignant_lines"}),
        ("information-cnil", {"first_letter"}),
    ],
    "opposition-soignant": [
        ("opposition-soignant", {"soignant_lines", "reason", "born"}),
        ("opposition-plateforme", set()),
        ("opposition-sante", {"recipient"}),
        ("information-cnil", {"first_letter"}),
    ],
}


@everybody
def test_all_the_letters_are_written_in_one_sitting_and_nothing_is_asked_twice(
    journey: Journey, first: str, who: str
) -> None:
    visitor = journey.sit_down(OBJECTED)
    visitor.open("/fr/")
    visitor.follow(TITLES[first])
    for number, (slug, expected) in enumerate(SITTINGS[first]):
        assert (visitor.status, visitor.heading) == (200, TITLES[slug])
        needed = visitor.answer(**facts(slug, who), first_letter=first)
        people = NAMES[who] | LETTERHEAD if number == 0 else set()
        born = BORN[who] if "born" in expected else set()
        assert needed == (expected - {"born"}) | people | born, slug
        visitor.press("Voir ma lettre")
        assert (visitor.status, visitor.heading) == (200, READY)
        assert "Rien n’est encore envoyé." in visitor.main
        check_people(visitor, who)
        if number < 3:
            visitor.press(TITLES[SITTINGS[first][number + 1][0]])
    assert f"à l’organisme suivant : {BODIES[first]}." in visitor.letter
    assert len(set(visitor.typed)) == len(visitor.typed)


def check_people(visitor: Visitor, who: str) -> None:
    """The right person signs, and the letter says for whom."""
    assert visitor.letter.startswith("Maëlle Le Goff-d’Œuvre 12 rue des Lilas 29200 Brest maelle@")
    assert visitor.letter.endswith("Maëlle Le Goff-d’Œuvre")
    represents = who in {"child", "protected"}
    assert ("Pour : Zoé Petit" in visitor.letter) == represents
    assert ("tutelle" in visitor.letter) == (who == "protected")
    assert ("J’exerce l’autorité parentale sur" in visitor.letter) == (who == "child")
    assert ("J’ai entre 15 et 17 ans" in visitor.letter) == (who == "minor")


# A month later


@everybody
def test_from_the_objection_to_the_complaint(journey: Journey, first: str, who: str) -> None:
    visitor = journey.object(first, who)
    day, url = reminder_of(visitor.press(CALENDAR_BUTTON))
    assert day == A_MONTH_LATER
    assert url == f"http://localhost/fr/suivi?lettre={first}&envoi=2026-11-21"

    visitor = journey.sit_down(A_MONTH_LATER)
    visitor.open(url)
    assert (visitor.status, visitor.heading) == (200, "Où en est votre lettre")
    assert "Un mois a passé" in visitor.main
    past = {"first_letter": first, "sent_on": "21/11/2026", "outcome": "silence"}
    assert visitor.answer(**past) == {"outcome"}
    visitor.press("Voir la suite")
    assert visitor.status == 200
    visitor.press(TITLES["relance"])
    assert (visitor.status, visitor.heading) == (200, TITLES["relance"])
    needed = visitor.answer(**facts(first, who), **past, channel="post")
    assert needed == NAMES[who] | LETTERHEAD | BORN[who] | {*ADDRESSES.get(first, {}), "channel"}
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    check_people(visitor, who)
    assert "date d’envoi : 21 novembre 2026 ;" in visitor.items
    assert "mode d’envoi : courrier postal ;" in visitor.items
    assert "À ce jour, je n’ai reçu ni réponse" in visitor.letter
    assert BODIES[first].casefold() in words(visitor.page.select_one(".recipient")).casefold()
    assert reminder_of(visitor.press(CALENDAR_BUTTON)) == (FIFTEEN_DAYS_LATER, url)

    visitor.press(TITLES["plainte-cnil"])
    assert (visitor.status, visitor.heading) == (200, TITLES["plainte-cnil"])
    more = {"channel": "post", "followed_up_on": "22/12/2026"}
    assert visitor.answer(**facts(first, who), **past, **more) == set()
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    check_people(visitor, who)
    assert f"Elle vise l’organisme suivant : {BODIES[first]}." in visitor.letter
    assert "le 22 décembre 2026, je lui ai adressé un rappel ;" in visitor.items
    assert words(visitor.page.select_one(".recipient")).startswith("CNIL ")
    assert visitor.items[visitor.items.index("la copie du rappel ;") - 1 :] == [
        "la preuve du dépôt ou de la réception du courrier ;",
        "la copie du rappel ;",
        "la copie de la demande du 21 novembre 2026.",
    ]
    assert "Joignez une copie des pièces que la lettre énumère." in visitor.main
    assert CALENDAR_BUTTON not in [words(b) for b in visitor.page.select("button.quiet")]
    assert len(set(visitor.typed)) == len(visitor.typed)


def test_an_answer_that_does_not_do_is_followed_up_at_once(journey: Journey) -> None:
    first = "opposition-plateforme"
    _, url = reminder_of(journey.object(first, "child").press(CALENDAR_BUTTON))
    visitor = journey.sit_down(date(2026, 11, 24))
    visitor.open(url)
    assert "Sans réponse, attendez le 22 décembre 2026" in visitor.main
    assert TITLES["relance"] not in visitor.buttons()
    told = {"outcome": "partial", "answer_on": "23/11/2026"}
    known = {**facts(first, "child"), "first_letter": first, "sent_on": "21/11/2026", **told}
    assert visitor.answer(**known) == told.keys()
    visitor.press("Voir la suite")
    visitor.press(TITLES["relance"])
    known["missing"] = "La liste des projets."
    assert visitor.answer(**known) == NAMES["child"] | LETTERHEAD | BORN["child"] | {"missing"}
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    assert "Votre réponse du 23 novembre 2026 ne répond qu’en partie" in visitor.letter
    assert "La liste des projets." in visitor.letter
    visitor.press(TITLES["plainte-cnil"])
    assert visitor.answer(**known, followed_up_on="24/11/2026") == set()
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    assert "la réponse de l’organisme ;" in visitor.items


# Every way through the site


KINDS_OF_FILES = {".pdf": "application/pdf", "/version": "application/json"}


def test_every_link_of_every_page_leads_somewhere(journey: Journey) -> None:
    visitor = journey.sit_down(OBJECTED)
    pages: dict[str, BeautifulSoup] = {}
    files: set[str] = set()
    links = {"/fr/"}
    while waiting := {link.partition("#")[0] for link in links} - pages.keys() - files:
        address = min(waiting)
        response = visitor.client.get(address)
        kind = KINDS_OF_FILES.get(Path(address).suffix or address, "text/html")
        assert (response.status_code, response.mimetype) == (200, kind), address
        if kind != "text/html":
            files.add(address)
            continue
        pages[address] = parse(response.text)
        found = [urljoin(address, str(a["href"])) for a in pages[address].select("a")]
        links |= {link for link in found if link.startswith("/")}
    assert pages.keys() >= {f"/fr/lettres/{slug}" for slug in TITLES}
    examples = {f"/{tag}/lettres/{slug}/exemple.pdf" for tag in LANGUAGES for slug in TITLES}
    assert files == {"/version", *examples}
    assert pages.keys() >= {"/fr/comprendre", "/fr/suivi", "/fr/sources", "/fr/confidentialite"}
    for address, _, place in (link.partition("#") for link in links if "#" in link):
        assert pages[address].find(id=place), f"{address}#{place}"


def test_the_letter_to_fill_in_by_hand_is_asked_for_on_its_form(journey: Journey) -> None:
    visitor = journey.sit_down(OBJECTED)
    visitor.open("/fr/")
    visitor.follow(TITLES["plainte-cnil"])
    visitor.answer(given_name="Maëlle")
    response = visitor.press("Télécharger la lettre vierge")
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert "Ma" not in response.request.query_string.decode()
