"""What tests know of the site and check on every page that they fetch.

`CheckingClient` looks at each page, whatever the test is about: its structure once for each
shape of page (`shape_of`), its words once for each new text. `ROUTES` lists every address of the
program. `site` makes a site with other settings, of texts that are read once.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import html5lib
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from werkzeug.test import TestResponse

from app import create_app
from letters.catalogue import load_catalogue
from letters.facts import load_facts
from letters.model import WHO
from letters.web import languages
from letters.web.languages import LANGUAGES
from letters.web.settings import Settings
from letters.web.site import Site, load_site
from letters.wording import LATER_STEPS

CATALOGUE = load_catalogue(load_facts())
SLUGS = tuple(CATALOGUE.wordings)
OPPOSITIONS = tuple(CATALOGUE.earlier_letters)
LATER = tuple(slug for slug, w in CATALOGUE.wordings.items() if w.step in LATER_STEPS)
SPEAKING = tuple(slug for slug, w in CATALOGUE.wordings.items() if w.speaks_of_earlier_letter)
FORM = f"/fr/lettres/{SLUGS[0]}"
FOLLOW_UP = "/fr/suivi"
# The smallest answers to a letter of opposition; a later letter needs `SENT` as well.
PERSON = {"given_name": "Camille", "family_name": "Durand", "recipient": "01751"}
SENT = {"sent_on": "01/10/2026"}
_LEO = {"represented_given_name": "Léo", "represented_family_name": "Martin"}
# The smallest answers to « Pour qui écrivez-vous », in the order of the form.
WHOSE = {
    "self": {"who": "self"},
    "child": {"who": "child", **_LEO},
    "minor": {"who": "minor"},
    "protected": {"who": "protected", **_LEO, "measure": "tutelle"},
}
# (rule, method) -> an address that the rule answers; HEAD goes with GET.
_PLAIN = ("/", "/sante", "/version", "/.well-known/security.txt")
_NAMES = ("", "accessibilite", "confidentialite", "aide", "mentions-legales", "verifier")
_NAMES += ("comprendre", "sources", "suivi")
_OF_LETTER = ("", "/exemple", "/exemple.pdf", "/vierge.pdf")
ROUTES = {
    **{(path, "GET"): path for path in _PLAIN},
    ("/static/<path:filename>", "GET"): "/static/style.css",
    **{(f"/<language:language>/{name}", "GET"): f"/fr/{name}" for name in _NAMES},
    **{(f"/<language:language>/lettres/<slug>{end}", "GET"): f"{FORM}{end}" for end in _OF_LETTER},
    ("/<language:language>/suivi", "POST"): FOLLOW_UP,
    ("/<language:language>/lettres/<slug>", "POST"): FORM,
}
PAGES = (*(f"/fr/{name}" for name in _NAMES), FORM, f"{FORM}/exemple")
OUTPUTS = ("preview", "edit", "text", "short", "pdf", "slip", "calendar", "bundle")
# The heading of the page of each error.
TITLES = {
    **dict.fromkeys((400, 410, 411, 418, 429), "Cette demande n’est pas lisible"),
    403: "Cette demande ne vient pas de ce site",
    404: "Cette page n’existe pas",
    405: "Cette page ne s’ouvre pas ainsi",
    413: "C’est trop long",
    415: "Ce format n’est pas accepté",
    **dict.fromkeys((500, 501, 504), "La page n’a pas pu s’afficher"),
    503: "Beaucoup de demandes en ce moment",
}
NOT_THE_STATE = "Ce n’est pas un site de l’État"
NO_BREAK = "\u00a0\u202f"
ERROR_PREFIX = "Erreur\u00a0: "
BLOCKS = "p, li, h1, h2, h3, h4, dt, dd, label, legend, summary, button, option, span, td, th"
REFERENCES = {"for", "aria-describedby", "aria-labelledby", "data-copy", "list"}
# A page of ours, a place in it, another site, or an e-mail with a subject at most.
PREFIXES = tuple(f"/{tag}/" for tag in LANGUAGES)
LINKED = re.compile(
    rf"/({'|'.join(LANGUAGES)})/|/version$|#|https://"
    r"|mailto:[\w%.+-]+@[a-z.-]+(\?subject=[\w%.~-]+)?$",
    re.ASCII,
)
# What stands once on every page, and what stands on none.
ONCE = (
    "h1",
    "body > header",
    "body > main",
    "body > footer",
    "footer nav",
    "footer nav[aria-label]",
    "meta[name=viewport][content='width=device-width, initial-scale=1']",  # zoom stays possible
)
NEVER = (
    # Only what leads away from a page that « Back » does not bring back, and says so.
    "form[target], a[target]:not([aria-describedby=new-tab], [rel=noreferrer])",
    "body:not(:has(#erase)) a[target]",
    # What a browser's translation must leave as it is: letters, texts to copy, names of funds.
    ":is(article, .sheet, .spoken, textarea[readonly]):not([translate=no])",
    "#recipient optgroup:not([translate=no])",
    "[placeholder]",
    "label.visually-hidden, .visually-hidden label, label[hidden]",
    "fieldset > :first-child:not(legend)",
    "button:not([form], form button)",
    "style, iframe, object, embed, base, meta[http-equiv], [style]",
    "script:not([src]), script:not(:empty)",
    ":is(link:not([rel=alternate]), use, image):not([href^='/static/'])",
    *(f"[{name}]:not([{name}^='/static/'])" for name in ("src", "srcset", "data", "poster")),
)
SPOKEN = ("title", "aria-label", "label", "alt", "placeholder", "data-copied")
SPOKEN += ("data-selected", "data-selected-touch")

# Every letter for everyone, and a letter that speaks of another one for each of these.
STATES = [
    *((slug, who, OPPOSITIONS[0]) for slug in SLUGS for who in WHO),
    *((slug, "self", first) for slug in SPEAKING for first in OPPOSITIONS[1:]),
]


def answers_of(who: str = "self", first: str = OPPOSITIONS[0], **changes: Any) -> dict[str, Any]:
    """The smallest answers that every letter accepts."""
    lines = {"soignant_lines": "Cabinet de l’Exemple\r\n29200 Brest"}
    more = lines if first == "opposition-soignant" else {}
    return {**PERSON, **SENT, **WHOSE[who], "first_letter": first, **more, **changes}


def in_turn(*axes: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows as many as the longest axis, of which the others take turns."""
    longest = max(map(len, axes))
    return [tuple(axis[number % len(axis)] for axis in axes) for number in range(longest)]


