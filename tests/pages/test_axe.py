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
from tests.pages.scenes import SCENES, one_of_each

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "RGAAv4"]
EVERY_RULE = {"type": "tag", "values": TAGS}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
UNFOLD = "for (const folded of document.querySelectorAll('details')) folded.open = true"


def found_by_axe(page: Page, rules: dict[str, Any] = EVERY_RULE) -> list[tuple[str, str]]:
    """The rules that the page breaks, all unfolded, each with the first element that does."""
    page.evaluate(UNFOLD)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    violations: list[dict[str, Any]] = Axe().run(page, options=options).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"]) for rule in violations]


@pytest.mark.parametrize("scenes", SCENES)
def test_axe_finds_nothing(window: OpenWindow, scenes: Callable[[Page], Iterator[str]]) -> None:
    page = window(statuses=(404, 422))
    for scene in scenes(page):
        assert (scene, found_by_axe(page)) == (scene, [])


def test_axe_finds_every_text_dark_enough_in_the_dark(window: OpenWindow) -> None:
    """Colours are all that another scheme changes."""
    page = window(statuses=(422,))
    page.emulate_media(color_scheme="dark")
    for scene in one_of_each(page):
        assert (scene, found_by_axe(page, CONTRAST)) == (scene, [])


BUTTON = "inline-size: 9px; block-size: 9px; min-block-size: 0; padding: 0; border: 0; margin: 0"
SPOILT = {
    "label": "document.querySelector('label[for=given_name]').remove()",
    "color-contrast": "document.body.style.color = '#999'",
    "region": "const main = document.querySelector('main'); main.replaceWith(...main.childNodes)",
    "target-size": f"""document.querySelector('main').prepend(...[1, 2, 3].map((n) =>
      Object.assign(document.createElement('button'), {{ textContent: n, style: '{BUTTON}' }})))""",
}


@pytest.mark.parametrize("rule", SPOILT)
def test_axe_sees_what_is_spoilt(page: Page, rule: str) -> None:
    """One rule of each set; otherwise a tag that is misspelt would leave nothing to find."""
    page.goto(FORM)
    page.evaluate(SPOILT[rule])
    assert rule in dict(found_by_axe(page))
    alone = found_by_axe(page, CONTRAST)
    assert [found for found, _ in alone] == (["color-contrast"] if rule == "color-contrast" else [])


def test_every_set_of_rules_is_known_to_axe(page: Page) -> None:
    page.goto(FORM)
    page.evaluate(Axe().axe_script)
    for tag in TAGS:
        assert page.evaluate("tag => axe.getRules([tag]).length", tag) > 0, tag
