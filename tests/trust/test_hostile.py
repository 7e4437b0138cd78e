"""Whatever is typed in any field of any letter comes out as the same words, or is refused by name.

The fields are those of `LetterForm`, the letters those of the catalogue, the strings those of
`hostile.py`: a new one of each is tried by itself. A page with hostile answers must have the very
elements and attributes of one with harmless answers of the same lengths.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product
from typing import Any
from urllib.parse import quote

import pypdfium2
import pytest
from bs4 import BeautifulSoup, Comment
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

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
from letters.typography import outside_cp1252, portal
from letters.web.form.fields import RUN_LIMIT, Email
from letters.web.form.letter_form import LetterForm
from tests import kit
from tests.kit.forms import (
    AREAS,
    NEVER_SHOWN,
    NIR,
    NIR_TAKEN_OUT,
    TEXTS,
    everything,
    form_of,
    posted,
)
from tests.kit.pages import OPPOSITIONS, SLUGS, from_file
from tests.kit.pdfs import ITEM_MARK
from tests.letters_under_test import steady
from tests.server import ROOT
from tests.trust.hostile import LONG, STRINGS, headers_are_ours, invisible, words
from tests.trust.test_origin import longest

# Between them they ask every question that any letter asks, in every kind of output.
LETTERS = SLUGS if kit.everything else ("opposition-sante", "opposition-soignant", "plainte-cnil")
TYPED = (*STRINGS, "@".join(("x" * 99, "x.fr")), NIR)
PACKED = 24  # so many strings made of all, where a field may hold anything
# What a body of 32 KB takes in every field at once, and UTF-8 at all.
SENT = tuple(
    text for text in STRINGS if len(text) < 2000 and not re.search("[\ud800-\udfff]", text)
)
MARK = "zqzq"  # what is typed where nothing is
UNSEEN = "\ufe0f\u034f\u3164\u115f\U000e0041\u200b\u2066"


@lru_cache(maxsize=32)
def parse(text: str) -> BeautifulSoup:
    """A page as a browser reads it, however broken: html5lib follows the same rules."""
    return BeautifulSoup(text, "html5lib")


# The form itself


def situations(slug: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Right answers to a letter and the texts it then asks, until each question was asked."""
    left = set(form_of(slug).visible_fields)
    for who, first in product(sorted(WHO, reverse=True), OPPOSITIONS):
        answers = everything(who, first)
        form = form_of(slug, answers)
        assert form.validate(), (slug, who, first, form.errors)
        if form.active_fields & left:
            left -= form.active_fields
            yield answers, sorted(form.active_fields & {*TEXTS})
    assert left == set(), "a question of this letter is never asked"


@cache
def places() -> dict[str, tuple[str, dict[str, Any]]]:
    """For each field that a letter asks for, such a letter and right answers to the rest."""
    asking = [(slug, *found) for slug in LETTERS for found in situations(slug)]
    return {name: (slug, answers) for slug, answers, asked in asking for name in asked}


def cleaned(name: str, text: str) -> str:
    if name.endswith("given_name"):
        text = text.replace(",", " ")
    if name == "email":
        return Email.clean(text)
    return clean_lines(text) if name in {*AREAS, *NEVER_SHOWN} else clean_line(text)


def verdict(name: str, text: str) -> tuple[LetterForm, str]:
    """The form with this text in a field that a letter asks for; what it says of it, if anything"""
    slug, answers = places()[name]
    form = form_of(slug, {**answers, name: text})
    form.validate()
    return form, str(form[name].errors[0]) if form[name].errors else ""


@cache
def taken(name: str, *, refused: bool = False) -> tuple[str, ...]:
    """The strings that a field takes, of which cleaning leaves something; or those it refuses."""
    found = ((text, verdict(name, text)[1]) for text in SENT if cleaned(name, text))
    return tuple(text for text, refusal in found if bool(refusal) is refused)


