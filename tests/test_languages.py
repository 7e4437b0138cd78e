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
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from werkzeug.datastructures import MultiDict

from letters import reading
from letters.catalogue import load_catalogue
from letters.compose import compose
from letters.facts import load_facts
from letters.model import OUTCOMES
from letters.reading import load_reading
from letters.translation import TranslationError, has_words, read, translated, values_of
from letters.typography import NBSP, NNBSP, french
from letters.web import aids, content, i18n
from letters.web.forms import Context, LetterForm
from letters.web.i18n import LANGUAGES, TRANSLATED
from letters.wording import source_of
from tests.conftest import TODAY
from tests.kit import shapes
from tests.kit.forms import NIR, OPTIONS, PLAINTE, PLATEFORME, SANTE, SOIGNANT, everything, pairs
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
    heading_of,
    text_of,
)
from tests.letters_under_test import steady_few
from tests.test_i18n import MESSAGES, quick, waves
from tools import messages as extraction

FOREIGN = tuple(tag for tag in TRANSLATED if not LANGUAGES[tag].is_french)
KINDS = ("pages", "aid")
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
    return quick(app.test_client().get(path).text)


def posted(app: Flask, path: str, data: dict[str, Any]) -> BeautifulSoup:
    return quick(app.test_client().post(path, data=data).text)


def one(found: object) -> Tag:
    assert isinstance(found, Tag)
    return found


def said(tag: str, message: str) -> str:
    return i18n._translated(tag, message)


def file_of(tag: str, kind: str) -> Path:
    return i18n.file_of(tag) if kind == "pages" else reading.file_of(tag)


# The files of translations


def translations(tag: str, kind: str) -> Iterator[tuple[str, str]]:
    """Each French text and what it is in a language; a plural in each of its forms."""
    for message in translated(read(file_of(tag, kind)).catalog):
        source = message.id if isinstance(message.id, str) else message.id[0]
        said = [message.string] if isinstance(message.string, str) else message.string
        yield from ((source, text) for text in said)


@every_translation
def test_no_plural_form_is_missing(tag: str) -> None:
    catalog = read(i18n.file_of(tag)).catalog
    plurals = [message for message in translated(catalog) if isinstance(message.id, tuple)]
    assert plurals
    for message in plurals:
        assert len(message.string) == catalog.num_plurals
        assert all(message.string)


def test_arabic_counts_in_six_ways(app: Flask) -> None:
    message = (
        "Les personnes qui tiennent ce site déclarent que leurs serveurs les gardent "
        "%(days)s {} au plus."
    )
    with app.test_request_context("/ar/"):
        forms = [
            i18n.ngettext(message.format("jour"), message.format("jours"), n)
            for n in (0, 1, 2, 3, 11, 100)
        ]
    assert all(re.search("[ء-ي]", form) for form in forms)
    assert len(set(forms)) >= 5  # after a hundred, the noun is as after one


@paired(tag=TRANSLATED, kind=KINDS)
def test_a_translation_has_plain_spaces_no_hidden_sign_and_at_most_twice_the_room(
    tag: str, kind: str
) -> None:
    for source, text in translations(tag, kind):
        assert len(text) <= max(2 * len(source), SHORT), (source, text)
        assert text == " ".join(text.split(" ")).strip()
        assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\n]|  ", text), text


def sentences(texts: list[str]) -> Iterator[list[str]]:
    for text in texts:
        for sentence in re.split(r"(?<=[.!?;:])\s+", re.sub("<[^>]*>", "", text)):
            if len(words := sentence.split()) > 2:  # a label is no sentence
                yield words


@pytest.mark.parametrize("kind", KINDS)
def test_simple_french_has_short_sentences_and_never_claims_a_label_it_has_not(kind: str) -> None:
    """« Facile à lire et à comprendre » asks for a review by people concerned."""
    file = file_of("fr-simple", kind)
    lengths = [len(words) for words in sentences([*read(file).texts().values()])]
    assert len(lengths) > 300
    assert sum(lengths) / len(lengths) <= MOST_WORDS_ON_AVERAGE
    assert max(lengths) <= 18
    claim = re.compile("FALC|facile à lire et à comprendre", re.IGNORECASE)
    assert not claim.search(file.read_text(encoding="utf-8"))


# Files that cannot be used

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


