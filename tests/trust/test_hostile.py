"""Whatever is typed in any field of any letter comes out as the same words, or is refused by name.

The fields are those of `LetterForm`, the letters those of the catalogue, the strings those of
`hostile.py`: a new one of each is tried by itself. A page with hostile answers must have the very
elements and attributes of one with harmless answers of the same lengths; a calendar or a zip must
have the very bytes, and the very names, that somebody else's has.
"""

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import pypdfium2
import pytest
from bs4 import BeautifulSoup, Comment
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from weasyprint.urls import FatalURLFetchingError
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import create_app
from letters.cleaning import (
    NAME_CHARACTERS,
    REPERTOIRE,
    clean_line,
    clean_lines,
    contains_nir,
    foreign_characters,
    has_stacked_marks,
    longest_run,
    parse_day,
)
from letters.model import WHO
from letters.render import pdf
from letters.typography import outside_cp1252, portal
from letters.web.content import load_content
from letters.web.fields import RUN_LIMIT, LongText, Text
from letters.web.forms import Context, LetterForm
from letters.web.origin import FORM
from letters.web.settings import Settings
from tests import kit
from tests.conftest import TODAY
from tests.kit.forms import NIR, NIR_TAKEN_OUT, everything, posted
from tests.kit.pages import OPPOSITIONS
from tests.kit.pdfs import ITEM_MARK, every_key, every_object, opened
from tests.letters_under_test import SLUGS, steady
from tests.trust.hostile import LONG, STRINGS, headers_are_ours, invisible, words
from tests.trust.test_origin import longest

ROOT = Path(__file__).parents[2]
# Between them they ask every question that any letter asks, in every kind of output.
LETTERS = SLUGS if kit.everything else ("opposition-sante", "opposition-soignant", "plainte-cnil")
TYPED = (*STRINGS, "@".join(("x" * 99, "x.fr")), NIR)
PACKED = 24  # so many strings made of all, where a field may hold anything
# What a body of 32 KB takes in every field at once. What is no UTF-8 has a test of its own.
SENT = tuple(
    text for text in STRINGS if len(text) < 2000 and not re.search("[\ud800-\udfff]", text)
)
# A PDF takes a fifth of a second: one in so many rounds.
ROUNDS_TO_A_PDF = 6
# What a PDF that only shows and says words has not (ISO 32000-1, 12).
ACTIVE = {"AcroForm", "JS", "JavaScript", "AA", "OpenAction", "Annots", "URI", "Launch", "GoToR"}
ACTIVE |= {"EmbeddedFiles", "EmbeddedFile", "AF", "RichMedia", "XFA", "Names", "SubmitForm", "EF"}


@lru_cache(maxsize=32)
def parse(text: str) -> BeautifulSoup:
    """A page as a browser reads it, however broken: html5lib follows the same rules."""
    return BeautifulSoup(text, "html5lib")


# The form itself


@cache
def loaded() -> Any:
    return load_content(Settings())


def form_of(slug: str, answers: dict[str, Any]) -> LetterForm:
    context = Context(loaded().catalogue.wordings[slug], loaded(), TODAY)
    return LetterForm(context, MultiDict(answers))


@cache
def text_fields() -> tuple[str, ...]:
    return tuple(field.name for field in form_of(SLUGS[0], {}) if isinstance(field, Text))


