"""The whole journey, walked as a person does: object, be reminded, follow up, complain.

`Visitor` knows no address but the home page and no name of a field that a page does not show: it
follows links, answers the controls of a form, and presses buttons, which send what a browser
sends. So a hidden field that is lost, a button that leads nowhere or a question that is asked
twice fails here. What a sitting made the person type is in `Visitor.typed`.
"""

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from icalendar import Calendar, Event
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from letters.web.i18n import LANGUAGES
from tests.test_pages import CheckingClient, checking, heading_of, parse, text_of

OBJECTED = date(2026, 11, 21)
A_MONTH_LATER = date(2026, 12, 21)
FIFTEEN_DAYS_LATER = date(2027, 1, 5)
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
    "opposition-soignant": {"recipient_lines": CARER},
}
REASON = "J’exerce un métier exposé."


class Visitor:
    """A person at a browser that has neither scripts nor style sheets: all sections are seen."""

    def __init__(self, client: CheckingClient) -> None:
        self.client = client
        self.page = BeautifulSoup("", "html5lib")
        self.path = ""
        self.status = 0
        self.typed: list[tuple[str, str]] = []
        self.read: list[tuple[str, str]] = []

    # Going from page to page

    def open(self, address: str) -> None:
        """Open an address that came with the mail, the calendar or the bookmarks."""
        place = urlsplit(address)
        self._show(self.client.get(f"{place.path}?{place.query}"))

    def follow(self, text: str) -> None:
        """Follow the link that reads `text`."""
        self._show(self.client.get(urljoin(self.path, str(self._named("a[href]", text)["href"]))))

    def go_back_to(self, earlier: tuple[str, str]) -> None:
        """Return to a page of `read`, as the browser remembers it."""
        self.path, content = earlier
        self.page = BeautifulSoup(content, "html5lib")

    def _show(self, response: TestResponse) -> None:
        assert response.mimetype == "text/html"
        self.status = response.status_code
        self.path = f"{response.request.path}?{response.request.query_string.decode()}"
        self.read.append((self.path, response.text))
        self.page = BeautifulSoup(response.text, "html5lib")

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
        if first.get("type") == "radio":
            for tag in controls:
                del tag["checked"]
            [chosen] = [tag for tag in controls if tag["value"] == value]
            chosen["checked"] = ""
        elif first.name == "select":
            for option in first.select("option"):
                del option["selected"]
            [chosen] = [option for option in first.select("option") if option["value"] == value]
            chosen["selected"] = ""
        elif first.name == "textarea":
            first.string = value
        else:
            first["value"] = value

    def tick(self, label: str, *, on: bool = True) -> None:
        """Tick or untick the box that reads `label`."""
        box = self.page.find("input", id=str(self._named("label", label)["for"]))
        assert isinstance(box, Tag)
        assert box["type"] == "checkbox"
        if on:
            box["checked"] = ""
        else:
            del box["checked"]

    # Pressing a button

    def press(self, text: str) -> TestResponse:
        """Press the button that reads `text`; a page is then shown, a file is handed over."""
        return self._submit(self._named("button", text))

    def press_enter(self, name: str) -> TestResponse:
        """Press Enter in a field: the form's first button is pressed."""
        field = self.page.select_one(f"{POSTED} input[name={name}]:not([type=hidden])")
        assert field is not None
        form = field.find_parent("form")
        assert form is not None
        first = self.page.select_one(f"button[form={form['id']}], form#{form['id']} button")
        assert first is not None
        return self._submit(first)

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


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return re.sub(r"\s+", " ", text).strip()


def words(tag: Tag | None) -> str:
    return plain(text_of(tag))


def successful(tag: Tag) -> Iterator[str]:
    """What a control sends (HTML, « constructing the entry list »), line ends as a person sees."""
    if tag.name == "select":
        options = tag.select("option")
        chosen = [option for option in options if option.has_attr("selected")] or options[:1]
        yield from (str(option["value"]) for option in chosen)
    elif tag.name == "textarea":
        yield tag.get_text().removeprefix("\n")
    elif tag.get("type") not in {"radio", "checkbox"} or tag.has_attr("checked"):
        yield str(tag.get("value", ""))


