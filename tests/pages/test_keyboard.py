"""With the keyboard alone: where the focus goes, that it is seen, and the whole journey."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages import FOLLOW_UP, FORM, FORMS, HOME, SMALL, send
from tests.pages.conftest import OpenWindow

pytestmark = pytest.mark.browser

MANY = 400  # more stops than any page has
# The element that has the focus: how its ring is drawn, and how much of it the window shows.
FOCUSED = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const shown = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
  return {
    name: `${element.tagName} ${element.id} ${element.textContent.trim().slice(0, 40)}`,
    ring: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    seen: shown >= Math.min(box.height - 1, 24)
      && box.left >= 0 && box.right <= innerWidth && box.width > 0,
  };
}"""


def stops(page: Page) -> list[dict[str, Any]]:
    """Press Tab through the whole page, from its beginning to its end."""
    found: list[dict[str, Any]] = []
    for _ in range(MANY):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused is None:
            return found
        found.append(focused)
    raise AssertionError(f"Tab never leaves the page: {found[-3:]}")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on `selector`."""
    for _ in range(MANY):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


def press_on(page: Page, selector: str, key: str = "Enter") -> None:
    """Tab to what opens a page, and press it."""
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press(key)


def type_in(page: Page, **answers: str) -> None:
    """Each field is the next stop after the one before."""
    for name, text in answers.items():
        page.keyboard.press("Tab")
        expect(page.locator(f"#{name}")).to_be_focused()
        page.keyboard.type(text)


@pytest.mark.rule(25)
def test_the_first_stop_skips_to_the_content(window: OpenWindow) -> None:
    page = window(statuses=(404,))
    for path in (HOME, FORM, "/fr/absente"):
        page.goto(path)
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Aller au contenu")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport(ratio=1)
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        expect(skip).not_to_be_in_viewport()


@pytest.mark.rule(21)
def test_every_stop_shows_that_it_has_the_focus(page: Page) -> None:
    for path in (HOME, FORM, FORMS[-1], FOLLOW_UP, "/fr/verifier", "the letter"):
        if path == "the letter":
            send(page, FORM, **SMALL)
        else:
            page.goto(path)
        found = stops(page)
        assert len(found) > 4
        unseen = [stop for stop in found if stop["ring"] < 2 or not stop["seen"]]
        assert (path, unseen) == (path, [])


def test_from_the_home_page_to_the_pdf_with_the_keyboard_alone(page: Page) -> None:
    page.goto(HOME)
    press_on(page, "main a.button")

    # Sent empty; then the first line of the summary leads to its field.
    press_on(page, "button[value=preview]")
    expect(page.locator(".error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".error-summary a[href='#given_name']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#given_name")).to_be_focused()
    page.keyboard.type("Camille")
    type_in(page, family_name="Durand", recipient="29")
    chosen = page.locator("#recipient option:checked")
    expect(chosen).to_have_text("29 – CPAM du Finistère")

    tab_to(page, "details:has(> .option-1) > summary")
    page.keyboard.press("Enter")
    tab_to(page, "#options-deces")
    page.keyboard.press("Space")
    tab_to(page, ".paragraph-shown > summary")
    page.keyboard.press("Enter")
    assert page.locator(".paragraph-shown[open]").count() == 1
    press_on(page, "button[value=preview]")

    expect(page.locator("#letter .signature")).to_have_text("Camille Durand")
    tab_to(page, "#envoyer > details > summary")
    page.keyboard.press("Enter")
    tab_to(page, "button[value=pdf]")
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    assert started.value.path().read_bytes().startswith(b"%PDF-")
    press_on(page, "button[value=edit]:not([formaction])", "Space")
    assert page.input_value("#given_name") == "Camille"
    assert page.is_checked("#options-deces")


def test_a_protected_adult_s_letter_with_the_keyboard_alone(window: OpenWindow) -> None:
    """The choice of who writes brings its questions next, and the fields of no use are skipped."""
    page = window(java_script_enabled=False)
    page.goto(FORM)
    tab_to(page, "#who-self")
    for choice in ("child", "minor", "protected"):
        page.keyboard.press("ArrowDown")
        expect(page.locator(f"#who-{choice}")).to_be_focused()
        expect(page.locator(f"#who-{choice}")).to_be_checked()
    type_in(
        page,
        given_name="Camille",
        family_name="Durand",
        represented_given_name="Zoé",
        represented_family_name="Petit",
        measure="tutelle",
        recipient="29",
    )
    press_on(page, "#channel-ameli")
    expect(page.locator("#letter .signature")).to_have_text("Camille Durand")
    expect(page.locator("#letter")).to_contain_text("Pour Zoé Petit, je refuse")
