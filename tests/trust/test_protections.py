"""The list that script/prove works through is up to date: places, tests and checks that are there.

Limits: whether a test fails when its protection is out takes an hour to see: `script/prove`.
"""

import re
import tomllib
from collections import Counter

import pytest

from letters.web.promises import SECTIONS
from tests.server import ROOT
from tests.trust.test_checks import CHECKS

LIST = ROOT / "tests" / "trust" / "protections.toml"
PROTECTIONS = tomllib.loads(LIST.read_text(encoding="utf-8"))["protection"]


@pytest.mark.parametrize("protection", PROTECTIONS, ids=lambda protection: protection["what"])
def test_a_protection_is_where_the_list_says_and_can_be_taken_out(protection) -> None:
    assert set(protection) == {"what", "file", "old", "new", "tests"}
    text = (ROOT / protection["file"]).read_text(encoding="utf-8")
    assert text.count(protection["old"]) == 1
    assert protection["old"] != protection["new"]
    for test in protection["tests"]:
        file, _, name = test.partition("::")
        found = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name.partition('[')[0] or 'test_'}", found, re.MULTILINE), test


def test_every_check_has_a_protection_to_take_out() -> None:
    told = Counter(
        int(number[1]) for p in PROTECTIONS if (number := re.match(r"(\d+) :", p["what"]))
    )
    assert set(told) == set(CHECKS)


def test_no_two_protections_are_the_same() -> None:
    places = Counter((p["file"], p["old"], p["new"], *p["tests"]) for p in PROTECTIONS)
    assert [place for place, count in places.items() if count > 1] == []


def test_every_test_of_a_promise_has_a_protection_of_its_own() -> None:
    """The page on how to check says that each was seen to fail."""
    alone = {p["tests"][0] for p in PROTECTIONS if len(p["tests"]) == 1}
    promised = {
        test for section in SECTIONS for promise in section.promises for test in promise.tests
    }
    assert promised - alone == set()
