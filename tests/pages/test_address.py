"""To whom: the known address of a fund is seen and can be corrected before the letter is made."""

import re

import pytest
from playwright.sync_api import Page, expect

from letters.recipients import OTHER, Recipients
from letters.typography import long_date
from tests.pages import EDIT, FORM, FORMS, HOME, SHOW, SMALL, answer, fill, press, send
from tests.pages.conftest import OpenWindow

pytestmark = pytest.mark.browser

REMINDER, CARER = "/fr/lettres/relance", "opposition-soignant"
SEE = "Voir et corriger l’adresse connue"
KNOWN, TYPED, UNKNOWN = (f"[data-state={state}]" for state in ("known", "typed", "unknown"))
NOTE = "p[data-note]"


def told(page: Page) -> str:
    """The sentence about the address that the page shows, by the name of its state."""
    shown = page.locator("[data-state]:visible")
    return (shown.get_attribute("data-state") or "") if shown.count() else ""


@pytest.mark.rule(19)
def test_each_fund_that_is_chosen_shows_its_address_at_once(
    page: Page, recipients: Recipients
) -> None:
    page.goto(FORM)
    expect(page.locator("#adresse-connue")).to_have_role("status")
    assert told(page) == "none"
    for body in recipients:
        page.select_option("#recipient", body.code)
        assert page.input_value("#recipient_lines") == "\n".join(body.lines)
        expect(page.locator("#recipient_lines")).to_be_visible()
        assert told(page) == ("known" if body.has_address else "unknown")
        expect(page.locator(NOTE)).to_have_text(body.note)
        if body.has_address:
            expect(page.locator(KNOWN)).to_contain_text(f"{long_date(body.observed_on)}")
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
    page.fill("#recipient_lines", "CPAM du Finistère\n1 rue Neuve\n29200 Brest")
    page.locator("#recipient_lines").press("Tab")
    assert told(page) == "typed"
    for code, state in (
        ("01751", "typed"),
        (OTHER, ""),
        ("", "none"),
        ("01976", ""),
        ("01291", "typed"),
    ):
        page.select_option("#recipient", code)
        assert page.input_value("#recipient_lines").splitlines()[1] == "1 rue Neuve"
        assert told(page) == state, code
    page.fill("#recipient_lines", "")
    page.locator("#recipient_lines").press("Tab")
    assert told(page) == "known"


def test_an_address_that_is_needed_is_not_called_optional(any_page: Page) -> None:
    page = any_page
    area, optional = (
        page.locator("#recipient_lines"),
        page.locator("label[for=recipient_lines] span"),
    )
    page.goto(FORM)
    expect(area).not_to_have_attribute("required", "")
    for code in ("msa", "01976", OTHER):
        page.select_option("#recipient", code)
        if page.locator("[data-needless]").is_visible():
            press(page, SEE)
        expect(area).to_have_attribute("required", "")
        assert not optional.count() or optional.is_hidden()
    page.select_option("#recipient", "01291")
    if page.locator("[data-needless]").is_visible():
        press(page, SEE)
        expect(optional).to_be_visible()
    expect(area).not_to_have_attribute("required", "")


def test_coming_back_to_the_form_tells_the_same_as_before(page: Page) -> None:
    page.goto(FORM)
    page.select_option("#recipient", "01291")
    page.goto(HOME)
    page.go_back()
    expect(page.locator("#recipient")).to_have_value("01291")
    expect(page.locator(KNOWN)).to_be_visible()
    expect(page.locator(KNOWN)).to_contain_text("19\u00a0septembre 2017")
    expect(page.locator("#recipient_lines")).to_be_visible()


MARTIN = "Dr Martin\n1 rue de l’Invention\n29200 Brest"
SENT = {"sent_on": "03/03/2025", "given_name": "Camille", "family_name": "Durand"}


def test_a_fund_s_address_never_stands_over_a_carer_s(any_page: Page) -> None:
    page = any_page
    answers = {"recipient": "cprpf", "first_letter": CARER, "recipient_lines": MARTIN, **SENT}
    send(page, REMINDER, **answers, lines_for="soignant", output="edit")
    assert page.input_value("#recipient_lines") == MARTIN
    assert told(page) == ""
    expect(page.locator(NOTE)).to_be_hidden()


