"""From the home page to the PDF in Chromium, with JavaScript and without."""

import pytest
from playwright.sync_api import Page, expect

from tests.pages import (
    EDIT,
    FORM,
    OPTIONS,
    PLAIN_HOST,
    SHOW,
    SMALL,
    WHOLE,
    download,
    fill,
    letter,
    press,
    read,
    ticked,
)
from tests.pages.conftest import OpenWindow
from tests.server import Server

pytestmark = pytest.mark.browser


def test_from_the_home_page_to_the_pdf(any_page: Page) -> None:
    page = any_page
    page.goto("/")
    page.get_by_role("link", name="Écrire ma lettre", exact=True).click()
    expect(page).to_have_title("S’opposer auprès de sa caisse – Droit de plume")

    page.fill("#family_name", SMALL["family_name"])
    refused = press(page, SHOW)
    assert refused.status == 422
    assert page.title().startswith("Erreur\u00a0: S’opposer")
    expect(page.locator(".error-summary li")).to_have_count(2)

    page.locator(".error-summary").get_by_role("link", name="Indiquez votre prénom").click()
    expect(page.locator("#given_name")).to_be_focused()
    assert page.input_value("#family_name") == SMALL["family_name"]
    page.fill("#given_name", SMALL["given_name"])
    page.select_option("#recipient", SMALL["recipient"])
    assert press(page, SHOW).status == 200

    expect(page).to_have_title("Votre lettre est prête – Droit de plume")
    expect(page.get_by_text("Rien n’est encore envoyé.")).to_be_visible()
    expect(page.locator("#letter")).to_contain_text("Œnone L’Haÿ-Béguin")
    assert page.input_value("#subject").startswith("Opposition à la réutilisation")
    assert page.input_value("#message").endswith("Œnone L'Haÿ-Béguin")
    assert page.input_value("#message-short").endswith("Œnone L'Haÿ-Béguin")

    name, content = download(page, "Télécharger le PDF")
    assert name == "opposition-sante.pdf"
    assert content.startswith(b"%PDF-")

    assert press(page, EDIT).status == 200
    assert page.input_value("#given_name") == SMALL["given_name"]


def test_the_texts_that_are_downloaded_are_those_shown(page: Page) -> None:
    letter(page, WHOLE)
    subject = page.input_value("#subject")
    for button, shown, expected in (
        ("Télécharger le texte", "#message", "opposition-sante.txt"),
        ("Télécharger le texte court", "#message-short", "opposition-sante-version-courte.txt"),
    ):
        name, content = download(page, button)
        assert name == expected
        assert content.decode() == f"Objet : {subject}\n\n{page.input_value(shown)}\n"


def test_after_an_error_the_focus_is_on_the_summary(any_page: Page) -> None:
    any_page.goto(FORM)
    press(any_page, SHOW)
    expect(any_page.locator(".error-summary")).to_be_focused()
    expect(any_page.locator(".error-summary")).to_be_in_viewport(ratio=1)


def test_each_line_of_the_summary_leads_to_its_field(page: Page) -> None:
    fill(page, {"postal_code": "2920", "birth_date": "31/02/1958", "email": "oenone"})
    press(page, SHOW)
    links = page.locator(".error-summary a")
    fields = [(link.get_attribute("href") or "").removeprefix("#") for link in links.all()]
    assert set(fields) == {
        "given_name",
        "family_name",
        "recipient",
        "birth_date",
        "postal_code",
        "email",
    }
    for index, field in enumerate(fields):
        links.nth(index).click()
        expect(page.locator(f"#{field}")).to_be_focused()


def test_enter_in_a_field_asks_for_the_letter(page: Page) -> None:
    for field in ("given_name", "email"):
        fill(page, SMALL)
        with page.expect_navigation():
            page.locator(f"#{field}").press("Enter")
        assert page.title() == "Votre lettre est prête – Droit de plume"


def test_changing_ones_answers_brings_them_all_back(page: Page) -> None:
    letter(page, WHOLE, ("cnil", "deces"))
    assert press(page, EDIT).status == 200
    assert read(page) == WHOLE
    assert ticked(page) == ("cnil", "deces")


def test_no_option_stays_no_option(page: Page) -> None:
    letter(page, SMALL, ())
    press(page, EDIT)
    assert ticked(page) == ()


def test_answers_in_error_all_come_back(page: Page) -> None:
    answers = {**WHOLE, "birth_date": "31/02/1958", "postal_code": "2920"}
    fill(page, answers, OPTIONS)
    assert press(page, SHOW).status == 422
    assert read(page) == answers
    assert ticked(page) == OPTIONS


def test_back_from_the_letter_finds_the_answers(page: Page) -> None:
    letter(page, WHOLE, ("deces",))
    page.go_back()
    assert read(page) == WHOLE
    assert ticked(page) == ("deces",)


def test_back_from_a_refusal_finds_the_answers(window: OpenWindow) -> None:
    page = window(statuses=(413,))
    fill(page, {**WHOLE, "reason": "Trop long. " * 4000})
    assert press(page, SHOW).status == 413
    expect(page.locator("h1")).to_have_text("C’est trop long")
    page.go_back()
    assert page.input_value("#reason") == "Trop long. " * 4000
    assert page.input_value("#city") == WHOLE["city"]


def test_the_known_address_can_be_corrected(page: Page) -> None:
    fill(page, SMALL)
    assert press(page, "Voir et corriger l’adresse connue").status == 200
    lines = page.input_value("#recipient_lines").splitlines()
    assert len(lines) >= 3
    page.fill("#recipient_lines", "\n".join([*lines[:-1], "99999 AILLEURS"]))
    press(page, SHOW)
    expect(page.locator("#letter .recipient p").first).to_have_text(lines[0])
    expect(page.locator("#letter .recipient p").last).to_have_text("99999 AILLEURS")


@pytest.mark.parametrize("plain", [False, True], ids=["this machine", "a site without https"])
def test_the_site_accepts_its_own_form(window: OpenWindow, server: Server, *, plain: bool) -> None:
    origin = f"http://{PLAIN_HOST}:{server.port}" if plain else server.url
    page = window(base_url=origin, java_script_enabled=False)
    fill(page, SMALL)
    answer = press(page, SHOW)
    assert answer.status == 200
    # Without https a browser does not say `Sec-Fetch-Site`: the origin it gives is what is judged.
    sent = answer.request.all_headers()
    assert sent.get("sec-fetch-site") == (None if plain else "same-origin")
    assert sent["origin"] == origin


def test_the_site_refuses_the_form_of_another(window: OpenWindow, server: Server) -> None:
    plain = f"http://{PLAIN_HOST}:{server.port}"
    page = window(also=(f"{plain}/",), statuses=(403,))
    for target in (server.url, plain):
        page.goto("about:blank")  # a page of nobody's, whose origin is "null"
        page.set_content(f'<form method="post" action="{target}{FORM}"><button>Go</button></form>')
        assert press(page, "Go").status == 403
        expect(page.locator("h1")).to_have_text("Cette demande ne vient pas de ce site")
