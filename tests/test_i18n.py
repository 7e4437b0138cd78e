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
from unittest.mock import Mock

import pytest
from bs4 import BeautifulSoup, Tag
from bs4.element import PreformattedString
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.test import TestResponse

from letters.model import CHANNELS, OUTCOMES
from letters.web import gloss, languages
from tests.kit.forms import (
    ADDRESS,
    INFORMATION,
    MAYOTTE,
    NIR,
    PLAINTE,
    PLATEFORME,
    RELANCE,
    SANTE,
    SOIGNANT,
    address_of,
    everything,
    fr,
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
    parse,
    site_with,
)
from tests.test_form import BAD
from tools import messages as extraction

WEB = Path(languages.__file__).parent
BRACKETS = re.compile(r"⟦[^⟦⟧]*⟧")
MONTH = re.compile(r"\b(janvier|février|juillet|août|septembre|octobre|novembre|décembre)\b")


def bracketed(message: str) -> str:
    """The message in brackets, and without a month of its own, as no date is to be French."""
    return f"⟦{MONTH.sub('…', message)}⟧"


class Pseudo:
    """A language in which every message stands in brackets; it remembers what it was asked."""

    def __init__(self) -> None:
        self.active_fields: set[str] = set()

    def ugettext(self, message: str) -> str:
        self.active_fields.add(message)
        return bracketed(message)

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        self.active_fields.add(singular)
        return bracketed(singular if number < 2 else plural)


class ElsewhereClient(FlaskClient):
    """Asks for every page in Spanish, where neither a title of ours nor a date is French."""

    def open(self, path: str, **options: Any) -> TestResponse:
        return super().open(path.replace("/fr/", "/es/", 1), **options)


@cache
def walked(app: Flask) -> tuple[list[BeautifulSoup], set[str]]:
    """Every page in the pseudo-language, and all the messages that it was asked for."""
    pseudo = Pseudo()
    languages._translated.cache_clear()
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(languages, "_translations", lambda tag: pseudo)
            patched.setattr(gloss, "_said", lambda french: french and bracketed(french))
            found = dict.fromkeys(every_page(app, patched))
    finally:
        languages._translated.cache_clear()
    return [parse(text) for text in found], pseudo.active_fields


