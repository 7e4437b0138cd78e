"""To whom: the known address of a fund is seen and can be corrected before the letter is made."""

import pytest
from playwright.sync_api import Page, expect

from letters.recipients import OTHER, Recipients
from letters.typography import long_date
from tests.pages import EDIT, FORM, HOME, SHOW, SMALL, answer, fill, press, send
from tests.pages.conftest import OpenWindow

pytestmark = pytest.mark.browser

REMINDER, CARER = "/fr/lettres/relance", "opposition-soignant"
SEE = "Voir et corriger l’adresse connue"
STATES = ("known", "typed", "unknown")
NOTE = "p[data-note]"
MINE = "CPAM du Finistère\n1 rue Neuve\n29200 Brest"
MARTIN = "Dr Martin\n1 rue de l’Invention\n29200 Brest"
SENT = {"sent_on": "03/03/2025", "given_name": "Camille", "family_name": "Durand"}
TO_CARER = {"first_letter": CARER, "recipient_lines": MARTIN, "lines_for": "soignant", **SENT}


def told(page: Page) -> str:
    """The sentence about the address that the page shows, by the name of its state."""
    shown = page.locator("[data-state]:visible")
    return (shown.get_attribute("data-state") or "") if shown.count() else ""


def write(page: Page, lines: str) -> None:
    """Write an address and leave its box."""
    page.fill("#recipient_lines", lines)
    page.locator("#recipient_lines").press("Tab")


def printed(page: Page) -> list[str]:
    """The address on the letter."""
    lines = page.locator("#letter .recipient p").all_inner_texts()
    return [line.replace("\u00a0", " ") for line in lines]


@pytest.mark.rule(19)
def test_each_fund_that_is_chosen_shows_its_address_at_once(
    page: Page, recipients: Recipients
) -> None:
    """One with its address, one without, one with a note, and one after another."""
    page.goto(FORM)
    expect(page.locator("#adresse-connue")).to_have_role("status")
    assert told(page) == "none"
    for code in ("01291", "01976", "cprpf", "01751"):
        body = recipients.find(code)
        assert body is not None
        page.select_option("#recipient", code)
        assert page.input_value("#recipient_lines") == "\n".join(body.lines)
        expect(page.locator("#recipient_lines")).to_be_visible()
        assert told(page) == ("known" if body.has_address else "unknown")
        expect(page.locator(NOTE)).to_have_text(body.note)
        if body.has_address:
            day = long_date(body.observed_on)
            expect(page.locator("[data-state=known]")).to_contain_text(day)
    page.select_option("#recipient", OTHER)
    assert page.input_value("#recipient_lines") == ""
    assert told(page) == "unknown"
    page.select_option("#recipient", "")
    assert told(page) == "none"


def test_what_a_person_wrote_is_never_replaced_and_the_page_says_what_it_replaces(
    page: Page,
) -> None:
    page.goto(FORM)
    page.select_option("#recipient", "01291")
    for text in (" ", page.input_value("#recipient_lines") + "\n"):
        write(page, text)
        assert told(page) == "known", "a space or a line break is no correction"
    write(page, MINE)
    assert told(page) == "typed"
    states = {"01751": "typed", OTHER: "", "": "none", "01976": "", "01291": "typed"}
    for code, state in states.items():
        page.select_option("#recipient", code)
        assert page.input_value("#recipient_lines") == MINE
        assert told(page) == state, code
    write(page, "")
    assert told(page) == "known"


def test_an_address_that_is_needed_is_not_called_optional(any_page: Page) -> None:
    page = any_page
    area = page.locator("#recipient_lines")
    optional = page.locator("label[for=recipient_lines] .optional")
    page.goto(FORM)
    assert area.get_attribute("required") is None
    for code, is_needed in (("msa", True), ("01976", True), (OTHER, True), ("01291", False)):
        page.select_option("#recipient", code)
        if page.locator("[data-needless]").is_visible():
            press(page, SEE)
        assert (area.get_attribute("required") is not None) == is_needed, code
        expect(optional).to_be_visible(visible=not is_needed)


