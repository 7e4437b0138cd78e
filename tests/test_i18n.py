"""Every string that a person reads goes through gettext; the language is the path's first part.

A pseudo-language turns each message into ⟦message⟧. What stands outside the brackets on any page
is then either the letter (marked `lang="fr"`), a name from the data, or a string that somebody
forgot. The messages found in the sources by Babel and those asked for at run time must be the
same, so that no translator misses one and no page goes untried here. The pages are walked once a
process, whatever number of tests reads them.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable

from app import create_app
from letters.catalogue import Catalogue
from letters.recipients import Recipients
from letters.web import aids, i18n
from letters.web.settings import Settings
from tests.kit.forms import (
    ADDRESS,
    INFORMATION,
    MAYOTTE,
    NIR,
    OPTIONS,
    PLAINTE,
    PLATEFORME,
    RELANCE,
    SANTE,
    SOIGNANT,
    address_of,
    everything,
)
from tests.kit.pages import (
    FOLLOW_UP,
    FORM,
    OPPOSITIONS,
    PAGES,
    PERSON,
    SENT,
    SLUGS,
    SPOKEN,
    TITLES,
    heading_of,
)
from tests.test_form import BAD
from tools import messages as extraction

WEB = Path(i18n.__file__).parent
KEYWORDS = {"_", "gettext", "mark", "ngettext"}
BRACKETS = re.compile(r"⟦[^⟦⟧]*⟧")
PRODUCT = "Droit de plume"


def quick(text: str) -> BeautifulSoup:
    """A page whose markup other tests have checked, read by the fastest parser."""
    return BeautifulSoup(text, "lxml")


class Pseudo:
    """A language in which every message stands in brackets; it remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def ugettext(self, message: str) -> str:
        self.asked.add(message)
        return f"⟦{message}⟧"

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        self.asked.add(singular)
        return f"⟦{singular if number < 2 else plural}⟧"


@cache
def walked(app: Flask) -> tuple[list[BeautifulSoup], set[str]]:
    """Every page in the pseudo-language, and all the messages that it was asked for."""
    pseudo = Pseudo()
    i18n._translated.cache_clear()
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(i18n, "_translations", lambda tag: pseudo)
            patched.setattr(aids, "_said", lambda french: french and f"⟦{french}⟧")
            found = dict.fromkeys(every_page(app, patched))
    finally:
        i18n._translated.cache_clear()
    return [quick(text) for text in found], pseudo.asked


def every_page(app: Flask, patched: pytest.MonkeyPatch) -> Iterator[str]:
    """Every page in every state, as far as its words go."""
    told: dict[str, Any] = {
        "publisher": "Association",
        "contact": "contact@example.org",
        "log_days": 2,
    }
    told |= {"source": "https://forge.example/", "commit": "0123abc"}
    talkative = create_app(Settings(**told, portal_limit=10))
    for each in (app, talkative):
        client = each.test_client()
        for path in (*PAGES, "/absente"):
            yield client.get(path).text
        yield client.post(FORM, data={**PERSON, "options": list(OPTIONS)}).text
    unknown = create_app(Settings(log_days=0))
    yield unknown.test_client().get("/fr/", base_url="https://plume.example").text
    for name in ("verifier", "confidentialite"):
        yield unknown.test_client().get(f"/fr/{name}").text
    yield from translated_pages(app)
    yield from letter_pages(app.test_client())
    yield from follow_up_pages(app.test_client())
    yield from broken_pages(app, patched)


def translated_pages(app: Flask) -> Iterator[str]:
    """What only a page in another language shows, with its reading aid and without."""
    client, readings = app.test_client(), app.extensions["content"].readings
    named = (("Camille Durand",), ("Léo Martin", "Zoé Petit"))
    yield client.get("/de/sources").text
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(app.jinja_env.globals, "reviewers_of", lambda tag: named)
        yield client.get("/en/sources").text
        patched.setattr(aids, "_said", lambda french: "")
        yield client.get("/en/").text
    for aid in (readings["en"], replace(readings["en"], texts={})):
        with pytest.MonkeyPatch.context() as patched:
            patched.setitem(readings, "en", aid)
            for slug in SLUGS:
                address = address_of(slug).replace("/fr/", "/en/")
                yield client.get(f"{address}/exemple").text
                yield client.get(address).text
                yield client.post(address, data=everything("protected")).text