def written(path: Path, source: str, translation: str) -> Path:
    """A file of translations with one text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'{HEADER}msgid "{source}"\nmsgstr "{translation}"\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("Le %(day)s, non.", "On that day, no."),
        ("Le %(day)s, non.", "On %(date)s, no."),
        ("Non.", "%(day)s."),
        ("Lisez <a>ceci</a>.", "Read this."),
        ("Lisez ceci.", "Read <script>this</script>."),
        ("Lisez <a>ceci</a>.", "Read <a onclick=1>this</a>."),
        ("50 %% des gens", "50 of people"),
        ("<a>Un</a> <b>deux</b>", "<b>One</b> <a>two</a>"),
        ("<a>Un</a>", "</a>One<a>"),
        ("Le ((sent_on)).", "On ((answer_on))."),
    ],
)
def test_a_value_or_a_tag_that_was_lost_or_added_is_told_with_its_line(
    tmp_path: Path, source: str, translation: str
) -> None:
    with pytest.raises(TranslationError) as error:
        read(written(tmp_path / "messages.po", source, translation))
    wanted = ", ".join(values_of(source))
    sentence = f"la traduction doit garder tels quels, sans en ajouter : {wanted}."
    if not wanted:
        sentence = "le français n’a ni valeur ni balise : retirez celles de la traduction."
    assert str(error.value) == f"messages.po, ligne 5 : {sentence}"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"Bonjour", HEADER.encode() + b'msgid "\xe9"\n'])
def test_what_is_no_file_of_translations_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lecture.en.po"
    path.write_bytes(content)
    with pytest.raises(TranslationError, match=r"^lecture\.en\.po n’est pas un fichier PO lisible"):
        read(path)


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(TranslationError, match="n’existe pas ou ne peut pas être lu"):
        load_reading("en", tmp_path)


@pytest.mark.parametrize(
    ("translation", "sign"),
    [
        ("100% sure", "%"),
        ("On %(day)s %s", "%"),
        ("%(Day)s", "%"),
        ('x\\" onclick=\\"y', '"'),
        ("Read <img src=x onerror=y ", "<"),
        ("a > b", ">"),
        ("&lt;b", "&"),
        ("((name", "(("),
    ],
)
def test_a_sign_that_would_break_a_page_is_refused(
    tmp_path: Path, translation: str, sign: str
) -> None:
    source = "%(day)s" if "%(day)s" in translation else "Oui"
    with pytest.raises(TranslationError) as error:
        read(written(tmp_path / "messages.po", source, translation), messages=True)
    sentence = f"ligne 5 : le signe « {sign} » n’a pas sa place dans une traduction."
    assert str(error.value).endswith(sentence)


@pytest.mark.parametrize("last", ["", "<b>Others"])
def test_a_plural_that_is_half_there_is_refused(tmp_path: Path, last: str) -> None:
    path = tmp_path / "messages.po"
    entry = 'msgid "Un"\nmsgid_plural "Des"\nmsgstr[0] "<script>"\n'
    path.write_text(f'{HEADER}{entry}msgstr[1] "{last}"\n', encoding="utf-8")
    with pytest.raises(TranslationError):
        read(path, messages=True)


def test_every_language_whose_file_is_wrong_is_named_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def file_of(tag: str) -> Path:
        return written(tmp_path / tag / "LC_MESSAGES" / "messages.po", "Oui", "100% sure")

    monkeypatch.setattr(i18n, "file_of", file_of)
    i18n._loaded.cache_clear()
    try:
        with pytest.raises(TranslationError) as error:
            i18n.load()
    finally:
        i18n._loaded.cache_clear()
    lines = str(error.value).splitlines()
    names = [line.partition("/LC_MESSAGES/messages.po, ligne 5 : ")[0] for line in lines]
    assert names == list(TRANSLATED)


def test_a_broken_file_stops_the_program_with_its_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app import create_app

    path = written(tmp_path / "lecture.en.po", "Le %(day)s.", "On.")
    monkeypatch.setattr("letters.reading.file_of", lambda tag, directory: path)
    with pytest.raises(SystemExit, match=r"lecture\.en\.po, ligne 5"):
        create_app()


def test_a_doubtful_translation_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "messages.po"
    entry = 'msgid "Un"\nmsgstr "One"\n\n#, fuzzy\nmsgid "Deux"\nmsgstr "Three"\n'
    path.write_text(HEADER + entry, encoding="utf-8")
    assert read(path).texts() == {"Un": "One"}
    assert read(path).compiled().ugettext("Deux") == "Deux"


@steady_few
@given(text=st.text(st.characters(codec="utf-8", categories=["L", "Zs", "P"]), max_size=40))
def test_what_is_between_the_values_of_a_text_is_what_there_is_to_translate(text: str) -> None:
    plain = re.sub(r"[()<>%]", "", text)
    assert values_of(f"((name)){plain}%(day)s") == ["((name))", "%(day)s"]
    assert has_words(f"((name)){plain}%(day)s") == any(c.isalpha() for c in plain)


# Who has read them


@pytest.mark.parametrize(
    ("comment", "names"),
    [
        ("# Relu par : Camille Durand, le 3 mars 2026", ("Camille Durand, le 3 mars 2026",)),
        ("# Relu par: Léo\n# Relu par :  Zoé ", ("Léo", "Zoé")),
        ("# Relu par :", ()),
        ("# Personne ne l’a relu.", ()),
        ("# « Relu par », deux points, son nom et la date.", ()),
    ],
)
def test_who_has_read_a_file_is_named_in_its_first_lines(
    tmp_path: Path, comment: str, names: tuple[str, ...]
) -> None:
    path = tmp_path / "messages.po"
    path.write_text(f"{comment}\n{HEADER}", encoding="utf-8")
    assert read(path).reviewers == names


@every_language
def test_a_translation_that_nobody_has_read_says_so_on_top_of_every_page(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    link = f"a[href='/{tag}/sources#languages']"
    for path in PAGES:
        linked = seen(app, in_language(tag, path)).select(f"header .notice {link}")
        assert len(linked) == (tag != "fr"), path
    # One of the two files is not enough.
    for names in ((("Zoé",), ()), ((), ("Zoé",)), (("Zoé",), ("Zoé",))):
        monkeypatch.setattr(aids, "reviewers_of", lambda tag, names=names: names)
        told = "#languages" in str(quick(app.test_client().get(f"/{tag}/aide").text).header)
        assert told == (tag != "fr" and not all(names))


@every_language
def test_the_page_of_sources_says_who_has_read_each_language(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    def shown() -> list[str]:
        page = quick(app.test_client().get(f"/{tag}/sources").text)
        found = one(one(page.find(id="languages")).find_next("dl"))
        return [text_of(part) for part in found.find_all(["dt", "dd"])]

    nobody = [
        said(tag, "Pages : aucune personne nommée ne les a encore relues."),
        said(tag, "Aide à la lecture : aucune personne nommée ne l’a encore relue."),
    ]
    names = [LANGUAGES[other].name for other in TRANSLATED]
    assert shown() == [line for name in names for line in (name, *nobody)]
    named = (("Zoé Petit", "Léo Martin"), ("Camille Durand",))
    monkeypatch.setitem(app.jinja_env.globals, "reviewers_of", lambda tag: named)
    lines = shown()
    assert all("Zoé Petit" in line and "Léo Martin" in line for line in lines[1::3])
    assert all("Camille Durand" in line for line in lines[2::3])


# Choosing a language


@pytest.mark.parametrize(
    ("wanted", "tag"),
    [
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("pt-BR", "pt"),
        ("ar-MA;q=0.9, en;q=0.5", "ar"),
        ("tr", "tr"),
        ("es-AR, fr;q=0.1", "es"),
        ("fr-FR, ar;q=0.8", "fr"),
        ("fr-CA", "fr"),
        ("de, es;q=0.2", "es"),
        ("de", "fr"),
        ("zh", "fr"),
        ("fr-simple", "fr"),  # no browser asks for it
    ],
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
    for path in (*PAGES, "/fr/absente"):
        page = quick(client.get(in_language(tag, path)).text)
        titles.add(page.title.text)
        assert page.html["lang"] == tag
    assert len(titles) == len(PAGES) + 1


@paired(
    tag=TRANSLATED, slug=SLUGS, answers=({"who": "?", "postal_code": "2"}, everything("protected"))
)
def test_every_form_and_letter_follows_them_too(
    app: Flask, tag: str, slug: str, answers: dict[str, Any]
) -> None:
    client = checking(app, own_words=tag != "fr-simple")
    for path in (form_of(tag, slug), f"{form_of(tag, slug)}/exemple"):
        assert client.get(path).status_code == 200
    assert client.post(form_of(tag, slug), data=answers).status_code in {200, 422}


@every_language
def test_every_page_is_offered_and_told_of_in_every_language(app: Flask, tag: str) -> None:
    """By each language's own name; and by `hreflang`, the same in all of them."""
    languages = [(each.tag, each.direction, each.name) for each in LANGUAGES.values()]
    for path in (*PAGES, "/fr/absente"):
        page = seen(app, in_language(tag, path))
        names = page.select("header .languages [lang]")
        assert [(str(n["lang"]), str(n["dir"]), text_of(n)) for n in names] == languages
        current = page.select("header .languages [aria-current]")
        assert [text_of(name) for name in current] == [LANGUAGES[tag].name]
        told = {str(a["hreflang"]): str(a["href"]) for a in page.select("link[rel=alternate]")}
        if path == "/fr/absente":
            assert told == {}
            continue
        ways = {other: in_language(other, path) for other in LANGUAGES}
        everybody = {"x-default": "http://localhost/"} if path == "/fr/" else {}
        assert told == {tag: f"http://localhost{way}" for tag, way in ways.items()} | everybody
        links = page.select("header .languages :is(a, button)")
        found = {str(way["lang"]): str(way.get("href") or way["formaction"]) for way in links}
        assert found == {other: way for other, way in ways.items() if other != tag}


