"""The pages in every language: complete, the same answers, the same letter, and honest.

Every test goes over all languages, so that a new one cannot be forgotten. Limits: whether a
translation says what the French says is for people; the files' first lines name who has read them.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given, settings
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
from tests.test_form import NIR, OPTIONS, PLAINTE, PLATEFORME, SANTE, SOIGNANT, everything
from tests.test_i18n import MESSAGES, waves
from tests.test_journey import pairs
from tests.test_pages import (
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
from tools import messages as extraction

FOREIGN = tuple(tag for tag in TRANSLATED if not LANGUAGES[tag].is_french)
PLURALS = {"fr-simple": 2, "en": 2, "pt": 2, "ar": 6, "tr": 1, "es": 2}
MOST_WORDS_ON_AVERAGE = 10  # of a sentence in simple French
SHORT = 16  # letters; below, twice the French is no room at all: « Nom », « Apellidos »

every_language = pytest.mark.parametrize("tag", LANGUAGES)
every_translation = pytest.mark.parametrize("tag", TRANSLATED)


def in_language(tag: str, path: str) -> str:
    return f"/{tag}/{path.removeprefix('/fr/')}"


def quick(text: str) -> BeautifulSoup:
    """A page that other tests have checked, parsed by the fastest parser."""
    return BeautifulSoup(text, "html.parser")


def form_of(tag: str, slug: str) -> str:
    return f"/{tag}/lettres/{slug}"


def said(tag: str, message: str) -> str:
    return i18n._translated(tag, message)


@cache
def files(tag: str) -> dict[str, Path]:
    return {"pages": i18n.file_of(tag), "aid": reading.file_of(tag)}


# The files of translations


@every_translation
def test_every_message_is_translated_and_nothing_else(tag: str) -> None:
    """A message that was added, or a word of it that changed, makes this fail until translated."""
    catalog = read(i18n.file_of(tag)).catalog
    wanted = {message for message, _place in extraction.messages()}
    done = {message.id for message in translated(catalog)}
    assert done == wanted, "run « python -m tools.messages », and translate"
    assert {message.id for message in catalog if message.id} == wanted


@every_translation
def test_the_reading_aid_holds_nothing_that_no_page_shows(app: Flask, tag: str) -> None:
    wanted = {source.text for source in app.extensions["content"].sources}
    assert {m.id for m in read(reading.file_of(tag)).catalog if m.id} <= wanted
    assert len(wanted) > 400


@every_translation
def test_no_plural_form_is_missing(tag: str) -> None:
    catalog = read(i18n.file_of(tag)).catalog
    assert catalog.num_plurals == PLURALS[tag]
    plurals = [message for message in translated(catalog) if isinstance(message.id, tuple)]
    assert plurals
    for message in plurals:
        assert len(message.string) == PLURALS[tag]
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


@every_translation
@pytest.mark.parametrize("kind", ["pages", "aid"])
def test_a_translation_takes_at_most_twice_the_room(tag: str, kind: str) -> None:
    for message in translated(read(files(tag)[kind]).catalog):
        for text in [message.string] if isinstance(message.string, str) else message.string:
            source = message.id if isinstance(message.id, str) else message.id[0]
            assert len(text) <= max(2 * len(source), SHORT), (source, text)


@every_translation
@pytest.mark.parametrize("kind", ["pages", "aid"])
def test_a_translation_has_plain_spaces_and_no_hidden_sign(tag: str, kind: str) -> None:
    for message in translated(read(files(tag)[kind]).catalog):
        for text in [message.string] if isinstance(message.string, str) else message.string:
            assert text == " ".join(text.split(" ")).strip()
            assert not re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\n]|  ", text), text


def sentences(texts: list[str]) -> Iterator[list[str]]:
    for text in texts:
        for sentence in re.split(r"(?<=[.!?;:])\s+", re.sub("<[^>]*>", "", text)):
            if len(words := sentence.split()) > 2:  # a label is no sentence
                yield words


@pytest.mark.parametrize("kind", ["pages", "aid"])
def test_simple_french_has_short_sentences(kind: str) -> None:
    texts = list(read(files("fr-simple")[kind]).texts().values())
    lengths = [len(words) for words in sentences(texts)]
    assert len(lengths) > 300
    assert sum(lengths) / len(lengths) <= MOST_WORDS_ON_AVERAGE
    assert max(lengths) <= 18


def test_simple_french_never_claims_a_label_it_has_not() -> None:
    """« Facile à lire et à comprendre » asks for a review by people concerned."""
    for path in files("fr-simple").values():
        assert not re.search(
            "FALC|facile à lire et à comprendre", path.read_text(encoding="utf-8"), re.IGNORECASE
        )


# Files that cannot be used

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


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
    path = tmp_path / "messages.po"
    path.write_text(f'{HEADER}msgid "{source}"\nmsgstr "{translation}"\n', encoding="utf-8")
    with pytest.raises(TranslationError) as error:
        read(path)
    wanted = ", ".join(values_of(source))
    sentence = f"la traduction doit garder tels quels, sans en ajouter : {wanted}."
    if not wanted:
        sentence = "le français n’a ni valeur ni balise : retirez celles de la traduction."
    assert str(error.value) == f"messages.po, ligne 5 : {sentence}"


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"Bonjour", HEADER.encode() + b'msgid "\xe9"\n'],
)
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
    path = tmp_path / "messages.po"
    source = "%(day)s" if "%(day)s" in translation else "Oui"
    path.write_text(f'{HEADER}msgid "{source}"\nmsgstr "{translation}"\n', encoding="utf-8")
    with pytest.raises(TranslationError) as error:
        read(path, messages=True)
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
        path = tmp_path / tag / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'{HEADER}msgid "Oui"\nmsgstr "100% sure"\n', encoding="utf-8")
        return path

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

    path = tmp_path / "lecture.en.po"
    path.write_text(f'{HEADER}msgid "Le %(day)s."\nmsgstr "On."\n', encoding="utf-8")
    monkeypatch.setattr("letters.reading.file_of", lambda tag, directory: path)
    with pytest.raises(SystemExit, match=r"lecture\.en\.po, ligne 5"):
        create_app()


def test_a_doubtful_translation_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "messages.po"
    entry = 'msgid "Un"\nmsgstr "One"\n\n#, fuzzy\nmsgid "Deux"\nmsgstr "Three"\n'
    path.write_text(HEADER + entry, encoding="utf-8")
    assert read(path).texts() == {"Un": "One"}
    assert read(path).compiled().ugettext("Deux") == "Deux"


WORDS = st.text(st.characters(codec="utf-8", categories=["L", "Zs", "P"]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(text=WORDS)
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
    client = checking(app)
    for path in PAGES:
        notices = quick(client.get(in_language(tag, path)).text).select("header .notice")
        linked = [
            a for notice in notices for a in notice.select(f"a[href='/{tag}/sources#languages']")
        ]
        assert len(linked) == (tag != "fr"), path
    # One of the two files is not enough.
    for names in ((("Zoé",), ()), ((), ("Zoé",)), (("Zoé",), ("Zoé",))):
        monkeypatch.setattr(aids, "reviewers_of", lambda tag, names=names: names)
        told = "#languages" in str(quick(client.get(f"/{tag}/aide").text).header)
        assert told == (tag != "fr" and not all(names))


@every_language
def test_the_page_of_sources_says_who_has_read_each_language(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tag: str
) -> None:
    client = checking(app)

    def shown() -> list[str]:
        heading = quick(client.get(f"/{tag}/sources").text).find(id="languages")
        assert isinstance(heading, Tag)
        found = heading.find_next("dl")
        assert isinstance(found, Tag)
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
    response = checking(app).get("/", headers={"Accept-Language": wanted})
    assert response.headers["Location"] == f"/{tag}/"
    assert response.headers["Vary"] == "Accept-Language"
    assert "no-store" in response.headers["Cache-Control"]


def names_of_languages(page: BeautifulSoup) -> list[tuple[str, str, str]]:
    found = page.select("header .languages [lang]")
    return [(str(name["lang"]), str(name["dir"]), text_of(name)) for name in found]


@every_language
def test_every_page_follows_the_rules_of_pages(app: Flask, tag: str) -> None:
    """`checking` looks at each: structure, language, direction, references, controls."""
    client, titles = checking(app, own_words=tag != "fr-simple"), set()
    for path in (*PAGES, "/fr/absente"):
        titles.add(quick(client.get(in_language(tag, path)).text).title.text)
    assert len(titles) == len(PAGES) + 1
    for slug in SLUGS:
        client.get(form_of(tag, slug))
        client.get(f"{form_of(tag, slug)}/exemple")
        client.post(form_of(tag, slug), data=everything("protected"))
        client.post(form_of(tag, slug), data={"who": "?", "outcome": "?", "postal_code": "2"})
    for outcome in ("silence", "refusal", "partial", "accepted"):
        answers = {"first_letter": SOIGNANT, "sent_on": "01/10/2026", "outcome": outcome}
        client.post(f"/{tag}/suivi", data=answers)


@every_language
def test_every_page_offers_every_language_by_its_own_name(app: Flask, tag: str) -> None:
    client, wanted = app.test_client(), [(o.tag, o.direction, o.name) for o in LANGUAGES.values()]
    for path in (*PAGES, "/fr/absente"):
        page = quick(client.get(in_language(tag, path)).text)
        assert names_of_languages(page) == wanted
        current = page.select("header .languages [aria-current]")
        assert [text_of(name) for name in current] == [LANGUAGES[tag].name]
    for slug in SLUGS:
        page = quick(client.post(form_of(tag, slug), data=answers_of()).text)
        assert names_of_languages(page) == wanted


@every_language
def test_every_page_is_told_of_in_every_language(app: Flask, tag: str) -> None:
    """`hreflang`: each page names all its versions, and itself, the same in all of them."""
    client = checking(app)
    for path in PAGES:
        page = quick(client.get(in_language(tag, path)).text)
        found = {str(a["hreflang"]): str(a["href"]) for a in page.select("link[rel=alternate]")}
        wanted = {other: f"http://localhost{in_language(other, path)}" for other in LANGUAGES}
        if path == "/fr/":
            wanted["x-default"] = "http://localhost/"
        assert found == wanted
    assert quick(client.get(f"/{tag}/absente").text).select("link[rel=alternate]") == []


@every_language
def test_a_page_without_answers_leads_to_itself_in_the_other_languages(
    app: Flask, tag: str
) -> None:
    client = checking(app)
    for path in PAGES:
        page = quick(client.get(in_language(tag, path)).text)
        links = {str(a["hreflang"]): str(a["href"]) for a in page.select("header .languages a")}
        buttons = page.select("header .languages button")
        ways = links or {str(b["lang"]): str(b["formaction"]) for b in buttons}
        assert ways == {other: in_language(other, path) for other in LANGUAGES if other != tag}


@pytest.mark.parametrize("unknown", ["de", "it", "zh-Hans", "nl_BE"])
@pytest.mark.parametrize("rest", ["/", "/sources", "/lettres/opposition-sante", "/absente"])
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


@every_language
def test_an_error_is_told_in_the_language_of_its_address(app: Flask, tag: str) -> None:
    client = checking(app)
    for response in (
        client.get(f"/{tag}/absente"),
        client.get(f"/{tag}/lettres/absente"),
        client.post(f"/{tag}/sources"),
        client.post(form_of(tag, SANTE), data={"reason": "x" * 200_000}),
    ):
        page = quick(response.text)
        assert response.status_code in {404, 405, 413, 415}
        assert page.html is not None
        assert page.html["lang"] == tag


# Changing the language keeps the answers


def buttons_of(page: BeautifulSoup) -> dict[str, Tag]:
    return {str(b["lang"]): b for b in page.select("header .languages button")}


def sent_by(page: BeautifulSoup, button: Tag) -> MultiDict[str, str]:
    form = page.find("form", id="answers")
    assert isinstance(form, Tag)
    return MultiDict(pairs(form, button))


def changed(client: FlaskClient, page: BeautifulSoup, tag: str, status: int = 200) -> BeautifulSoup:
    """The page after its button for another language is pressed."""
    button = buttons_of(page)[tag]
    response = client.post(str(button["formaction"]), data=sent_by(page, button))
    assert response.status_code == status
    return quick(response.text)


def held(page: BeautifulSoup) -> list[tuple[str, str]]:
    """All that the form of a page would send, in order of name; not what was pressed."""
    form = page.find("form", id="answers")
    assert isinstance(form, Tag)
    nothing = Tag(name="button")
    return sorted(set(pairs(form, nothing)))


ROUND = [*TRANSLATED, "fr"]


@pytest.mark.parametrize("who", WHOSE)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_answer_of_a_form_changes_language(app: Flask, slug: str, who: str) -> None:
    client = app.test_client()
    data = {**everything(who), "output": "edit", "recipient_lines": "Chez moi\n29200 Brest"}
    page = quick(client.post(form_of("fr", slug), data=data).text)
    before = held(page)
    assert len(before) > 15
    for tag in ROUND:
        page = changed(client, page, tag)
        assert page.html is not None
        assert page.html["lang"] == tag
        assert held(page) == before, tag
        assert page.select(".error-summary") == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_form_begun_in_one_language_goes_on_in_another(app: Flask, slug: str) -> None:
    """Half filled in and wrong, it is not checked before the person says so."""
    client = app.test_client()
    page = quick(client.get(form_of("fr", slug)).text)
    field = page.find(id="postal_code")
    assert isinstance(field, Tag)
    field["value"] = "2920"
    for tag in ROUND:
        page = changed(client, page, tag)
        field = page.find(id="postal_code")
        assert isinstance(field, Tag)
        assert field["value"] == "2920"
        assert page.select(".error-summary, .error") == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_form_in_error_shows_its_errors_in_the_other_language(app: Flask, slug: str) -> None:
    client = app.test_client()
    wrong = {**everything("protected"), "given_name": "", "postal_code": "2920", "city": "北京"}
    page = quick(client.post(form_of("fr", slug), data=wrong).text)
    before, marked = held(page), [str(tag["id"]) for tag in page.select("p.error")]
    assert len(marked) == 3
    for tag in ROUND:
        page = changed(client, page, tag, 422)
        assert held(page) == before
        assert [str(found["id"]) for found in page.select("p.error")] == marked
        wanted = said(tag, "Indiquez votre prénom, par exemple Camille.")
        assert wanted in text_of(page.select_one(".error-summary"))
    # Put right before the language is changed, it is a form without errors.
    right = {**everything("protected"), "output": "check"}
    page = quick(client.post(form_of("ar", slug), data=right).text)
    assert page.select(".error-summary, .error, #letter") == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_result_changes_language_with_all_that_is_on_it(app: Flask, slug: str) -> None:
    client = app.test_client()
    data = {**everything("child"), "large": "1", "also": [s for s in SLUGS if s != slug][:2]}
    page = quick(client.post(form_of("fr", slug), data=data).text)
    before, letter = held(page), text_of(page.find(id="letter"))
    for tag in ROUND:
        page = changed(client, page, tag)
        assert held(page) == before
        article = page.find(id="letter")
        assert isinstance(article, Tag)
        for aid in article.select(".aid"):
            aid.extract()
        assert text_of(article) == letter


@pytest.mark.parametrize("outcome", ["", "silence", "refusal", "partial", "accepted"])
@pytest.mark.parametrize("sent_on", ["", "hier", "01/10/2026"])
def test_the_follow_up_changes_language_with_what_it_says(
    app: Flask, outcome: str, sent_on: str
) -> None:
    client = app.test_client()
    data = {"first_letter": SOIGNANT, "outcome": outcome, "sent_on": sent_on, **PERSON}
    opened = client.get("/fr/suivi", query_string={"lettre": SOIGNANT, "envoi": "2026-10-01"})
    for response in (client.post("/fr/suivi", data=data), opened):
        page, status = quick(response.text), response.status_code
        before, states = held(page), len(page.select("#reponse, .error-summary"))
        for tag in ROUND:
            page = changed(client, page, tag, status)
            assert held(page) == before
            assert len(page.select("#reponse, .error-summary")) == states


def test_a_letter_of_the_zip_that_is_in_error_is_the_one_that_changes_language(app: Flask) -> None:
    """Its form is shown at the address of the letter that the zip was asked for."""
    client = app.test_client()
    data = {**PERSON, "who": "self", "output": "bundle", "also": "information-cnil"}
    response = client.post(form_of("fr", SANTE), data={**data, "sent_on": "hier"})
    assert response.status_code == 422
    page = quick(response.text)
    for tag in ROUND:
        page = changed(client, page, tag, 422)
        assert heading_of(page) == (
            load_reading(tag).of("Informer la CNIL") if tag != "fr" else "Informer la CNIL"
        )
        assert [str(error["id"]) for error in page.select("p.error")] == ["sent_on-error"]


def test_a_wrong_day_of_sending_is_told_on_the_result_in_the_other_language(app: Flask) -> None:
    client = app.test_client()
    data = {**PERSON, "who": "self", "output": "calendar", "sent_on": "hier"}
    page = quick(client.post(form_of("fr", SANTE), data=data).text)
    for tag in ROUND:
        page = changed(client, page, tag, 422)
        day = page.find(id="sent_on")
        assert isinstance(day, Tag)
        assert (day["value"], day["aria-invalid"]) == ("hier", "true")
        assert page.select(".error-summary a[href='#sent_on']")
    button = buttons_of(page)["en"]
    right = [(k, v if k != "sent_on" else "01/10/2026") for k, v in sent_by(page, button).items()]
    assert client.post(str(button["formaction"]), data=MultiDict(right)).status_code == 200


def test_what_was_not_asked_to_be_checked_is_not_checked_by_another_language(app: Flask) -> None:
    client = app.test_client()
    page = quick(client.post(form_of("fr", SANTE), data={"reason": NIR, "output": "edit"}).text)
    assert len(page.select("p.error")) == 1
    assert changed(client, page, "pt").select("p.error") == []
    late = client.get("/fr/suivi", query_string={"lettre": SANTE, "envoi": "2099-01-01"})
    page = changed(client, quick(late.text), "tr", 422)
    assert len(page.select("p.error")) == 1


def test_a_number_of_social_security_changes_no_language(app: Flask) -> None:
    """It is taken out, and said to be, as by any other button."""
    for tag, output in product(LANGUAGES, ("language", "check", "stage")):
        for path in (form_of(tag, SANTE), f"/{tag}/suivi"):
            data = {**everything("self"), "given_name": NIR, "sent_on": NIR, "output": output}
            response = app.test_client().post(path, data=data)
            assert response.status_code == 422
            assert NIR not in response.text


# One letter, whatever the language of the page


SHAPES = [("self", OPPOSITIONS[0], ()), ("protected", OPPOSITIONS[-1], OPTIONS)]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_letter_is_the_same_to_the_byte_in_every_language(app: Flask, slug: str) -> None:
    client = app.test_client()
    for who, first, options in SHAPES:
        data = {**everything(who, first), "options": list(options), "reason": "J’ai mes raisons."}
        slip = ["slip"] if slug == SOIGNANT else []
        for output in ("text", "short", "pdf", *slip):
            made = {
                client.post(form_of(tag, slug), data={**data, "output": output}).data
                for tag in LANGUAGES
            }
            assert len(made) == 1, output
        pages = [quick(client.post(form_of(tag, slug), data=data).text) for tag in LANGUAGES]
        boxes = {tuple(area.text for area in page.select("textarea[readonly]")) for page in pages}
        assert len(boxes) == 1, "what is copied"
        for page in pages:
            for aid in page.select(".aid"):
                aid.extract()
        assert len({text_of(page.find(id="letter")) for page in pages}) == 1


def test_the_blank_letter_and_the_example_are_the_same_in_every_language(app: Flask) -> None:
    client = app.test_client()
    for slug, name in product(SLUGS, ("vierge", "exemple")):
        made = {client.get(f"{form_of(tag, slug)}/{name}.pdf").data for tag in LANGUAGES}
        assert len(made) == 1


def test_a_zip_is_french_but_for_the_reminder_and_the_address_of_the_follow_up(app: Flask) -> None:
    data = {**PERSON, **SENT, "output": "bundle", "also": list(SLUGS)}

    def members(tag: str) -> dict[str, bytes]:
        body = app.test_client().post(form_of(tag, SANTE), data=data).data
        with ZipFile(io.BytesIO(body)) as file:
            return {name: file.read(name) for name in file.namelist()}

    wanted = members("fr")
    for tag in TRANSLATED:
        found = members(tag)
        assert found.pop("rappel.ics") != wanted["rappel.ics"]
        readme = found["LISEZMOI.txt"].decode()
        assert f"/{tag}/suivi" in readme
        found["LISEZMOI.txt"] = readme.replace(f"/{tag}/", "/fr/").encode()
        assert found == {name: body for name, body in wanted.items() if name != "rappel.ics"}


@every_language
def test_the_reminder_speaks_to_its_reader_and_opens_their_page(app: Flask, tag: str) -> None:
    data = {**PERSON, **SENT, "output": "calendar"}
    (event,) = Calendar.from_ical(
        app.test_client().post(form_of(tag, SANTE), data=data).data
    ).events
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


@every_translation
@pytest.mark.parametrize("slug", SLUGS)
def test_every_letter_is_translated_whole_whoever_signs(app: Flask, slug: str, tag: str) -> None:
    """Block by block and item by item, in every situation; dates and names are in both."""
    loaded = app.extensions["content"]
    for who, first, outcome in product(WHOSE, OPPOSITIONS, OUTCOMES):
        answers = {**everything(who, first), "outcome": outcome, "options": list(OPTIONS)}
        with app.test_request_context(f"/{tag}/"):
            context = Context(CATALOGUE.wordings[slug], loaded, date(2026, 11, 21))
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
@pytest.mark.parametrize("slug", SLUGS)
def test_every_paragraph_item_and_subject_has_its_aid(app: Flask, slug: str, tag: str) -> None:
    client = app.test_client()
    data = {**everything("protected"), "options": list(OPTIONS), "reason": "Mes mots."}
    page = quick(client.post(form_of(tag, slug), data=data).text)
    texts = beside(page)
    assert len(texts) > 4
    if tag == "fr":
        assert page.select(".aid, #aid-title") == []
        return
    assert text_of(page.find(id="aid-title")) == said(tag, "Aide à la lecture, à ne pas envoyer")
    stale = said(tag, "Traduction à revoir : lisez le français, ou demandez à un proche.")
    assert stale not in page.text
    own = said(tag, "Ici, vos propres mots, tels que vous les avez écrits.")
    typed = {"Mes mots.", data["missing"].replace("\r\n", "\n")}
    for text, aid in texts:
        assert aid or tag == "fr-simple", text  # some French is simple enough
        assert aid != text
        assert (aid == own) == (text in typed)


@every_translation
@pytest.mark.parametrize("slug", SLUGS)
def test_the_aid_is_in_the_example_the_option_the_slip_and_the_short_message(
    app: Flask, slug: str, tag: str
) -> None:
    client, aid = checking(app), load_reading(tag)
    wording = CATALOGUE.wordings[slug]
    example = quick(client.get(f"{form_of(tag, slug)}/exemple").text)
    assert len(beside(example)) > 4
    assert example.select("#letter .aid")
    page = quick(client.post(form_of(tag, slug), data=answers_of("protected")).text)
    short = page.find(id="message-short")
    assert isinstance(short, Tag)
    # The name at the end of the message is nobody's to translate.
    shorts = [text_of(p) for p in page.select(".steps details .aid")]
    if tag != "fr-simple":  # which may say the same in the same words
        assert len(shorts) == len(short.text.strip().split("\n\n")) - 1
    assert bool(page.select("#a-dire .aid")) == bool(wording.spoken)
    form = quick(client.get(form_of(tag, slug)).text)
    for option in wording.options:
        folded = form.find("label", attrs={"for": f"options-{option.name}"})
        assert isinstance(folded, Tag)
        details = folded.find_next("details")
        assert isinstance(details, Tag)
        french_texts, said_texts = details.select("p[lang=fr]"), details.select("p.aid")
        assert french_texts
        same = tag == "fr-simple"  # which may say the same in the same words
        assert same or len(french_texts) == len(said_texts)
        assert text_of(folded) == aid.of(option.label)


@pytest.mark.parametrize("tag", FOREIGN)
def test_dates_in_the_aid_are_the_readers(app: Flask, tag: str) -> None:
    data = {**everything("self"), "options": list(OPTIONS)}
    for slug in LATER:
        page = quick(app.test_client().post(form_of(tag, slug), data=data).text)
        article = page.find(id="letter")
        assert isinstance(article, Tag)
        aid_text = " ".join(text_of(aid) for aid in article.select(".aid"))
        for aid in article.select(".aid"):
            aid.extract()
        with app.test_request_context(f"/{tag}/"):
            day = i18n.day(date(2026, 10, 1))
        assert day in aid_text
        assert f"1er{NBSP}octobre 2026" in text_of(article)


def test_a_paragraph_that_changes_has_no_aid_any_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its old translation is never shown again; the others stay."""
    catalogue = load_catalogue(load_facts())
    wording = catalogue.wordings[SANTE]
    block = next(b for b in wording.body if "Subsidiairement" in source_of(b.templates[0]))
    place = wording.body.index(block)
    new = replace(block, templates=((source_of(block.templates[0]) + " Vraiment.",),))
    body = (*wording.body[:place], new, *wording.body[place + 1 :])
    limits = ("Une limite nouvelle.", *wording.limits[1:])
    changed = replace(wording, body=body, limits=limits, title="Un titre nouveau")
    monkeypatch.setitem(app.extensions["content"].catalogue.wordings, SANTE, changed)
    for tag in TRANSLATED:
        aid = load_reading(tag)
        page = quick(checking(app).post(form_of(tag, SANTE), data=PERSON).text)
        stale = said(tag, "Traduction à revoir : lisez le français, ou demandez à un proche.")
        said_of = dict(beside(page))
        (text,) = (text for text in said_of if text.endswith("Vraiment."))
        assert said_of[text] == stale
        assert list(said_of.values()).count(stale) == 1
        assert aid.of(source_of(block.templates[0])) not in page.text
        (first, *_) = page.select("ul.limits li")
        assert text_of(first) == f"Une limite nouvelle. {said(tag, '(traduction à revoir)')}"
        assert first.select_one("[lang=fr]") is not None
        assert aid.of(wording.limits[0]) not in page.text
    places = {source.text: source.place for source in app.extensions["content"].sources}
    todo = reading.to_translate(
        app.extensions["content"].sources, app.extensions["content"].readings
    )
    assert places["Un titre nouveau"] == f"{SANTE}.md"
    for tag in TRANSLATED:
        assert f"traduction à revoir ({tag}) : {SANTE}.md, « Un titre nouveau »." in todo
        assert any(
            line.startswith(f"traduction à revoir ({tag}) : {SANTE}.md:{block.line}, « Subsid")
            for line in todo
        )