# Answers that show a message which nothing else shows: (letter, answers).
MESSAGES: list[tuple[str, dict[str, Any]]] = [
    (SANTE, {"recipient": "other", "recipient_lines": ""}),
    (SANTE, {"recipient": MAYOTTE, "output": "edit"}),
    (SANTE, {"recipient": "01751", "output": "edit"}),
    (SANTE, {"reason": NIR, "given_name": NIR}),
    (SANTE, {"who": "self", "given_name": "Tuğba", "recipient": "other", "recipient_lines": "MSA"}),
    (SANTE, {"who": "child", "represented_birth_date": "03/03/1958"}),
    (SANTE, {"who": "minor", "birth_date": "03/03/1958"}),
    (SANTE, {"output": "calendar", "sent_on": ""}),
    (SANTE, {"output": "calendar", "sent_on": "31/12/2017"}),
    (SANTE, {"output": "bundle", "also": "absente"}),
    (SANTE, {"output": "bundle", "also": [SANTE] * 7}),
    (SANTE, {"output": "bundle", "sent_on": "x"}),
    (RELANCE, {"outcome": "silence", "sent_on": "21/11/2026"}),
    (RELANCE, {"sent_on": ""}),
    (PLAINTE, {"followed_up_on": "30/09/2026"}),
    (INFORMATION, {"output": "calendar", "sent_on": ""}),
    (PLATEFORME, {"plateforme_lines": ADDRESS}),
]


def letter_pages(client: FlaskClient) -> Iterator[str]:
    for slug in SLUGS:
        yield client.get(f"{address_of(slug)}/exemple").text
        yield client.post(address_of(slug), data={"output": "erase"}).text
    for slug, first in product(SLUGS, OPPOSITIONS):
        answers = everything("protected", first)
        yield client.post(address_of(slug), data={**answers, "output": "edit"}).text
        yield client.post(address_of(slug), data=answers).text
    wrong = [*product((SANTE, PLATEFORME, PLAINTE), waves()), *MESSAGES]
    for slug, answers in wrong:
        yield client.post(address_of(slug), data={**everything("protected"), **answers}).text
    assert client.post(FORM, data={**PERSON, **SENT, "output": "calendar"}).status_code == 200


def waves() -> Iterator[dict[str, str]]:
    """All bad answers, one for each field at a time; alone where it decides what else is asked."""
    by_field: dict[str, list[str]] = {}
    for name, value, _ in BAD:
        if name in {"who", "first_letter", "outcome"}:
            yield {name: value}
        else:
            by_field.setdefault(name, []).append(value)
    for index in range(max(map(len, by_field.values()))):
        yield {name: values[index] for name, values in by_field.items() if index < len(values)}


def follow_up_pages(client: FlaskClient) -> Iterator[str]:
    for sent_on in ("01/10/2026", "21/11/2026"):
        yield client.get(FOLLOW_UP, query_string={"lettre": SANTE, "envoi": sent_on}).text
        for outcome in ("silence", "refusal", "partial", "accepted", ""):
            data = {"first_letter": SOIGNANT, "sent_on": sent_on, "outcome": outcome}
            yield client.post(FOLLOW_UP, data=data).text