def pairs(form: Tag, button: Tag) -> Iterator[tuple[str, str]]:
    """What a browser sends of `form` when `button` is pressed, in the order of the page."""
    if button.get("form"):  # it stands elsewhere, before its form
        yield str(button["name"]), str(button["value"])
    for tag in form.select("input, select, textarea, button"):
        if tag.name == "button":
            if tag is button and tag.get("name"):
                yield str(tag["name"]), str(tag.get("value", ""))
        elif tag.get("name"):
            for value in successful(tag):
                yield str(tag["name"]), re.sub("\r?\n", "\r\n", value)


class Journey:
    """The site on a given day, and a person who sits down at it."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.monkeypatch = app, monkeypatch

    def sit_down(self, day: date) -> Visitor:
        """A person who comes on `day`, of whom the browser knows nothing."""
        for module in ("routes", "follow_up"):
            self.monkeypatch.setattr(f"letters.web.{module}.today", lambda: day)
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


@pytest.fixture
def journey(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Journey:
    return Journey(app, monkeypatch)


every_first_letter = pytest.mark.parametrize("first", FIRST_LETTERS)
everybody = pytest.mark.parametrize("who", PEOPLE)


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


# The first sitting


# What has to be typed, letter after letter, beside what the first one has asked everybody.
SITTINGS: dict[str, list[tuple[str, set[str]]]] = {
    "opposition-sante": [
        ("opposition-sante", {"recipient", "reason", "born"}),
        ("opposition-plateforme", set()),
        ("opposition-soignant", {"recipient_lines"}),
        ("information-cnil", {"first_letter"}),
    ],
    "opposition-plateforme": [
        ("opposition-plateforme", {"reason"}),
        ("opposition-sante", {"recipient", "born"}),
        ("opposition-soignant", {"recipient_lines"}),
        ("information-cnil", {"first_letter"}),
    ],
    "opposition-soignant": [
        ("opposition-soignant", {"recipient_lines", "reason", "born"}),
        ("opposition-plateforme", set()),
        ("opposition-sante", {"recipient"}),
        ("information-cnil", {"first_letter"}),
    ],
}


@every_first_letter
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
            visitor.press(f"Écrire cette lettre : {TITLES[SITTINGS[first][number + 1][0]]}")
    assert f"à l’organisme suivant : {BODIES[first]}." in visitor.letter
    assert len(set(visitor.typed)) == len(visitor.typed)


def check_people(visitor: Visitor, who: str) -> None:
    """The right person signs, and the letter says for whom."""
    assert visitor.letter.startswith("Maëlle Le Goff-d’Œuvre 12 rue des Lilas 29200 Brest maelle@")
    assert visitor.letter.endswith("Maëlle Le Goff-d’Œuvre")
    represents = who in {"child", "protected"}
    assert ("Pour : Zoé Petit" in visitor.letter) == represents
    assert ("tutelle" in visitor.letter) == (who == "protected")
    assert ("J’exerce l’autorité parentale sur Zoé Petit" in visitor.letter) == (who == "child")
    assert ("J’ai entre 15 et 17 ans" in visitor.letter) == (who == "minor")


@every_first_letter
def test_the_others_are_put_in_one_file_without_typing_anything(
    journey: Journey, first: str
) -> None:
    visitor = journey.object(first, "child")
    others = [slug for slug in (*FIRST_LETTERS, "information-cnil") if slug != first]
    # Nobody is asked for a caisse before a letter needs one.
    possible = [slug for slug in others if first == FIRST_LETTERS[0] or slug != FIRST_LETTERS[0]]
    for slug in possible:
        visitor.tick(TITLES[slug])
    response = visitor.press(ZIP_BUTTON)
    assert response.mimetype == "application/zip"
    with ZipFile(BytesIO(response.data)) as archive:
        names = archive.namelist()
        texts = {name: archive.read(name).decode() for name in names if name.endswith(".txt")}
    letters = [slug for slug in TITLES if slug in {first, *possible}]
    pdfs = [name for name in names if name.endswith(".pdf") and "a-dire" not in name]
    assert pdfs == [f"{number}-{slug}.pdf" for number, slug in enumerate(letters, 1)]
    assert (names[0], names[-1]) == ("LISEZMOI.txt", "rappel.ics")
    assert {name for name in texts if "Zoé Petit" in texts[name]} == texts.keys() - {names[0]}


def test_a_letter_that_lacks_an_answer_is_asked_for_before_the_file_is_made(
    journey: Journey,
) -> None:
    visitor = journey.object("opposition-plateforme", "self")
    visitor.tick(TITLES["opposition-sante"])
    visitor.press(ZIP_BUTTON)
    assert (visitor.status, visitor.heading) == (422, TITLES["opposition-sante"])
    needed = visitor.answer(**facts("opposition-sante", "self"))
    assert needed == {"recipient", "birth_date"}
    visitor.press("Voir ma lettre")
    visitor.tick(TITLES["opposition-plateforme"])
    assert visitor.press(ZIP_BUTTON).mimetype == "application/zip"


@everybody
def test_after_a_mistake_only_the_mistake_is_typed_again(journey: Journey, who: str) -> None:
    visitor = journey.sit_down(OBJECTED)
    visitor.open("/fr/")
    visitor.follow("Écrire ma lettre")
    known = facts("opposition-sante", who)
    visitor.answer(**known, country="")
    visitor.answer(postal_code="2920")
    visitor.press("Voir ma lettre")
    assert visitor.status == 422
    assert visitor.answer(**known) == {"postal_code"}
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)


@pytest.mark.parametrize("slug", TITLES)
def test_ones_own_answers_come_back_to_be_changed(journey: Journey, slug: str) -> None:
    visitor = journey.sit_down(A_MONTH_LATER)
    visitor.open("/fr/")
    visitor.follow(TITLES[slug])
    past = {"sent_on": "21/11/2026", "channel": "hand", "outcome": "partial"}
    past |= {"answer_on": "01/12/2026", "followed_up_on": "10/12/2026"}
    known = {**facts(slug, "protected"), **ADDRESSES["opposition-sante"], **past}
    assert visitor.answer(**known) >= NAMES["protected"] | LETTERHEAD
    visitor.press("Voir ma lettre")
    letter = visitor.letter
    for _ in range(2):
        visitor.press("Modifier mes réponses")
        assert (visitor.status, visitor.heading) == (200, TITLES[slug])
        assert visitor.answer(**known) == set()
        visitor.press("Voir ma lettre")
        assert visitor.letter == letter


# The reminder


def test_the_reminder_is_for_the_day_that_the_person_says(journey: Journey) -> None:
    visitor = journey.object("opposition-sante", "self")
    assert visitor.answer(sent_on="21/11/2026") == set()
    assert visitor.answer(sent_on="31/10/2026") == {"sent_on"}
    day, url = reminder_of(visitor.press(CALENDAR_BUTTON))
    assert day == date(2026, 11, 30)
    assert url == "http://localhost/fr/suivi?lettre=opposition-sante&envoi=2026-10-31"
    # And the letters that come after speak of that day.
    visitor.press(f"Écrire cette lettre : {TITLES['information-cnil']}")
    assert visitor.answer(sent_on="31/10/2026") == set()
    visitor.press("Voir ma lettre")
    assert "Le 31 octobre 2026, j’ai adressé une opposition" in visitor.letter


def test_enter_in_the_day_of_sending_gives_the_reminder(journey: Journey) -> None:
    visitor = journey.object("opposition-sante", "self")
    day, _ = reminder_of(visitor.press_enter("sent_on"))
    assert day == A_MONTH_LATER


def test_a_letter_that_goes_out_the_same_day_says_so_on_screen_and_on_paper(
    journey: Journey,
) -> None:
    visitor = journey.sit_down(OBJECTED)
    visitor.open("/fr/")
    visitor.follow(TITLES["information-cnil"])
    visitor.answer(**facts("opposition-sante", "self"))
    visitor.press("Voir ma lettre")
    assert "Ce même jour, j’adresse une opposition" in visitor.letter
    assert "Ce même jour, j'adresse" in visitor.press("Télécharger le texte").text


# A month later


@every_first_letter
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
    assert "Un mois après cet envoi, je n’ai reçu ni réponse" in visitor.letter
    assert BODIES[first].casefold() in words(visitor.page.select_one(".recipient")).casefold()
    assert reminder_of(visitor.press(CALENDAR_BUTTON)) == (FIFTEEN_DAYS_LATER, url)

    visitor.press(f"Écrire cette lettre : {TITLES['plainte-cnil']}")
    assert (visitor.status, visitor.heading) == (200, TITLES["plainte-cnil"])
    more = {"channel": "post", "followed_up_on": "21/12/2026"}
    assert visitor.answer(**facts(first, who), **past, **more) == set()
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    check_people(visitor, who)
    assert f"Elle vise l’organisme suivant : {BODIES[first]}." in visitor.letter
    assert "le 21 décembre 2026, je lui ai adressé un rappel ;" in visitor.items
    assert words(visitor.page.select_one(".recipient")).startswith("CNIL ")
    assert visitor.items[visitor.items.index("la copie du rappel ;") - 1 :] == [
        "la preuve du dépôt ou de la réception du courrier ;",
        "la copie du rappel ;",
        "la copie de la demande du 21 novembre 2026.",
    ]
    assert "Joignez une copie des pièces que la lettre énumère." in visitor.main
    assert CALENDAR_BUTTON not in [words(b) for b in visitor.page.select("button.quiet")]
    assert len(set(visitor.typed)) == len(visitor.typed)


def test_the_reminder_of_the_follow_up_leads_to_the_complaint(journey: Journey) -> None:
    visitor = journey.sit_down(FIFTEEN_DAYS_LATER)
    visitor.open("http://localhost/fr/suivi?lettre=opposition-sante&envoi=2026-11-21")
    past = {"sent_on": "21/11/2026", "outcome": "silence"}
    visitor.answer(**past)
    visitor.press("Voir la suite")
    visitor.press(TITLES["plainte-cnil"])
    known = {**facts("opposition-sante", "self"), **past, "followed_up_on": "21/12/2026"}
    needed = visitor.answer(**known, channel="ameli")
    assert needed == NAMES["self"] | LETTERHEAD | {"recipient", "channel", "followed_up_on"}
    visitor.press("Voir ma lettre")
    assert visitor.status == 200
    assert "une capture d’écran de la messagerie, qui montre la date de l’envoi ;" in visitor.items
    assert "la copie du rappel ;" in visitor.items


@every_first_letter
@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [("refusal", "n’avez pas fait droit"), ("partial", "ne répond qu’en partie")],
)
def test_an_answer_that_does_not_do_is_followed_up_at_once(
    journey: Journey, first: str, outcome: str, sentence: str
) -> None:
    visitor = journey.object(first, "child")
    _, url = reminder_of(visitor.press(CALENDAR_BUTTON))
    visitor = journey.sit_down(date(2026, 11, 24))
    visitor.open(url)
    assert "Sans réponse, attendez le 21 décembre 2026" in visitor.main
    assert TITLES["relance"] not in visitor.buttons()
    past = {"first_letter": first, "sent_on": "21/11/2026"}
    answer = {"outcome": outcome, "answer_on": "23/11/2026"}
    assert visitor.answer(**past, **answer) == {"outcome", "answer_on"}
    visitor.press("Voir la suite")
    visitor.press(TITLES["relance"])
    known = {**facts(first, "child"), **past, **answer}
    if outcome == "partial":
        known["missing"] = "La liste des projets."
    assert not visitor.answer(**known) & (past.keys() | answer.keys())
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    assert sentence in visitor.letter
    assert "éponse du 23 novembre 2026" in visitor.letter
    assert ("La liste des projets." in visitor.letter) is (outcome == "partial")
    visitor.press(f"Écrire cette lettre : {TITLES['plainte-cnil']}")
    assert visitor.answer(**known, followed_up_on="24/11/2026") == set()
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)
    assert "la réponse de l’organisme ;" in visitor.items
    assert "la copie de la demande du 21 novembre 2026." in visitor.items


@pytest.mark.parametrize("slug", ["relance", "plainte-cnil"])
def test_silence_is_not_followed_up_on_the_day_of_sending_but_a_refusal_is(
    journey: Journey, slug: str
) -> None:
    visitor = journey.object("opposition-sante", "self")
    visitor.press(f"Écrire cette lettre : {TITLES[slug]}")
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (422, TITLES[slug])
    assert "Attendez le 21 décembre 2026" in visitor.main
    assert visitor.answer(**facts("opposition-sante", "self"), outcome="refusal") == {"outcome"}
    visitor.press("Voir ma lettre")
    assert (visitor.status, visitor.heading) == (200, READY)


def test_an_acceptance_leads_to_the_letters_that_remain(journey: Journey) -> None:
    visitor = journey.sit_down(A_MONTH_LATER)
    visitor.open("/fr/suivi?lettre=opposition-sante&envoi=2026-11-21")
    visitor.answer(outcome="accepted")
    visitor.press("Voir la suite")
    assert "Votre demande est acceptée" in visitor.main
    visitor.follow("Voir les autres lettres")
    visitor.follow(TITLES["opposition-plateforme"])
    assert visitor.status == 200


def test_another_earlier_letter_brings_its_own_address_unless_one_was_typed(
    journey: Journey,
) -> None:
    """The follow-up shows the carer's address; the letter to the caisse is the one to speak of."""
    visitor = journey.object("opposition-sante", "self")
    visitor.press(f"Écrire cette lettre : {TITLES['opposition-soignant']}")
    visitor.answer(recipient_lines=CARER)
    visitor.press("Voir ma lettre")
    result = visitor.read[-1]
    for lines, body in ((CARER, "CPAM DE PARIS"), ("MSA de l’Exemple\n29200 BREST", "MSA DE")):
        visitor.go_back_to(result)
        visitor.press(f"Écrire cette lettre : {TITLES['relance']}")
        visitor.answer(first_letter="opposition-sante", outcome="refusal", recipient_lines=lines)
        visitor.press("Voir ma lettre")
        recipient = words(visitor.page.select_one(".recipient"))
        assert recipient.upper().startswith(body)
        # The carer's address is kept for the letters to come.
        visitor.press(f"Écrire cette lettre : {TITLES['opposition-soignant']}")
        assert visitor.answer(recipient_lines=CARER) == set()