def check_word_for_word_or_refused_by_name(name: str, text: str) -> None:
    form, refusal = verdict(name, text)
    value, expected = form[name].data, cleaned(name, text)
    if contains_nir(expected):
        assert refusal.startswith(NIR_TAKEN_OUT)
        assert not contains_nir(value)
        return
    shape = re.sub("[ .‑‐–—−-]", "", expected) if name == "postal_code" else expected
    assert value in {expected, shape}, "changed by more than cleaning"
    assert invisible(value) == set()
    foreign = foreign_characters(value, NAME_CHARACTERS if name.endswith("_name") else REPERTOIRE)
    if not refusal:
        assert foreign == ()
        assert not has_stacked_marks(value)
        assert longest_run(value) <= RUN_LIMIT
    elif refusal.startswith("Retirez"):
        assert foreign
        named = [f"«\u00a0{s}\u00a0»" if s.isprintable() else f"U+{ord(s):04X}" for s in foreign]
        assert all(sign in refusal for sign in named[:5])
    else:  # what is wrong first: too long, no date, no address
        asked = "Raccourcissez|Gardez|Indiquez|Ajoutez|Écrivez (ce nom avec|le nom|seul|l’année)"
        assert re.match(asked, refusal)


@pytest.mark.check(20)
@pytest.mark.parametrize("name", TEXTS)
def test_each_string_is_kept_word_for_word_or_refused_by_name(name: str) -> None:
    for text in TYPED:
        check_word_for_word_or_refused_by_name(name, text)


texts = st.lists(st.text(max_size=8) | st.sampled_from(STRINGS[:-5]), max_size=4).map("".join)


@pytest.mark.check(20)
@steady
@given(name=st.sampled_from(TEXTS), text=texts)
def test_any_text_is_kept_word_for_word_or_refused_by_name(name: str, text: str) -> None:
    check_word_for_word_or_refused_by_name(name, text)


@pytest.mark.check(20, 27)
def test_a_sign_that_nobody_sees_is_not_left_for_the_person_to_remove_and_hides_no_number() -> None:
    """A message cannot name it; the variation of an emoji comes along with each « ❤️ »."""
    for sign in UNSEEN:
        assert verdict("city", f"Br{sign}est")[1] == ""
        refusal = verdict("city", f"❤{sign}")[1]
        assert refusal.startswith("Retirez ou remplacez «\u00a0❤\u00a0»\u00a0:")
        form, refusal = verdict("reason", (sign * 5).join(NIR))
        assert (form.reason.data, refusal.startswith(NIR_TAKEN_OUT)) == ("…", True)


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
        assert invisible(from_file(answer.data)) == set()
    return answer


# How a form with errors differs from one without.
TOLD = {"class", "aria-invalid", "aria-describedby", "open", "hidden"}


def skeleton(page: BeautifulSoup) -> list[Any]:
    """Every element of a page with its attributes; of what holds a text, not its value."""
    found: list[Any] = [page.title, *page.find_all(string=lambda node: isinstance(node, Comment))]
    for tag in page.find_all(True):
        shown = {name: value for name, value in tag.attrs.items() if name not in TOLD}
        if tag.name == "input" and tag.get("type") not in {"checkbox", "radio"}:
            shown["value"] = ""
        if not tag.find_parent(class_="languages"):  # they tell whether there are errors to show
            found.append((tag.name, shown))
    return found


