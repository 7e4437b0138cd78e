"""What no bytes may do to the form or to the parser of wordings.

Two targets, `form` and `wording`, each a function of bytes that raises when a promise is broken.
`script/fuzz` has Atheris search for such bytes (fuzz_engine.py), guided by the lines that they
reach; what it found and what reaches most is in `corpus/<target>/`, and `test_fuzz.py` replays it
all, without Atheris.

Limits: the fuzzer has a stand-in for the PDF engine, which alone would take nearly all the time;
the replay has the real one.
"""

import re
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app import create_app
from letters.catalogue import TEXTS
from letters.compose import compose
from letters.errors import ContentError
from letters.model import WHO
from letters.typography import portal
from letters.web.origin import FORM as TYPE
from letters.wording_parser import read_wording
from tests.conftest import TODAY
from tests.kit.forms import address_of, posted
from tests.kit.pages import FOLLOW_UP, SLUGS, fresh, from_file
from tests.letters_under_test import all_texts, every_objection, every_option_set, request_for
from tests.server import ROOT
from tests.trust.hostile import RIGHT_ANSWERS, STRANGE_BODIES, headers_are_ours, invisible, words

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
WORK = ROOT / "build" / "fuzz"
LETTERS = tuple(map(address_of, SLUGS))
PATHS = (*LETTERS, FOLLOW_UP)


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
        _check_same_words(path, shown.text)


def _said(path: str, body: bytes, output: str) -> "MultiDict[str, str]":
    """The fields of a body, with another button pressed."""
    with _app().test_request_context(path, method="POST", data=body, content_type=TYPE) as context:
        fields = MultiDict(context.request.form)
    fields["output"] = output
    return fields


def _post(path: str, body: "bytes | MultiDict[str, str]") -> TestResponse:
    """Post, and check what holds for every answer."""
    with patch.object(_app().logger, "error") as logged:
        answer = _app().test_client().post(path, data=body, content_type=TYPE)
    assert not logged.called, logged.call_args
    assert answer.status_code in {200, 400, 413, 422}, answer.status
    headers_are_ours(answer)
    if answer.mimetype == "text/html":
        assert invisible(answer.text) == set(), "an invisible character is shown"
        assert fresh(answer.text).select("main :is(script, img, iframe, object, style)") == []
    return answer


def _check_settled(path: str, edited: TestResponse) -> None:
    """The values of a form, posted again, are the same: cleaning has no second effect.

    The page around them may change once, where what came in was no answer of ours.
    """
    held = posted(edited.text, output="edit")
    again = _post(path, held)
    found = posted(again.text, output="edit")
    assert {name: found.getlist(name) for name in held} == dict(held.lists()), "a value changes"
    last = _post(path, found)
    assert last.text == again.text, "the same form, posted again, is another one"


def _check_same_words(path: str, shown: str) -> None:
    """The words of the message are those of the sheet below its heading."""
    message = _post(path, posted(shown, output="text"))
    assert message.status_code == 200
    told = from_file(message.data).removeprefix("Objet : ")
    said = words(told).replace("-", "")  # the dashes of items
    sheet = "".join(tag.get_text() for tag in fresh(shown).select("article"))
    assert words(portal(sheet)).replace("-", "").endswith(said)


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
    except ContentError as error:
        for sentence in str(error).split("\n"):
            assert re.match(r"ma-lettre\.md, ligne [1-9]\d* : .+", sentence), sentence
        return
    options = max(every_option_set(read), key=len)
    fields = dict.fromkeys(read.fields, "Une raison.")
    for who in WHO:
        for past in islice(every_objection(read), 0, None, 5):  # a taste of each kind
            asked = request_for(read, options, fields, who=who, earlier_letter=past)
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
