"""Every page fits a narrow window and spaced-out text, and the letter prints alone."""

import io
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pdfplumber
import pytest
from playwright.sync_api import Page, PdfMargins

from tests.pages import FORM, HOME, OPTIONS, SMALL, WHOLE, send
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

FAULTS = f"() => [...({STICKING_OUT})(), ...({SMALL_TARGETS})()]"
# As on a phone whose usual text is twice as large; the style sheet starts from 112.5 %.
TWICE_AS_LARGE = "document.documentElement.style.fontSize = '225%'"
PAPER: PdfMargins = {"top": "1cm", "right": "1cm", "bottom": "1cm", "left": "1cm"}
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
            assert (scene, width, page.evaluate(FAULTS)) == (scene, width, [])
        page.evaluate(TWICE_AS_LARGE)
        assert (scene, "large", page.evaluate(STICKING_OUT)) == (scene, "large", [])
        page.evaluate(f"{TWICE_AS_LARGE.partition('=')[0]} = ''")
        page.evaluate(TEXT_SPACING)
        assert (scene, "spaced", page.evaluate(STICKING_OUT)) == (scene, "spaced", [])


def words(text: str) -> str:
    """The text without its spaces, and without the dashes that CSS puts before a list's items."""
    return "".join(unicodedata.normalize("NFKC", text).replace("–", "").split())


# What is on the screen before it is printed: how to come there, and on how many sheets it prints.
PRINTED = {
    "the shortest letter": (lambda page: send(page, FORM, **SMALL), 1),
    "the longest letter": (lambda page: send(page, FORM, **WHOLE, options=[*OPTIONS]), 2),
    "a letter beside an error": (
        lambda page: send(page, FORM, **SMALL, output="calendar", sent_on="x"),
        1,
    ),
    "the example": (lambda page: page.goto(f"{FORM}/exemple"), 1),
}


@pytest.mark.rule(21)
@pytest.mark.parametrize("scene", PRINTED)
def test_a_page_with_a_letter_prints_the_letter_alone(page: Page, scene: str) -> None:
    come, most = PRINTED[scene]
    come(page)
    shown = page.locator("#letter").inner_text()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        with pdfplumber.open(io.BytesIO(page.pdf(format="A4", margin=PAPER))) as paper:
            assert len(paper.pages) <= most
            printed = "".join(sheet.extract_text(use_text_flow=True) for sheet in paper.pages)
            inks = {ink["non_stroking_color"] for sheet in paper.pages for ink in sheet.chars}
        assert words(printed) == words(shown)
        assert inks == {(0, 0, 0)}


BORDERED = [".button", "details:not(.paragraph-shown, .languages-folded)", ".sheet"]
BORDERS = """(parts) => parts.map((part) => [...document.querySelectorAll(part)].every(
  (element) => parseFloat(getComputedStyle(element).borderBlockStartWidth) >= 1))"""


@pytest.mark.rule(21)
def test_with_the_colours_of_the_system_every_part_has_its_border(page: Page) -> None:
    """There, backgrounds are gone: what only a background told apart has a line around it."""
    page.emulate_media(forced_colors="active")
    for path in (HOME, FORM):
        page.goto(path)
        assert all(page.evaluate(BORDERS, BORDERED)), path
    page.emulate_media(forced_colors="none")
    page.goto(FORM)
    assert not page.evaluate(BORDERS, BORDERED)[1], "a line that only that mode needs"


@pytest.mark.rule(21)
@pytest.mark.parametrize(("motion", "scroll"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_who_wants_no_motion_gets_none(page: Page, motion: Any, scroll: str) -> None:
    page.emulate_media(reduced_motion=motion)
    page.goto(HOME)
    style = "getComputedStyle(document.documentElement).scrollBehavior"
    assert page.evaluate(style) == scroll
    page.emulate_media(reduced_motion="reduce")