@pytest.mark.parametrize("slug", ["opposition-sante", "relance"])
def test_another_fund_brings_its_own_address_unless_one_was_typed(
    journey: Journey, slug: str
) -> None:
    for corrected, recipient in (({}, "CPAM DU FINISTÈRE"), ({"recipient_lines": "MSA"}, "MSA")):
        visitor = journey.sit_down(OBJECTED)
        visitor.open("/fr/")
        visitor.follow(TITLES[slug])
        visitor.answer(given_name="Maëlle", family_name="Petit", recipient="01751")
        visitor.answer(sent_on="03/10/2026")
        visitor.press("Voir et corriger l’adresse connue")
        assert visitor.status == 200
        assert visitor.answer(recipient="01291", **corrected) == {"recipient", *corrected}
        visitor.press("Voir ma lettre")
        assert visitor.status == 200
        shown = words(visitor.page.select_one(".recipient"))
        assert plain(shown.upper()).startswith(recipient)


def test_a_new_objection_has_a_story_of_its_own(journey: Journey) -> None:
    visitor = journey.sit_down(OBJECTED)
    visitor.open("/fr/")
    visitor.follow(TITLES["plainte-cnil"])
    past = {"sent_on": "03/10/2026", "outcome": "refusal", "answer_on": "20/10/2026"}
    past |= {"channel": "post", "followed_up_on": "05/11/2026"}
    visitor.answer(**facts("opposition-sante", "self"), **past)
    visitor.press("Voir ma lettre")
    visitor.press(f"Écrire cette lettre : {TITLES['opposition-plateforme']}")
    visitor.press("Voir ma lettre")
    assert visitor.answer(sent_on="21/11/2026") == set()
    visitor.press(f"Écrire cette lettre : {TITLES['plainte-cnil']}")
    fresh = {"first_letter": "opposition-plateforme", "sent_on": "21/11/2026"}
    fresh |= {"outcome": "silence", "answer_on": "", "channel": "", "followed_up_on": ""}
    assert visitor.answer(**fresh) == set()


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


@pytest.mark.parametrize("slug", TITLES)
def test_the_letter_to_fill_in_by_hand_is_asked_for_on_its_form(
    journey: Journey, slug: str
) -> None:
    visitor = journey.sit_down(OBJECTED)
    visitor.open("/fr/")
    visitor.follow(TITLES[slug])
    visitor.answer(given_name="Maëlle")
    response = visitor.press("Télécharger la lettre vierge")
    assert (response.status_code, response.mimetype) == (200, "application/pdf")
    assert "Ma" not in response.request.query_string.decode()