def test_a_label_and_a_quotation_that_have_no_aid_any_more_say_so(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = app.extensions["content"].readings
    first = CATALOGUE.wordings[SANTE]
    gone = {"N° de sécurité sociale :", plain(first.subject)}
    left = {k: v for k, v in readings["en"].texts.items() if k not in gone}
    monkeypatch.setitem(readings, "en", replace(readings["en"], texts=left))
    client, stale = app.test_client(), said("en", "(traduction à revoir)")
    page = quick(client.post(form_of("en", SANTE), data=PERSON).text)
    told = said("en", "Traduction à revoir : lisez le français, ou demandez à un proche.")
    assert [told in text_of(aid) for aid in page.select(".sender .aid")].count(True) == 1
    page = quick(client.post(form_of("en", "relance"), data=everything("self", SANTE)).text)
    aided = " ".join(text_of(aid) for aid in page.select("#letter .aid"))
    assert f"{first.subject} {stale}" in aided


def test_who_had_read_a_file_has_not_read_what_changed_since(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "es.po"
    text = reading.file_of("es").read_text(encoding="utf-8")
    path.write_text(f"# Relu par : Zoé Petit\n{text}", encoding="utf-8")
    monkeypatch.setattr(reading, "file_of", lambda tag: path)
    monkeypatch.setattr(extraction, "TRANSLATED", ("es",), raising=False)
    for change, names in ((str, ("Zoé Petit",)), (lambda text: f"{text} Nouveau.", ())):
        sources = [
            replace(source, text=change(source.text)) if number == 3 else source
            for number, source in enumerate(app.extensions["content"].sources)
        ]
        monkeypatch.setattr(type(app.extensions["content"]), "sources", sources)
        with app.app_context():
            found = [f for f in extraction.refreshed(content.content()) if f.path == path]
        found[-1].write()
        assert read(path).reviewers == names
    assert "# Relu avant un changement par : Zoé Petit" in path.read_text(encoding="utf-8")


def test_flask_lettre_verifier_names_every_translation_to_be_redone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = app.test_cli_runner()
    assert "traduction" not in runner.invoke(args=["lettre", "verifier"]).output
    readings = app.extensions["content"].readings
    left = {k: v for k, v in readings["tr"].texts.items() if k != "Relancer l’organisme"}
    monkeypatch.setitem(readings, "tr", replace(readings["tr"], texts=left))
    result = runner.invoke(args=["lettre", "verifier"])
    assert result.exit_code == 0
    line = "traduction à revoir (tr) : relance.md, « Relancer l’organisme »."
    assert [x for x in result.output.splitlines() if "traduction" in x] == [line]


def test_the_files_are_brought_up_to_date_and_nothing_is_lost(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new text comes in empty, a changed one doubtful with its old translation."""
    for name in ("pages", "aid"):
        for tag in TRANSLATED:
            (tmp_path / f"{name}.{tag}").write_bytes(files(tag)[name].read_bytes())
    monkeypatch.setattr(i18n, "file_of", lambda tag: tmp_path / f"pages.{tag}")
    monkeypatch.setattr(reading, "file_of", lambda tag: tmp_path / f"aid.{tag}")
    with app.app_context():
        found = list(extraction.refreshed(content.content()))
    assert [(file.empty, file.doubtful) for file in found] == [(0, 0)] * 2 * len(TRANSLATED)
    for file in found:
        before = read(file.path).texts()
        file.write()
        assert read(file.path).texts() == before
    known = dict(extraction.messages())
    known["Un message de plus, à traduire"] = "new.html"
    known["Aller au contenu de la page"] = known.pop("Aller au contenu")
    monkeypatch.setattr(extraction, "messages", lambda: iter(known.items()))
    with app.app_context():
        again = [f for f in extraction.refreshed(content.content()) if f.path.name.startswith("p")]
    assert [(file.empty, file.doubtful) for file in again] == [(1, 1)] * len(TRANSLATED)
    text = again[0].text.decode()
    assert '#, fuzzy\n#| msgid "Aller au contenu"\nmsgid "Aller au contenu de la page"' in text


# No French where it is not wanted


def pages_in(client: FlaskClient, tag: str) -> Iterator[str]:
    """Pages in every state, as far as their words go."""
    for path in (*PAGES, "/fr/absente"):
        yield client.get(in_language(tag, path)).text
    for slug in SLUGS:
        yield client.get(f"{form_of(tag, slug)}/exemple").text
        data = {**everything("protected"), "options": list(OPTIONS)}
        yield client.post(form_of(tag, slug), data={**data, "output": "edit"}).text
        yield client.post(form_of(tag, slug), data=data).text
    for slug, wrong in product((SANTE, PLATEFORME, PLAINTE), waves()):
        yield client.post(form_of(tag, slug), data={**everything("protected"), **wrong}).text
    for slug, answers in MESSAGES:
        yield client.post(form_of(tag, slug), data={**everything("protected"), **answers}).text
    for outcome, sent_on in product(
        ("silence", "refusal", "partial", "accepted"), ("01/10/2026", "21/11/2026")
    ):
        answers = {"first_letter": SOIGNANT, "sent_on": sent_on, "outcome": outcome}
        yield client.post(f"/{tag}/suivi", data=answers).text


def pieces(text: str) -> Iterator[str]:
    """What stands between the values and the tags of a French text, if it is a few words."""
    for value in values_of(text):
        text = text.replace(value, "\n")
    for piece in text.split("\n"):
        if len(piece.split()) >= 3:
            yield plain(piece).strip(" .:;,")


def plain(text: str) -> str:
    return re.sub(rf"[\s{NBSP}{NNBSP}]+", " ", text)


@pytest.mark.parametrize("tag", FOREIGN)
def test_no_french_is_left_over_outside_the_letter(app: Flask, tag: str) -> None:
    """Neither a message nor a text of the letters, but for what is marked as French."""
    interface, aid = read(i18n.file_of(tag)).texts(), load_reading(tag)
    said_texts = plain("\n".join([*interface.values(), *aid.texts.values()]))
    messages = [m for m, _ in extraction.messages()]
    sources = [m if isinstance(m, str) else m[0] for m in messages]
    sources += [source.text for source in app.extensions["content"].sources]
    wanted = {piece for source in sources for piece in pieces(french(source))}
    wanted = {piece for piece in wanted if piece not in said_texts}
    assert len(wanted) > 900
    for text in pages_in(app.test_client(), tag):
        page = quick(text)
        heading = heading_of(page)
        shown = plain(" ".join(outside_french(page)))
        assert [piece for piece in wanted if piece in shown] == [], heading


def outside_french(page: BeautifulSoup) -> Iterator[str]:
    for node in page.find_all(string=True):
        marked = next((p for p in node.parents if "lang" in p.attrs), None)
        if marked is not None and marked["lang"] != "fr" and not node.find_parent(["textarea"]):
            yield str(node)
    for name in ("aria-label", "label", "data-copied", "data-selected", "data-note"):
        for found in page.select(f"[{name}]"):
            yield str(found[name])


def test_what_is_left_over_would_be_found(app: Flask) -> None:
    page = quick(
        '<html lang="en"><p>Aller au contenu</p><p lang="fr">Une lettre à lire</p>'
        '<a aria-label="Un nom pour ceci">x</a></html>'
    )
    assert [text for text in outside_french(page) if text.strip()] == [
        "Aller au contenu",
        "x",
        "Un nom pour ceci",
    ]


@every_language
def test_numbers_and_lists_are_the_readers(app: Flask, tag: str) -> None:
    with app.test_request_context(f"/{tag}/"):
        listed = i18n.enumeration(["a", "b", "c"])
        number = i18n.number(12453)
    joined = {"fr": "a, b et c", "en": "a, b and c", "pt": "a, b e c", "es": "a, b y c"}
    joined |= {"fr-simple": "a, b et c", "tr": "a, b ve c", "ar": "a وb وc"}
    assert plain(listed) == joined[tag]
    assert re.sub(r"\D", "", number) == "12453"
    assert number.isascii() or tag in {"fr", "fr-simple", "pt"}


def test_what_is_typed_runs_from_left_to_right_in_every_language(app: Flask) -> None:
    for tag, slug in product(LANGUAGES, SLUGS):
        page = quick(app.test_client().get(form_of(tag, slug)).text)
        for box in page.select("input[type=text], input[type=email], textarea"):
            assert box["dir"] == "ltr", box["id"]
        result = quick(app.test_client().post(form_of(tag, slug), data=answers_of()).text)
        for part in result.select("#letter, .slip, textarea, #sent_on"):
            assert part["dir"] == "ltr"
