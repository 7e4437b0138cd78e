"""The pages in every language: complete, the same answers, the same letter, and honest.

Languages are met in pairs with the rest (`shapes`), and are never listed here, so that a new one
cannot be forgotten. Limits: whether a translation says what the French says is for people; the
files' first lines name who has read them.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import cycle, product
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from icalendar import Calendar
from werkzeug.datastructures import MultiDict

from app import create_app
from letters import gloss as core_gloss
from letters.errors import ContentError
from letters.gloss import load_gloss
from letters.model import OUTCOMES
from letters.translation import read, translated
from letters.web import formats, gloss, languages, site
from letters.web.languages import LANGUAGES, TRANSLATED
from letters.wording import source_of
from tests.kit import shapes
from tests.kit.forms import INFORMATION, NIR, OPTIONS, SANTE, SOIGNANT, everything, pairs
from tests.kit.pages import (
    CATALOGUE,
    LATER,
    OPPOSITIONS,
    PAGES,
    PERSON,
    SENT,
    SLUGS,
    WHOSE,
    answers_of,
    checking,
    fresh,
    heading_of,
    parse,
    plain,
    text_of,
)
from tools import messages as extraction

FOREIGN = tuple(tag for tag in TRANSLATED if not LANGUAGES[tag].is_french)
NEXT = dict(zip(LANGUAGES, [*TRANSLATED, "fr"], strict=True))
FILES = [*product(TRANSLATED, ("pages", "aid"))]
MOST_WORDS_ON_AVERAGE = 10  # of a sentence in simple French
SHORT = 16  # letters; below, twice the French is no room at all: « Nom », « Apellidos »
STALE = "Traduction à revoir : lisez le français, ou demandez à un proche."

every_language = pytest.mark.parametrize("tag", LANGUAGES)
every_translation = pytest.mark.parametrize("tag", TRANSLATED)
every_letter = pytest.mark.parametrize("slug", SLUGS)


def paired(**axes: Any) -> pytest.MarkDecorator:
    """Try a test with values in which every two meet, one by one."""
    rows = [tuple(row.values()) for row in shapes(axes)]
    return pytest.mark.parametrize(tuple(axes), rows)


def in_language(tag: str, path: str) -> str:
    return f"/{tag}/{path.removeprefix('/fr/')}"


def form_of(tag: str, slug: str) -> str:
    return f"/{tag}/lettres/{slug}"


@cache
def seen(app: Flask, path: str) -> BeautifulSoup:
    """A page without answers, fetched once by all tests, which do not change it."""
    return parse(app.test_client().get(path).text)


def posted(app: Flask, path: str, data: dict[str, Any]) -> BeautifulSoup:
    return fresh(app.test_client().post(path, data=data).text)


def said(tag: str, message: str) -> str:
    return languages._translated(tag, message)


# The files of translations


def file_of(tag: str, kind: str) -> Path:
    return languages.file_of(tag) if kind == "pages" else core_gloss.file_of(tag)


def translations(tag: str, kind: str) -> Iterator[tuple[str, str]]:
    """Each French text and what it is in a language; a plural in each of its forms."""
    for message in translated(read(file_of(tag, kind)).catalog):
        source = message.id if isinstance(message.id, str) else message.id[0]
        forms = [message.string] if isinstance(message.string, str) else message.string
        yield from ((source, text) for text in forms)


def test_a_translation_has_plain_spaces_no_hidden_sign_and_at_most_twice_the_room() -> None:
    for source, text in (pair for file in FILES for pair in translations(*file)):
        assert len(text) <= max(2 * len(source), SHORT), (source, text)
        assert text == " ".join(text.split(" ")).strip()
        assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\n]|  ", text), text


def test_arabic_counts_in_six_ways(app: Flask) -> None:
    """None, one, two, few, many, and hundreds: each number has the words that are for it."""
    [message] = [m for m in read(languages.file_of("ar")).catalog if isinstance(m.id, tuple)]
    with app.test_request_context("/ar/"):
        forms = [languages.ngettext(*message.id, n) for n in (0, 1, 2, 3, 11, 100)]
    assert forms == list(message.string)


@pytest.mark.parametrize("kind", ["pages", "aid"])
def test_simple_french_has_short_sentences_and_never_claims_a_label_it_has_not(kind: str) -> None:
    """« Facile à lire et à comprendre » asks for a review by people concerned."""
    file = file_of("fr-simple", kind)
    texts = [re.sub("<[^>]*>", "", text) for text in read(file).texts().values()]
    found = [len(part.split()) for text in texts for part in re.split(r"(?<=[.!?;:])\s+", text)]
    lengths = [words for words in found if words > 2]  # a label is no sentence
    assert len(lengths) > 300
    assert sum(lengths) / len(lengths) <= MOST_WORDS_ON_AVERAGE
    assert max(lengths) <= 18
    claim = re.compile("FALC|facile à lire et à comprendre", re.IGNORECASE)
    assert not claim.search(file.read_text(encoding="utf-8"))


# Files that cannot be used

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
KEEP = "la traduction doit garder tels quels, sans en ajouter :"
NONE = "le français n’a ni valeur ni balise : retirez celles de la traduction."
OUT_OF_PLACE = "le signe « {} » n’a pas sa place dans une traduction."
REFUSED = [  # the French, its translation, what is told
    ("Le %(day)s, non.", "On that day, no.", f"{KEEP} %(day)s."),
    ("Le %(day)s, non.", "On %(date)s, no.", f"{KEEP} %(day)s."),
    ("Non.", "%(day)s.", NONE),
    ("Lisez <a>ceci</a>.", "Read this.", f"{KEEP} <a>, </a>."),
    ("Lisez ceci.", "Read <script>this</script>.", NONE),
    ("Lisez <a>ceci</a>.", "Read <a onclick=1>this</a>.", f"{KEEP} <a>, </a>."),
    ("50 %% des gens", "50 of people", f"{KEEP} %%."),
    ("<a>Un</a> <b>deux</b>", "<b>One</b> <a>two</a>", f"{KEEP} <a>, </a>, <b>, </b>."),
    ("<a>Un</a>", "</a>One<a>", f"{KEEP} <a>, </a>."),
    ("Le ((sent_on)).", "On ((answer_on)).", f"{KEEP} ((sent_on))."),
    # What would break a page.
    ("Oui", "100% sure", OUT_OF_PLACE.format("%")),
    ("Le %(day)s", "On %(day)s %s", OUT_OF_PLACE.format("%")),
    ("Oui", 'x\\" onclick=\\"y', OUT_OF_PLACE.format('"')),
    ("Oui", "Read <img src=x onerror=y ", OUT_OF_PLACE.format("<")),
    ("Oui", "a > b", OUT_OF_PLACE.format(">")),
    ("Oui", "&lt;b", OUT_OF_PLACE.format("&")),
    ("Oui", "((name", OUT_OF_PLACE.format("((")),
]


def written(path: Path, source: str, translation: str) -> Path:
    """A file of translations with one text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{HEADER}msgid "{source}"\nmsgstr "{translation}"\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(("source", "translation", "told"), REFUSED)