@paired(
    unknown=("de", "it", "zh-Hans", "nl_BE"),
    rest=("/", "/sources", "/lettres/opposition-sante", "/absente"),
)
def test_an_unknown_language_gets_the_list_of_those_there_are(
    app: Flask, unknown: str, rest: str
) -> None:
    response = checking(app).get(f"/{unknown}{rest}", headers={"Accept-Language": "en"})
    page = quick(response.text)
    assert response.status_code == 404
    assert heading_of(page) == said("en", "Ce site n’est pas traduit dans cette langue")
    links = page.select("main .languages a")
    rest = "/" if rest == "/absente" else rest
    assert [str(link["href"]) for link in links] == [f"/{tag}{rest}" for tag in LANGUAGES]
    assert [text_of(link) for link in links] == [language.name for language in LANGUAGES.values()]


@pytest.mark.parametrize("path", ["/FR/", "/fr-FR/", "/fr_/sources", "/x/", "/zz/", "/%66r%20/"])
def test_what_is_no_language_is_an_unknown_page(app: Flask, path: str) -> None:
    assert checking(app).get(path).status_code == 404


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
        assert quick(response.text).html["lang"] == tag


# Changing the language keeps the answers


def changed(client: FlaskClient, page: BeautifulSoup, tag: str, status: int = 200) -> BeautifulSoup:
    """The page after its button for another language is pressed."""
    button = one(page.select_one(f"header .languages button[lang={tag}]"))
    sent = MultiDict(pairs(one(page.find("form", id="answers")), button))
    response = client.post(str(button["formaction"]), data=sent)
    assert response.status_code == status
    after = quick(response.text)
    assert after.html["lang"] == tag
    return after