# Answers that show a message which nothing else shows: (letter, answers).
MESSAGES: list[tuple[str, dict[str, Any]]] = [
    (SANTE, {"recipient": "other", "caisse_lines": ""}),
    (SANTE, {"recipient": MAYOTTE, "output": "edit"}),
    (SANTE, {"recipient": "01751", "output": "edit"}),
    (SANTE, {"recipient": "01751", "caisse_lines": "CNIL"}),
    (SANTE, {"recipient": "01751", "caisse_lines": "Service", "lines_of": "01291"}),
    (SANTE, {"reason": NIR, "given_name": NIR}),
    (SANTE, {"reason": "", "options": ["limitation"]}),
    (SANTE, {"birth_date": "03/03/58", "who": "self"}),
    (SANTE, {"who": "self", "given_name": "Tuğba", "recipient": "other", "caisse_lines": "MSA"}),
    (SANTE, {"who": "child", "represented_birth_date": "03/03/1958"}),
    (SANTE, {f"represented_{name}": PERSON[name] for name in ("given_name", "family_name")}),
    (SOIGNANT, {"soignant_lines": "1 rue", "address_line1": "1 rue"}),
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


def every_page(app: Flask, patched: pytest.MonkeyPatch) -> Iterator[str]:
    """Every page in every state, as far as its words go."""
    told = {"publisher": "Association", "contact": "contact@example.org", "log_days": 2}
    told |= {"source": "https://forge.example/", "commit": "0123abc", "portal_limit": 10}
    for each in (app, site_with(**told), site_with(log_days=0)):
        client = ElsewhereClient(each, each.response_class)
        for path in (*PAGES, "/fr/absente"):
            yield client.get(path, base_url="https://plume.example").text
        for options in ([], ["hebergement"]):
            yield client.post(FORM, data={**PERSON, "options": options}).text
    client = ElsewhereClient(app, app.response_class)
    yield client.get("/de/sources").text
    for path in (f"{address_of(slug)}/exemple" for slug in SLUGS):
        yield client.get(path).text
    yield client.get(f"{FOLLOW_UP}?lettre={SANTE}&envoi=01/10/2026").text
    for path, data in answered():
        yield client.post(path, data=data).text
    assert client.post(FORM, data={**PERSON, **SENT, "output": "calendar"}).status_code == 200
    yield from read_and_unread_pages(app, client)
    yield from broken_pages(app, client, patched)


def answered() -> Iterator[tuple[str, dict[str, Any]]]:
    """Addresses and what is sent to them: right answers, then all wrong ones."""
    ways = ({"channel": way} for way in CHANNELS)
    outs = ({}, {"output": "edit"}, {"channel": "ameli", "recipient": "cnmss"}, *ways)
    for slug, first, out in product(SLUGS, OPPOSITIONS, outs):
        yield address_of(slug), {**everything("protected", first), **out}
    yield FORM, {"output": "erase"}
    for sent_on, outcome in product(("01/10/2026", "21/11/2026"), ("", "accepted", *OUTCOMES)):
        for received_on in ("", sent_on):
            told = {"sent_on": sent_on, "received_on": received_on, "outcome": outcome}
            yield FOLLOW_UP, {"first_letter": SOIGNANT, **told}
    yield address_of(RELANCE), {**PERSON, **SENT, "sent_on": "20/11/2026", "outcome": "silence"}
    for slug, wrong in (*product((SANTE, PLATEFORME, PLAINTE), waves()), *MESSAGES):
        yield address_of(slug), {**everything("protected"), **wrong}


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


def read_and_unread_pages(app: Flask, client: FlaskClient) -> Iterator[str]:
    """What a page says of its translations, where somebody has read them or none is left."""
    readings = app.extensions["site"].glosses
    named = (("Camille Durand",), ("Léo Martin", "Zoé Petit"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(app.jinja_env.globals, "reviewers_of", lambda tag: named)
        yield client.get("/fr/sources").text
        patched.setattr(gloss, "_said", lambda french: "")
        yield client.get("/fr/").text
        patched.setitem(readings, "es", replace(readings["es"], texts={}))
        yield client.post(FORM, data=everything("protected")).text


def broken_pages(app: Flask, client: FlaskClient, patched: pytest.MonkeyPatch) -> Iterator[str]:
    """What a server shows that is broken, or has too much to do."""
    for code in TITLES:
        patched.setitem(app.view_functions, "root.health", lambda code=code: abort(code))
        yield client.get("/sante").text
    for place, fault in (
        ("letters.render.pdf.pdf", ValueError),
        ("letters.web.pdf_queue.place", ServiceUnavailable),
    ):
        patched.setattr(place, Mock(side_effect=fault))
        yield client.post(FORM, data={**PERSON, "output": "pdf"}).text


# What is outside the brackets

SILENT = {"script", "style", "textarea", "code"}  # the letter, answers, or names of files


def texts(top: Tag, *, french: bool = False) -> Iterator[tuple[str, bool]]:
    """Each text, and whether it stands in a passage marked as French in a page of any language."""
    for node in top.children:
        if isinstance(node, Tag):
            if node.name not in SILENT and not {"gloss", "languages"} & {*node.get("class", [])}:
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
        if not french:
            assert not MONTH.search(text), "a French date on a page that is not"
    assert depth == 0
    for tag in page.find_all(True):
        for name in tag.attrs.keys() & {*SPOKEN, "data-note"}:
            yield BRACKETS.sub("", str(tag[name])).strip()


# What is no message: our name, a publisher's, addresses, names of departments and of languages.
NAME = re.compile(
    r"|(– )?Droit de plume|Association|contact@example\.org|https?://[a-z.]+/es/lettres/[a-z-]+"
    rf"|[\w-]+ \(\d[\dAB]\)|{'|'.join(each.name for each in languages.LANGUAGES.values())}"
)


def test_every_word_of_every_page_goes_through_gettext(app: Flask) -> None:
    names = set()
    for page in walked(app)[0]:
        outside = set(untranslated(page))
        assert {text for text in outside if not NAME.fullmatch(text)} == set(), heading_of(page)
        names |= outside
    assert {"– Droit de plume", "Association"} <= names


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
EXCEPTIONS = {language.name for language in languages.LANGUAGES.values()}
EXCEPTIONS.add('<span lang="{}">{}</span> <em>{}</em>')


OURS = sorted(path for path in WEB.rglob("*.py") if path.name not in FRENCH_ONLY)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_no_sentence_of_the_web_layer_stands_outside_gettext(path: Path) -> None:
    """Also those of states that nothing here brings about."""
    found, spared = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):  # from the outside in
        match node:
            case ast.Constant() if SENTENCE.search(str(node.value)):
                found.add(node)
            case ast.Call(func=ast.Name(id="_" | "gettext" | "lazy_gettext" | "ngettext")):
                spared |= {*ast.walk(node)}
            case ast.Call(func=ast.Name(id="Promise" | "Section")):  # whose text is a message
                spared.add(node.args[0])
            case ast.Expr(value=ast.Constant()):  # a docstring
                spared.add(node.value)
            case ast.Assign() if "LAST_RESORT" in ast.unparse(node):  # gettext may be broken
                spared |= {*ast.walk(node)}
    forgotten = {node.value for node in found - spared} - EXCEPTIONS
    assert forgotten == set()


# Numbers, percent signs, values

PLURAL = "{% trans count=n %}{{ count }} lettre{% pluralize %}{{ count }} lettres{% endtrans %}"
RENDERED = {
    "{% trans n=3 %}{{ n }} % ou 100 %{% endtrans %}": "3~% ou 100~%",
    "{{ _('Moins de 5 %%') }}": "Moins de 5~%",
    "{{ _('%(n)s %% au plus', n=3) }}": "3~% au plus",
    "{% trans x='%s %(y)d %% {{ 7*7 }}' %}Oui : {{ x }}{% endtrans %}": (
        "Oui~: %s %(y)d %% {{ 7*7 }}"
    ),
    "{% trans x='<b> & “l\\'un” : ?' %}Oui : {{ x }}{% endtrans %}": (
        "Oui~: &lt;b&gt; &amp; “l&#39;un” : ?"
    ),
    "{% trans %}\n  L'un : « oui » ;\n  l'autre ?\n{% endtrans %}": (
        "L’un~: «~oui~»\u202f; l’autre\u202f?"
    ),
    "{{ 2453|number }} {{ 12|number }} {{ 1234567|number }}": "2\u202f453 12 1\u202f234\u202f567",
    f"{{% set n = 0 %}}{PLURAL}": "0 lettre",
    f"{{% set n = 1 %}}{PLURAL}": "1 lettre",
    f"{{% set n = 2 %}}{PLURAL}": "2 lettres",
}


def test_plurals_percent_signs_values_and_spaces_come_out_right(app: Flask) -> None:
    with app.test_request_context("/fr/"):
        for template, text in RENDERED.items():
            assert app.jinja_env.from_string(template).render() == fr(text)
        # From Python, a message is never formatted by itself.
        assert languages.gettext("Il en a %(n)d, 100 % sûr.") == fr("Il en a %(n)d, 100~% sûr.")
        assert str(languages.lazy_gettext("L'un : %(n)d")) == fr("L’un~: %(n)d")
