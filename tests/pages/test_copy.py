"""Copying the texts. Limits: that an old form breaks none of their characters is in test_text."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages import FORM, OPTIONS, PLAIN_HOST, WHOLE, send
from tests.pages.conftest import OpenWindow
from tests.server import Server

pytestmark = pytest.mark.browser

BUTTONS = {
    "subject": "Copier l’objet",
    "message": "Copier le message",
    "message-short": "Copier le message court",
}
SELECTED = "Le texte est sélectionné : Ctrl+C pour le copier."


def open_letter(page: Page, options: tuple[str, ...] = ()) -> None:
    """Go to the result page, and unfold the short version."""
    send(page, FORM, **WHOLE, options=list(options))
    page.locator("details:has(#message-short) > summary").click()
    expect(page.locator("#message-short")).to_be_visible()


def copy(page: Page, target: str) -> str:
    """Press a copy button; what it says once done."""
    page.get_by_role("button", name=BUTTONS[target], exact=True).click()
    status = page.locator(f"[data-copy={target}] + [role=status]")
    expect(status).not_to_be_empty()
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
        assert copy(page, target) == "Copié."
        shown = page.input_value(f"#{target}")
        assert page.evaluate("navigator.clipboard.readText()") == shown
        if target != "subject":
            hint = page.locator(f".copied:has(#{target}) .hint").first.inner_text()
            assert re.sub(r"\D", "", hint) == str(len(shown))


@pytest.mark.parametrize("plain", [False, True], ids=["refused", "a site without https"])
@pytest.mark.rule(18)
def test_where_copying_is_refused_the_text_is_selected(
    window: OpenWindow, server: Server, *, plain: bool
) -> None:
    page = window(base_url=f"http://{PLAIN_HOST}:{server.port}") if plain else window()
    page.context.grant_permissions([])
    open_letter(page)
    assert page.evaluate("navigator.clipboard === undefined") is plain
    selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    for target in BUTTONS:
        assert copy(page, target) == SELECTED
        expect(page.locator(f"#{target}")).to_be_focused()
        assert page.locator(f"#{target}").evaluate(selected) == page.input_value(f"#{target}")