def kept(page: BeautifulSoup) -> tuple[list[tuple[str, str]], list[str], list[str], str]:
    """What the form would send, what is in error or told, and the letter."""
    nothing = Tag(name="button")
    sent = sorted(set(pairs(one(page.find("form", id="answers")), nothing)))
    wrong = [str(error["id"]) for error in page.select("p.error")]
    told = [str(part.get("id", "")) for part in page.select("#reponse, .error-summary")]
    return sent, wrong, told, letter_of(page)


def letter_of(page: BeautifulSoup) -> str:
    """The words of the letter on the page, without the aid beside them; none on a form."""
    article = page.find(id="letter")
    found = article.find_all(string=True) if isinstance(article, Tag) else []
    return plain(" ".join(text for text in found if not text.find_parent(class_="aid")))


NEXT = dict(zip(LANGUAGES, [*TRANSLATED, "fr"], strict=True))
STATES = ("begun", "edited", "in error", "result")


@paired(slug=SLUGS, who=tuple(WHOSE), tag=TRANSLATED, state=STATES)
def test_every_answer_of_a_form_changes_language(
    app: Flask, slug: str, who: str, tag: str, state: str
) -> None:
    """From French, to another language, to a third; in error it stays so, begun it is not yet."""
    client, data = app.test_client(), everything(who)
    if state == "begun":
        page = quick(client.get(form_of("fr", slug)).text)
        one(page.find(id="postal_code"))["value"] = "2920"
    elif state == "edited":
        changes = {"output": "edit", "recipient_lines": "Chez moi\n29200 Brest"}
        page = posted(app, form_of("fr", slug), {**data, **changes})
    elif state == "in error":
        changes = {"given_name": "", "postal_code": "2920", "city": "北京"}
        page = posted(app, form_of("fr", slug), {**data, **changes})
    else:
        also = [other for other in SLUGS if other != slug][:2]
        page = posted(app, form_of("fr", slug), {**data, "large": "1", "also": also})
    before, is_wrong = kept(page), state == "in error"
    sent, wrong, _, letter = before
    assert (len(sent) > 5, len(wrong), bool(letter)) == (True, 3 * is_wrong, state == "result")
    assert ("postal_code", "29200" if state in {"edited", "result"} else "2920") in sent
    for other in (tag, NEXT[tag]):
        page = changed(client, page, other, 422 if is_wrong else 200)
        assert kept(page) == before
        if is_wrong:
            wanted = said(other, "Indiquez votre prénom, par exemple Camille.")
            assert wanted in text_of(page.select_one(".error-summary"))


@paired(
    outcome=("", "silence", "refusal", "partial", "accepted"),
    sent_on=("", "hier", "01/10/2026"),
    tag=TRANSLATED,
)
def test_the_follow_up_changes_language_with_what_it_says(
    app: Flask, outcome: str, sent_on: str, tag: str
) -> None:
    client = app.test_client()
    data = {"first_letter": SOIGNANT, "outcome": outcome, "sent_on": sent_on, **PERSON}
    opened = client.get("/fr/suivi", query_string={"lettre": SOIGNANT, "envoi": "2026-10-01"})
    for response in (client.post("/fr/suivi", data=data), opened):
        page = quick(response.text)
        before = kept(page)
        for other in (tag, NEXT[tag]):
            page = changed(client, page, other, response.status_code)
            assert kept(page) == before


