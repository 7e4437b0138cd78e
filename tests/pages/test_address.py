"""To whom: what is known of a fund stands as text, and is corrected by writing, with no script."""

import pytest
from playwright.sync_api import expect

from tests.pages import EDIT, FORM, SHOW, SMALL, answer, fill, press
from tests.pages.conftest import OpenWindow

pytestmark = pytest.mark.browser

MINE = "CPAM du Finistère\n1 rue Neuve\n29200 Brest"


@pytest.mark.rule(18)
def test_a_known_address_is_read_and_another_written_over_it(window: OpenWindow) -> None:
    page = window(java_script_enabled=False)
    fill(page, {**SMALL, "recipient": "01291"})
    assert press(page, SHOW).status == 200
    press(page, EDIT)
    expect(page.locator("#a-qui")).to_contain_text("19\u00a0septembre 2017")
    expect(page.locator("#a-qui")).to_contain_text("29282 BREST CEDEX")
    expect(page.locator("#caisse_lines")).to_be_hidden()
    page.get_by_text("Autre adresse, ou autre caisse").click()
    page.fill("#caisse_lines", MINE)
    assert press(page, SHOW).status == 200
    assert page.locator("#letter .recipient p").all_inner_texts() == MINE.split("\n")
    press(page, EDIT)
    expect(page.locator("#caisse_lines")).to_be_visible()
    page.select_option("#recipient", "01751")
    assert press(page, SHOW).status == 422, "whose address it is must be said"


def test_who_has_no_fund_is_led_to_the_other_letter_with_what_was_typed(window: OpenWindow) -> None:
    page = window(java_script_enabled=False)
    page.goto(FORM)
    answer(page, {"given_name": "Camille", "family_name": "Durand"})
    page.get_by_text("Je ne sais pas, ou je n’en ai pas", exact=True).click()
    press(page, "S’opposer auprès de la Plateforme des données de santé")
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter .recipient")).to_contain_text("Plateforme des données de santé")
    expect(page.locator("#letter .signature")).to_have_text("Camille Durand")
