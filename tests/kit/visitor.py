"""A person at a browser, for the tests that walk through the site: `Visitor` and `Journey`.

`Visitor` knows no address but the home page and no name of a field that a page does not show: it
follows links, answers the controls of a form, and presses buttons, which send what a browser
sends. What a sitting made the person type is in `Visitor.typed`.
"""

from datetime import date
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import Tag
from flask import Flask
from icalendar import Calendar, Event
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.kit import CLOCK, clock
from tests.kit.forms import pairs, successful
from tests.kit.pages import CheckingClient, checking, fresh, heading_of, plain, words

OBJECTED = date(2026, 11, 21)
A_MONTH_LATER = date(2026, 12, 22)  # the day after the last one for an answer
FIFTEEN_DAYS_LATER = date(2027, 1, 6)
FIRST_LETTERS = ("opposition-sante", "opposition-plateforme", "opposition-soignant")
TITLES = {
    "opposition-sante": "S’opposer auprès de sa caisse",
    "opposition-plateforme": "S’opposer auprès de la Plateforme des données de santé",
    "opposition-soignant": "S’opposer auprès d’un soignant ou d’un hôpital",
    "information-cnil": "Informer la CNIL",
    "relance": "Relancer l’organisme",
    "plainte-cnil": "Se plaindre auprès de la CNIL",
}
READY = "Votre lettre est prête"
# Who the earlier letter went to, as a later one names them.
BODIES = {
    "opposition-sante": "CPAM de Paris",
    "opposition-plateforme": "Plateforme des données de santé",
    "opposition-soignant": "Cabinet du docteur Invention",
}
CARER = "Cabinet du docteur Invention\n1 rue de l’Invention\n29200 BREST"
POSTED = "main form[method=post]"  # the other one asks for a letter to fill in by hand
CALENDAR_BUTTON = "Télécharger le rappel"
ZIP_BUTTON = "Télécharger le fichier zip"

# What a person knows, by the name of the question, each said as they would type it.
SENDER = {
    "given_name": "Maëlle",
    "family_name": "Le Goff-d’Œuvre",
    "address_line1": "12 rue des Lilas",
    "postal_code": "29200",
    "city": "Brest",
    "email": "maelle@example.org",
}
REPRESENTED = {
    "represented_given_name": "Zoé",
    "represented_family_name": "Petit",
    "represented_birth_date": "03/03/2015",
}
PEOPLE = {
    "self": {**SENDER, "birth_date": "03/03/1958"},
    "child": {**SENDER, **REPRESENTED, "who": "child"},
    "minor": {**SENDER, "who": "minor", "birth_date": "03/03/2010"},
    "protected": {
        **SENDER,
        **REPRESENTED,
        "who": "protected",
        "represented_birth_date": "03/03/1948",
        "measure": "tutelle",
    },
}
# What is asked of each person; a letter asks the birth date where there is a file to find.
LETTERHEAD = {"address_line1", "postal_code", "city", "email"}
NAMES = {
    who: set(person) - LETTERHEAD - {"birth_date", "represented_birth_date"}
    for who, person in PEOPLE.items()
}
BORN = {
    who: set(person) & {"birth_date", "represented_birth_date"} for who, person in PEOPLE.items()
}
# What tells who a letter goes to, where people have to say it.
ADDRESSES: dict[str, dict[str, str]] = {
    "opposition-sante": {"recipient": "01751"},
    "opposition-soignant": {"soignant_lines": CARER},
}
REASON = "J’exerce un métier exposé."