def test_what_a_translation_lost_or_brought_along_is_told_with_its_line(
    tmp_path: Path, source: str, translation: str, told: str
) -> None:
    path = written(tmp_path / "messages.po", source, translation)
    with pytest.raises(ContentError, match=f"/messages.po, ligne 5 : {re.escape(told)}$"):
        read(path, messages=True)


def test_a_text_of_the_aid_is_not_formatted_and_holds_no_markup_either(tmp_path: Path) -> None:
    path = tmp_path / "lecture.en.po"
    assert read(written(path, "Oui", "100% & more")).texts() == {"Oui": "100% & more"}
    with pytest.raises(ContentError):
        read(written(path, "Oui", "<b"))


def test_what_is_no_file_of_translations_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="n’existe pas ou ne peut pas être lu"):
        load_gloss("en", tmp_path)
    for wrong in (b"\xff\xfe", b"Bonjour", HEADER.encode() + b'msgid "\xe9"\n'):
        (tmp_path / "lecture.en.po").write_bytes(wrong)
        sentence = r"^lecture\.en\.po n’est pas un fichier PO lisible, en UTF-8\.$"
        with pytest.raises(ContentError, match=sentence):
            load_gloss("en", tmp_path)


@pytest.mark.parametrize(("last", "told"), [("", "il manque une forme"), ("<b>Others", NONE)])
def test_a_plural_that_is_half_there_is_refused(tmp_path: Path, last: str, told: str) -> None:
    path = written(tmp_path / "messages.po", "Oui", "Yes")
    with path.open("a", encoding="utf-8") as file:
        file.write(f'\nmsgid "Un"\nmsgid_plural "Des"\nmsgstr[0] "One"\nmsgstr[1] "{last}"\n')
    with pytest.raises(ContentError, match=told):
        read(path, messages=True)