def test_a_letter_of_the_zip_that_is_in_error_is_the_one_that_changes_language(app: Flask) -> None:
    """Its form is shown at the address of the letter that the zip was asked for."""
    data = {**PERSON, "who": "self", "output": "bundle", "also": "information-cnil"}
    page = posted(app, form_of("fr", SANTE), {**data, "sent_on": "hier"})
    for tag in (*TRANSLATED, "fr"):
        page = changed(app.test_client(), page, tag, 422)
        title = "Informer la CNIL"
        assert heading_of(page) == (title if tag == "fr" else load_reading(tag).of(title))
        assert [str(error["id"]) for error in page.select("p.error")] == ["sent_on-error"]


def test_a_wrong_day_of_sending_is_told_on_the_result_in_the_other_language(app: Flask) -> None:
    client = app.test_client()
    data = {**PERSON, "who": "self", "output": "calendar", "sent_on": "hier"}
    page = posted(app, form_of("fr", SANTE), data)
    for tag in (*TRANSLATED, "fr"):
        page = changed(client, page, tag, 422)
        day = one(page.find(id="sent_on"))
        assert (day["value"], day["aria-invalid"]) == ("hier", "true")
        assert page.select(".error-summary a[href='#sent_on']")
    day["value"] = "01/10/2026"
    changed(client, page, "en")


def test_what_was_not_asked_to_be_checked_is_not_checked_by_another_language(app: Flask) -> None:
    client = app.test_client()
    page = posted(app, form_of("fr", SANTE), {"reason": NIR, "output": "edit"})
    assert len(page.select("p.error")) == 1
    assert changed(client, page, "pt").select("p.error") == []
    # Put right before the language is changed, it is a form without errors.
    page = posted(app, form_of("ar", SANTE), {**everything("protected"), "output": "check"})
    assert page.select(".error-summary, .error, #letter") == []
    late = client.get("/fr/suivi", query_string={"lettre": SANTE, "envoi": "2099-01-01"})
    page = changed(client, quick(late.text), "tr", 422)
    assert len(page.select("p.error")) == 1


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
    """Texts in every language; the PDF, which is made of the same letter, in two."""
    client = app.test_client()
    two = ("fr", FOREIGN[SLUGS.index(slug) % len(FOREIGN)])
    drawn = {"protected": {"pdf": two, "slip": two if slug == SOIGNANT else ()}}
    for who, first, options in (("self", OPPOSITIONS[0], ()), ("protected", SOIGNANT, OPTIONS)):
        data = {**everything(who, first), "options": list(options), "reason": "J’ai mes raisons."}
        tried = {"text": LANGUAGES, "short": LANGUAGES, **drawn.get(who, {})}
        for output, tags in tried.items():
            asked = {**data, "output": output}
            made = {client.post(form_of(tag, slug), data=asked).data for tag in tags}
            assert len(made) <= 1, output
        pages = [posted(app, form_of(tag, slug), data) for tag in LANGUAGES]
        boxes = {tuple(area.text for area in page.select("textarea[readonly]")) for page in pages}
        assert len(boxes) == 1, "what is copied"
        assert all(boxes.pop())
        letters = {letter_of(page) for page in pages}
        assert len(letters) == 1
        assert len(letters.pop()) > 500


@pytest.mark.parametrize(("slug", "tag"), [*zip(SLUGS, cycle(TRANSLATED))])
@pytest.mark.parametrize("name", ["vierge", "exemple"])
def test_the_blank_letter_and_the_example_are_the_same_in_every_language(
    app: Flask, slug: str, tag: str, name: str
) -> None:
    client = app.test_client()
    made = {client.get(f"{form_of(each, slug)}/{name}.pdf").data for each in (tag, "fr")}
    assert len(made) == 1


def test_a_zip_is_french_but_for_the_reminder_and_the_address_of_the_follow_up(app: Flask) -> None:
    data = {**PERSON, **SENT, "output": "bundle", "also": [SOIGNANT], "recipient_lines": "Dr X\nY"}

    def members(tag: str) -> dict[str, bytes]:
        body = app.test_client().post(form_of(tag, SANTE), data=data).data
        with ZipFile(io.BytesIO(body)) as file:
            return {name: file.read(name) for name in file.namelist()}

    wanted = members("fr")
    reminder = wanted.pop("rappel.ics")
    for tag in TRANSLATED:
        found = members(tag)
        assert found.pop("rappel.ics") != reminder
        readme = found["LISEZMOI.txt"].decode()
        assert f"/{tag}/suivi" in readme
        found["LISEZMOI.txt"] = readme.replace(f"/{tag}/", "/fr/").encode()
        assert found == wanted