@cache
def loaded() -> Site:
    """What the site is made of, read once in a process."""
    return load_site(Settings())


def site_with(**settings: Any) -> Flask:
    """A site with these settings."""

    def load(chosen: Settings) -> Site:
        return replace(loaded(), settings=chosen)

    with patch("letters.web.site.load_site", load):
        return create_app(Settings(**settings))


# Reading


@lru_cache(maxsize=32)  # pages are read and never changed here
def parse(text: str) -> BeautifulSoup:
    return fresh(text)


def fresh(text: str) -> BeautifulSoup:
    """A page as lxml reads it, with the line ends of HTML: none counts that begins a text area."""
    return BeautifulSoup(re.sub(r"(<textarea[^>]*>)\n", r"\1", text.replace("\r\n", "\n")), "lxml")


def from_file(content: bytes) -> str:
    """The words of a text file, as a reader that knows its sign and its line ends shows them."""
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def text_of(tag: Tag | None) -> str:
    """The text of an element with ordinary spaces folded and no-break ones kept."""
    assert tag is not None
    return re.sub(r"[ \t\r\n]+", " ", tag.get_text()).strip(" ")


def words(tag: Tag | None) -> str:
    """The text of an element with every space an ordinary one."""
    return plain(text_of(tag))


def plain(text: str) -> str:
    """The text with ordinary spaces."""
    return re.sub(r"\s+", " ", text).strip()