def situations(slug: str) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Right answers to a letter and what it then asks, until each of its questions was asked."""
    left = set(form_of(slug, {}).printed)
    for who, first in product(sorted(WHO, reverse=True), OPPOSITIONS):
        answers = everything(who, first)
        form = form_of(slug, answers)
        assert form.validate(), (slug, who, first, form.errors)
        if form.asked & left:
            left -= form.asked
            yield answers, frozenset(form.asked & {*text_fields()})
    assert left == set(), "a question of this letter is never asked"


@cache
def places() -> dict[str, tuple[str, dict[str, Any]]]:
    """For each field that a letter asks for, such a letter and right answers to the rest."""
    asking = [(slug, *found) for slug in LETTERS for found in situations(slug)]
    return {name: (slug, answers) for slug, answers, asked in asking for name in asked}


def cleaned(name: str, text: str) -> str:
    field = form_of(SLUGS[0], {})[name]
    return clean_lines(text) if isinstance(field, LongText) else clean_line(text)


def verdict(name: str, text: str) -> tuple[LetterForm, str]:
    """The form with this text in a field that a letter asks for; what it says of it, if anything"""
    slug, answers = places()[name]
    form = form_of(slug, {**answers, name: text})
    form.validate()
    return form, str(form[name].errors[0]) if form[name].errors else ""


@cache
def accepted(name: str) -> tuple[str, ...]:
    """The strings that a field takes, cleaned of nothing but what surrounds them, and not empty."""
    return tuple(text for text in SENT if not verdict(name, text)[1] and cleaned(name, text))


def check_word_for_word_or_refused_by_name(name: str, text: str) -> None:
    form, refusal = verdict(name, text)
    value, expected = form[name].data, cleaned(name, text)
    if contains_nir(expected):
        assert refusal.startswith(NIR_TAKEN_OUT)
        assert not contains_nir(value)
        return
    shape = re.sub("[ .‑‐–-]", "", expected) if name == "postal_code" else expected
    assert value in {expected, shape}, "changed by more than cleaning"
    assert invisible(value) == set()
    foreign = foreign_characters(value, NAME_CHARACTERS if name.endswith("_name") else REPERTOIRE)
    if not refusal:
        assert foreign == ()
        assert not has_stacked_marks(value)
        assert longest_run(value) <= RUN_LIMIT
    elif refusal.startswith("Retirez"):
        assert foreign
        assert all(f"«\u00a0{sign}\u00a0»" in refusal for sign in foreign[:5])
    else:  # what is wrong first: too long, no date, no address
        assert re.match("Raccourcissez|Gardez|Indiquez|Ajoutez|Écrivez ce nom avec", refusal), (
            refusal
        )


@pytest.mark.check(20)
@pytest.mark.parametrize("name", text_fields())
def test_each_string_is_kept_word_for_word_or_refused_by_name(name: str) -> None:
    if name not in places():
        assert name in {"carried_lines", "shown_lines"}, "a question that no letter asks"
        return
    for text in TYPED:
        check_word_for_word_or_refused_by_name(name, text)


texts = st.lists(st.text(max_size=8) | st.sampled_from(STRINGS[:-5]), max_size=4).map("".join)


@pytest.mark.check(20)
@steady
@given(name=st.sampled_from(sorted(places())), text=texts)
def test_any_text_is_kept_word_for_word_or_refused_by_name(name: str, text: str) -> None:
    check_word_for_word_or_refused_by_name(name, text)


@pytest.mark.check(20)
def test_a_sign_that_nobody_sees_is_not_left_for_the_person_to_remove() -> None:
    """A message cannot name it; the variation of an emoji comes along with each « ❤️ »."""
    for sign in UNSEEN:
        assert verdict("city", f"Br{sign}est")[1] == ""
        refusal = verdict("city", f"❤{sign}")[1]
        assert refusal.startswith("Retirez ou remplacez «\u00a0❤\u00a0»\u00a0:")


@pytest.mark.check(27)
def test_signs_that_nobody_sees_do_not_hide_a_number() -> None:
    for sign in UNSEEN:
        form, refusal = verdict("reason", (sign * 5).join(NIR))
        assert refusal.startswith(NIR_TAKEN_OUT)
        assert form.reason.data == "…"


UNSEEN = "\ufe0f\u034f\u3164\u115f\U000e0041\u200b\u2066"


# The pages


def post(app: Flask, slug: str, answers: dict[str, Any], output: str = "preview") -> TestResponse:
    return checked(
        app.test_client().post(f"/fr/lettres/{slug}", data={**answers, "output": output})
    )


def checked(answer: TestResponse) -> TestResponse:
    """What holds for every answer."""
    assert answer.status_code in {200, 302, 400, 404, 405, 413, 422}, answer.status
    headers_are_ours(answer)
    if answer.mimetype in {"text/html", "text/plain"}:
        assert invisible(answer.text) == set()
    return answer


def skeleton(page: BeautifulSoup, but: frozenset[str] = frozenset()) -> list[Any]:
    """Every element of a page with its attributes; of a hidden field, not its value."""
    found: list[Any] = [str(comment) for comment in page.find_all(string=is_comment)]
    for tag in page.find_all(True):
        typed = tag.name == "input" and tag.get("type") not in {"checkbox", "radio"}
        shown = {name: value for name, value in tag.attrs.items() if name not in but}
        found.append((tag.name, {**shown, "value": ""} if typed else shown))
    return found


def is_comment(node: Any) -> bool:
    return isinstance(node, Comment)


def harmless(value: str) -> str:
    """A text of the same shape that means nothing to any program."""
    return re.sub(r"[^\s\d@.]", lambda sign: "x" if sign[0] in PLAIN else "ж", value)


# What the result page does not point out as unusual in a message.
PLAIN = {c for c in map(chr, range(0x20, 0x2100)) if not outside_cp1252(portal(c))}


def rounds(strings: list[tuple[str, ...]]) -> Iterator[list[str]]:
    """Each string in each place once, as few in one round as there are places."""
    most = max(map(len, strings))
    for turn in range(most):
        yield [some[(turn + place) % len(some)] for place, some in enumerate(strings)]


@pytest.mark.check(18, 19, 20)
@pytest.mark.parametrize("slug", LETTERS)
def test_a_form_shows_each_string_as_text(app: Flask, slug: str) -> None:
    short = [text for text in SENT if text not in LONG]
    packed = tuple(" ".join(short[start::PACKED]) for start in range(PACKED))
    answers = everything("protected", SLUGS[0])
    for typed in rounds([packed] * len(text_fields())):
        hostile = {**answers, **dict(zip(text_fields(), typed, strict=True))}
        hostile["shown_lines"] = hostile["recipient_lines"]
        meant = {name: cleaned(name, hostile[name]) for name in text_fields()}
        alike = {**hostile, **{name: harmless(value) for name, value in meant.items()}}
        pages = (post(app, slug, data, "edit") for data in (hostile, alike))
        page, plain = (parse(answer.text) for answer in pages)
        assert skeleton(page) == skeleton(plain)
        assert page.title == plain.title
        for name, value in posted(str(page)).items():
            if name in meant and name not in MAY_CHANGE_PLACES:
                assert without_separators(value) == without_separators(meant[name]), name


MAY_CHANGE_PLACES = {"carried_lines", "shown_lines", "recipient_lines"}


def without_separators(value: str) -> str:
    """As a postal code is read, and the lines of an address."""
    return re.sub("[ .‑‐–-]", "", re.sub("[\r\n]+", "\n", value))


@pytest.mark.check(18, 20)
@pytest.mark.parametrize("slug", LETTERS)
def test_a_form_refuses_a_string_without_being_broken_by_it(app: Flask, slug: str) -> None:
    """The message quotes what it refuses; it is text there too, and in the summary."""
    told = frozenset({"class", "aria-invalid", "aria-describedby", "open", "hidden"})
    for number, (answers, asked) in enumerate(situations(slug)):
        refused = [tuple(s for s in SENT if verdict(name, s)[1]) for name in sorted(asked)]
        for typed in islice(rounds(refused), 0, None, 50 if number else 20):
            hostile = {**answers, **dict(zip(sorted(asked), typed, strict=True))}
            meant = {name: cleaned(name, hostile[name]) for name in asked}
            plain = {**hostile, **{name: harmless(value) for name, value in meant.items()}}
            answer = post(app, slug, hostile)
            assert answer.status_code == 422
            page, alike = parse(answer.text), parse(post(app, slug, plain, "edit").text)
            for errors in page.select(".error-summary, p.error"):
                assert errors.find(["script", "img", "svg", "style", "form", "input"]) is None
            for some in (page, alike):
                for tag in some.select(".error-summary, p.error"):
                    tag.decompose()
                for button in some.select(".languages button"):
                    del button["value"]  # it tells whether there are errors to show again
            assert skeleton(page, told) == skeleton(alike, told)
            parse.cache_clear()  # the pages were changed


# What comes out of the form


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The addresses that the PDF engine asked for."""
    asked: list[str] = []

    def fetch(self: object, url: str, headers: object = None) -> None:
        asked.append(url)
        raise FatalURLFetchingError("refused")

    monkeypatch.setattr(pdf._RefuseEverything, "fetch", fetch)
    yield asked
    assert asked == []