def test_a_fund_s_address_is_no_carer_s_when_the_earlier_letter_changes(page: Page) -> None:
    page.goto(REMINDER)
    answer(page, SENT)
    page.select_option("#recipient", "01291")
    page.select_option("#first_letter", CARER)
    assert press(page, SHOW).status == 422
    expect(page.locator("#recipient_lines")).to_have_value("")
    expect(page.locator("#recipient_lines")).to_have_attribute("aria-invalid", "true")
    page.fill("#recipient_lines", MARTIN)
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter .recipient")).to_contain_text("Dr Martin")


def test_a_carer_s_address_makes_way_for_a_fund_s_when_the_earlier_letter_changes(
    page: Page,
) -> None:
    answers = {"first_letter": CARER, "recipient_lines": MARTIN, **SENT}
    send(page, REMINDER, **answers, lines_for="soignant", output="edit")
    page.select_option("#first_letter", "opposition-sante")
    page.select_option("#recipient", "01751")
    assert told(page) == "known"
    shown = page.input_value("#recipient_lines")
    assert shown.startswith("CPAM de Paris")
    # And it comes back when the earlier letter is changed again, here or later.
    page.select_option("#first_letter", CARER)
    assert page.input_value("#recipient_lines") == MARTIN
    assert told(page) == ""
    page.select_option("#first_letter", "opposition-sante")
    assert page.input_value("#recipient_lines") == shown
    assert press(page, SHOW).status == 200
    lines = page.locator("#letter .recipient p").all_inner_texts()
    assert [line.replace("\u00a0", " ") for line in lines] == shown.splitlines()
    press(page, EDIT)
    page.select_option("#first_letter", CARER)
    assert press(page, SHOW).status == 200
    expect(page.locator("#letter .recipient")).to_contain_text("Dr Martin")


def test_an_address_corrected_for_one_fund_makes_way_when_another_is_chosen(page: Page) -> None:
    """As on the server, once the page has shown it: what is seen is what is printed."""
    mine = "CPAM du Finistère\n1 rue Neuve\n29200 Brest"
    send(page, FORM, recipient="01291", recipient_lines=mine, output="edit")
    assert told(page) == "typed"
    page.select_option("#recipient", "01751")
    assert told(page) == "known"
    shown = page.input_value("#recipient_lines").splitlines()
    answer(page, {"given_name": "Camille", "family_name": "Durand"})
    assert press(page, SHOW).status == 200
    lines = page.locator("#letter .recipient p").all_inner_texts()
    assert [line.replace("\u00a0", " ") for line in lines] == shown


def test_a_space_or_a_line_break_is_no_correction(page: Page) -> None:
    page.goto(FORM)
    page.select_option("#recipient", "01291")
    for text in (" ", page.input_value("#recipient_lines") + "\n"):
        page.fill("#recipient_lines", text)
        page.locator("#recipient_lines").press("Tab")
        assert told(page) == "known"


def test_the_mark_of_an_optional_address_comes_back(page: Page) -> None:
    assert send(page, FORM, recipient="msa").status == 422
    optional = page.locator("label[for=recipient_lines] .optional")
    expect(optional).to_be_hidden()
    page.select_option("#recipient", "01291")
    expect(optional).to_be_visible()
    expect(page.locator("#recipient_lines")).not_to_have_attribute("required", "")
    page.select_option("#recipient", "msa")
    page.fill("#recipient_lines", "MSA d’Armorique\n1 rue de l’Exemple")
    page.locator("#recipient_lines").press("Tab")
    expect(optional).to_be_hidden()
    expect(page.locator("#recipient_lines")).to_have_attribute("required", "")
    expect(page.locator(NOTE)).to_be_hidden()


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
        for part in (KNOWN, TYPED, UNKNOWN, NOTE, "#recipient_lines"):
            visible = scripted.locator(part).is_visible()
            expect(plain.locator(part)).to_be_visible(visible=visible)
            if visible:
                assert plain.locator(part).inner_text() == scripted.locator(part).inner_text()
        lines = plain.input_value("#recipient_lines")
        assert lines == scripted.input_value("#recipient_lines")


@pytest.mark.rule(18)
def test_without_the_script_the_button_brings_back_to_the_same_place(window: OpenWindow) -> None:
    page = window(java_script_enabled=False)
    fill(page, SMALL)
    assert press(page, SEE).status == 200
    assert page.url.endswith("#a-qui")
    expect(page.locator("#a-qui > legend")).to_be_in_viewport()
    assert page.input_value("#given_name") == SMALL["given_name"]


@pytest.mark.rule(18)
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