def test_wrong_files_stop_the_program_and_are_all_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(tag: str) -> Path:
        return written(tmp_path / tag / "LC_MESSAGES" / "messages.po", "Oui", "100% sure")

    languages._loaded.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(languages, "file_of", wrong)
        with pytest.raises(SystemExit) as stopped:
            create_app()
    languages._loaded.cache_clear()
    named = re.findall("(?m)^(.+)/LC_MESSAGES/messages.po, ligne 5 : ", str(stopped.value))
    assert named == list(TRANSLATED)
    path = written(tmp_path / "lecture.en.po", "Le %(day)s.", "On.")
    monkeypatch.setattr(core_gloss, "file_of", lambda tag, directory: path)
    with pytest.raises(SystemExit, match=r"lecture\.en\.po, ligne 5"):
        create_app()


def test_a_doubtful_translation_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "messages.po"
    entry = 'msgid "Un"\nmsgstr "One"\n\n#, fuzzy\nmsgid "Deux"\nmsgstr "Three"\n'
    path.write_text(HEADER + entry, encoding="utf-8")
    assert read(path).texts() == {"Un": "One"}
    assert read(path).compiled().ugettext("Deux") == "Deux"


# Who has read them


def test_who_has_read_a_file_is_named_in_its_first_lines(tmp_path: Path) -> None:
    path = tmp_path / "messages.po"
    for comment, names in {
        "# Relu par : Camille Durand, le 3 mars 2026": ("Camille Durand, le 3 mars 2026",),
        "# Relu par: Léo\n# Relu par :  Zoé ": ("Léo", "Zoé"),
        "# Relu par :": (),
        "# Personne ne l’a relu.": (),
        "# « Relu par », deux points, son nom et la date.": (),
    }.items():
        path.write_text(f"{comment}\n{HEADER}", encoding="utf-8")
        assert read(path).reviewers == names