def harmless(answers: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Answers of the same shape that mean nothing to any program."""

    def meant(name: str) -> str:
        # Two letters, so that a recipient's street is not the sender's, nor two people one.
        plain, other = "yи" if name in {"given_name", *AREAS} else "xж"
        text = cleaned(name, answers[name])
        return re.sub(r"[^\s\d@.]", lambda sign: plain if sign[0] in PLAIN else other, text)

    return {**answers, **{name: meant(name) for name in names}}


# What the result page does not point out as unusual in a message.
PLAIN = {c for c in map(chr, range(0x20, 0x2100)) if not outside_cp1252(portal(c))}


def rounds(strings: list[tuple[str, ...]]) -> Iterator[list[str]]:
    """Each string in each place once, as few in one round as there are places."""
    for turn in range(max(map(len, strings))):
        yield [some[(turn + place) % len(some)] for place, some in enumerate(strings)]


@pytest.mark.check(18, 19, 20)
@pytest.mark.parametrize("slug", LETTERS)
def test_a_form_shows_each_string_as_text(app: Flask, slug: str) -> None:
    """In its fields, and in the messages that quote what they refuse."""
    short = [text for text in SENT if text not in LONG]
    packed = tuple(" ".join(short[start::PACKED]) for start in range(PACKED))
    names = [*TEXTS, *NEVER_SHOWN]
    for typed in rounds([packed] * len(names)):
        hostile = everything("protected", **dict(zip(names, typed, strict=True)))
        check_form(app, slug, hostile, names)
    for number, (answers, asked) in enumerate(situations(slug)):
        refused = rounds([taken(name, refused=True) for name in asked])
        for typed in islice(refused, 0, None, 50 if number else 20):
            check_form(app, slug, {**answers, **dict(zip(asked, typed, strict=True))}, asked)


def check_form(app: Flask, slug: str, hostile: dict[str, Any], names: list[str]) -> None:
    answer = post(app, slug, hostile)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html5lib")
    for message in page.select(".error-summary, p.error"):
        assert message.find(["script", "img", "svg", "style", "form", "input"]) is None
        message.decompose()
    page.title.string.replace_with(page.title.string.removeprefix("Erreur\u00a0: "))
    assert skeleton(page) == skeleton(parse(post(app, slug, harmless(hostile, names), "edit").text))
    for name, value in posted(answer.text).items():
        if name in {*TEXTS} & {*names}:
            assert without_separators(value) == without_separators(cleaned(name, hostile[name]))


def without_separators(value: str) -> str:
    """As a postal code is read, and the lines of an address."""
    return re.sub("[ .‑‐–-]", "", re.sub("[\r\n]+", "\n", value))


# What comes out of the form


@pytest.mark.check(9, 18, 19, 20, 21)
@pytest.mark.parametrize("slug", LETTERS)
def test_what_a_form_takes_is_the_same_words_in_every_output(app: Flask, slug: str) -> None:
    first = LETTERS.index(slug)
    for number, (answers, asked) in enumerate(situations(slug)):
        names = [name for name in asked if taken(name) and not parse_day(answers[name])]
        # Letters take turns, and so do situations, in which most places are the same.
        all_rounds = islice(
            rounds([taken(name) for name in names]), first % 3, None, 15 if number else 3
        )
        for turn, typed in enumerate(all_rounds):
            hostile = {**answers, **dict(zip(names, typed, strict=True))}
            hostile |= {name: answers[name] for name in shared(slug, hostile)}
            sheet = check_result(app, slug, hostile, names)
            if turn % 6 == first % 6:  # a PDF takes a fifth of a second
                check_pdf(post(app, slug, hostile, "pdf").data, sheet)


def shared(slug: str, answers: dict[str, Any]) -> set[str]:
    """The fields that are refused because they hold the same string as one of the sender's."""
    form = form_of(slug, answers)
    form.validate()
    return form.errors.keys() & {*AREAS, "represented_given_name"}


def check_result(app: Flask, slug: str, hostile: dict[str, Any], names: list[str]) -> str:
    """The words are in the sheet, which is given, and in the texts; the page has nothing else."""
    answer = post(app, slug, hostile)
    page = parse(answer.text)
    assert answer.status_code == 200, [tag.get_text() for tag in page.select(".error")]
    assert skeleton(page) == skeleton(parse(post(app, slug, harmless(hostile, names)).text))
    sheet = words(page.select_one("article#letter").get_text())
    form = form_of(slug, hostile)
    for name in names:
        lines = [line for line in cleaned(name, hostile[name]).split("\n") if line]
        if name.endswith("_lines") and form.addresses.address_lines(form.recipient_kind) != tuple(
            lines
        ):
            del lines[1:]  # the letter goes to somebody else, and names this one
        for line in lines:
            assert words(line) in sheet, name
    boxes = {str(box["id"]): box.get_text() for box in page.select("textarea[readonly]")}
    short = boxes.get("message-short", boxes["message"])  # offered where it is shorter
    for output, message in (("text", boxes["message"]), ("short", short)):
        text = f"Objet : {boxes['subject']}\n\n{message}\n"
        assert from_file(post(app, slug, hostile, output).data) == text
    # The words of the whole message are the last of the sheet, where no dash stands before an item.
    said = words(f"{boxes['subject']}{boxes['message']}").replace("-", "")
    assert portal(sheet).replace("-", "").endswith(said)
    return sheet


def check_pdf(content: bytes, sheet: str) -> None:
    with pypdfium2.PdfDocument(content) as document:
        pages = [words(page.get_textpage().get_text_range()) for page in document]
    assert invisible("".join(pages)) == set()
    if len(pages) > 1:
        pages = [page.removesuffix(f"{n}/{len(pages)}") for n, page in enumerate(pages, 1)]
    assert "".join(pages).replace(ITEM_MARK, "") == sheet.replace(ITEM_MARK, "")


@pytest.mark.check(18)
def test_the_message_to_copy_is_text_whatever_was_typed(app: Flask) -> None:
    typed = "</textarea><b>Non</b> &lt;&amp;"
    page = parse(post(app, LETTERS[0], everything(reason=typed)).text)
    assert typed in page.select_one("textarea#message").get_text()
    assert page.select("main b") == []


# Everything else that a request is made of

UNTYPED = ("also", "channel", "first_letter", "large", "lettre", "options", "outcome")
UNTYPED += ("output", "recipient", "shown", "who")


@pytest.mark.check(9, 18, 21)
@pytest.mark.parametrize("slug", LETTERS)
def test_what_no_page_of_ours_would_send_is_never_shown_again(app: Flask, slug: str) -> None:
    strange = [text + MARK for text in SENT if len(text) < 200]
    for turn in range(0, len(strange), len(UNTYPED)):
        sent = dict(zip(UNTYPED, strange[turn:] + strange, strict=False))
        for output in ("preview", "edit", "text", "short", "calendar"):
            answers = MultiDict({**everything("protected"), **sent})
            answers.setlist("output", [output, sent["output"]])
            answer = app.test_client().post(f"/fr/lettres/{slug}", data=answers)
            assert MARK not in checked(answer).get_data().decode("latin-1")
            assert MARK not in str(answer.headers)


def addresses(app: Flask, *odd: str) -> Iterator[str]:
    """The address of each route, or with these texts in turn in each part that is not fixed."""
    for turn, rule in enumerate(app.url_map.iter_rules()):
        right = {"slug": SLUGS[0], "language": "fr", "filename": "style.css"}
        changes = (
            [{name: t} for name in rule.arguments for t in odd[turn % 3 :: 3]] if odd else [{}]
        )
        for change in changes:
            parts = right | change
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda part, parts=parts: parts[part[1]], rule.rule)