@pytest.mark.check(9, 18, 19, 20, 21)
@pytest.mark.parametrize("slug", LETTERS)
def test_what_a_form_takes_is_the_same_words_in_every_output(
    app: Flask, slug: str, fetched: list[str]
) -> None:
    first = LETTERS.index(slug)
    for number, (answers, asked) in enumerate(situations(slug)):
        names = [name for name in sorted(asked) if accepted(name) and not is_day(answers[name])]
        everybodys = {output: post(app, slug, answers, output) for output in FILES}
        all_rounds = rounds([accepted(name) for name in names])
        # Letters take turns, and so do situations, in which most places are the same.
        for turn, typed in enumerate(islice(all_rounds, first % 3, None, 15 if number else 3)):
            hostile = {**answers, **dict(zip(names, typed, strict=True))}
            page = check_result(app, slug, hostile, names)
            check_message(app, slug, hostile, page)
            check_calendar(app, slug, hostile, everybodys["calendar"])
            if turn % ROUNDS_TO_A_PDF == first % ROUNDS_TO_A_PDF:
                check_pdf(post(app, slug, hostile, "pdf").data, article_of(page))
                check_zip(post(app, slug, hostile, "bundle"), everybodys["bundle"])
                slip = post(app, slug, hostile, "slip")
                if slip.mimetype == "application/pdf":
                    check_pdf(slip.data, None)


