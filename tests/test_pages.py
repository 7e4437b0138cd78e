"""Every page: its address, its status, and what each of them must show.

What every page owes to whoever reads it is in `tests/kit/pages.py`, whose client looks at each
page that it fetches; here its checks are tried on wrong pages.
"""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, abort

from letters import __version__
from letters.typography import long_date
from tests.kit import CLOCK, clock
from tests.kit.pages import (
    CATALOGUE,
    FOLLOW_UP,
    FORM,
    NOT_THE_STATE,
    PAGES,
    ROUTES,
    SLUGS,
    STATES,
    TITLES,
    CheckingClient,
    answers_of,
    check_page,
    checking,
    heading_of,
    parse,
    site_with,
    text_of,
    title_of,
)


@pytest.fixture
def client(app: Flask) -> CheckingClient:
    return checking(app)


@pytest.fixture(scope="module")
def texts(app: Flask) -> dict[str, str]:
    """Every page as it is asked for, each form, each result, and pages that refuse something."""
    client = checking(app)
    read = {path: client.get(path).text for path in (*PAGES, "/absente")}
    for slug in SLUGS:
        path = f"/fr/lettres/{slug}"
        read[path] = client.get(path).text
        read[f"result {slug}"] = client.post(path, data=answers_of()).text
    read["refused"] = client.post(FORM, data={"given_name": "Camille"}).text
    read["refused follow-up"] = client.post(FOLLOW_UP, data={"outcome": "silence"}).text
    return read


# The client itself

WHOLE = (
    '<!doctype html><html lang="fr" dir="ltr"><head><title>Page – Droit de plume</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1"></head><body>'
    '<a href="#main">Aller</a><header></header><main id="main"><h1>Page</h1>{}</main><footer>'
    f'<nav aria-label="Pied"></nav><p>{NOT_THE_STATE}.</p></footer></body></html>'
)


# One wrong page for each kind of check.
WRONG = [
    "<h1>Deux</h1>",
    "<h3>Saut</h3>",
    '<p id="main">Double</p>',
    '<p aria-describedby="absent">Rien</p>',
    '<a href="#absent">Rien</a>',
    '<a href="mailto:a@example.org?subject=Oui&body=Non">Avec un texte</a>',
    '<a href="https://example.org/" rel="noreferrer" target="_blank">Autre</a>',
    '<form id="erase"></form><a href="https://example.org/" target="_blank">Autre</a>',
    '<input id="a">',
    '<label for="a" class="visually-hidden">Cachée</label><input id="a">',
    "<button>Seul</button>",
    '<p style="color:red">Rouge</p>',
    '<p onclick="x()">Clic</p>',
    "<script>1</script>",
    '<script src="https://example.org/x.js"></script>',
    '<img src="//example.org/x.png" alt="x">',
    '<p lang="en">Anglais</p>',
    "<p>L'apostrophe</p>",
    "<p>Deux <strong>points</strong> : ici</p>",
    '<p aria-label="L\'attribut">Oui</p>',
    f'<form method="get" action="{FORM}/vierge.pdf"><input type="text"></form>',
    '<form method="post" action="//evil.example/"><button>Envoyer</button></form>',
    "<fieldset><p>Sans légende</p></fieldset>",
    "<p><p>Non</p></p>",
    '<article id="letter">Traduisible</article>',
]


def test_the_checks_of_every_page_accept_a_right_page_and_refuse_a_wrong_one() -> None:
    check_page(WHOLE.format("<p>Oui\u00a0: «\u00a0bien\u00a0»\u202f; c’est juste.</p>"))
    for wrong in WRONG:
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


@pytest.mark.parametrize(("slug", "who", "first"), STATES)
def test_every_letter_is_written_for_everyone(
    client: CheckingClient, slug: str, who: str, first: str
) -> None:
    """What each of these pages must be is in `check_page`."""
    path, answers = f"/fr/lettres/{slug}", answers_of(who, first)
    edited = client.post(path, data={**answers, "output": "edit"})
    assert edited.status_code == 200
    assert heading_of(parse(edited.text)) == CATALOGUE.wordings[slug].title
    result = client.post(path, data=answers)
    assert result.status_code == 200
    assert heading_of(parse(result.text)) == "Votre lettre est prête"
    wrong = dict.fromkeys(answers, "") | {"who": who, "first_letter": first}
    assert client.post(path, data=wrong).status_code == 422


@pytest.mark.parametrize("path", sorted(set(ROUTES.values()) - {"/static/style.css"}))
def test_head_says_the_same_as_get_without_a_body(client: CheckingClient, path: str) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_code == get.status_code
    assert dict(head.headers) == dict(get.headers)
    assert head.data == b""


@pytest.mark.rule(1)
def test_every_page_has_its_own_title(texts: dict[str, str]) -> None:
    """Results share theirs: each is of the letter that was asked for."""
    titles = [title_of(parse(text)) for name, text in texts.items() if "result" not in name]
    assert len(set(titles)) == len(titles)
    assert title_of(parse(texts[f"result {SLUGS[0]}"])) not in titles