@every_language
def test_a_translation_that_nobody_has_read_says_so_until_both_files_name_somebody(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    link = f"header .notice a[href='/{tag}/sources#languages']"
    for path in PAGES:
        assert len(seen(app, in_language(tag, path)).select(link)) == (tag != "fr"), path
    for names in ((("Zoé",), ()), ((), ("Zoé",)), (("Zoé",), ("Zoé",))):
        monkeypatch.setattr(gloss, "reviewers_of", lambda tag, names=names: names)
        page = parse(app.test_client().get(f"/{tag}/aide").text)
        assert len(page.select(link)) == (tag != "fr" and not all(names))


@every_language
def test_the_page_of_sources_says_who_has_read_each_language(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    def read_by(*readers: str) -> list[str]:
        named = {other: tuple(f"{reader} ({other})" for reader in readers) for other in TRANSLATED}
        monkeypatch.setitem(app.jinja_env.globals, "reviewers_of", lambda tag: [named[tag]] * 2)
        page = parse(app.test_client().get(f"/{tag}/sources").text)
        return [text_of(part) for part in page.select("#languages ~ dl")[0].select("dt, dd")]

    nobody, named = read_by(), read_by("Zoé Petit", "Léo Martin")
    assert nobody[::3] == named[::3] == [LANGUAGES[other].name for other in TRANSLATED]
    assert {*nobody[1::3]} == {said(tag, "Pages : aucune personne nommée ne les a encore relues.")}
    for other, pages, aid in zip(TRANSLATED, named[1::3], named[2::3], strict=True):
        for reader in (f"Zoé Petit ({other})", f"Léo Martin ({other})"):
            assert reader in pages and reader in aid


# Choosing a language


@pytest.mark.parametrize(
    ("wanted", "tag"),
    {
        "en-US,en;q=0.9": "en",
        "pt-BR": "pt",
        "ar-MA;q=0.9, en;q=0.5": "ar",
        "tr": "tr",
        "es-AR, fr;q=0.1": "es",
        "fr-CA, ar;q=0.8": "fr",
        "de, es;q=0.2": "es",
        "de": "fr",
        "fr-simple": "fr",  # no browser asks for it
    }.items(),
)
def test_the_first_page_is_in_the_browsers_language(app: Flask, wanted: str, tag: str) -> None:
    response = app.test_client().get("/", headers={"Accept-Language": wanted})
    assert response.headers["Location"] == f"/{tag}/"
    assert response.headers["Vary"] == "Accept-Language"
    assert "no-store" in response.headers["Cache-Control"]


@every_translation
def test_every_page_follows_the_rules_of_pages(app: Flask, tag: str) -> None:
    """`checking` looks at each: structure, language, direction, references, controls."""
    client, titles = checking(app, own_words=tag != "fr-simple"), set()
    examples = [f"{form_of('fr', slug)}/exemple" for slug in SLUGS]
    paths = {*PAGES, *examples, *(form_of("fr", slug) for slug in SLUGS), "/fr/absente"}
    for path in paths:
        page = parse(client.get(in_language(tag, path)).text)
        titles.add(page.title.text)
        assert page.html["lang"] == tag
    assert len(titles) == len(paths)
    for slug, answers in product(
        SLUGS, ({"who": "?", "postal_code": "2"}, everything("protected"))
    ):
        response = client.post(form_of(tag, slug), data=answers)
        assert response.status_code == (422 if answers["who"] == "?" else 200)


@every_language
def test_every_page_is_offered_and_told_of_in_every_language(app: Flask, tag: str) -> None:
    """By each language's own name; and by `hreflang`, the same in all of them."""
    names_of = [(each.tag, each.direction, each.name) for each in LANGUAGES.values()]
    for path in (*PAGES, "/fr/absente"):
        page = seen(app, in_language(tag, path))
        names = page.select("header .languages [lang]")
        assert [(n["lang"], n["dir"], text_of(n)) for n in names] == names_of
        current = page.select("header .languages [aria-current]")
        assert [text_of(name) for name in current] == [LANGUAGES[tag].name]
        told = {a["hreflang"]: a["href"] for a in page.select("link[rel=alternate]")}
        if path == "/fr/absente":
            assert told == {}
            continue
        ways = {other: in_language(other, path) for other in LANGUAGES}
        everybody = {"x-default": "http://localhost/"} if path == "/fr/" else {}
        assert told == {tag: f"http://localhost{way}" for tag, way in ways.items()} | everybody
        links = page.select("header .languages :is(a, button)")
        found = {way["lang"]: way.get("href") or way["formaction"] for way in links}
        assert found == {other: way for other, way in ways.items() if other != tag}


def test_an_unknown_language_gets_the_list_of_those_there_are(app: Flask) -> None:
    for unknown, rest in product(("de", "nl_BE"), ("/", "/sources", "/absente")):
        answer = checking(app).get(f"/{unknown}{rest}", headers={"Accept-Language": "en"})
        page = parse(answer.text)
        assert answer.status_code == 404
        assert heading_of(page) == said("en", "Ce site n’est pas traduit dans cette langue")
        links = [(link["href"], text_of(link)) for link in page.select("main .languages a")]
        led = "/" if rest == "/absente" else rest
        assert links == [(f"/{tag}{led}", each.name) for tag, each in LANGUAGES.items()]
    for path in ("/FR/", "/x/", "/zz/"):  # which look like none
        answer = checking(app).get(path)
        assert answer.status_code == 404
        assert parse(answer.text).select("main .languages") == []


@every_language
def test_an_error_is_told_in_the_language_of_its_address(app: Flask, tag: str) -> None:
    client = app.test_client()
    for response, status in (
        (client.get(f"/{tag}/lettres/absente"), 404),
        (client.put(f"/{tag}/sources"), 405),
        (client.post(form_of(tag, SANTE), data={"reason": "x" * 200_000}), 413),
        (client.post(form_of(tag, SANTE), json={}), 415),
    ):
        assert response.status_code == status
        assert parse(response.text).html["lang"] == tag


# Changing the language keeps the answers


def changed(app: Flask, page: BeautifulSoup, tag: str, status: int = 200) -> BeautifulSoup:
    """The page after its button for another language is pressed."""
    button = page.select_one(f"header .languages button[lang={tag}]")
    sent = MultiDict(pairs(page.find("form", id="answers"), button))
    response = app.test_client().post(button["formaction"], data=sent)
    assert response.status_code == status
    after = fresh(response.text)
    assert after.html["lang"] == tag
    return after


def kept(page: BeautifulSoup) -> tuple[set[tuple[str, str]], list[str], list[str], str]:
    """What the form would send, what is in error or told, and the letter."""
    wrong = [error["id"] for error in page.select("p.error")]
    told = [part.get("id", "") for part in page.select("#reponse, .error-summary")]
    return {*pairs(page.find("form", id="answers"))}, wrong, told, letter_of(page)


def letter_of(page: BeautifulSoup) -> str:
    """The words of the letter on the page, without the aid beside them; none on a form."""
    found = (text for part in page.select("#letter") for text in part.find_all(string=True))
    return plain(" ".join(text for text in found if not text.find_parent(class_="gloss")))


LETTER_STATES = ("begun", "edited", "in error", "result")
STATES = (*LETTER_STATES, "zip in error", "day in error", "opened", "followed up", "no outcome")


def page_in(app: Flask, state: str, slug: str, who: str) -> BeautifulSoup:
    """A page in French with answers."""
    begun = {
        "begun": form_of("fr", slug),
        "opened": f"/fr/suivi?lettre={SOIGNANT}&envoi=2026-10-01",
    }
    if state in begun:
        page = fresh(app.test_client().get(begun[state]).text)
        for box in page.select("#postal_code"):
            box["value"] = "2920"
        return page
    also = [other for other in SLUGS if other != slug][:2]
    past = {"first_letter": SOIGNANT, "sent_on": "01/10/2026", **PERSON}
    path, changes = {
        "edited": (slug, {"output": "edit", "caisse_lines": "Chez moi\n29200 Brest"}),
        "in error": (slug, {"given_name": "", "postal_code": "2920", "city": "北京"}),
        "result": (slug, {"large": "1", "also": also}),
        # The form in error is then at the address of the letter that the zip was asked for.
        "zip in error": (SANTE, {"output": "bundle", "also": INFORMATION, "sent_on": "hier"}),
        "day in error": (SANTE, {"output": "calendar", "sent_on": "hier"}),
        "followed up": ("", {**past, "outcome": "partial"}),
        "no outcome": ("", {**past, "outcome": ""}),
    }[state]
    address = form_of("fr", path) if path else "/fr/suivi"
    return posted(app, address, {**everything(who), **changes} if path else changes)


@paired(slug=SLUGS, who=tuple(WHOSE), tag=TRANSLATED, state=STATES)
def test_every_answer_of_a_form_changes_language(
    app: Flask, slug: str, who: str, tag: str, state: str
) -> None:
    """From French, to another language, to a third; in error it stays so, begun it is not yet."""
    page = page_in(app, state, slug, who)
    before = kept(page)
    sent, wrong, _, letter = before
    faults = {"in error": 3, "zip in error": 1, "day in error": 1, "no outcome": 1}.get(state, 0)
    assert len(wrong) == faults
    assert bool(letter) == (state in {"result", "day in error"})
    if state in LETTER_STATES:
        typed = "29200" if state in {"edited", "result"} else "2920"
        assert ("postal_code", typed) in sent
    for other in (tag, NEXT[tag]):
        page = changed(app, page, other, 422 if faults else 200)
        assert kept(page) == before
    if state == "in error":
        wanted = said(NEXT[tag], "Indiquez votre prénom, par exemple Camille.")
        assert wanted in text_of(page.select_one(".error-summary"))
    if state == "zip in error" and other != "fr":
        assert heading_of(page) == load_gloss(other).of("Informer la CNIL")


def test_what_was_not_asked_to_be_checked_is_not_checked_by_another_language(app: Flask) -> None:
    page = posted(app, form_of("fr", SANTE), {"reason": NIR, "output": "edit"})
    assert len(page.select("p.error")) == 1
    assert changed(app, page, "pt").select("p.error") == []
    # Put right before the language is changed, it is a form without errors.
    page = posted(app, form_of("ar", SANTE), {**everything("protected"), "output": "check"})
    assert page.select(".error-summary, .error, #letter") == []
    late = {"lettre": SANTE, "envoi": "2099-01-01"}
    page = parse(app.test_client().get("/fr/suivi", query_string=late).text)
    assert len(changed(app, page, "tr", 422).select("p.error")) == 1


@paired(tag=LANGUAGES, output=("language", "check", "stage"), form=(f"lettres/{SANTE}", "suivi"))
def test_a_number_of_social_security_changes_no_language(
    app: Flask, tag: str, output: str, form: str
) -> None:
    """It is taken out, and said to be, as by any other button."""
    data = {**everything("self"), "given_name": NIR, "sent_on": NIR, "output": output}
    response = app.test_client().post(f"/{tag}/{form}", data=data)
    assert response.status_code == 422
    assert NIR not in response.text


# One letter, whatever the language of the page


@every_letter
def test_the_letter_is_the_same_to_the_byte_in_every_language(app: Flask, slug: str) -> None:
    """Texts in every language; the PDFs, which are made of the same letter, in two."""
    client = app.test_client()
    two = ("fr", FOREIGN[SLUGS.index(slug) % len(FOREIGN)])
    for who, first, options in (("self", OPPOSITIONS[0], ()), ("protected", SOIGNANT, OPTIONS)):
        data = {**everything(who, first), "options": list(options), "reason": "J’ai mes raisons."}
        tried = {"text": LANGUAGES, "short": LANGUAGES}
        if who == "protected":
            tried |= {"pdf": two, "slip": two if slug == SOIGNANT else ("fr",)}
        for output, tags in tried.items():
            asked = {**data, "output": output}
            assert len({client.post(form_of(tag, slug), data=asked).data for tag in tags}) == 1
        pages = [posted(app, form_of(tag, slug), data) for tag in LANGUAGES]
        [boxes] = {tuple(area.text for area in page.select("textarea[readonly]")) for page in pages}
        assert all(boxes), "what is copied"
        [letter] = {letter_of(page) for page in pages}
        assert len(letter) > 500
    for name in ("vierge", "exemple"):
        assert len({client.get(f"{form_of(tag, slug)}/{name}.pdf").data for tag in two}) == 1


def test_a_zip_is_french_but_for_the_reminder_and_the_address_of_the_follow_up(app: Flask) -> None:
    data = {**PERSON, **SENT, "output": "bundle", "also": [SOIGNANT], "soignant_lines": "Dr X\nY"}
    wanted = {}
    for tag in LANGUAGES:
        with ZipFile(
            io.BytesIO(app.test_client().post(form_of(tag, SANTE), data=data).data)
        ) as zipped:
            found = {name: zipped.read(name) for name in zipped.namelist()}
        [event] = Calendar.from_ical(found.pop("rappel.ics")).events
        assert str(event["SUMMARY"]) == said(tag, "Vérifier une réponse reçue")
        assert f"/{tag}/suivi?" in str(event["URL"])
        readme = found["LISEZMOI.txt"].decode()
        assert f"/{tag}/suivi" in readme
        found["LISEZMOI.txt"] = readme.replace(f"/{tag}/", "/fr/").encode()
        wanted = wanted or found
        assert found == wanted


# The reading aid


def beside(page: BeautifulSoup) -> list[tuple[str, str]]:
    """Each French text of the letter and the aid beside it, empty where there is none."""
    found = []
    for part in page.select("#letter .subject, #letter .paragraph, #letter li"):
        aid = part.select_one(".gloss") or part.find_next_sibling()
        is_aid = isinstance(aid, Tag) and "gloss" in aid.get("class", [])
        told = (
            text_of(aid).removeprefix(text_of(aid.select_one(".visually-hidden")).strip())
            if is_aid
            else ""
        )
        french = "".join(node for node in part.find_all(string=True, recursive=False))
        found.append((french.strip(), told.strip()))
    return found


@paired(slug=SLUGS, tag=LANGUAGES, who=tuple(WHOSE), first=OPPOSITIONS, outcome=tuple(OUTCOMES))
def test_every_paragraph_item_and_subject_has_its_aid_whoever_signs(
    app: Flask, slug: str, tag: str, who: str, first: str, outcome: str
) -> None:
    changes = {"outcome": outcome, "options": list(OPTIONS), "reason": "Mes mots."}
    data = everything(who, first, **changes)
    page = posted(app, form_of(tag, slug), data)
    texts = beside(page)
    assert len(texts) > 4
    if tag == "fr":
        assert page.select(".gloss, #gloss-title") == []
        return
    assert text_of(page.find(id="gloss-title")) == said(tag, "Aide à la lecture, à ne pas envoyer")
    assert said(tag, STALE) not in page.text
    own = said(tag, "Ici, vos propres mots, tels que vous les avez écrits.")
    typed = {"Mes mots.", data["missing"].replace("\r\n", "\n")}
    for text, aid in texts:
        assert aid or tag == "fr-simple", text  # some French is simple enough
        assert aid != text
        assert (aid == own) == (text in typed)


@every_translation
@every_letter
def test_the_aid_is_in_the_example_the_option_the_slip_and_the_short_message(
    app: Flask, slug: str, tag: str
) -> None:
    wording, is_simple = CATALOGUE.wordings[slug], tag == "fr-simple"  # which may say the same
    assert seen(app, f"{form_of(tag, slug)}/exemple").select("#letter .gloss")
    options = [option.name for option in wording.options if option.default]
    page = posted(app, form_of(tag, slug), {**answers_of("protected"), "options": options})
    if options:
        # The name at the end of the message is nobody's to translate.
        *paragraphs, _name = page.find(id="message-short").text.strip().split("\n\n")
        assert is_simple or len(page.select(".steps details .gloss")) == len(paragraphs)
    assert bool(page.select("#envoyer .spoken .gloss")) == bool(wording.spoken)
    form = seen(app, form_of(tag, slug))
    for option in wording.options:
        folded = form.find("label", attrs={"for": f"options-{option.name}"})
        assert text_of(folded) == load_gloss(tag).of(option.label)
        details = folded.find_next("details")
        french_texts = details.select("p[lang=fr]")
        assert french_texts
        assert is_simple or len(french_texts) == len(details.select("p.gloss"))


def test_dates_in_the_aid_are_the_readers(app: Flask) -> None:
    for tag, slug in zip(FOREIGN, cycle(LATER)):
        page = posted(app, form_of(tag, slug), everything("self"))
        with app.test_request_context(f"/{tag}/"):
            day = formats.day(date(2026, 10, 1))
        assert day in " ".join(text_of(aid) for aid in page.select("#letter .gloss"))
        assert "1er octobre 2026" in letter_of(page)


def test_a_text_that_changes_has_no_aid_any_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its old translation is never shown again; the others stay; « verifier » names it."""
    loaded = app.extensions["site"]
    wording = loaded.catalogue.wordings[SANTE]
    place, block = next(
        (place, block)
        for place, block in enumerate(wording.body)
        if "Comme le peut" in source_of(block.templates[0])
    )
    old = source_of(block.templates[0])
    new = replace(block, templates=((f"{old} Vraiment.",),))
    body = (*wording.body[:place], new, *wording.body[place + 1 :])
    limits = ("Une limite nouvelle.", *wording.limits[1:])
    changed = replace(wording, body=body, limits=limits, title="Un titre nouveau")

    def to_do() -> list[str]:
        lines = app.test_cli_runner().invoke(args=["lettre", "verifier"]).output.splitlines()
        return [line for line in lines if "traduction" in line]

    assert to_do() == []
    monkeypatch.setitem(loaded.catalogue.wordings, SANTE, changed)
    assert len(to_do()) == 3 * len(TRANSLATED)
    for tag in TRANSLATED:
        aid, stale = load_gloss(tag), said(tag, STALE)
        page = posted(app, form_of(tag, SANTE), PERSON)
        assert [text[-9:] for text, aid in beside(page) if aid == stale] == ["Vraiment."]
        assert aid.of(old) not in page.text
        (first, *_) = page.select("ul.limits li")
        assert text_of(first) == f"Une limite nouvelle. {said(tag, '(traduction à revoir)')}"
        assert first.select_one("[lang=fr]") is not None
        assert aid.of(wording.limits[0]) not in page.text
        assert f"traduction à revoir ({tag}) : {SANTE}.md, « Un titre nouveau »." in to_do()
        line = f"traduction à revoir ({tag}) : {SANTE}.md:{block.line}, « Comme "
        assert any(each.startswith(line) for each in to_do())


def test_a_label_and_a_quotation_that_have_no_aid_any_more_say_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, readings = CATALOGUE.wordings[SANTE].subject, app.extensions["site"].glosses
    left = dict(readings["en"].texts)
    del left["N° de sécurité sociale :"], left[plain(subject)]
    monkeypatch.setitem(readings, "en", replace(readings["en"], texts=left))
    page = posted(app, form_of("en", SANTE), PERSON)
    told = [said("en", STALE) in text_of(aid) for aid in page.select(".sender .gloss")]
    assert told.count(True) == 1
    page = posted(app, form_of("en", "relance"), everything("self", SANTE))
    aided = " ".join(text_of(aid) for aid in page.select("#letter .gloss"))
    assert f"{subject} {said('en', '(traduction à revoir)')}" in aided


# Bringing the files up to date


def test_every_text_is_translated_and_nothing_else_and_nothing_is_lost_by_refreshing(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new text comes in empty, a changed one doubtful with its old translation."""
    for tag, kind in FILES:
        (tmp_path / f"{kind}.{tag}").write_bytes(file_of(tag, kind).read_bytes())
    monkeypatch.setattr(languages, "file_of", lambda tag: tmp_path / f"pages.{tag}")
    monkeypatch.setattr(core_gloss, "file_of", lambda tag: tmp_path / f"aid.{tag}")
    with app.app_context():
        found = list(extraction.refreshed(site.site()))
    to_do = [(file.path.name, file.empty, file.doubtful) for file in found]
    wanted = [(f"{kind}.{tag}", 0, 0) for tag, kind in FILES]
    assert to_do == wanted, "run « python -m tools.messages », and translate"
    for file in found:
        before = read(file.path).texts()
        file.write()
        assert read(file.path).texts() == before
    known = dict(extraction.messages())
    known["Un message de plus, à traduire"] = "new.html"
    known["Aller au contenu de la page"] = known.pop("Aller au contenu")
    monkeypatch.setattr(extraction, "messages", lambda: iter(known.items()))
    monkeypatch.setattr(languages, "TRANSLATED", ("tr",))
    with app.app_context():
        again, _ = extraction.refreshed(site.site())
    assert (again.path.name, again.empty, again.doubtful) == ("pages.tr", 1, 1)
    text = again.text.decode()
    assert '#, fuzzy\n#| msgid "Aller au contenu"\nmsgid "Aller au contenu de la page"' in text


def test_who_had_read_a_file_has_not_read_what_changed_since(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, loaded = tmp_path / "es.po", app.extensions["site"]
    text = core_gloss.file_of("es").read_text(encoding="utf-8")
    path.write_text(f"# Relu par : Zoé Petit\n{text}", encoding="utf-8")
    monkeypatch.setattr(core_gloss, "file_of", lambda tag: path)
    monkeypatch.setattr(languages, "TRANSLATED", ("es",))
    first, *others = loaded.sources
    for source, names in ((first, ("Zoé Petit",)), (replace(first, text="Un texte neuf."), ())):
        monkeypatch.setattr(type(loaded), "sources", [source, *others])
        with app.app_context():
            _, found = extraction.refreshed(site.site())
        found.write()
        assert read(path).reviewers == names
    assert "# Relu avant un changement par : Zoé Petit" in path.read_text(encoding="utf-8")


# Numbers, days, directions


def test_numbers_lists_and_days_are_the_readers(app: Flask) -> None:
    """Also those that stand in a template, which is compiled for the first reader."""
    shown = "{{ 12453|number }}; {{ ['a', 'b', 'c']|enumeration }}; {{ '2026-10-01'|day }}"
    wanted = {
        "fr": "12 453; a, b et c; 1er octobre 2026",
        "fr-simple": "12 453; a, b et c; 1er octobre 2026",
        "en": "12,453; a, b and c; 1 October 2026",
        "pt": "12 453; a, b e c; 1 de outubro de 2026",
        "ar": "12,453; a وb وc; 1 أكتوبر 2026",
        "tr": "12.453; a, b ve c; 1 Ekim 2026",
        "es": "12.453; a, b y c; 1 de octubre de 2026",
    }
    template = None
    for tag in LANGUAGES:
        with app.test_request_context(f"/{tag}/"):
            template = template or app.jinja_env.from_string(shown)
            assert plain(template.render()) == wanted[tag]


@every_letter
def test_what_is_typed_runs_from_left_to_right_also_in_arabic(app: Flask, slug: str) -> None:
    boxes = seen(app, form_of("ar", slug)).select("input[type=text], input[type=email], textarea")
    assert boxes
    result = posted(app, form_of("ar", slug), answers_of())
    for part in (*boxes, *result.select("#letter, .spoken, textarea, #sent_on")):
        assert part["dir"] == "ltr", part.get("id")
