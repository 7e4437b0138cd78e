"""Going on elsewhere: on a phone by the QR code, in a mail program by a link."""

import io
from itertools import cycle
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from tests.pages import ERASE, FORM, FORMS, SLUGS, WHOLE, press, reveal, send

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}


def seen_by_a_phone(page: Page) -> list[str]:
    """What the codes say in a picture of the place where the page shows one."""
    reveal(page.locator(".qr"))
    picture = Image.open(io.BytesIO(page.locator("#telephone").screenshot()))
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def test_the_code_opens_the_empty_form(page: Page) -> None:
    for path, scheme in zip(FORMS, cycle(("light", "dark"))):
        page.emulate_media(color_scheme=scheme)
        page.goto(path)
        [address] = seen_by_a_phone(page)
        assert address == page.url
        expect(page.locator("#telephone")).to_contain_text(address)


def test_the_code_never_holds_an_answer(page: Page) -> None:
    page.goto(FORM)
    empty = seen_by_a_phone(page)
    assert send(page, FORM, **WHOLE, output="edit").status == 200
    assert page.input_value("#given_name") == WHOLE["given_name"]
    assert seen_by_a_phone(page) == empty
    page.goto(f"{FORM}?given_name=Camille")
    assert seen_by_a_phone(page) == empty
    send(page, FORM, **WHOLE)
    press(page, ERASE)
    assert seen_by_a_phone(page) == empty


def test_on_a_phone_there_is_no_code_to_go_on_on_a_phone(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(FORM)
    expect(page.get_by_text("Plutôt sur un téléphone")).to_be_hidden()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_mail_is_begun_only_for_the_body_that_has_an_address(page: Page, slug: str) -> None:
    answers = {**WHOLE, "sent_on": "03/03/2025", "first_letter": "opposition-plateforme"}
    assert send(page, f"/fr/lettres/{slug}", **answers).status == 200
    links = page.locator("a[href^='mailto:']")
    expect(links).to_have_count(int(slug in {"opposition-plateforme", "relance"}))
    if not links.count():
        return
    link = urlsplit(links.get_attribute("href") or "")
    assert link.path == "dpd@health-data-hub.fr"
    assert parse_qs(link.query) == {"subject": [page.input_value("#subject")]}
    assert "+" not in link.query, "a mail program shows it as it is"
    assert WHOLE["family_name"] not in unquote(link.query)
    step = page.locator("li", has=links)
    expect(step).to_contain_text("Nous n’avons pas pu vérifier cette adresse")
    expect(step).to_contain_text(link.path)