def broken_pages(app: Flask, patched: pytest.MonkeyPatch) -> Iterator[str]:
    """What a server shows that is broken, or has too much to do."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError

    def busy() -> None:
        raise ServiceUnavailable

    client = app.test_client()
    for code in TITLES:
        patched.setitem(app.view_functions, "root.health", lambda code=code: abort(code))
        yield client.get("/sante").text
    for place, fault in (("letters.render.pdf.pdf", broken), ("letters.web.pdf_queue.place", busy)):
        patched.setattr(place, fault)
        yield client.post(FORM, data={**PERSON, "output": "pdf"}).text


# What is outside the brackets


SILENT = {"script", "style", "textarea", "code"}  # the letter, answers, or names of files


def texts(top: Tag, *, french: bool = False) -> Iterator[tuple[str, bool]]:
    """Each text, and whether it stands in a passage marked as French in a page of any language."""
    for node in top.children:
        if isinstance(node, Tag):
            if node.name not in SILENT and not {"aid", "languages"} & {*node.get("class", [])}:
                marked = node.get("lang") == "fr" and node.name != "html"
                yield from texts(node, french=french or marked)
        elif node.strip() and not isinstance(node, PreformattedString):
            yield str(node), french


def untranslated(page: BeautifulSoup) -> Iterator[str]:
    """Texts outside brackets and outside French passages, attributes included."""
    depth = 0  # a message may hold an element: its brackets are then in two texts
    for text, french in texts(page):
        outside = ""
        for character in text:
            depth += (character == "⟦") - (character == "⟧")
            outside += character if not depth and character != "⟧" else ""
        if re.search(r"[^\W\d]", outside) and not french:
            yield outside.strip()
    assert depth == 0
    for tag in page.find_all(True):
        for name in tag.attrs.keys() & SPOKEN:
            yield BRACKETS.sub("", str(tag[name])).strip()


def names_of(catalogue: Catalogue, recipients: Recipients) -> set[str]:
    """What is no message: the product's name, titles and addresses of letters, names of bodies."""
    names = {PRODUCT, "", "Association", "contact@example.org"}
    names |= {language.name for language in i18n.LANGUAGES.values()}
    names |= {wording.title for wording in catalogue.wordings.values()}
    for tag, slug in product(("fr", "en"), SLUGS):
        names.add(f"http://localhost/{tag}/lettres/{slug}")
    for body in recipients:
        names |= {body.name, body.department_name}
    return names


def is_name(text: str, names: set[str]) -> bool:
    """Whether `text` is names, alone or with codes: "76 (763) – Seine-Maritime, CPAM du Havre"."""
    bare = re.sub(r"^\d[\dAB]*( \(\d+\))?\s*– | \(\d[\dAB]*\)\Z|^– | – Droit de plume\Z", "", text)
    return text in names or bare in names or set(bare.split(", ")) <= names


def test_every_word_of_every_page_goes_through_gettext(
    app: Flask, catalogue: Catalogue, recipients: Recipients
) -> None:
    names = names_of(catalogue, recipients)
    for page in walked(app)[0]:
        forgotten = {text for text in untranslated(page) if not is_name(text, names)}
        assert forgotten == set(), heading_of(page)


def test_the_search_finds_a_forgotten_string() -> None:
    page = quick(
        '<title>⟦Oui⟧ – Droit de plume</title><h1>⟦Lire <b>ceci</b>⟧</h1><p lang="fr">Lettre</p>'
        '<p>Oublié ⟦non⟧</p><p aria-label="Oublié aussi">12 : – (3)</p>'
    )
    found = {text for text in untranslated(page) if not is_name(text, {PRODUCT, ""})}
    assert found == {"Oublié", "Oublié aussi"}


def test_no_message_is_marked_as_french_when_the_page_is_not(app: Flask) -> None:
    """`lang="fr"` is for the letter's own words: a reader would say ours with a French voice."""
    found = (found for page in walked(app)[0] for found in texts(page))
    assert {text.strip() for text, french in found if french and "⟦" in text} == set()


# What a translator gets


def extracted() -> dict[str, str]:
    """Every message that Babel finds, with the file that it is in."""
    return {m if isinstance(m, str) else m[0]: place for m, place in extraction.messages()}


def test_the_messages_found_are_the_messages_used(app: Flask) -> None:
    asked, found = walked(app)[1], set(extracted())
    assert asked - found == set(), "a translator would never see these"
    assert found - asked == set(), "no page tried here shows these"
    assert len(found) > 100


def test_a_message_is_one_line_and_holds_no_value_but_named_ones() -> None:
    for message in extracted():
        assert message == " ".join(message.split(" ")).strip()
        assert "\n" not in message
        assert "%" not in re.sub(r"%\([a-z]+\)[sd]|%%", "", message), message


