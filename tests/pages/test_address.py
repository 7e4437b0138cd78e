"""To whom: the known address of a fund is seen and can be corrected before the letter is made."""

import re

import pytest
from playwright.sync_api import Page, expect

from letters.recipients import OTHER, Recipients
from tests.pages import FORM, FORMS, SHOW, SMALL, answer, fill, press
from tests.pages.conftest import OpenWindow

pytestmark = pytest.mark.browser

SEE = "Voir et corriger l’adresse connue"
KNOWN, UNKNOWN, NOTE = "p[data-known]", "p[data-unknown]", "p[data-note]"


def test_each_fund_that_is_chosen_shows_its_address_at_once(
    page: Page, recipients: Recipients
) -> None:
    page.goto(FORM)
    for body in recipients:
        page.select_option("#recipient", body.code)
        assert page.input_value("#recipient_lines") == "\n".join(body.lines)
        expect(page.locator("#adresse")).to_have_attribute("open", "")
        expect(page.locator(KNOWN)).to_be_visible(visible=body.has_address)
        expect(page.locator(UNKNOWN)).to_be_visible(visible=not body.has_address)
        expect(page.locator(NOTE)).to_have_text(body.note)
        if body.has_address:
            expect(page.locator(KNOWN)).to_contain_text(f"{body.observed_on:%d/%m/%Y}")
    page.select_option("#recipient", OTHER)
    assert page.input_value("#recipient_lines") == ""
    expect(page.locator(UNKNOWN)).to_be_visible()
    page.select_option("#recipient", "")
    expect(page.locator("#recipient_lines")).to_be_hidden()
    expect(page.locator(UNKNOWN)).to_be_hidden()


def test_what_a_person_wrote_is_never_replaced(page: Page) -> None:
    page.goto(FORM)
    page.select_option("#recipient", "01291")
    page.fill("#recipient_lines", "CPAM du Finistère\n1 rue Neuve\n29200 Brest")
    for code in ("01751", OTHER, "", "01291"):
        page.select_option("#recipient", code)
        assert page.input_value("#recipient_lines").splitlines()[1] == "1 rue Neuve"


def test_another_fund_chosen_at_the_last_moment_gets_the_letter(page: Page) -> None:
    fill(page, SMALL)
    page.select_option("#recipient", "01291")
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter .recipient")).to_contain_text("29282 BREST CEDEX")


def test_the_script_and_the_server_show_the_same(
    window: OpenWindow, recipients: Recipients
) -> None:
    """What the script does at once, the button does without it."""
    scripted, plain = window(), window(java_script_enabled=False)
    for code in ("01291", "01976", "cprpf"):
        scripted.goto(FORM)
        scripted.select_option("#recipient", code)
        plain.goto(FORM)
        plain.select_option("#recipient", code)
        expect(plain.locator("#recipient_lines")).to_be_hidden()
        assert press(plain, SEE).status == 200
        for part in (KNOWN, UNKNOWN, NOTE, "#recipient_lines"):
            visible = scripted.locator(part).is_visible()
            expect(plain.locator(part)).to_be_visible(visible=visible)
            if visible:
                assert plain.locator(part).inner_text() == scripted.locator(part).inner_text()
        lines = plain.input_value("#recipient_lines")
        assert lines == scripted.input_value("#recipient_lines")


def test_without_the_script_the_button_brings_back_to_the_same_place(window: OpenWindow) -> None:
    page = window(java_script_enabled=False)
    fill(page, SMALL)
    assert press(page, SEE).status == 200
    assert page.url.endswith("#a-qui")
    expect(page.locator("#a-qui > legend")).to_be_in_viewport()
    assert page.input_value("#given_name") == SMALL["given_name"]


def test_with_the_script_the_button_has_nothing_to_do(page: Page) -> None:
    page.goto(FORM)
    expect(page.get_by_role("button", name=SEE)).to_be_hidden()
    expect(page.locator("[data-needless]")).to_have_count(1)


@pytest.mark.parametrize("path", FORMS)
def test_the_script_is_where_there_is_a_list_of_funds(page: Page, path: str) -> None:
    page.goto(path)
    scripts = page.locator("script[src*='address.js']").count()
    assert scripts == page.locator("#recipient").count()


def test_typing_a_department_finds_its_fund(page: Page) -> None:
    page.goto(FORM)
    page.focus("#recipient")
    page.keyboard.type("29")
    expect(page.locator("#recipient option:checked")).to_have_text("29 – CPAM du Finistère")


def test_who_has_no_fund_is_led_to_the_other_letter_with_what_was_typed(any_page: Page) -> None:
    page = any_page
    page.goto(FORM)
    answer(page, {"given_name": "Camille", "family_name": "Durand", "city": "Brest"})
    page.get_by_text("Je n’ai pas de caisse", exact=True).click()
    assert press(page, "S’opposer auprès de la Plateforme des données de santé").status == 200
    expect(page).to_have_title(re.compile("^S’opposer auprès de la Plateforme"))
    assert page.input_value("#given_name") == "Camille"
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter .recipient")).to_contain_text("Plateforme des données de santé")
