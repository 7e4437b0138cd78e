"""The list that script/prove works through is up to date: places, tests and checks that are there.

Limits: whether a test fails when its protection is out takes long to see: `script/prove`.
"""

import re
import tomllib

import pytest

from letters.web.promises import SECTIONS
from tests.server import ROOT
from tests.trust.test_checks import CHECKS

LIST = ROOT / "tests" / "trust" / "protections.toml"
PROTECTIONS = tomllib.loads(LIST.read_text(encoding="utf-8"))["protection"]
# What the watch of the browsers notices is tried with pages that do it.
ITS_OWN_PROOF = {"tests/pages/test_window.py::test_what_a_page_must_not_do_is_noticed"}


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection["what"])
def test_a_protection_is_where_the_list_says_and_can_be_taken_out(protection) -> None:
    text = (ROOT / protection["file"]).read_text(encoding="utf-8")
    assert text.count(protection["old"]) == 1
    assert protection["old"] != protection["new"]
    assert protection["tests"]
    number = re.match(r"(\d+) :", protection["what"])
    assert not number or int(number[1]) in CHECKS
    for test in protection["tests"]:
        file, _, name = test.partition("::")
        found = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name or 'test_'}", found, re.MULTILINE), test


def test_every_test_of_a_promise_has_a_protection_to_take_out() -> None:
    """The page on how to check says that each was seen to fail."""
    named = {test for protection in PROTECTIONS for test in protection["tests"]}
    promises = [promise for section in SECTIONS for promise in section.promises]
    assert {test for promise in promises for test in promise.tests} - named == ITS_OWN_PROOF