FILES = ("calendar", "bundle")


def is_day(value: str) -> bool:
    return parse_day(value) is not None


def check_result(app: Flask, slug: str, hostile: dict[str, Any], names: list[str]) -> BeautifulSoup:
    """The words are in the sheet, and the page is that of harmless words."""
    answer = post(app, slug, hostile)
    assert answer.status_code == 200, [t.get_text() for t in parse(answer.text).select(".error")]
    meant = {name: cleaned(name, hostile[name]) for name in names}
    alike = {**hostile, **{name: harmless(value) for name, value in meant.items()}}
    page, plain = parse(answer.text), parse(post(app, slug, alike).text)
    assert skeleton(page) == skeleton(plain)
    assert page.title == plain.title
    sheet, form = article_of(page), form_of(slug, hostile)
    for name in names:
        lines = [line for line in meant[name].split("\n") if line]
        if name.endswith("_lines") and form.block_of(form.kind) != tuple(lines):
            del lines[1:]  # the letter goes to somebody else, and names this one
        for line in lines:
            assert words(line) in sheet, name
    return page


def article_of(page: BeautifulSoup) -> str:
    article = page.select_one("article#letter")
    assert article is not None
    return words(article.get_text())


def check_message(app: Flask, slug: str, hostile: dict[str, Any], page: BeautifulSoup) -> None:
    """The text is that of the box on the page, and its words are the last of the sheet."""
    text = post(app, slug, hostile, "text").text
    boxes = {str(box["id"]): box.get_text() for box in page.select("textarea[readonly]")}
    assert text == f"Objet : {boxes['subject']}\n\n{boxes['message']}\n"
    short = post(app, slug, hostile, "short").text
    assert short == f"Objet : {boxes['subject']}\n\n{boxes['message-short']}\n"
    said = words(text.removeprefix("Objet : ")).replace("-", "")  # which stands before an item
    assert portal(article_of(page)).replace("-", "").endswith(said)


def check_calendar(
    app: Flask, slug: str, hostile: dict[str, Any], everybodys: TestResponse
) -> None:
    answer = post(app, slug, hostile, "calendar")
    assert answer.mimetype == everybodys.mimetype
    if answer.mimetype == "text/calendar":
        assert answer.data == everybodys.data


def check_zip(answer: TestResponse, everybodys: TestResponse) -> None:
    """No name and no explanation is of one person; what is, are the files of the buttons."""
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    with ZipFile(io.BytesIO(answer.data)) as mine, ZipFile(io.BytesIO(everybodys.data)) as others:
        assert mine.namelist() == others.namelist()
        for name in {"LISEZMOI.txt", "rappel.ics"} & {*others.namelist()}:
            assert mine.read(name) == others.read(name)


def check_pdf(content: bytes, sheet: str | None) -> None:
    """Its words are those of the sheet, and there is nothing in it but words."""
    with opened(content) as document:
        keys = {key for value in every_object(document) for key in every_key(value)}
    assert keys & ACTIVE == set()
    with pypdfium2.PdfDocument(content) as document:
        pages = [words(page.get_textpage().get_text_range()) for page in document]
    assert invisible("".join(pages)) == set()
    if sheet is not None:
        if len(pages) > 1:
            pages = [page.removesuffix(f"{n}/{len(pages)}") for n, page in enumerate(pages, 1)]
        assert "".join(pages).replace(ITEM_MARK, "") == sheet.replace(ITEM_MARK, "")


# Everything else that a request is made of


BUTTONS = {"output", "also", "large"}  # what buttons and boxes send beside the answers


@cache
def other_controls() -> tuple[str, ...]:
    """The names of all that our pages send and that nobody types."""
    app = create_app()
    pages = [post(app, s, everything(), o).text for s in SLUGS for o in ("preview", "edit")]
    sent = {str(tag["name"]) for page in pages for tag in parse(page).select("form [name]")}
    return tuple(sorted((sent | BUTTONS) - {*text_fields()} - {"viewport"}))


