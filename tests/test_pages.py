"""Every page: its address, its status, its structure, and what each of them must show.

`CheckingClient` looks at each page that it fetches, whatever the test is about; the other test
modules of the web layer use it too. `ROUTES` lists every address of the program: a route that is
not in it fails `test_every_route_is_listed`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import html5lib
import pytest
from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PreformattedString
from flask import Flask, abort
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from letters import __version__
from letters.catalogue import load_catalogue
from letters.facts import Fact, load_facts
from letters.model import WHO
from letters.recipients import Recipients
from letters.typography import long_date
from letters.web import i18n
from letters.web.i18n import LANGUAGES
from letters.web.settings import Settings
from letters.wording import LATER_STEPS

CATALOGUE = load_catalogue(load_facts())
SLUGS = tuple(CATALOGUE.wordings)
OPPOSITIONS = tuple(CATALOGUE.oppositions)
LATER = tuple(slug for slug, w in CATALOGUE.wordings.items() if w.step in LATER_STEPS)
SPEAKING = tuple(slug for slug, w in CATALOGUE.wordings.items() if w.speaks_of_objection)
FORM = f"/fr/lettres/{SLUGS[0]}"
FOLLOW_UP = "/fr/suivi"
# The smallest answers to a letter of opposition; a later letter needs `SENT` as well.
PERSON = {"given_name": "Camille", "family_name": "Durand", "recipient": "01751"}
SENT = {"sent_on": "01/10/2026"}
LEO = {"represented_given_name": "Léo", "represented_family_name": "Martin"}
# The smallest answers to « Pour qui écrivez-vous », in the order of the form.
WHOSE = {
    "self": {"who": "self"},
    "child": {"who": "child", **LEO},
    "minor": {"who": "minor"},
    "protected": {"who": "protected", **LEO, "measure": "tutelle"},
}
# (rule, method) -> an address that the rule answers; HEAD goes with GET.
ROUTES = {
    ("/", "GET"): "/",
    ("/sante", "GET"): "/sante",
    ("/version", "GET"): "/version",
    ("/.well-known/security.txt", "GET"): "/.well-known/security.txt",
    ("/static/<path:filename>", "GET"): "/static/style.css",
    ("/<language:language>/", "GET"): "/fr/",
    ("/<language:language>/accessibilite", "GET"): "/fr/accessibilite",
    ("/<language:language>/confidentialite", "GET"): "/fr/confidentialite",
    ("/<language:language>/aide", "GET"): "/fr/aide",
    ("/<language:language>/mentions-legales", "GET"): "/fr/mentions-legales",
    ("/<language:language>/verifier", "GET"): "/fr/verifier",
    ("/<language:language>/comprendre", "GET"): "/fr/comprendre",
    ("/<language:language>/sources", "GET"): "/fr/sources",
    ("/<language:language>/suivi", "GET"): FOLLOW_UP,
    ("/<language:language>/suivi", "POST"): FOLLOW_UP,
    ("/<language:language>/lettres/<slug>", "GET"): FORM,
    ("/<language:language>/lettres/<slug>", "POST"): FORM,
    ("/<language:language>/lettres/<slug>/exemple", "GET"): f"{FORM}/exemple",
    ("/<language:language>/lettres/<slug>/exemple.pdf", "GET"): f"{FORM}/exemple.pdf",
    ("/<language:language>/lettres/<slug>/vierge.pdf", "GET"): f"{FORM}/vierge.pdf",
}
FILES = ("/static/style.css", f"{FORM}/vierge.pdf", f"{FORM}/exemple.pdf")
READ = (path for (_rule, method), path in ROUTES.items() if method == "GET")
PAGES = tuple(path for path in dict.fromkeys(READ) if path.startswith("/fr/") and path not in FILES)
OUTPUTS = ("preview", "edit", "text", "short", "pdf", "slip", "calendar", "bundle")
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
FETCHED = {"src", "srcset", "data", "poster", "xlink:href"}
SPOKEN = ("title", "aria-label", "label", "alt", "placeholder", "data-copied", "data-selected")


@lru_cache(maxsize=32)  # pages are read and never changed here
def parse(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html5lib")


def visible_nodes(top: Tag) -> Iterator[NavigableString]:
    """The texts of a page that a person reads; a text area holds the letter, not our words."""
    for node in top.find_all(string=True):
        shown = not isinstance(node, PreformattedString) and node.strip()
        if shown and not node.find_parent(["script", "style", "textarea"]):
            yield node


def text_of(tag: Tag | None) -> str:
    """The text of an element with ordinary spaces folded and no-break ones kept."""
    assert tag is not None
    return re.sub(r"[ \t\r\n]+", " ", tag.get_text()).strip(" ")


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


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


@lru_cache(maxsize=256)
def check_page(text: str, *, own_words: bool = True) -> None:
    """Every rule that every page follows."""
    check_markup(text)
    page = parse(text)
    check_head(page)
    check_structure(page)
    check_references(page)
    check_controls(page)
    check_nothing_inline(page)
    if own_words and LANGUAGES[language_of(page)].is_french:
        check_typography(page)


def language_of(page: BeautifulSoup) -> str:
    assert page.html is not None
    return str(page.html["lang"])


def check_markup(text: str) -> None:
    parser = html5lib.HTMLParser()
    parser.parse(text)
    assert [code for _, code, _ in parser.errors] == []


def check_head(page: BeautifulSoup) -> None:
    root = page.html
    assert root is not None
    assert root["dir"] == LANGUAGES[str(root["lang"])].direction
    assert len(page.find_all("h1")) == 1
    title, heading = title_of(page), heading_of(page)
    assert heading
    prefix = i18n._translated(language_of(page), "Erreur :")
    assert title.removeprefix(prefix).strip().startswith(heading)
    assert title.endswith(" – Droit de plume")
    viewport = page.select_one("meta[name=viewport]")
    assert viewport is not None
    assert viewport["content"] == "width=device-width, initial-scale=1"  # zoom stays possible


def check_structure(page: BeautifulSoup) -> None:
    for landmark in ("body > header", "body > main", "body > footer", "footer nav[aria-label]"):
        assert len(page.select(landmark)) == 1, landmark
    footer = page.select_one("body > footer")
    assert NOT_THE_STATE in text_of(footer) or language_of(page) != "fr"
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
            assert (
                passage.find_parent(class_="languages")
                or "aid" in passage.get("class", [])
                or (passage.name == "dt")
            )
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
    for form in page.find_all("form"):
        assert str(form["action"]).startswith(f"/{language_of(page)}/")
        assert form.get("target") is None
        if form["method"] != "post":
            assert form["method"] == "get"
            check_no_text_is_sent_in_the_address(form)
    labels = Counter(label["for"] for label in page.find_all("label") if text_of(label))
    for control in page.find_all(["input", "select", "textarea"]):
        if control.get("type") == "hidden":
            continue
        assert labels[control["id"]] == 1, control["id"]
        assert control.get("placeholder") is None
    assert page.select("label.visually-hidden, .visually-hidden label, label[hidden]") == []
    for button in page.find_all("button"):
        assert text_of(button)
        assert button.find_parent("form") or page.find("form", id=str(button["form"]))
        tag = button.get("lang", language_of(page))  # of the language that it leads to
        assert str(button.get("formaction", f"/{tag}/")).startswith(f"/{tag}/")
    for group in page.find_all("fieldset"):
        first = group.find(True)
        assert isinstance(first, Tag)
        assert first.name == "legend"
        assert text_of(first)
    for radio in page.select("[type=radio]"):
        group = radio.find_parent("fieldset")
        assert group is not None
        assert {other["name"] for other in group.find_all("input")} == {radio["name"]}
    for link in page.find_all("a"):
        assert text_of(link) or link.get("aria-label")
        assert LINKED.match(str(link["href"])), link["href"]
        assert link.get("target") is None


def check_no_text_is_sent_in_the_address(form: Tag) -> None:
    """An address is logged by proxies: a form may put into it what is chosen, not what is typed."""
    assert form.find("textarea") is None
    assert {box["type"] for box in form.find_all("input")} <= {"checkbox", "radio"}
    paths = product(LANGUAGES, SLUGS)
    assert form["action"] in {f"/{tag}/lettres/{slug}/vierge.pdf" for tag, slug in paths}


def check_nothing_inline(page: BeautifulSoup) -> None:
    assert page.find_all(["style", "iframe", "object", "embed", "base"]) == []
    for script in page.find_all("script"):
        assert script.get("src")
        assert script.get_text() == ""
    for tag in page.find_all(True):
        assert "style" not in tag.attrs
        assert [name for name in tag.attrs if name.startswith("on")] == []
        for attribute in FETCHED & tag.attrs.keys():
            assert str(tag[attribute]).startswith("/static/"), f"{tag.name} {attribute}"
    for link in page.select("link:not([rel=alternate]), use, image"):
        assert str(link["href"]).startswith("/static/")
    assert page.select("meta[http-equiv]") == []


def check_typography(page: BeautifulSoup) -> None:
    for text in [text_of(page.find("title")), *spoken(page), *blocks(page)]:
        assert not re.search("['\"`´]", text), text
        assert not re.search(r"(^| )[:;!?»]|«(?![\u00a0\u202f])", text), text
        assert not re.search(rf"[^\s{NO_BREAK}][:;!?»](?=[\s.,]|$)", text), text
        assert "..." not in text, text
    for tag in page.select("p, dt, h1, h2, h3, label, summary, li:not(:has(p, ul, div))"):
        text = text_of(tag)
        assert not re.search(r"[a-zé][.!?…][A-ZÀÉ]", text), f"a space is missing: {text}"


def spoken(page: BeautifulSoup) -> Iterator[str]:
    """The texts that attributes hold."""
    for name in SPOKEN:
        for tag in page.select(f"[{name}]"):
            yield str(tag[name])


def blocks(page: BeautifulSoup) -> Iterator[str]:
    for block in page.select(BLOCKS):
        assert isinstance(block, Tag)
        yield re.sub(r"[ \t\r\n]+", " ", "".join(visible_nodes(block))).strip(" ")


# The client itself


WHOLE = (
    '<!doctype html><html lang="fr" dir="ltr"><head><title>Page – Droit de plume</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body>'
    '<a href="#main">Aller</a><header></header><main id="main"><h1>Page</h1>{}</main><footer>'
    f'<nav aria-label="Pied"></nav><p>{NOT_THE_STATE}.</p></footer></body></html>'
)


def test_the_checks_accept_a_right_page() -> None:
    check_page(WHOLE.format("<p>Oui\u00a0: «\u00a0bien\u00a0»\u202f; c’est juste.</p>"))


@pytest.mark.parametrize(
    "wrong",
    [
        "<h1>Deux</h1>",
        "<h3>Saut</h3>",
        '<p id="main">Double</p>',
        '<label for="absent">Rien</label>',
        '<p aria-describedby="absent">Rien</p>',
        '<p aria-describedby="">Rien</p>',
        '<a href="#absent">Rien</a>',
        '<a href="http://example.org/">En clair</a>',
        '<a href="mailto:a@example.org?subject=Oui&body=Non">Avec un texte</a>',
        '<a href="mailto:a@example.org?subject=Oui et non">Mal écrit</a>',
        '<a href="https://example.org/" target="_blank">Autre</a>',
        '<input id="a">',
        '<label for="a" class="visually-hidden">Cachée</label><input id="a">',
        '<label for="a"></label><input id="a">',
        "<form><button>Envoyer</button></form>",
        "<button>Seul</button>",
        '<p style="color:red">Rouge</p>',
        "<style>p { color: red }</style>",
        "<script>1</script>",
        '<script src="https://example.org/x.js"></script>',
        '<img src="//example.org/x.png" alt="x">',
        '<p onclick="x()">Clic</p>',
        '<p lang="en">Anglais</p>',
        "<p>L'apostrophe</p>",
        "<p>Une question ?</p>",
        "<p>Une question?</p>",
        "<p>Deux <strong>points</strong> : ici</p>",
        "<p>« Guillemets »</p>",
        "<p>Encore...</p>",
        '<p aria-label="L\'attribut">Oui</p>',
        '<form method="get" action="/fr/suivi"><button>Envoyer</button></form>',
        f'<form method="get" action="{FORM}/vierge.pdf"><input type="text"></form>',
        f'<form method="get" action="{FORM}/vierge.pdf"><textarea></textarea></form>',
        '<form method="post" action="//evil.example/"><button>Envoyer</button></form>',
        '<form method="post" action="/fr/"><button formaction="//evil.example/">Oui</button>',
        "<fieldset><p>Sans légende</p></fieldset>",
        '<fieldset><legend>Deux</legend><input type="radio" id="a" name="a"><label for="a">A'
        '</label><input type="radio" id="b" name="b"><label for="b">B</label></fieldset>',
        "<p><p>Non</p></p>",
        "<p a=1 a=2>Non</p>",
    ],
)
def test_the_checks_refuse_a_wrong_page(wrong: str) -> None:
    with pytest.raises((AssertionError, KeyError)):
        check_page(WHOLE.format(wrong))


# Routes


def test_every_route_is_listed(app: Flask) -> None:
    found = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == set(ROUTES)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.rule(1, 9, 10, 25)
def test_every_page_is_answered_in_french(client: CheckingClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"


# Every letter for everyone, and a letter that speaks of another one for each of these.
STATES = [
    *((slug, who, OPPOSITIONS[0]) for slug in SLUGS for who in WHO),
    *((slug, "self", first) for slug in SPEAKING for first in OPPOSITIONS[1:]),
]


def answers_of(who: str = "self", first: str = OPPOSITIONS[0], **changes: Any) -> dict[str, Any]:
    """The smallest answers that every letter accepts."""
    lines = {"recipient_lines": "Cabinet de l’Exemple\r\n29200 Brest"}
    more = lines if first == "opposition-soignant" else {}
    return {**PERSON, **SENT, **WHOSE[who], "first_letter": first, **more, **changes}


def test_every_answer_to_the_first_question_is_tried() -> None:
    assert tuple(WHOSE) == WHO


@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_has_its_form(client: CheckingClient, slug: str) -> None:
    page = parse(client.get(f"/fr/lettres/{slug}").text)
    assert heading_of(page) == CATALOGUE.wordings[slug].title


@pytest.mark.parametrize(("slug", "who", "first"), STATES)
def test_every_letter_is_written_for_everyone(
    client: CheckingClient, slug: str, who: str, first: str
) -> None:
    """What each of these pages must be is in `check_page`."""
    path, answers = f"/fr/lettres/{slug}", answers_of(who, first)
    assert client.post(path, data={**answers, "output": "edit"}).status_code == 200
    result = client.post(path, data=answers)
    assert result.status_code == 200
    assert heading_of(parse(result.text)) == "Votre lettre est prête"
    wrong = dict.fromkeys(answers, "") | {"who": who, "first_letter": first}
    assert client.post(path, data=wrong).status_code == 422


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_output_of_every_letter_is_made_and_sets_no_cookie(
    client: CheckingClient, slug: str, output: str
) -> None:
    first = slug if slug in OPPOSITIONS else OPPOSITIONS[0]
    answers = answers_of("protected", first, output=output, also=list(SLUGS))
    response = client.post(f"/fr/lettres/{slug}", data=answers)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", sorted(set(ROUTES.values()) - {"/static/style.css"}))
def test_head_says_the_same_as_get_without_a_body(client: CheckingClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code
    assert dict(head.headers) == dict(get.headers)
    assert head.data == b""


@pytest.mark.rule(1)
def test_every_page_has_its_own_title(client: CheckingClient) -> None:
    texts = [client.get(path).text for path in PAGES]
    texts += [client.get(f"/fr/lettres/{slug}").text for slug in SLUGS[1:]]
    texts += [client.post(FORM, data=PERSON).text, client.get("/fr/absente").text]
    texts += [client.post(FORM, data={"given_name": "Camille"}).text]
    texts += [client.post(FOLLOW_UP, data={"outcome": "silence"}).text]
    titles = [title_of(parse(text)) for text in texts]
    assert len(set(titles)) == len(titles)


def test_every_template_is_shown_by_some_page(
    app: Flask, client: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: set[str] = set()
    get_template = app.jinja_env.get_template

    def record(name: Any, *args: Any, **kwargs: Any) -> Any:
        names.add(str(name))
        return get_template(name, *args, **kwargs)

    monkeypatch.setattr(app.jinja_env, "get_template", record)
    for path in (*PAGES, "/absente"):
        client.get(path)
    for first in OPPOSITIONS:  # each has its way to be sent, and the complaint has one more
        client.post(f"/fr/lettres/{LATER[0]}", data=answers_of(first=first))
    client.post(f"/fr/lettres/{LATER[-1]}", data=answers_of())
    ours = {name for name in app.jinja_env.list_templates() if not name.startswith("letter/")}
    assert names == ours


@pytest.mark.parametrize("wanted", ["fr", "de;q=0.9, fr;q=0.1", "", "*", ";;q=x,,", "fr-FR"])
def test_the_root_redirects_to_the_visitors_language(client: CheckingClient, wanted: str) -> None:
    response = client.get("/", headers={"Accept-Language": wanted})
    assert response.status_code == 302
    assert response.headers["Location"] == "/fr/"
    assert response.headers["Vary"] == "Accept-Language"


def test_the_monitor_gets_json(client: CheckingClient) -> None:
    response = client.get("/sante")
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert json.loads(response.data) == {"ok": True, "pdf": True, "version": __version__}


# Errors

TITLES = {
    400: "Cette demande n’est pas lisible",
    403: "Cette demande ne vient pas de ce site",
    404: "Cette page n’existe pas",
    405: "Cette page ne s’ouvre pas ainsi",
    410: "Cette demande n’est pas lisible",
    411: "Cette demande n’est pas lisible",
    413: "C’est trop long",
    415: "Ce format n’est pas accepté",
    418: "Cette demande n’est pas lisible",
    429: "Cette demande n’est pas lisible",
    500: "La page n’a pas pu s’afficher",
    501: "La page n’a pas pu s’afficher",
    503: "Beaucoup de demandes en ce moment",
    504: "La page n’a pas pu s’afficher",
}
ENGLISH = re.compile(
    r"Error|Not Found|Method|Request|Traceback|Werkzeug|Flask|Python|server|redirect", re.IGNORECASE
)


@pytest.mark.parametrize(
    ("path", "same"), [("/fr", "/fr/"), ("/fr/sources/", "/fr/sources"), (f"{FORM}/", FORM)]
)
def test_a_slash_too_many_or_too_few_does_not_matter(
    client: CheckingClient, path: str, same: str
) -> None:
    """A redirect would repeat the Host that was sent."""
    host = {"Host": "elsewhere.example"}
    response = client.get(path, headers=host)
    assert response.status_code == 200
    assert response.data == client.get(same, headers=host).data


@pytest.mark.parametrize(("code", "title"), TITLES.items())
def test_every_error_is_a_french_page_that_says_what_to_do(
    app: Flask,
    client: CheckingClient,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    title: str,
) -> None:
    monkeypatch.setitem(app.view_functions, "root.health", lambda: abort(code))
    response = client.get("/sante")
    page = parse(response.text)
    assert response.status_code == code
    assert heading_of(page) == title
    assert text_of(page.select_one("main .lead")).endswith(".")
    assert not ENGLISH.search(text_of(page.find("main")))


@pytest.mark.parametrize(
    "path",
    [
        "/absente",
        "/fr/absente",
        "/fr/lettres/",
        "/fr/lettres/absente",
        "/fr/lettres/LISEZMOI",
        "/fr/lettres/..%2f..%2fapp",
        "/static/absente.css",
        "/static/../app.py",
        "/fr/%00",
        "/fr/sources%0d%0aSet-Cookie: a=b",
    ],
)
def test_an_unknown_address_lists_the_letters(client: CheckingClient, path: str) -> None:
    response = client.get(path)
    page = parse(response.text)
    assert response.status_code == 404
    assert heading_of(page) == "Cette page n’existe pas"
    links = [link["href"] for link in page.select("main ul a")]
    assert links == [f"/fr/lettres/{slug}" for slug in SLUGS]


def test_an_unknown_letter_cannot_be_posted(client: CheckingClient) -> None:
    assert client.post("/fr/lettres/absente", data=PERSON).status_code == 404


@pytest.mark.parametrize("path", sorted(set(ROUTES.values())))
def test_another_method_is_refused_with_those_allowed(client: CheckingClient, path: str) -> None:
    allowed = {method for (_, method), known in ROUTES.items() if known == path}
    allowed |= {"HEAD"} if "GET" in allowed else set()
    for method in {"POST", "PUT", "PATCH", "DELETE", "FROB"} - allowed:
        sent = {"content_type": "application/x-www-form-urlencoded"}
        response = client.open(path, method=method, **sent)
        assert response.status_code == 405, method
        assert set(response.headers["Allow"].split(", ")) - {"OPTIONS"} == allowed
        assert heading_of(parse(response.text)) == TITLES[405]


# What pages show


def test_the_home_page_leads_to_every_letter(client: CheckingClient) -> None:
    page = parse(client.get("/fr/").text)
    links = [str(link["href"]) for link in page.select("main a")]
    assert next(link for link in links if "/lettres/" in link) == FORM
    listed = [str(link["href"]) for link in page.select("main .letters h3 a")]
    assert listed == [f"/fr/lettres/{slug}" for slug in SLUGS]
    assert len(page.select("main a.button")) == 1
    assert FOLLOW_UP in links
    assert "/fr/comprendre" in links


@pytest.mark.parametrize(
    ("day", "due", "extended"),
    [
        (date(2026, 11, 21), "21 décembre 2026", "21 février 2027"),
        (date(2027, 1, 31), "28 février 2027", "30 avril 2027"),
        (date(2027, 12, 1), "1er janvier 2028", "1er mars 2028"),
    ],
)
def test_the_home_page_says_until_when_an_answer_is_due(
    client: CheckingClient, monkeypatch: pytest.MonkeyPatch, day: date, due: str, extended: str
) -> None:
    monkeypatch.setattr("letters.web.routes.today", lambda: day)
    steps = [
        text_of(step).replace("\u00a0", " ")
        for step in parse(client.get("/fr/").text).select(".journey li")
    ]
    assert steps[0].startswith(f"Aujourd’hui, {long_date(day)}".replace("\u00a0", " "))
    assert steps[2].startswith(f"Jusqu’au {due}")
    assert f"Pour une demande complexe, la caisse a jusqu’au {extended}, si" in steps[2]


def test_every_page_is_looked_at_in_the_browser() -> None:
    from tests.pages import PAGES as BROWSED

    assert set(PAGES) <= set(BROWSED)


def test_the_help_page_leads_to_the_blank_letter(client: CheckingClient) -> None:
    [link] = parse(client.get("/fr/aide").text).select("main li a")
    address, _, place = str(link["href"]).partition("#")
    section = parse(client.get(address).text).find(id=place)
    assert isinstance(section, Tag)
    assert section.select("form[action$='/vierge.pdf']")


def test_the_home_page_says_what_each_letter_stops_and_what_not(client: CheckingClient) -> None:
    items = parse(client.get("/fr/").text).select("main .letters li")
    for item, wording in zip(items, CATALOGUE.wordings.values(), strict=True):
        assert text_of(item.find("h3")) == wording.title
        assert [text_of(text) for text in item.select("p")][:2] == [wording.summary, wording.reach]


def test_the_home_page_says_what_the_right_does_not_reach(client: CheckingClient) -> None:
    page = parse(client.get("/fr/").text)
    assert len(page.select("main ul.limits li")) >= 5


@pytest.mark.rule(25)
def test_help_is_at_the_same_place_on_every_page(client: CheckingClient) -> None:
    texts = [client.get(path).text for path in (*PAGES, "/absente")]
    texts += [client.post(f"/fr/lettres/{slug}", data=answers_of()).text for slug in SLUGS]
    for page in map(parse, texts):
        links = page.select("body > header > a")
        assert [str(link["href"]) for link in links] == ["/fr/", "/fr/aide"]
        assert text_of(links[-1]) == "Aide"


def test_the_footer_leads_to_the_same_pages_everywhere(client: CheckingClient) -> None:
    texts = [client.get(path).text for path in PAGES] + [client.get("/absente").text]
    texts.append(client.post(FORM, data=PERSON).text)
    wanted = ["/fr/comprendre", FOLLOW_UP, "/fr/confidentialite", "/fr/sources"]
    wanted += ["/fr/accessibilite", "/fr/verifier", "/fr/mentions-legales"]
    for text in texts:
        assert [a["href"] for a in parse(text).select("footer a")] == wanted


def test_sources_show_every_fact_with_its_source_and_dates(
    client: CheckingClient, facts: dict[str, Fact]
) -> None:
    page = parse(client.get("/fr/sources").text)
    shown = [str(term["id"]) for term in page.select("dl.facts-list dt[id]")]
    assert sorted(shown) == sorted(facts)
    for fact in facts.values():
        term = page.find("dt", id=fact.id)
        assert isinstance(term, Tag)
        description = text_of(term.find_next_sibling("dd"))
        assert text_of(term) == fact.reference
        for part in (fact.statement, fact.limit, fact.source, fact.french_date):
            assert part in description
        assert f" le {long_date(fact.checked_on)} · " in description
        assert ("à vérifier" in description.rpartition("·")[2]) == (fact.confidence == "a-verifier")


def test_sources_link_every_fact_that_has_an_address(
    client: CheckingClient, facts: dict[str, Fact]
) -> None:
    page = parse(client.get("/fr/sources").text)
    links = [str(link["href"]) for link in page.select("dl.facts-list a")]
    assert sorted(links) == sorted(fact.url for fact in facts.values() if fact.url)


def test_sources_show_all_addresses_with_their_age_to_be_checked(
    client: CheckingClient, recipients: Recipients
) -> None:
    page = parse(client.get("/fr/sources").text)
    starts = {f"{body.name}{mark}" for body in recipients for mark in (" –", " (")}
    items = [text_of(item) for item in page.select("main li")]
    items = [item for item in items if item.startswith(tuple(starts))]
    assert len([body for body in recipients if body.code.startswith("01")]) == 107
    assert len(items) == len(recipients)
    for body, item in zip(recipients, items, strict=True):
        assert item.startswith(body.name)
        if body.has_address:
            assert ", ".join(body.places) in item
            assert re.search(r"relevé le \d+(er)?\u00a0\w+ 20\d\d, à vérifier", item), item
        else:
            assert "adresse inconnue" in item
        assert body.note in item


def test_sources_credit_the_addresses(client: CheckingClient) -> None:
    text = text_of(parse(client.get("/fr/sources").text).find("main"))
    assert "Service-Public.fr / DILA, Licence Ouverte 2.0, relevé 2016-2019" in text


def test_sources_say_who_read_each_letter(client: CheckingClient) -> None:
    text = text_of(parse(client.get("/fr/sources").text).find("main"))
    for wording in CATALOGUE.wordings.values():
        assert wording.basis in text
        assert wording.reviewed_by in text


WITH_CONTACT = ("confidentialite", "accessibilite", "aide", "mentions-legales")


@pytest.mark.parametrize("name", WITH_CONTACT)
def test_the_contact_is_shown_when_there_is_one_and_never_as_markup(name: str) -> None:
    app = create_app(Settings(contact="vous&lt;nous@example.org"))
    page = parse(checking(app).get(f"/fr/{name}").text)
    assert "vous&lt;nous@example.org" in text_of(page.find("main"))
    assert "n’ont pas encore indiqué de contact" not in text_of(page.find("main"))


def test_a_missing_contact_is_admitted(client: CheckingClient) -> None:
    assert "n’ont pas encore indiqué de contact" in client.get("/fr/accessibilite").text
    for name in ("confidentialite", "mentions-legales"):
        terms = parse(client.get(f"/fr/{name}").text).select("main dt")
        [contact] = [dt for dt in terms if re.match("Contact|Comment joindre", text_of(dt))]
        assert text_of(contact.find_next("dd")) == "Pas encore indiqué."


# Static files


def test_static_files_are_addressed_by_their_hash_and_kept_for_ever(client: CheckingClient) -> None:
    page = parse(client.post(FORM, data=PERSON).text)
    addresses = [
        str(tag.get("src") or tag.get("href"))
        for tag in page.select("link:not([rel=alternate]), script")
    ]
    names = [re.fullmatch(r"/static/([a-z.]+)\?v=[0-9a-f]{12}", a) for a in addresses]
    assert {name[1] for name in names if name} == {"style.css", "copy.js", "icon.svg"}
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_every_static_file_is_used_by_some_page(app: Flask, client: CheckingClient) -> None:
    pages = "".join(client.get(path).text for path in PAGES) + client.post(FORM, data=PERSON).text
    assert app.static_folder
    for file in Path(app.static_folder).rglob("*"):
        assert f"/static/{file.name}?v=" in pages


def test_a_script_is_loaded_only_where_it_has_something_to_do(client: CheckingClient) -> None:
    for path in (*PAGES, *(f"/fr/lettres/{slug}" for slug in SLUGS)):
        page = parse(client.get(path).text)
        wanted = ["address.js"] if page.select("#recipient") else []
        assert scripts(page) == wanted, path
    for slug in SLUGS:
        result = parse(client.post(f"/fr/lettres/{slug}", data=answers_of()).text)
        assert scripts(result) == ["copy.js"]


def scripts(page: BeautifulSoup) -> list[str]:
    return [Path(str(tag["src"]).partition("?")[0]).name for tag in page.find_all("script")]
