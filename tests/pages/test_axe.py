"""What axe-core finds wrong with any page, in any state: nothing.

Its rules are those of WCAG 2.2 at levels A and AA, its own best practices, and those that RGAA 4
names. Limits: such a tool sees a third of what may be wrong; the rest is for people.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.pages import FORM
from tests.pages.conftest import OpenWindow
from tests.pages.scenes import SCENES

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "RGAAv4"]
SMALL_TARGETS = """document.querySelector('main').prepend(...[1, 2, 3].map((n) =>
  Object.assign(document.createElement('button'), { textContent: n, style:
    'inline-size: 9px; block-size: 9px; min-block-size: 0; padding: 0; border: 0; margin: 0' })))"""
UNFOLD = "for (const folded of document.querySelectorAll('details')) folded.open = true"


def found_by_axe(page: Page) -> list[tuple[str, str]]:
    """The rules that the page breaks, each with the first element that does."""
    options = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
    violations: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in violations]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("scenes", SCENES)
def test_axe_finds_nothing(
    window: OpenWindow, scenes: Callable[[Page], Iterator[str]], scheme: Any
) -> None:
    page = window(statuses=(404, 422))
    page.emulate_media(color_scheme=scheme)
    for scene in scenes(page):
        page.evaluate(UNFOLD)
        assert (scene, found_by_axe(page)) == (scene, [])


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        ("label", "document.querySelector('label[for=given_name]').remove()"),
        ("color-contrast", "document.body.style.color = '#999'"),
        (
            "region",
            "const main = document.querySelector('main');main.replaceWith(...main.childNodes)",
        ),
        ("target-size", SMALL_TARGETS),
    ],
)
def test_axe_sees_what_is_spoilt(page: Page, rule: str, spoil: str) -> None:
    """One rule of each set; otherwise a tag that is misspelt would leave nothing to find."""
    page.goto(FORM)
    page.evaluate(spoil)
    assert rule in dict(found_by_axe(page))


def test_every_set_of_rules_is_known_to_axe(page: Page) -> None:
    page.goto(FORM)
    page.evaluate(Axe().axe_script)
    for tag in TAGS:
        assert page.evaluate("tag => axe.getRules([tag]).length", tag) > 0, tag
