"""What no bytes may do to the form or to the parser of wordings.

Two targets, `form` and `wording`, each a function of bytes that raises when a promise is broken.
`script/fuzz` has Atheris search for such bytes (fuzz_engine.py), guided by the lines that they
reach; what it found and what reaches most is in `corpus/<target>/`, and `test_fuzz.py` replays it
all, without Atheris.

Limits: the fuzzer has a stand-in for the PDF engine, which alone would take nearly all the time;
the replay has the real one.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import create_app
from letters.catalogue import TEXTS, load_catalogue
from letters.compose import compose
from letters.model import WHO
from letters.typography import portal
from letters.wording import WordingError, read_wording
from tests.conftest import TODAY
from tests.letters_under_test import all_texts, every_objection, every_option_set, request_for
from tests.trust.hostile import RIGHT_ANSWERS, STRANGE_BODIES, headers_are_ours, invisible, words

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
WORK = ROOT / "build" / "fuzz"
TYPE = "application/x-www-form-urlencoded"
LETTERS = tuple(f"/fr/lettres/{slug}" for slug in load_catalogue(None).wordings)
PATHS = (*LETTERS, "/fr/suivi")


# The form


def form(data: bytes) -> None:
    """Post a body to the page that the first byte chooses, and go round as a browser would."""
    path, body = PATHS[data[0] % len(PATHS)] if data else PATHS[0], data[1:]
    answer = _post(path, body)
    if path not in LETTERS or answer.status_code not in {200, 422}:
        return
    _check_settled(path, _post(path, _said(path, body, "edit")))
    shown = _post(path, _said(path, body, "preview"))
    if shown.status_code == 200:
        _check_same_words(path, shown)


def _said(path: str, body: bytes, output: str) -> "MultiDict[str, str]":
    """The fields of a body, with another button pressed."""
    with _app().test_request_context(path, method="POST", data=body, content_type=TYPE) as context:
        fields = MultiDict(context.request.form)
    fields["output"] = output
    return fields


def _post(path: str, body: "bytes | MultiDict[str, str]") -> TestResponse:
    """Post, and check what holds for every answer."""
    with _nothing_logged():
        answer = _app().test_client().post(path, data=body, content_type=TYPE)
    assert answer.status_code in {200, 400, 413, 422}, answer.status
    headers_are_ours(answer)
    if answer.mimetype == "text/html":
        assert invisible(answer.text) == set(), "an invisible character is shown"
    return answer


def _check_settled(path: str, edited: TestResponse) -> None:
    """The values of a form, posted again, are the same: cleaning has no second effect.

    The page around them may change once, where what came in was no answer of ours.
    """
    held = _read(edited.text)[0]
    again = _post(path, {**_pressed("edit"), **held})
    found = _read(again.text)[0]
    assert {name: found[name] for name in held} == held, "a value changes by being sent again"
    last = _post(path, {**_pressed("edit"), **found})
    assert last.text == again.text, "the same form, posted again, is another one"


def _pressed(output: str) -> dict[str, list[str]]:
    return {"output": [output]}


def _check_same_words(path: str, shown: TestResponse) -> None:
    """The words of the message are those of the sheet below its heading."""
    values, sheet = _read(shown.text)
    message = _post(path, {**_pressed("text"), **values})
    assert message.status_code == 200
    said = words(re.sub(r"^Objet : ", "", message.text)).replace("-", "")  # the dashes of items
    assert words(portal(sheet)).replace("-", "").endswith(said)


def _read(page: str) -> "tuple[dict[str, list[str]], str]":
    """What a browser would post from a page, and the words of the letter in it."""
    read, values = BeautifulSoup(page, "lxml"), {}
    assert read.select("main :is(script, img, iframe, object, style)") == []
    for tag in read.select("input[name], textarea[name], select[name]"):
        name, value = str(tag["name"]), str(tag.get("value", ""))
        if tag.name == "select":
            chosen = tag.select_one("option[selected]") or tag.select_one("option")
            values[name] = [str(chosen["value"]) if chosen else ""]
        elif tag.name == "textarea":
            values[name] = [re.sub("^\r?\n", "", tag.get_text()).replace("\n", "\r\n")]
        elif tag.get("type") not in {"checkbox", "radio"} or tag.has_attr("checked"):
            values.setdefault(name, []).append(value)
    for box in {"large", "also"} & {*values}:
        del values[box]
    return values, "".join(tag.get_text() for tag in read.select("article"))


@contextmanager
def _nothing_logged() -> Iterator[None]:
    with patch.object(_app().logger, "error") as logged:
        yield
    assert not logged.called, logged.call_args


@cache
def _app() -> Flask:
    return create_app()


# The wording


def wording(data: bytes) -> None:
    """Read bytes as the file of a letter: a letter, or sentences that say where to mend it."""
    WORK.mkdir(parents=True, exist_ok=True)
    file = WORK / "ma-lettre.md"
    file.write_bytes(data)
    try:
        read = read_wording(file)
    except WordingError as error:
        for sentence in str(error).split("\n"):
            assert re.match(r"ma-lettre\.md, ligne [1-9]\d* : .+", sentence), sentence
        return
    options = max(every_option_set(read), key=len)
    fields = dict.fromkeys(read.fields, "Une raison.")
    for who in WHO:
        for past in islice(every_objection(read), 0, None, 5):  # a taste of each kind
            asked = request_for(read, options, fields, who=who, objection=past)
            letter = compose(read, asked, TODAY)
            for written in all_texts(letter):
                assert not re.search(r"\(\(|\)\)|\[(?:si|sauf) |===", written), written


TARGETS: dict[str, Callable[[bytes], None]] = {"form": form, "wording": wording}


def seeds(target: str) -> dict[str, bytes]:
    """Where the search begins, beside the corpus: the letters, and right answers to them."""
    if target == "wording":
        return {path.stem: path.read_bytes() for path in TEXTS.glob("*.md")}
    right = {f"page-{n}": bytes([n]) + RIGHT_ANSWERS for n in range(len(PATHS))}
    return right | {f"odd-{n}": bytes([n]) + body for n, body in enumerate(STRANGE_BODIES)}


def kept(target: str) -> list[Path]:
    return sorted((CORPUS / target).iterdir())