class Visitor:
    """A person at a browser that has neither scripts nor style sheets: all sections are seen."""

    def __init__(self, client: CheckingClient) -> None:
        self.client = client
        self.page = fresh("")
        self.path = ""
        self.status = 0
        self.typed: list[tuple[str, str]] = []

    # Going from page to page

    def open(self, address: str) -> None:
        """Open an address that came with the mail, the calendar or the bookmarks."""
        place = urlsplit(address)
        self._show(self.client.get(f"{place.path}?{place.query}"))

    def follow(self, text: str) -> None:
        """Follow the link that reads `text`."""
        self._show(self.client.get(urljoin(self.path, str(self._named("a[href]", text)["href"]))))

    def _show(self, response: TestResponse) -> None:
        assert response.mimetype == "text/html"
        self.status = response.status_code
        self.path = f"{response.request.path}?{response.request.query_string.decode()}"
        self.page = fresh(response.text)

    def _named(self, selector: str, text: str) -> Tag:
        """The one element of `selector` that reads `text`, of those that are not hidden."""
        found = [tag for tag in self.page.select(f"main {selector}") if words(tag) == text]
        seen = [tag for tag in found if tag.get("aria-hidden") != "true"]
        same = {(tag.name, str(tag.get("href")), str(tag.get("formaction"))) for tag in seen}
        assert len(same) == 1, f"{text!r}: {same} on {self.path}"
        return seen[0]

    # Answering a form

    def answer(self, **known: str) -> set[str]:
        """Answer what the page asks and does not know yet; the names that had to be typed."""
        needed = set()
        for name, value in known.items():
            controls = self.page.select(f"{POSTED} [name={name}]:not([type=hidden])")
            if controls and self._value(controls) != value:
                self._type(controls, value)
                needed.add(name)
                self.typed.append((name, value))
        return needed

    def _value(self, controls: list[Tag]) -> str:
        values = [value for tag in controls for value in successful(tag)]
        return values[0] if values else ""

    def _type(self, controls: list[Tag], value: str) -> None:
        first = controls[0]
        if first.name == "select" or first.get("type") == "radio":
            mark = "selected" if first.name == "select" else "checked"
            choices = first.select("option") or controls
            for tag in choices:
                del tag[mark]
            [chosen] = [tag for tag in choices if tag["value"] == value]
            chosen[mark] = ""
        elif first.name == "textarea":
            first.string = value
        else:
            first["value"] = value

    def tick(self, label: str) -> None:
        """Tick the box that reads `label`."""
        box = self.page.find("input", id=str(self._named("label", label)["for"]))
        assert isinstance(box, Tag)
        assert box["type"] == "checkbox"
        box["checked"] = ""

    # Pressing a button

    def press(self, text: str) -> TestResponse:
        """Press the button that reads `text`; a page is then shown, a file is handed over."""
        return self._submit(self._named("button", text))

    def _submit(self, button: Tag) -> TestResponse:
        form = button.find_parent("form") or self.page.find("form", id=str(button["form"]))
        assert isinstance(form, Tag)
        target = urljoin(self.path, str(button.get("formaction") or form["action"]))
        sent = MultiDict(pairs(form, button))
        if form["method"] == "get":
            response = self.client.get(target, query_string=sent)
        else:
            response = self.client.post(target, data=sent)
        if "Content-Disposition" not in response.headers:
            self._show(response)
        return response

    # Reading

    @property
    def heading(self) -> str:
        return plain(heading_of(self.page))

    @property
    def letter(self) -> str:
        """The words of the letter that the page shows."""
        return words(self.page.select_one("#letter"))

    @property
    def items(self) -> list[str]:
        """The items of the letter's lists: its facts and its attachments."""
        return [words(item) for item in self.page.select("#letter li")]

    @property
    def main(self) -> str:
        return words(self.page.select_one("main"))

    def buttons(self) -> list[str]:
        return [words(button) for button in self.page.select("main button")]


class Journey:
    """The site on a given day, and a person who sits down at it."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.monkeypatch = app, monkeypatch

    def sit_down(self, day: date) -> Visitor:
        """A person who comes on `day`, of whom the browser knows nothing."""
        self.monkeypatch.setattr(CLOCK, clock(day))
        return Visitor(checking(self.app, own_words=False))

    def object(self, first: str, who: str, **known: str) -> Visitor:
        """Write a first letter, from the home page on, with as little as it takes."""
        visitor = self.sit_down(OBJECTED)
        visitor.open("/fr/")
        visitor.follow(TITLES[first])
        visitor.answer(**{**facts(first, who), **known})
        visitor.press("Voir ma lettre")
        assert (visitor.status, visitor.heading) == (200, READY)
        return visitor


def facts(slug: str, who: str) -> dict[str, str]:
    """What a person has at hand for the letter `slug`, or for one that speaks of it."""
    return {**PEOPLE[who], "reason": REASON, **ADDRESSES.get(slug, {})}


def reminder_of(response: TestResponse) -> tuple[date, str]:
    """The day and the address of a calendar file."""
    assert response.mimetype == "text/calendar"
    [event] = Calendar.from_ical(response.data).walk("VEVENT")
    assert isinstance(event, Event)
    assert b"\r\nDTSTART;VALUE=DATE:" in response.data
    url = str(event["URL"])
    assert str(event["DESCRIPTION"]).endswith(f"\n{url}")
    return event.start, url
