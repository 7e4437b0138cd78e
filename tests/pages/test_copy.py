"""Copying the texts. Limits: that an old form breaks none of their characters is in test_text."""

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages import FORM, OPTIONS, PLAIN_HOST, WHOLE, reveal, send
from tests.pages.conftest import OpenWindow
from tests.server import Server

pytestmark = pytest.mark.browser

BUTTONS = {
    "subject": "Copier l’objet",
    "message": "Copier le message",
    "message-short": "Copier le message court",
}
COPIED = {"message": "Copié. Passez à l’étape 2."}
SELECTED = "Le texte est sélectionné : Ctrl+C ou ⌘C pour le copier."
HELD = "Le texte est sélectionné : appuyez longuement dessus, puis « Copier »."
PHONE = {"has_touch": True, "is_mobile": True, "device_scale_factor": 2}
HEIGHT = "document.documentElement.scrollHeight"


def open_letter(page: Page, options: tuple[str, ...] = ()) -> None:
    """Go to the result page, and unfold what can be copied besides."""
    send(page, FORM, **WHOLE, options=list(options))
    for target in BUTTONS:
        reveal(page.locator(f"#{target}"))


def copy(page: Page, target: str) -> str:
    """Press a copy button; what it says once done, which moves nothing on the page."""
    height = page.evaluate(HEIGHT)
    page.get_by_role("button", name=BUTTONS[target], exact=True).click()
    status = page.locator(f"[data-copy={target}] + [role=status]")
    expect(status).not_to_be_empty()
    assert page.evaluate(HEIGHT) == height
    return status.inner_text().replace("\u00a0", " ")


@pytest.mark.rule(18)
def test_the_copy_buttons_are_there_where_there_is_javascript(window: OpenWindow) -> None:
    for scripted in (True, False):
        page = window(java_script_enabled=scripted)
        open_letter(page)
        expect(page.locator("[data-copy]")).to_have_count(len(BUTTONS))
        expect(page.locator("[data-copy]:visible")).to_have_count(len(BUTTONS) * scripted)


@pytest.mark.rule(18, 19)
def test_what_is_copied_is_what_is_shown(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_letter(page, OPTIONS)
    for target in BUTTONS:
        assert copy(page, target) == COPIED.get(target, "Copié.")
        shown = page.input_value(f"#{target}")
        assert page.evaluate("navigator.clipboard.readText()") == shown


def plain_page(window: OpenWindow, server: Server, **settings: Any) -> Page:
    """A page of a site without https: there, browsers have no `navigator.clipboard`."""
    page = window(base_url=f"http://{PLAIN_HOST}:{server.port}", **settings)
    open_letter(page)
    assert page.evaluate("navigator.clipboard === undefined")
    return page


@pytest.mark.parametrize("plain", [False, True], ids=["refused", "a site without https"])
@pytest.mark.rule(18)
def test_where_the_clipboard_is_refused_the_text_is_copied_the_old_way(
    window: OpenWindow, server: Server, *, plain: bool
) -> None:
    page = plain_page(window, server) if plain else window()
    if not plain:
        page.context.grant_permissions([])
        open_letter(page)
    for target in BUTTONS:
        assert copy(page, target) == COPIED.get(target, "Copié.")
        expect(page.locator(f"[data-copy={target}]")).to_be_focused()
        shown = page.input_value(f"#{target}")
        page.evaluate("document.body.append(document.createElement('textarea'))")
        pasted = page.locator("body > textarea").last
        pasted.press("ControlOrMeta+V")
        expect(pasted).to_have_value(shown)


@pytest.mark.parametrize(
    ("settings", "sentence"), [({}, SELECTED), (PHONE, HELD)], ids=["mouse", "touch"]
)
@pytest.mark.rule(18)
def test_where_all_copying_is_refused_the_text_is_selected_and_what_to_press_is_said(
    window: OpenWindow, server: Server, settings: dict[str, Any], sentence: str
) -> None:
    page = plain_page(window, server, **settings)
    page.evaluate("document.execCommand = () => false")
    selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    for width, target in product((360, 390, 1280), BUTTONS):
        page.set_viewport_size({"width": width, "height": 800})
        assert copy(page, target) == sentence
        expect(page.locator(f"#{target}")).to_be_focused()
        assert page.locator(f"#{target}").evaluate(selected) == page.input_value(f"#{target}")