def test_the_monitor_gets_json() -> None:
    response = checking(site_with()).get(
        "/sante"
    )  # of a site whose PDFs no other test has made fail
    assert response.status_code == 200
    assert response.content_type == "application/json"
    assert json.loads(response.data) == {"ok": True, "pdf": True, "version": __version__}


# Errors


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
        "/fr/lettres/",
        "/fr/lettres/LISEZMOI",
        "/fr/lettres/..%2f..%2fapp",
        "/fr/lettres/absente/exemple",
        "/fr/lettres/absente/exemple.pdf",
        "/fr/lettres/absente/vierge.pdf",
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


# What pages show


def test_the_home_page_leads_to_every_letter_and_says_what_each_stops_and_what_not(
    texts: dict[str, str],
) -> None:
    page = parse(texts["/fr/"])
    links = [str(link["href"]) for link in page.select("main a")]
    assert next(link for link in links if "/lettres/" in link) == FORM
    assert len(page.select("main a.button")) == 1
    assert {FOLLOW_UP, "/fr/comprendre"} <= set(links)
    assert len(page.select("main ul.limits li")) >= 5
    assert len(page.select("main ul.limits")[0].select("li")) == 2  # the others are folded
    items = page.select("main .letters li")
    for item, (slug, wording) in zip(items, CATALOGUE.wordings.items(), strict=True):
        assert text_of(item.select_one(f"a[href='/fr/lettres/{slug}']")) == wording.title
        assert text_of(item.p) == wording.summary


@pytest.mark.parametrize(
    ("day", "due"),
    [(date(2026, 11, 21), "21 décembre 2026"), (date(2027, 12, 1), "3 janvier 2028")],
)
def test_the_home_page_says_until_when_an_answer_is_due(
    client: CheckingClient, monkeypatch: pytest.MonkeyPatch, day: date, due: str
) -> None:
    monkeypatch.setattr(CLOCK, clock(day))
    steps = [
        text_of(step).replace("\u00a0", " ")
        for step in parse(client.get("/fr/").text).select(".journey li")
    ]
    assert steps[0].startswith(f"Aujourd’hui, {long_date(day)}".replace("\u00a0", " "))
    assert steps[1].startswith(f"Jusqu’au {due}")


def test_every_page_is_looked_at_in_the_browser() -> None:
    from tests.pages import PAGES as BROWSED

    assert set(PAGES) <= set(BROWSED)


def test_the_help_page_leads_to_the_blank_letter(client: CheckingClient) -> None:
    [link] = parse(client.get("/fr/aide").text).select("main li a")
    address, _, place = str(link["href"]).partition("#")
    folded = parse(client.get(address).text).find(id=place)
    assert isinstance(folded, Tag)
    assert folded.select("form[action$='/vierge.pdf']")


@pytest.mark.rule(25)
def test_help_and_the_footer_are_the_same_on_every_page(texts: dict[str, str]) -> None:
    footer = ["/fr/comprendre", FOLLOW_UP, "/fr/confidentialite", "/fr/sources"]
    footer += ["/fr/accessibilite", "/fr/verifier", "/fr/mentions-legales"]
    for page in map(parse, texts.values()):
        links = page.select("body > header > a")
        assert [str(link["href"]) for link in links] == ["/fr/", "/fr/aide"]
        assert text_of(links[-1]) == "Aide"
        away = page.select(":is(header, footer) a[target=_blank]")
        assert len(away) == (len(footer) + 2 if page.select("#erase") else 0)
        assert [link["href"] for link in page.select("footer a")] == footer


WITHOUT_CONTACT = "n’ont pas encore indiqué de contact"


def test_the_contact_is_shown_when_there_is_one_and_never_as_markup(texts: dict[str, str]) -> None:
    client = checking(site_with(contact="vous&lt;nous@example.org"))
    for name in ("confidentialite", "accessibilite", "aide", "mentions-legales"):
        told = text_of(parse(client.get(f"/fr/{name}").text).find("main"))
        assert "vous&lt;nous@example.org" in told
        assert WITHOUT_CONTACT not in told
    assert WITHOUT_CONTACT in texts["/fr/accessibilite"]
    for name in ("confidentialite", "mentions-legales"):
        terms = parse(texts[f"/fr/{name}"]).select("main dt")
        [contact] = [dt for dt in terms if re.match("Contact|Comment joindre", text_of(dt))]
        assert text_of(contact.find_next("dd")) == "Pas encore indiqué."


# Static files


def test_static_files_are_addressed_by_their_hash_and_kept_for_ever(
    app: Flask, client: CheckingClient, texts: dict[str, str]
) -> None:
    found = re.findall(r'"(/static/([\w.-]+)\?v=[0-9a-f]{12})[#"]', "".join(texts.values()))
    assert app.static_folder
    assert {name for _, name in found} == {file.name for file in Path(app.static_folder).rglob("*")}
    for address, _ in set(found):
        response = client.get(address)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_script_is_loaded_only_where_it_has_something_to_do(texts: dict[str, str]) -> None:
    for name, text in texts.items():
        page = parse(text)
        assert scripts(page) == (["copy.js"] if "result" in name else []), name


def scripts(page: BeautifulSoup) -> list[str]:
    return [Path(str(tag["src"]).partition("?")[0]).name for tag in page.find_all("script")]
