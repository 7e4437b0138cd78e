"""Copying the texts. Limits: that an old form breaks none of their characters is in test_text."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages import OPTIONS, PLAIN_HOST, WHOLE, letter
from tests.pages.conftest import OpenWindow
from tests.server import Server

pytestmark = pytest.mark.browser

BUTTONS = {
    "subject": "Copier l’objet",
    "message": "Copier le message",
    "message-short": "Copier le message court",
}
SELECTED = "Le texte est sélectionné : Ctrl+C pour le copier."
CLIPBOARD = ["clipboard-read", "clipboard-write"]


def show_all(page: Page) -> None:
    """Open the short version, where it is folded."""
    if not page.locator("#message-short").is_visible():
        page.locator("details:has(#message-short) > summary").click()
    expect(page.locator("#message-short")).to_be_visible()


def copy(page: Page, target: str) -> str:
    """Press a copy button; what it says once done."""
    page.get_by_role("button", name=BUTTONS[target], exact=True).click()
    status = page.locator(f"[data-copy={target}] + [role=status]")
    expect(status).not_to_be_empty()
    return status.inner_text().replace("\u00a0", " ")


@pytest.mark.rule(18)
@pytest.mark.parametrize("scripted", [True, False])
def test_the_copy_buttons_are_there_where_there_is_javascript(
    window: OpenWindow, *, scripted: bool
) -> None:
    page = window(java_script_enabled=scripted)
    letter(page, WHOLE)
    show_all(page)
    expect(page.locator("[data-copy]")).to_have_count(len(BUTTONS))
    expect(page.locator("[data-copy]:visible")).to_have_count(len(BUTTONS) * scripted)
    for status in page.locator("[data-copy] + [role=status]").all():
        expect(status).to_be_empty()


@pytest.mark.rule(18, 19)
def test_what_is_copied_is_what_is_shown(page: Page) -> None:
    page.context.grant_permissions(CLIPBOARD)
    letter(page, WHOLE, OPTIONS)
    show_all(page)
    for target in BUTTONS:
        assert copy(page, target) == "Copié."
        shown = page.input_value(f"#{target}")
        assert page.evaluate("navigator.clipboard.readText()") == shown
        hint = page.locator(f".copied:has(#{target}) .hint")
        if target != "subject":
            counted = re.sub(r"\D", "", hint.first.inner_text())
            assert counted == str(len(shown))


@pytest.mark.parametrize("plain", [False, True], ids=["refused", "a site without https"])
@pytest.mark.rule(18)
def test_where_copying_is_refused_the_text_is_selected(
    window: OpenWindow, server: Server, *, plain: bool
) -> None:
    page = window(base_url=f"http://{PLAIN_HOST}:{server.port}") if plain else window()
    page.context.grant_permissions([])
    letter(page, WHOLE)
    show_all(page)
    assert page.evaluate("navigator.clipboard === undefined") is plain
    selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    for target in BUTTONS:
        assert copy(page, target) == SELECTED
        expect(page.locator(f"#{target}")).to_be_focused()
        assert page.locator(f"#{target}").evaluate(selected) == page.input_value(f"#{target}")