def heading_of(page: BeautifulSoup) -> str:
    return text_of(page.find("h1"))


def title_of(page: BeautifulSoup) -> str:
    return text_of(page.find("title"))


class CheckingClient(FlaskClient):
    """Fetches pages and checks each of them; see `check_page`.

    `own_words` is false where the page shows what a stranger typed, which is never retouched.
    """

    own_words = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)  # closes the files that static answers open
        response = super().open(*args, **kwargs)
        assert "Set-Cookie" not in response.headers
        redirected = 300 <= response.status_code < 400
        if response.mimetype == "text/html" and response.data and not redirected:
            check_page(response.text, own_words=self.own_words)
        return response


def checking(app: Flask, *, own_words: bool = True) -> CheckingClient:
    client = CheckingClient(app, app.response_class, use_cookies=True)
    client.own_words = own_words
    return client


# Checking


@lru_cache(maxsize=256)
def check_page(text: str, *, own_words: bool = True) -> None:
    """Every rule that every page follows."""
    shape = shape_of(text)
    if shape not in _RIGHT_SHAPES:
        check_shape(text)
        _RIGHT_SHAPES.add(shape)
    check_words(text, own_words=own_words)


_RIGHT_SHAPES: set[str] = set()


def shape_of(text: str) -> str:
    """A page without its words and what was typed into it: its tags and what they say of it."""
    spoken = "|".join(("value", *SPOKEN))
    return re.sub(rf' ({spoken})="[^"]+"', r' \1="x"', re.sub(r">\s*[^<\s][^<]*<", ">x<", text))


def check_shape(text: str) -> None:
    parser = html5lib.HTMLParser()
    parser.parse(text)
    assert [code for _, code, _ in parser.errors] == []
    page = parse(text)
    assert {name: len(page.select(name)) for name in ONCE} == dict.fromkeys(ONCE, 1)
    assert [(name, page.select(name)) for name in NEVER if page.select(name)] == []
    assert len(page.select("main .button")) <= 1, "one filled button a page"
    for tag in page.find_all(True):
        assert [name for name in tag.attrs if name.startswith("on")] == []
    check_structure(page)
    check_references(page)
    check_controls(page)


def language_of(page: BeautifulSoup) -> str:
    assert page.html is not None
    return str(page.html["lang"])


def check_structure(page: BeautifulSoup) -> None:
    root = page.html
    assert root is not None
    assert root["dir"] == LANGUAGES[str(root["lang"])].direction
    skip = page.select_one("body > a")
    assert skip is not None, "the skip link comes first"
    assert skip["href"] == "#main"
    first = page.find("h1")
    assert first is not None
    levels = [1, *(int(tag.name[1]) for tag in first.find_all_next(re.compile("h[1-6]$")))]
    jumps = [pair for pair in pairwise(levels) if pair[1] > pair[0] + 1]
    assert jumps == [], "a level of heading is left out"
    for passage in page.select("body [lang]"):
        tag = str(passage["lang"])
        if tag != "fr":  # the name of a language, or the aid beside a French letter
            aside = passage.find_parent(class_="languages") or passage.name == "dt"
            assert aside or "gloss" in passage.get("class", [])
            assert passage["dir"] == LANGUAGES[tag].direction


def check_references(page: BeautifulSoup) -> None:
    tags = page.find_all(True)
    identifiers = [str(tag["id"]) for tag in tags if "id" in tag.attrs]
    assert [name for name, count in Counter(identifiers).items() if count > 1] == []
    known = set(identifiers)
    for tag in tags:
        for attribute in REFERENCES & tag.attrs.keys():
            names = " ".join(tag.get_attribute_list(attribute)).split()
            assert names, f"empty {attribute} on {tag.name}"
            assert set(names) <= known, f"{attribute} of {tag.name}: {names}"
        if tag.name == "a" and str(tag["href"]).startswith("#"):
            assert str(tag["href"])[1:] in known