ODD_PARTS = (*SENT, "..", "../../etc/passwd", "%", "/etc/passwd", "relance.pdf", "x" * 4000)


@pytest.mark.check(9, 18, 21)
def test_an_odd_address_is_a_plain_page_that_does_not_repeat_it(app: Flask) -> None:
    """Every part of an address that is not fixed, of every route."""
    odd = addresses(app, *(quote(text + MARK, safe="/") for text in ODD_PARTS))
    for path in (*odd, f"/fr//lettres/{MARK}"):
        answer = checked(app.test_client().open(path, buffered=True))
        assert answer.status_code in {400, 404, 405}, path
        assert MARK not in answer.text + str(answer.headers)


@pytest.mark.check(9, 18, 21)
def test_an_odd_question_in_an_address_is_not_repeated_but_for_a_day(app: Flask) -> None:
    names = ("who", "outcome", "lettre", "envoi", "large", "v", "given_name", "next", "lang")
    for path, (turn, text) in product(addresses(app), enumerate(SENT[::25])):
        if path.startswith("/static"):
            continue  # a file, whose headers have their own tests
        question = "&".join(f"{name}={quote(text)}{MARK}" for name in names[turn % 3 :: 3])
        answer = checked(app.test_client().get(f"{path}?{question}", buffered=True))
        assert MARK not in str(answer.headers)
        if answer.mimetype == "text/html":
            page = BeautifulSoup(answer.text, "lxml")
            assert page.select("main :is(script, img, iframe, object, style)") == []
            for box in page.select("#sent_on"):
                del box["value"]
            assert MARK not in str(page)


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
