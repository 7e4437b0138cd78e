"""Every page fits a narrow window and spaced-out text, and the letter prints alone."""

import io
import unicodedata
from collections.abc import Callable, Iterator

import pdfplumber
import pytest
from playwright.sync_api import Page

from tests.pages import FORM, OPTIONS, WHOLE, letter
from tests.pages.conftest import OpenWindow
from tests.pages.scenes import SCENES

pytestmark = pytest.mark.browser

# WCAG 2.2, 1.4.12. A style sheet made by a script is the user's, so the page's policy allows it.
TEXT_SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: .12em !important;
        word-spacing: .16em !important; }
    p { margin-block-end: 2em !important; }`);
  document.adoptedStyleSheets = [sheet];
}"""
# Everything folded is unfolded; then whatever goes past the window's sides, or holds more text
# than it shows. Words for screen readers alone are cut on purpose; a list of choices, and a text
# area, which scrolls up and down only, are the browser's to draw.
STICKING_OUT = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const width = document.documentElement.clientWidth;
  const out = [...document.body.querySelectorAll("*")].filter((element) => {
    if (element.closest(".visually-hidden, option") || !element.checkVisibility()) return false;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    const cut = element.matches("textarea, [class]:not(input, select)")
      && style.overflowX !== "visible" && element.scrollWidth > element.clientWidth;
    return box.left < -.5 || box.right > width + .5 || cut;
  });
  const scrolled = document.documentElement.scrollWidth > width ? ["the page scrolls"] : [];
  return [...scrolled, ...out.map((e) => e.outerHTML.slice(0, 120))];
}"""
SMALL_TARGETS = """() => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const targets = document.querySelectorAll(
    "button, input:not([type=hidden]), select, textarea, summary, .button, header a, footer a");
  return [...targets].filter((target) => target.checkVisibility()).filter((target) => {
    const box = target.getBoundingClientRect();
    return box.width < 24 || box.height < 24;
  }).map((target) => target.outerHTML.slice(0, 120));
}"""

WIDTHS = (1600, 1000, 600, 320)  # the narrowest last: text is spaced out there


@pytest.mark.parametrize("scenes", SCENES)
@pytest.mark.rule(20)
def test_nothing_sticks_out_of_the_window(
    window: OpenWindow, scenes: Callable[[Page], Iterator[str]]
) -> None:
    page = window(statuses=(404, 422))
    for scene in scenes(page):
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 640})
            assert (scene, width, page.evaluate(STICKING_OUT)) == (scene, width, [])
            assert (scene, width, page.evaluate(SMALL_TARGETS)) == (scene, width, [])
        page.evaluate(TEXT_SPACING)
        assert (scene, page.evaluate(STICKING_OUT)) == (scene, [])


def words(text: str) -> str:
    """The text without its spaces, and without the dashes that CSS puts before a list's items."""
    return "".join(unicodedata.normalize("NFKC", text).replace("–", "").split())


@pytest.mark.parametrize("whose", ["mine", "the example's"])
@pytest.mark.rule(21)
def test_a_page_with_a_letter_prints_the_letter_alone(page: Page, whose: str) -> None:
    if whose == "mine":
        letter(page, WHOLE, OPTIONS)
    else:
        page.goto(f"{FORM}/exemple")
    shown = page.locator("#letter").inner_text()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        with pdfplumber.open(io.BytesIO(page.pdf(format="A4"))) as paper:
            assert len(paper.pages) <= 2
            printed = "".join(sheet.extract_text(use_text_flow=True) for sheet in paper.pages)
            inks = {ink["non_stroking_color"] for sheet in paper.pages for ink in sheet.chars}
        assert words(printed) == words(shown)
        assert inks == {(0, 0, 0)}
