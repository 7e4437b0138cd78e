"""Every page fits a narrow window and spaced-out text, and the letter prints alone."""

import io
import unicodedata
from collections.abc import Callable, Iterator
from datetime import timedelta

import pdfplumber
import pytest
from playwright.sync_api import Page

from letters.web.content import today
from tests.pages import (
    FOLLOW_UP,
    FORM,
    FORMS,
    MORE,
    OPTIONS,
    PAGES,
    SHOW,
    SLUGS,
    SMALL,
    TOO_WIDE,
    TOO_WIDE_MORE,
    WHOLE,
    WIDEST,
    WIDEST_MORE,
    fill,
    letter,
    press,
    send,
)
from tests.pages.conftest import OpenWindow

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


def every_page(page: Page) -> Iterator[str]:
    """Every page that is only read, one after the other."""
    for path in (*PAGES, "/fr/lettres/inconnue"):
        page.goto(path)
        yield path


def forms(page: Page) -> Iterator[str]:
    """The form as filled in by someone who writes a lot, then with every field in error."""
    fill(page, WIDEST, OPTIONS)
    yield "the widest form"
    fill(page, TOO_WIDE, OPTIONS)
    assert press(page, SHOW).status == 422
    assert page.locator(".error-summary li").count() == len(TOO_WIDE) - 1  # not the choice
    yield "the form with errors"


def results(page: Page) -> Iterator[str]:
    """The result of the widest answers and of ordinary ones."""
    letter(page, WIDEST, OPTIONS)
    yield "the widest letter"
    letter(page, WHOLE)
    yield "an ordinary letter"


def other_letters(page: Page) -> Iterator[str]:
    """The result of the widest answers for every letter, whoever the earlier one went to."""
    firsts = dict(zip(FORMS, (*SLUGS[:3], *SLUGS[:3]), strict=True))
    for path, first in firsts.items():
        more = {"first_letter": first, "options": [*OPTIONS, "logiciel", "caisse", "penal"]}
        assert send(page, path, **WIDEST, **WIDEST_MORE, **more).status == 200
        yield f"the widest {path}"


def other_forms(page: Page) -> Iterator[str]:
    """The form of every letter with every field in error, then with the widest answers."""
    for path in FORMS:
        answered = send(page, path, **TOO_WIDE, **TOO_WIDE_MORE)
        assert answered.status == 422
        yield f"{path} with errors"
        assert send(page, path, **WIDEST, **WIDEST_MORE, output="edit").status == 200
        yield f"{path} with the widest answers"
        assert send(page, path, who="?", outcome="?", first_letter="?").status == 422
        yield f"{path} with nothing right"


def what_came_of_it(page: Page) -> Iterator[str]:
    """Every state of the page that follows a letter up."""
    day = today()
    for outcome in ("silence", "refusal", "partial", "accepted"):
        for sent_on in (day - timedelta(days=2), day - timedelta(days=40)):
            assert send(page, FOLLOW_UP, sent_on=f"{sent_on}", outcome=outcome).status == 200
            yield f"{outcome} after {(day - sent_on).days} days"
    assert send(page, FOLLOW_UP, **TOO_WIDE, **TOO_WIDE_MORE).status == 422
    yield "the answers that are refused"


def mistakes_beside_the_letter(page: Page) -> Iterator[str]:
    """The result page with a message."""
    assert send(page, FORM, **SMALL, output="calendar", sent_on="W" * 60).status == 422
    yield "a day of sending that is none"
    assert send(page, FORM, **SMALL, **MORE, output="bundle", also="W" * 60).status == 422
    yield "a letter that is none"


SCENES = [
    every_page,
    forms,
    results,
    other_letters,
    other_forms,
    what_came_of_it,
    mistakes_beside_the_letter,
]


@pytest.mark.parametrize("scenes", SCENES)
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


def test_the_result_prints_the_letter_alone(page: Page) -> None:
    letter(page, WHOLE, OPTIONS)
    shown = page.locator("#letter").inner_text()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        with pdfplumber.open(io.BytesIO(page.pdf(format="A4"))) as paper:
            assert len(paper.pages) <= 2
            printed = "".join(sheet.extract_text(use_text_flow=True) for sheet in paper.pages)
            inks = {ink["non_stroking_color"] for sheet in paper.pages for ink in sheet.chars}
        assert words(printed) == words(shown)
        assert inks == {(0, 0, 0)}