def test_the_controls_that_nobody_types_in_are_found() -> None:
    known = {"who", "options", "shown", "lines_for", "recipient", "first_letter", "outcome"}
    assert {*other_controls()} >= known | {"channel", "shown_recipient"} | BUTTONS


@pytest.mark.check(9, 18, 21)
@pytest.mark.parametrize("slug", LETTERS)
def test_what_no_page_of_ours_would_send_is_never_shown_again(app: Flask, slug: str) -> None:
    names, mark = other_controls(), "zqzq"
    strange = [text + mark for text in SENT if len(text) < 200]
    for turn in range(0, len(strange), len(names)):
        sent = dict(zip(names, strange[turn:] + strange, strict=False))
        for output in ("preview", "edit", "text", "short", "calendar"):
            answers = MultiDict({**everything("protected"), **sent})
            answers.setlist("output", [output, sent["output"]])
            answer = app.test_client().post(f"/fr/lettres/{slug}", data=answers)
            assert mark not in checked(answer).get_data().decode("latin-1")
            assert mark not in str(answer.headers)


@pytest.mark.check(20)
def test_bytes_that_are_no_text_stay_signs_that_can_be_read(app: Flask) -> None:
    body = b"given_name=Camille&family_name=Durand&recipient=01751&city=a%ED%A0%80b&output=text"
    answer = app.test_client().post("/fr/lettres/opposition-sante", data=body, content_type=FORM)
    assert checked(answer).status_code == 200
    page = post(app, "opposition-sante", {"city": "a%ED%A0%80b"}, "edit")
    assert posted(page.text)["city"] == "a%ED%A0%80b"


ODD_PARTS = (
    *SENT,
    "..",
    "../../etc/passwd",
    "%",
    "/etc/passwd",
    "opposition-sante.pdf",
    "x" * 4000,
)


def address(rule: Rule, odd: dict[str, str]) -> str:
    """An address that a route answers, with one part of it replaced."""
    parts = {"slug": SLUGS[0], "language": "fr", "filename": "style.css", **odd}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: parts[part[1]], rule.rule)


@pytest.mark.check(9, 18, 21)
def test_an_odd_address_is_a_plain_page_that_does_not_repeat_it(app: Flask) -> None:
    """Every part of an address that is not fixed, of every route."""
    client, mark = app.test_client(), "zqzq"
    for turn, rule in enumerate(app.url_map.iter_rules()):
        for name, text in product(rule.arguments, ODD_PARTS[turn % 3 :: 3]):
            path = address(rule, {name: quote(text + mark, safe="/")})
            answer = checked(client.open(path, buffered=True))
            assert answer.status_code in {400, 404, 405}, path
            assert mark not in answer.text + str(answer.headers)


@pytest.mark.check(9, 18, 21)
def test_an_odd_question_in_an_address_is_not_repeated_but_for_a_day(app: Flask) -> None:
    client = app.test_client()
    names = ("who", "outcome", "lettre", "envoi", "large", "v", "given_name", "next", "lang")
    rules = (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))
    paths = [address(rule, {}) for rule in rules]
    for path, (turn, text) in product(paths, enumerate(SENT[::25])):
        question = "&".join(f"{name}={quote(text)}zqzq" for name in names[turn % 3 :: 3])
        answer = client.get(f"{path}?{question}", buffered=True)
        if path.startswith("/static"):
            continue  # a file, whose headers have their own tests
        checked(answer)
        assert "zqzq" not in str(answer.headers)
        if answer.mimetype == "text/html":
            page = parse(answer.text)
            assert page.select("main :is(script, img, iframe, object, style)") == []
            for box in page.select("#sent_on"):
                del box["value"]
            assert "zqzq" not in str(page)
            parse.cache_clear()


# The longest letters


LARGEST = """
import json, re, sys
from pathlib import Path
from app import create_app
client = create_app().test_client()
for slug, answers in json.load(sys.stdin):
    answer = client.post(f"/fr/lettres/{slug}", data={**answers, "output": "pdf"})
    assert answer.mimetype == "application/pdf", answer.status
# Not ru_maxrss, which begins with the memory of the process that started this one.
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
MEMORY = 250 * 1024  # kilobytes


@pytest.mark.server
@pytest.mark.check(22)
def test_the_longest_letters_take_little_memory() -> None:
    """All of them, one after the other, in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-c", LARGEST],
        cwd=ROOT,
        input=json.dumps([(slug, longest()) for slug in SLUGS]),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert int(done.stdout) < MEMORY
