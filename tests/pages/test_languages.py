"""The pages in other languages, in Chromium: seen by axe, at 320 pixels, without JavaScript.

The narrowest window is tried from right to left and in the language of the longest word: the others
are between them. Limits: the Arabic here is drawn in whatever font the machine has.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from letters.translation import read as read_po
from letters.web.languages import LANGUAGES, TRANSLATED, file_of
from tests.kit import shapes
from tests.pages import FORM, MORE, PAGES, SLUGS, SMALL, WHOLE, answer, read, reveal, send
from tests.pages.conftest import OpenWindow
from tests.pages.scenes import EVERY_OPTION, TOO_WIDE
from tests.pages.test_axe import found_by_axe
from tests.pages.test_fit import FAULTS, STICKING_OUT, TEXT_SPACING
from tests.test_languages import in_language, said

pytestmark = pytest.mark.browser

RIGHT_TO_LEFT = next(tag for tag, language in LANGUAGES.items() if language.direction == "rtl")


def longest_word(tag: str) -> int:
    return max(map(len, re.findall(r"\w+", " ".join(read_po(file_of(tag)).texts().values()))))


NARROW = (RIGHT_TO_LEFT, max(TRANSLATED, key=longest_word))
STATES = [*shapes({"tag": NARROW, "slug": SLUGS, "wrong": (True, False)})]


def scenes(page: Page, tag: str) -> Iterator[str]:
    """Every page, then forms in error, letters, and what came of one."""
    for path in (*PAGES, "/fr/lettres/inconnue"):
        page.goto(in_language(tag, path))
        yield path
    known = {**WHOLE, **MORE, "options": EVERY_OPTION}
    for shape in (shape for shape in STATES if shape["tag"] == tag):
        path, answers = f"/{tag}/lettres/{shape['slug']}", TOO_WIDE if shape["wrong"] else known
        assert send(page, path, **answers).status == (422 if shape["wrong"] else 200)
        yield f"{path}, {'with errors' if shape['wrong'] else 'written'}"
    for outcome in ("silence", "refusal"):
        answers = {"first_letter": SLUGS[0], "sent_on": "03/03/2025", "outcome": outcome}
        assert send(page, f"/{tag}/suivi", **answers).status == 200
        yield outcome


@pytest.mark.parametrize("tag", NARROW)
@pytest.mark.rule(1, 20)
def test_every_page_of_a_language_is_whole_at_320_pixels_and_has_no_fault(
    window: OpenWindow, tag: str
) -> None:
    """What axe looks at is built as in French: it sees some of each kind."""
    page = window(statuses=(404, 422))
    page.set_viewport_size({"width": 320, "height": 640})
    for number, scene in enumerate(scenes(page, tag)):
        root = page.locator("html")
        direction = LANGUAGES[tag].direction
        assert (root.get_attribute("lang"), root.get_attribute("dir")) == (tag, direction)
        assert (scene, page.evaluate(FAULTS)) == (scene, [])
        page.evaluate(TEXT_SPACING)
        assert (scene, "spaced", page.evaluate(STICKING_OUT)) == (scene, "spaced", [])
        assert number % 6 or (scene, found_by_axe(page)) == (scene, [])


DIRECTIONS = """(selector) => [...document.querySelectorAll(selector)].map(
  (element) => getComputedStyle(element).direction)"""


def test_a_page_in_arabic_is_mirrored_and_its_french_is_not(page: Page) -> None:
    """That boxes to type in are not either is in tests/test_languages.py."""
    send(page, "/ar/lettres/opposition-sante", **WHOLE)
    mirrored = "h1, section > h2, main > p, .gloss, .languages strong, label, legend, .hint"
    assert set(page.evaluate(DIRECTIONS, mirrored)) == {"rtl"}
    kept = "#letter, #letter .paragraph, .recipient p, textarea, #sent_on"
    assert set(page.evaluate(DIRECTIONS, kept)) == {"ltr"}
    assert page.locator(".brand").bounding_box()["x"] > page.locator(".help").bounding_box()["x"]
    page.goto("/ar/sources")
    assert set(page.evaluate(DIRECTIONS, "dt[id], span[lang=fr]")) == {"ltr"}


def test_the_language_changes_without_javascript_and_keeps_what_was_typed(
    window: OpenWindow,
) -> None:
    """In the middle of the form; then on the letter, which stays as it is."""
    page = window(java_script_enabled=False, locale="ar-MA")

    def change_to(other: str) -> None:
        reveal(page.locator(f".languages [lang={other}]")).click()
        expect(page.locator("html")).to_have_attribute("lang", other)

    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "ar")
    page.locator("main .button").first.click()
    answer(page, SMALL)
    for tag in ("fr-simple", "ar"):  # which no browser asks for
        change_to(tag)
        assert SMALL.items() <= read(page).items()
    page.locator("form#answers .button").last.click()
    expect(page.locator("h1")).to_have_text(said("ar", "Votre lettre est prête"))
    message = page.input_value("#message")
    change_to("fr")
    assert page.input_value("#message") == message
    change_to("ar")
    page.locator("#apres button[formaction]").click()
    expect(page.locator("h1")).to_have_text(said("ar", "Où en est votre lettre"))


COPIED = """() => {
  const selection = getSelection();
  selection.selectAllChildren(document.querySelector("#letter"));
  return document.execCommand("copy");
}"""


def test_nothing_of_the_aid_is_copied_or_printed_with_the_letter(window: OpenWindow) -> None:
    page = window(permissions=["clipboard-read", "clipboard-write"])
    send(page, FORM, **WHOLE)
    page.evaluate(COPIED)
    french = page.evaluate("navigator.clipboard.readText()")
    assert "Madame, Monsieur" in french
    send(page, in_language("es", FORM), **WHOLE)
    assert page.locator("#letter .gloss").count() > 5
    page.evaluate(COPIED)
    assert page.evaluate("navigator.clipboard.readText()").split() == french.split()
    page.locator("[data-copy=message]").click()
    expect(page.locator("[data-copy=message] + [data-copied]")).to_contain_text(
        said("es", "Copié.")
    )
    assert page.evaluate("navigator.clipboard.readText()") == page.input_value("#message")
    page.emulate_media(media="print")
    for aid in page.locator(".gloss").all():
        expect(aid).to_be_hidden()
    page.emulate_media(media="screen")


def test_enter_in_a_field_never_changes_the_language(page: Page) -> None:
    """The buttons of the languages stand before the form's own."""
    page.goto(in_language("tr", FORM))
    page.fill("#given_name", "Camille")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "tr")
    expect(page.locator(".error-summary")).to_be_visible()
