"""What is promised, checked and protected: the three lists agree with the tests and the pages.

The thirty checks of what we promise stand here; a test says which it proves with
`@pytest.mark.check(4)`, and `pytest -m check` runs these alone. The promises of the privacy page
are in `letters/web/promises.py`, the protections that `script/prove` takes out in protections.toml.
Limits: whether a test fails when its protection is out takes long to see: `script/prove`.
"""

import re
import tomllib
from typing import Any

import pytest
from flask import Flask

from letters.web.promises import SECTIONS
from tests.kit.pages import checking, parse, plain, text_of, words
from tests.server import ROOT
from tests.test_rules import TESTS, numbers_named

CHECKS = {
    1: "One strict Content-Security-Policy on every answer: pages, errors, files, PDFs.",
    2: "No inline script, style or handler in any page.",
    3: "The other headers that shut a page in, on every answer.",
    4: "Strict-Transport-Security on https only.",
    5: "No answer that holds what was typed may be stored; static files are named by their hash.",
    6: "No cookie, and no storage in the browser.",
    7: "No request to another origin in a whole journey.",
    8: "Nothing that a page loads has an external address.",
    9: "Nothing personal in an address, a header, a file name or a calendar file.",
    10: "Nothing personal in any log, at any level, whatever goes wrong.",
    11: "Nothing personal on any disk.",
    12: "Error pages tell no trace and no version.",
    13: "A form from elsewhere is refused.",
    14: "Our own form is accepted by a real browser, with and without JavaScript.",
    15: "A wrong Host is refused.",
    16: "What is too long, of another type or in too many fields is refused.",
    17: "A method that a route has not is refused.",
    18: "Markup typed into any field is inert, wherever it is shown.",
    19: "Template and wording syntax is inert; the PDF engine fetches nothing.",
    20: "Control, bidi and invisible characters are removed or refused, never printed.",
    21: "A line break never reaches a header.",
    22: "The longest input makes a letter of few pages, within the memory of a small server.",
    23: "More PDFs than slots: told to come back, while pages and texts are served.",
    24: "A limit for each address is the proxy's; no address is logged.",
    25: "Regular expressions are linear.",
    26: "No outgoing connection.",
    27: "A social security number is refused everywhere, with advice, and never logged.",
    28: "Dependencies pinned by hash, audited, listed with their licences; none in the repository.",
    29: "security.txt, and a privacy page that tells what the settings say.",
    30: "The same input gives the same bytes; the page tells which text and program made them.",
}


PROMISES = [promise for section in SECTIONS for promise in section.promises]
LIST = ROOT / "tests" / "trust" / "protections.toml"
PROTECTIONS = tomllib.loads(LIST.read_text(encoding="utf-8"))["protection"]
# What the watch of the browsers notices is tried with pages that do it.
ITS_OWN_PROOF = {"tests/pages/test_window.py::test_what_a_page_must_not_do_is_noticed"}


def test_every_check_is_proved_by_a_test_and_no_other_is_named() -> None:
    paths = [*TESTS.rglob("test_*.py")]
    named = {number for path in paths for number in numbers_named(path, "check")}
    assert named == set(CHECKS) == set(range(1, 31))


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection["what"])
def test_a_protection_is_where_the_list_says_and_has_its_tests(protection: dict[str, Any]) -> None:
    text = (ROOT / protection["file"]).read_text(encoding="utf-8")
    assert text.count(protection["old"]) == 1
    assert protection["old"] != protection["new"]
    assert protection["tests"]
    for test in protection["tests"]:
        file, _, name = test.partition("::")
        found = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name or 'test_'}", found, re.MULTILINE), test


def test_every_test_of_a_promise_has_a_protection_to_take_out() -> None:
    """The page on how to check says that each was seen to fail."""
    assert all(promise.tests for promise in PROMISES)
    named = {test for protection in PROTECTIONS for test in protection["tests"]}
    assert {test for promise in PROMISES for test in promise.tests} - named == ITS_OWN_PROOF


@pytest.mark.check(29)
def test_the_pages_show_every_promise_with_its_number_and_its_tests(app: Flask) -> None:
    privacy, check = (
        parse(checking(app).get(f"/fr/{name}").text) for name in ("confidentialite", "verifier")
    )
    told = [words(item) for item in privacy.select("main > ol[start] > li")]
    assert told == [plain(str(promise.text)) for promise in PROMISES]
    wanted = [(number, promise.tests) for number, promise in enumerate(PROMISES, 1)]
    for proofs in (privacy.select("main > details > ol[start]"), check.select("main ol[start]")):
        assert wanted == [
            (number, tuple(text_of(code) for code in item.select("code")))
            for proof in proofs
            for number, item in enumerate(proof.select("li"), int(proof["start"]))
        ]
    [link] = privacy.select("main a[href$=verifier]")
    assert text_of(link) == "Comment vérifier que nous ne gardons rien"
