"""Copying the texts, and pasting them where old forms break characters."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, expect

from tests.pages import OPTIONS, PLAIN_HOST, WHOLE, fill, letter, press
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
def test_without_javascript_the_copy_buttons_are_hidden(window: OpenWindow) -> None:
    page = window(java_script_enabled=False)
    letter(page, WHOLE)
    show_all(page)
    expect(page.locator("[data-copy]")).to_have_count(len(BUTTONS))
    for button in page.locator("[data-copy]").all():
        expect(button).to_be_hidden()


def test_with_javascript_the_copy_buttons_are_shown(page: Page) -> None:
    letter(page, WHOLE)
    show_all(page)
    for name in BUTTONS.values():
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    for status in page.locator("[data-copy] + [role=status]").all():
        expect(status).to_be_empty()


@pytest.mark.rule(18, 19)
def test_what_is_copied_is_what_is_shown(page: Page) -> None:
    page.context.grant_permissions(CLIPBOARD)
    letter(page, WHOLE, OPTIONS)
    show_all(page)
    for target in BUTTONS:
        assert copy(page, target) == "Copié."
        assert page.evaluate("navigator.clipboard.readText()") == page.input_value(f"#{target}")


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


def test_the_number_of_characters_is_that_of_the_text(page: Page) -> None:
    letter(page, WHOLE)
    show_all(page)
    for target in ("message", "message-short"):
        hint = page.locator(f".copied:has(#{target}) .hint").first.inner_text()
        said = "".join(character for character in hint if character.isdigit())
        assert said == str(len(page.input_value(f"#{target}")))


class Receiver(ThreadingHTTPServer):
    """Another site's message form, in the character set its address names; keeps what it gets."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """GET shows the form, POST keeps its body."""

    server: Receiver

    def do_GET(self) -> None:
        self._answer(
            '<!doctype html><title>Form</title><link rel="icon" href="data:,"><form method="post">'
            '<textarea name="message"></textarea><button>Send</button></form>'
        )

    def do_POST(self) -> None:
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer('<!doctype html><title>Sent</title><link rel="icon" href="data:,">')

    def _answer(self, page: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"text/html; charset={self.path[1:]}")
        self.end_headers()
        self.wfile.write(page.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


# A browser reads the name ISO-8859-1 as windows-1252.
CODECS = {"utf-8": "utf-8", "iso-8859-1": "cp1252"}


@pytest.mark.parametrize("target", ["message", "message-short"])
def test_a_pasted_message_keeps_every_character(
    window: OpenWindow, receiver: Receiver, target: str
) -> None:
    page = window(also=(f"{receiver.origin}/",))
    page.context.grant_permissions(CLIPBOARD)
    letter(page, WHOLE, OPTIONS)
    show_all(page)
    copy(page, target)
    message = page.input_value(f"#{target}")

    for charset, codec in CODECS.items():
        page.goto(f"{receiver.origin}/{charset}")
        page.locator("textarea").press("ControlOrMeta+V")
        assert page.input_value("textarea") == message
        press(page, "Send")
        body = receiver.bodies.pop().decode("ascii")
        [received] = parse_qs(body, encoding=codec, errors="strict")["message"]
        assert received == message.replace("\n", "\r\n")
        assert "&#" not in received


def test_letters_that_an_old_form_breaks_are_named(page: Page) -> None:
    fill(page, {**WHOLE, "family_name": "Łukasiewicz-Nguyễn"})
    press(page, "Voir ma lettre")
    expect(page.get_by_text("Ces lettres peuvent mal passer")).to_contain_text("Ł ễ")