@every_language
def test_the_reminder_speaks_to_its_reader_and_opens_their_page(app: Flask, tag: str) -> None:
    data = {**PERSON, **SENT, "output": "calendar"}
    file = app.test_client().post(form_of(tag, SANTE), data=data).data
    (event,) = Calendar.from_ical(file).events
    assert str(event["SUMMARY"]) == said(tag, "Vérifier une réponse reçue")
    assert f"/{tag}/suivi?" in str(event["URL"])


# The reading aid


def beside(page: BeautifulSoup) -> list[tuple[str, str]]:
    """Each French text of the letter and the aid beside it, empty where there is none."""
    found = []
    for part in page.select("#letter .subject, #letter .paragraph, #letter li"):
        aid = part.select_one(".aid") or part.find_next_sibling()
        is_aid = isinstance(aid, Tag) and "aid" in aid.get("class", [])
        hidden = aid.select_one(".visually-hidden") if is_aid else None
        assert (hidden is not None) == is_aid
        said = text_of(aid).removeprefix(text_of(hidden)).strip() if is_aid else ""
        french = "".join(node for node in part.find_all(string=True, recursive=False))
        found.append((french.strip(), said))
    return found


@paired(slug=SLUGS, tag=TRANSLATED, who=tuple(WHOSE), first=OPPOSITIONS, outcome=tuple(OUTCOMES))
def test_every_letter_is_translated_whole_whoever_signs(
    app: Flask, slug: str, tag: str, who: str, first: str, outcome: str
) -> None:
    """Block by block and item by item, in every situation; dates and names are in both."""
    answers = {**everything(who, first), "outcome": outcome, "options": list(OPTIONS)}
    with app.test_request_context(f"/{tag}/"):
        context = Context(CATALOGUE.wordings[slug], app.extensions["content"], TODAY)
        form = LetterForm(context, MultiDict(answers))
        letter = compose(context.wording, form.to_request(), context.today)
        aid = aids.beside(form, letter)
    assert aid is not None
    assert aid.letter.subject
    assert len(aid.sender) == len(letter.sender)
    for part in ("blocks", "short", "spoken"):
        blocks, said_blocks = getattr(letter, part), getattr(aid.letter, part)
        assert [type(b) for b in said_blocks] == [type(b) for b in blocks]
        for block, said_block in zip(blocks, said_blocks, strict=True):
            assert len(said_block.texts) == len(block.texts)
            assert all(said_block.texts)


@every_language
@every_letter
def test_every_paragraph_item_and_subject_has_its_aid(app: Flask, slug: str, tag: str) -> None:
    data = {**everything("protected"), "options": list(OPTIONS), "reason": "Mes mots."}
    page = posted(app, form_of(tag, slug), data)
    texts = beside(page)
    assert len(texts) > 4
    if tag == "fr":
        assert page.select(".aid, #aid-title") == []
        return
    assert text_of(page.find(id="aid-title")) == said(tag, "Aide à la lecture, à ne pas envoyer")
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
    aid, wording = load_reading(tag), CATALOGUE.wordings[slug]
    is_simple = tag == "fr-simple"  # which may say the same in the same words
    example = seen(app, f"{form_of(tag, slug)}/exemple")
    assert len(beside(example)) > 4
    assert example.select("#letter .aid")
    page = posted(app, form_of(tag, slug), answers_of("protected"))
    paragraphs = one(page.find(id="message-short")).text.strip().split("\n\n")
    # The name at the end of the message is nobody's to translate.
    shorts = page.select(".steps details .aid")
    assert is_simple or len(shorts) == len(paragraphs) - 1
    assert bool(page.select("#a-dire .aid")) == bool(wording.spoken)
    form = seen(app, form_of(tag, slug))
    for option in wording.options:
        folded = one(form.find("label", attrs={"for": f"options-{option.name}"}))
        details = one(folded.find_next("details"))
        french_texts, said_texts = details.select("p[lang=fr]"), details.select("p.aid")
        assert french_texts
        assert is_simple or len(french_texts) == len(said_texts)
        assert text_of(folded) == aid.of(option.label)


@pytest.mark.parametrize(("tag", "slug"), [*zip(FOREIGN, cycle(LATER))])
def test_dates_in_the_aid_are_the_readers(app: Flask, tag: str, slug: str) -> None:
    page = posted(app, form_of(tag, slug), {**everything("self"), "options": list(OPTIONS)})
    with app.test_request_context(f"/{tag}/"):
        day = i18n.day(date(2026, 10, 1))
    assert day in " ".join(text_of(aid) for aid in page.select("#letter .aid"))
    assert "1er octobre 2026" in letter_of(page)