# The command line, the settings and the log speak French to those who host, write and translate;
# the specimens hold what an invented person typed.
FRENCH_ONLY = {"commands.py", "settings.py", "pdf_queue.py", "specimens.py"}
SENTENCE = re.compile(r"[A-Za-zÀ-ÿ’]{2,} [a-zà-ÿ’]{2,}|[à-ÿ’]")
# Languages by their own names, and markup.
EXCEPTIONS = {language.name for language in i18n.LANGUAGES.values()}
EXCEPTIONS.add('<span lang="{}">{}</span> <em>{}</em>')


def test_no_sentence_of_the_web_layer_stands_outside_gettext() -> None:
    """Also those of states that nothing here brings about."""
    paths = [path for path in WEB.rglob("*.py") if path.name not in FRENCH_ONLY]
    assert paths
    for path in paths:
        assert set(sentences_outside_gettext(path)) <= EXCEPTIONS, path.name


def sentences_outside_gettext(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spared: set[int] = set()
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        # The last resort is for when gettext itself may be broken.
        last_resort = isinstance(node, ast.Assign) and "LAST_RESORT" in ast.dump(node.targets[0])
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if (called and node.func.id in KEYWORDS) or last_resort or docstring:
            spared |= {id(child) for child in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in spared:
            yield from (text for text in [node.value] if SENTENCE.search(str(text)))


# Numbers, percent signs, values

PLURAL = "{% trans count=n %}{{ count }} lettre{% pluralize %}{{ count }} lettres{% endtrans %}"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{% trans %}50 % des gens{% endtrans %}", "50\u00a0% des gens"),
        ("{% trans %}100 %{% endtrans %}", "100\u00a0%"),
        ("{% trans n=3 %}{{ n }} % ou 100 %{% endtrans %}", "3\u00a0% ou 100\u00a0%"),
        ("{{ _('Moins de 5 %%') }}", "Moins de 5\u00a0%"),
        ("{{ _('%(n)s %% au plus', n=3) }}", "3\u00a0% au plus"),
        ("{{ _('Sûr à 100%%') }}", "Sûr à 100%"),
        (
            "{% trans x='%s %(y)d %% {{ 7*7 }}' %}Oui : {{ x }}{% endtrans %}",
            "Oui\u00a0: %s %(y)d %% {{ 7*7 }}",
        ),
        (
            "{% trans x='<b> & “l\\'un” : ?' %}Oui : {{ x }}{% endtrans %}",
            "Oui\u00a0: &lt;b&gt; &amp; “l&#39;un” : ?",
        ),
        (
            "{% trans %}L'un : « oui » ; l'autre ?{% endtrans %}",
            "L’un\u00a0: «\u00a0oui\u00a0»\u202f; l’autre\u202f?",
        ),
        ("{% trans %}\n  Deux\n  lignes\n{% endtrans %}", "Deux lignes"),
        (
            "{{ 2453|number }} {{ 12|number }} {{ 1234567|number }}",
            "2\u202f453 12 1\u202f234\u202f567",
        ),
        (f"{{% set n = 0 %}}{PLURAL}", "0 lettre"),
        (f"{{% set n = 1 %}}{PLURAL}", "1 lettre"),
        (f"{{% set n = 2 %}}{PLURAL}", "2 lettres"),
    ],
)
def test_plurals_percent_signs_values_and_spaces_come_out_right(
    app: Flask, template: str, text: str
) -> None:
    with app.test_request_context("/fr/"):
        assert app.jinja_env.from_string(template).render() == text


def test_a_message_used_from_python_is_never_formatted_by_itself() -> None:
    assert i18n.gettext("100 % sûr") == "100\u00a0% sûr"
    assert i18n.gettext("Il en a %(n)d.") == "Il en a %(n)d."
    assert i18n.gettext("Il en a %(n)d %% : oui") % {"n": 3} == "Il en a 3\u00a0%\u00a0: oui"
    assert i18n.mark("L'un : %(n)d") == "L'un : %(n)d"
