"""How far down a phone the things are that people come for, and how many words stand before them.

The budgets are those of the issue « The short way », in screens of 844 pixels; Arabic and simple
French may take a quarter more. Fonts are laid down, so that machines agree: DejaVu is among the
widest there are, and where it is missing pages are shorter. Limits: what is folded is not counted.
"""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.pages import FORM, HOME, SMALL, send
from tests.test_languages import in_language

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1280, "height": 900}
FONTS = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`html { font-family: "DejaVu Sans" !important; }
    :root { --serif: "DejaVu Serif" !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
# In screens: where an element ends, and the whole page; in words: what is seen beside the letter.
END = "element => (element.getBoundingClientRect().bottom + scrollY) / innerHeight"
WHOLE = "document.documentElement.scrollHeight / innerHeight"
WORDS = r"""() => {
  const text = (element) => element?.innerText ?? "";
  const own = text(document.querySelector("main")).replace(
    text(document.querySelector("main .example")), "");
  return own.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}"""


def end(page: Page, selector: str) -> float:
    """Where the first visible `selector` ends, in screens."""
    return float(page.locator(f"{selector}:visible").first.evaluate(END))


@pytest.mark.parametrize(("tag", "times"), [("fr", 1), ("ar", 1.25), ("fr-simple", 1.25)])
def test_what_people_come_for_is_near_and_pages_are_short(
    page: Page, tag: str, times: float
) -> None:
    page.set_viewport_size(PHONE)
    found: dict[str, tuple[float, float]] = {}  # what was measured, and the most it may be

    page.goto(in_language(tag, HOME))
    page.evaluate(FONTS)
    found["home"] = page.evaluate(WHOLE), 4
    found["home, words"] = page.evaluate(WORDS), 350

    page.goto(in_language(tag, FORM))
    page.evaluate(FONTS)
    found["form, header"] = end(page, "header"), 0.12
    found["form, first field"] = end(page, "#given_name"), 1
    found["form, button"] = end(page, "main .button"), 2.2

    for way in ("ameli", "post"):
        send(page, in_language(tag, FORM), **SMALL, channel=way)
        page.evaluate(FONTS)
        found[f"{way}, button"] = end(page, "main .button"), 1
        letter = float(page.locator(".example").evaluate("e => e.offsetHeight / innerHeight"))
        found[f"{way}, whole"] = page.evaluate(WHOLE) - letter, 5
        found[f"{way}, words"] = page.evaluate(WORDS), 350
    assert {name: pair for name, pair in found.items() if pair[0] > pair[1] * times} == {}


def test_on_a_wide_window_the_letter_is_beside_what_there_is_to_do(page: Page) -> None:
    page.set_viewport_size(WIDE)
    send(page, FORM, **SMALL)
    page.evaluate(FONTS)
    assert page.evaluate(WHOLE) <= 4
    letter, button = (page.locator(of).bounding_box() for of in ("#letter", "main .button"))
    assert letter
    assert button
    assert letter["y"] < button["y"]
    assert button["x"] + button["width"] < letter["x"]


def test_the_message_is_copied_in_seven_taps(page: Page) -> None:
    """The list of funds takes two; on the last page nobody scrolls."""
    page.set_viewport_size(PHONE)
    page.goto(HOME)
    page.evaluate(FONTS)
    page.locator("main .button").click()
    page.locator("#given_name").click()
    page.keyboard.type("Camille")
    page.locator("#family_name").click()
    page.keyboard.type("Durand")
    page.select_option("#recipient", SMALL["recipient"])
    page.locator("main .button").click()
    page.evaluate(FONTS)
    expect(page.locator("#letter .signature")).to_have_text("Camille Durand")
    assert page.evaluate("scrollY") == 0
    expect(page.locator("[data-copy=message]")).to_be_in_viewport(ratio=1)