def test_a_paragraph_that_changes_has_no_aid_any_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its old translation is never shown again; the others stay."""
    wording = load_catalogue(load_facts()).wordings[SANTE]
    block = next(b for b in wording.body if "Subsidiairement" in source_of(b.templates[0]))
    place = wording.body.index(block)
    new = replace(block, templates=((source_of(block.templates[0]) + " Vraiment.",),))
    body = (*wording.body[:place], new, *wording.body[place + 1 :])
    limits = ("Une limite nouvelle.", *wording.limits[1:])
    changed = replace(wording, body=body, limits=limits, title="Un titre nouveau")
    loaded = app.extensions["content"]
    monkeypatch.setitem(loaded.catalogue.wordings, SANTE, changed)
    todo = reading.to_translate(loaded.sources, loaded.readings)
    for tag in TRANSLATED:
        aid, stale = load_reading(tag), said(tag, STALE)
        page = posted(app, form_of(tag, SANTE), PERSON)
        said_of = dict(beside(page))
        assert [text[-9:] for text, said in said_of.items() if said == stale] == ["Vraiment."]
        assert aid.of(source_of(block.templates[0])) not in page.text
        (first, *_) = page.select("ul.limits li")
        assert text_of(first) == f"Une limite nouvelle. {said(tag, '(traduction à revoir)')}"
        assert first.select_one("[lang=fr]") is not None
        assert aid.of(wording.limits[0]) not in page.text
        assert f"traduction à revoir ({tag}) : {SANTE}.md, « Un titre nouveau »." in todo
        line = f"traduction à revoir ({tag}) : {SANTE}.md:{block.line}, « Subsid"
        assert any(each.startswith(line) for each in todo)


def without(monkeypatch: pytest.MonkeyPatch, app: Flask, tag: str, *gone: str) -> None:
    """The reading aid in a language without the translation of these texts."""
    readings = app.extensions["content"].readings
    left = {text: said for text, said in readings[tag].texts.items() if text not in gone}
    assert len(left) == len(readings[tag].texts) - len(gone)
    monkeypatch.setitem(readings, tag, replace(readings[tag], texts=left))


def test_a_label_and_a_quotation_that_have_no_aid_any_more_say_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = CATALOGUE.wordings[SANTE].subject
    without(monkeypatch, app, "en", "N° de sécurité sociale :", plain(subject))
    page = posted(app, form_of("en", SANTE), PERSON)
    told = [said("en", STALE) in text_of(aid) for aid in page.select(".sender .aid")]
    assert told.count(True) == 1
    page = posted(app, form_of("en", "relance"), everything("self", SANTE))
    aided = " ".join(text_of(aid) for aid in page.select("#letter .aid"))
    assert f"{subject} {said('en', '(traduction à revoir)')}" in aided


def test_flask_lettre_verifier_names_every_translation_to_be_redone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = app.test_cli_runner()
    assert "traduction" not in runner.invoke(args=["lettre", "verifier"]).output
    without(monkeypatch, app, "tr", "Relancer l’organisme")
    result = runner.invoke(args=["lettre", "verifier"])
    assert result.exit_code == 0
    line = "traduction à revoir (tr) : relance.md, « Relancer l’organisme »."
    assert [x for x in result.output.splitlines() if "traduction" in x] == [line]


# Bringing the files up to date


def test_every_text_is_translated_and_nothing_else_and_nothing_is_lost_by_refreshing(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new text comes in empty, a changed one doubtful with its old translation."""
    for tag, kind in product(TRANSLATED, KINDS):
        (tmp_path / f"{kind}.{tag}").write_bytes(file_of(tag, kind).read_bytes())
    monkeypatch.setattr(i18n, "file_of", lambda tag: tmp_path / f"pages.{tag}")
    monkeypatch.setattr(reading, "file_of", lambda tag: tmp_path / f"aid.{tag}")
    with app.app_context():
        found = list(extraction.refreshed(content.content()))
    to_do = [(file.path.name, file.empty, file.doubtful) for file in found]
    wanted = [(f"{kind}.{tag}", 0, 0) for tag, kind in product(TRANSLATED, KINDS)]
    assert to_do == wanted, "run « python -m tools.messages », and translate"
    for file in found:
        before = read(file.path).texts()
        file.write()
        assert read(file.path).texts() == before
    known = dict(extraction.messages())
    known["Un message de plus, à traduire"] = "new.html"
    known["Aller au contenu de la page"] = known.pop("Aller au contenu")
    monkeypatch.setattr(extraction, "messages", lambda: iter(known.items()))
    monkeypatch.setattr(i18n, "TRANSLATED", ("tr",))
    with app.app_context():
        again, _ = extraction.refreshed(content.content())
    assert (again.path.name, again.empty, again.doubtful) == ("pages.tr", 1, 1)
    text = again.text.decode()
    assert '#, fuzzy\n#| msgid "Aller au contenu"\nmsgid "Aller au contenu de la page"' in text