def check_controls(page: BeautifulSoup) -> None:
    language = language_of(page)
    for form in page.find_all("form"):
        assert str(form["action"]).startswith(f"/{language}/")
        if form["method"] != "post":
            assert form["method"] == "get"
            check_no_text_is_sent_in_the_address(form)
    labels = Counter(label["for"] for label in page.find_all("label") if text_of(label))
    for control in page.select("input:not([type=hidden]), select, textarea"):
        assert labels[control["id"]] == 1, control["id"]
    for button in page.find_all("button"):
        tag = button.get("lang", language)  # of the language that it leads to
        assert str(button.get("formaction", f"/{tag}/")).startswith(f"/{tag}/")
        assert "form" not in button.attrs or page.find("form", id=str(button["form"]))
    for named in page.select("button, legend"):
        assert text_of(named)
    for group in page.find_all("fieldset"):
        assert group.find("legend")
    for radio in page.select("[type=radio]"):
        group = radio.find_parent("fieldset")
        assert group is not None
        assert {other["name"] for other in group.find_all("input")} == {radio["name"]}
    for link in page.find_all("a"):
        assert text_of(link) or link.get("aria-label")
        assert LINKED.match(str(link["href"])), link["href"]


def check_no_text_is_sent_in_the_address(form: Tag) -> None:
    """An address is logged by proxies: a form may put into it what is chosen, not what is typed."""
    assert form.find("textarea") is None
    assert {box["type"] for box in form.find_all("input")} <= {"checkbox", "radio"}
    assert re.fullmatch(r"/[a-z-]+/lettres/[a-z-]+/vierge\.pdf", str(form["action"]))


# A text area holds the letter, not our words.
_VISIBLE = etree.XPath(".//text()[not(ancestor::script or ancestor::style or ancestor::textarea)]")
_ALONE = etree.XPath("self::*[not(self::li and descendant::*[self::p or self::ul or self::div])]")
_SENTENCES = {"p", "dt", "h1", "h2", "h3", "label", "summary", "li"}


def check_words(text: str, *, own_words: bool) -> None:
    """What a page says of itself; and how our own French words are set."""
    page = html.document_fromstring(text)
    [title], [heading] = (list(map(_text, page.iter(name))) for name in ("title", "h1"))
    assert heading
    language = page.get("lang")
    bare = title.removeprefix(languages._translated(language, "Erreur :")).strip()
    assert bare.startswith(heading)
    assert title.endswith(" – Droit de plume")
    if language == "fr":
        assert NOT_THE_STATE in _text(next(page.iter("footer")))
    if own_words and LANGUAGES[language].is_french:
        for said in [title, *_attributes(page), *map(_text, page.iter(*BLOCKS.split(", ")))]:
            check_typography(said)
        for block in page.iter(*_SENTENCES):
            if _ALONE(block):
                glued = re.search(r"[a-zé][.!?…][A-ZÀÉ]", _text(block))
                assert not glued, f"a space is missing: {_text(block)}"


def _text(element: html.HtmlElement) -> str:
    return re.sub(r"[ \t\r\n]+", " ", "".join(_VISIBLE(element))).strip(" ")


def _attributes(page: html.HtmlElement) -> Iterator[str]:
    """The texts that attributes hold."""
    for element in page.iter("*"):
        yield from (element.attrib[name] for name in SPOKEN if name in element.attrib)


@cache
def check_typography(text: str) -> None:
    assert not re.search("['\"`´]", text), text
    assert not re.search(r"(^| )[:;!?»]|«(?![\u00a0\u202f])", text), text
    assert not re.search(rf"[^\s{NO_BREAK}][:;!?»](?=[\s.,]|$)", text), text
    assert "..." not in text, text