def test_coming_back_to_the_form_tells_the_same_as_before(page: Page) -> None:
    page.goto(FORM)
    page.select_option("#recipient", "01291")
    page.goto(HOME)
    page.go_back()
    expect(page.locator("#recipient")).to_have_value("01291")
    expect(page.locator("[data-state=known]")).to_contain_text("19\u00a0septembre 2017")
    expect(page.locator("#recipient_lines")).to_be_visible()


def test_a_fund_s_address_never_stands_over_a_carer_s(any_page: Page) -> None:
    send(any_page, REMINDER, **TO_CARER, recipient="cprpf", output="edit")
    assert any_page.input_value("#recipient_lines") == MARTIN
    assert told(any_page) == ""
    expect(any_page.locator(NOTE)).to_be_hidden()


def test_a_carer_s_address_makes_way_for_a_fund_s_when_the_earlier_letter_changes(
    page: Page,
) -> None:
    """And it comes back when the earlier letter is changed again, here or later."""
    send(page, REMINDER, **TO_CARER, output="edit")
    lines = page.locator("#recipient_lines")
    page.select_option("#first_letter", "opposition-sante")
    page.select_option("#recipient", "01751")
    assert told(page) == "known"
    shown = lines.input_value()
    assert shown.startswith("CPAM de Paris")
    for first, address, state in ((CARER, MARTIN, ""), ("opposition-sante", shown, "known")):
        page.select_option("#first_letter", first)
        assert (lines.input_value(), told(page)) == (address, state)
    assert press(page, SHOW).status == 200
    assert printed(page) == shown.splitlines()
    press(page, EDIT)
    page.select_option("#first_letter", CARER)
    assert press(page, SHOW).status == 200
    assert "Dr Martin" in printed(page)


def test_an_address_corrected_for_one_fund_makes_way_when_another_is_chosen(page: Page) -> None:
    """As on the server, once the page has shown it: what is seen is what is printed."""
    send(page, FORM, recipient="01291", recipient_lines=MINE, output="edit")
    assert told(page) == "typed"
    page.select_option("#recipient", "01751")
    assert told(page) == "known"
    shown = page.input_value("#recipient_lines").splitlines()
    answer(page, {"given_name": "Camille", "family_name": "Durand"})
    assert press(page, SHOW).status == 200
    assert printed(page) == shown


@pytest.mark.rule(18)
def test_without_the_script_the_button_shows_the_same_at_the_same_place(
    window: OpenWindow,
) -> None:
    """And what is then corrected is printed, with the script and without."""
    scripted, plain = window(), window(java_script_enabled=False)
    for code in ("01976", "cprpf", "01291"):
        for page in (scripted, plain):
            fill(page, {**SMALL, "recipient": code})
        expect(scripted.get_by_role("button", name=SEE)).to_be_hidden()
        expect(plain.locator("#recipient_lines")).to_be_hidden()
        assert press(plain, SEE).status == 200
        assert plain.url.endswith("#a-qui")
        expect(plain.locator("#a-qui > legend")).to_be_in_viewport()
        assert plain.input_value("#given_name") == SMALL["given_name"]
        for part in (*(f"[data-state={state}]" for state in STATES), NOTE, "#recipient_lines"):
            visible = scripted.locator(part).is_visible()
            expect(plain.locator(part)).to_be_visible(visible=visible)
            if visible:
                assert plain.locator(part).inner_text() == scripted.locator(part).inner_text()
        lines = plain.input_value("#recipient_lines")
        assert lines == scripted.input_value("#recipient_lines")
    corrected = [*lines.splitlines()[:-1], "99999 AILLEURS"]
    for page in (scripted, plain):
        page.fill("#recipient_lines", "\n".join(corrected))
        assert press(page, SHOW).status == 200
        assert printed(page) == corrected


def test_who_has_no_fund_is_led_to_the_other_letter_with_what_was_typed(window: OpenWindow) -> None:
    page = window(java_script_enabled=False)
    page.goto(FORM)
    answer(page, {"given_name": "Camille", "family_name": "Durand"})
    page.get_by_text("Je n’ai pas de caisse", exact=True).click()
    press(page, "S’opposer auprès de la Plateforme des données de santé")
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter .recipient")).to_contain_text("Plateforme des données de santé")
    expect(page.locator("#letter .signature")).to_have_text("Camille Durand")