def test_who_had_read_a_file_has_not_read_what_changed_since(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "es.po"
    text = reading.file_of("es").read_text(encoding="utf-8")
    path.write_text(f"# Relu par : Zoé Petit\n{text}", encoding="utf-8")
    monkeypatch.setattr(reading, "file_of", lambda tag: path)
    monkeypatch.setattr(i18n, "TRANSLATED", ("es",))
    for change, names in ((str, ("Zoé Petit",)), (lambda text: f"{text} Nouveau.", ())):
        sources = [
            replace(source, text=change(source.text)) if number == 3 else source
            for number, source in enumerate(app.extensions["content"].sources)
        ]
        monkeypatch.setattr(type(app.extensions["content"]), "sources", sources)
        with app.app_context():
            _, found = extraction.refreshed(content.content())
        found.write()
        assert read(path).reviewers == names
    assert "# Relu avant un changement par : Zoé Petit" in path.read_text(encoding="utf-8")


# No French where it is not wanted


def asked_for(app: Flask) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Pages in every state, as far as their words go: an address, and answers or none."""
    yield from ((path.removeprefix("/fr/"), None) for path in (*PAGES, "/fr/absente"))
    data = {**everything("protected"), "options": list(OPTIONS)}
    for slug in SLUGS:
        yield f"lettres/{slug}/exemple", None
        yield f"lettres/{slug}", {**data, "output": "edit"}
        yield f"lettres/{slug}", data
    for slug, wrong in (*product((SANTE, PLATEFORME, PLAINTE), waves()), *MESSAGES):
        yield f"lettres/{slug}", {**everything("protected"), **wrong}
    for outcome, sent_on in product(OUTCOMES, ("01/10/2026", "21/11/2026")):
        yield "suivi", {"first_letter": SOIGNANT, "sent_on": sent_on, "outcome": outcome}


def pieces(text: str) -> Iterator[str]:
    """What stands between the values and the tags of a French text, if it is a few words."""
    for value in values_of(text):
        text = text.replace(value, "\n")
    for piece in text.split("\n"):
        if len(piece.split()) >= 3:
            yield plain(piece).strip(" .:;,")


def plain(text: str) -> str:
    return re.sub(rf"[\s{NBSP}{NNBSP}]+", " ", text)


MONTH = re.compile(r"\b(janvier|février|juillet|août|septembre|octobre|novembre|décembre)\b")


def test_no_french_is_left_over_outside_the_letter(app: Flask) -> None:
    """Neither a message nor a text of the letters, nor a date, but for what is marked as French.

    What was forgotten in one language is in all: each page is asked for in one.
    """
    sources = [m if isinstance(m, str) else m[0] for m, _ in extraction.messages()]
    sources += [source.text for source in app.extensions["content"].sources]
    every = {piece for source in sources for piece in pieces(french(source))}
    wanted = {}
    for tag in FOREIGN:
        said_texts = plain("\n".join(text for kind in KINDS for _, text in translations(tag, kind)))
        wanted[tag] = [piece for piece in every if piece not in said_texts]
        assert len(wanted[tag]) > 900
    for tag, (path, data) in zip(cycle(FOREIGN), asked_for(app)):
        page = seen(app, f"/{tag}/{path}") if data is None else posted(app, f"/{tag}/{path}", data)
        shown = plain(" ".join(outside_french(page)))
        assert [piece for piece in wanted[tag] if piece in shown] == [], (path, tag)
        assert MONTH.findall(shown) == [], (path, tag)


SPOKEN = ("aria-label", "label", "data-copied", "data-selected", "data-note")


def outside_french(top: Tag, language: str = "") -> Iterator[str]:
    """The texts that a person reads or hears, but those that are marked as French or typed."""
    for node in top.children:
        if isinstance(node, Tag):
            yield from (str(node[name]) for name in SPOKEN if name in node.attrs)
            if node.name != "textarea":
                yield from outside_french(node, str(node.get("lang", language)))
        elif language not in {"", "fr"}:
            yield str(node)


def test_what_is_left_over_would_be_found() -> None:
    page = quick(
        '<html lang="en"><p>Aller au contenu</p><p lang="fr">Une lettre à lire</p>'
        '<a aria-label="Un nom pour ceci">x</a></html>'
    )
    found = [text for text in outside_french(page) if text.strip()]
    assert found == ["Aller au contenu", "Un nom pour ceci", "x"]


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
    for part in (*boxes, *result.select("#letter, .slip, textarea, #sent_on")):
        assert part["dir"] == "ltr", part.get("id")
